# perl's %SIG, with safe and unsafe (POSIX) handlers, masks, sleeps and reads cut short, alarms, and what exec leaves.
# sees: perl
show='print join " ", grep { ($SIG{$_} // "DEFAULT") ne "DEFAULT" } sort keys %SIG; print "\n";'
how perl -e "$show"; how env --ignore-signal=PIPE,CHLD perl -e "$show system 'exit 3'; print \"\$?\\n\""
for signal in HUP INT QUIT USR1 PIPE ALRM TERM XCPU VTALRM IO PWR SYS TRAP BUS STKFLT; do
  how perl -e '$| = 1; $SIG{$ARGV[0]} = sub { print "got $_[0]\n"; $SIG{$_[0]} = "DEFAULT" };
    kill $ARGV[0] => $$; kill $ARGV[0] => $$; print "not reached\n"' $signal
done
how perl -e '$| = 1; $SIG{WINCH} = sub { print "got $_[0]\n" }; kill $_ => $$ for qw(WINCH URG CONT CHLD); $SIG{ALRM} = sub { die "late\n" };
  eval { alarm 1; select undef, undef, undef, 60 }; print $@; { local $SIG{TERM} = "IGNORE"; kill TERM => $$ } kill TERM => $$'
how perl -MPOSIX=:signal_h -e '$| = 1;
  my $block = POSIX::SigSet->new(SIGUSR1, SIGTERM); my $pending = POSIX::SigSet->new;
  sigprocmask(SIG_BLOCK, $block); kill USR1 => $$; sigpending($pending); print "pending\n" if $pending->ismember(SIGUSR1);
  my $old = POSIX::SigAction->new;
  sigaction(SIGUSR1, POSIX::SigAction->new(sub { print "unsafe $_[0]\n" }, POSIX::SigSet->new(SIGTERM), SA_RESTART), $old);
  print "was ", $old->handler, " flags ", $old->flags, "\n"; sigsuspend(POSIX::SigSet->new(SIGTERM));
  sigaction(SIGUSR1, POSIX::SigAction->new("DEFAULT", undef, SA_NODEFER), $old);
  sigaction(SIGUSR1, undef, $old); print "now ", $old->handler, " flags ", $old->flags, "\n";
  sigprocmask(SIG_UNBLOCK, $block); kill USR1 => $$; print "not reached\n"'
how perl -e 'pipe R, W; $SIG{USR1} = sub { print "cut short\n" unless -e "seen"; open SEEN, ">seen" }; my $parent = $$;
  unless ($child = fork) { close R; kill(USR1 => $parent) || exit, select undef, undef, undef, 0.01 until -e "seen"; select undef, undef, undef, 0.05; print W "x"; exit }
  close W; my $n; $n = sysread R, $buffer, 1 until $n; print "read $buffer\n"'
how perl -e '$SIG{CHLD} = sub { while ((my $pid = waitpid -1, 1) > 0) { push @ended, $? } };
  for my $how (qw(exit:3 TERM SEGV)) { unless (fork) { $how =~ /exit:(.*)/ ? exit $1 : kill $how => $$ } }
  select undef, undef, undef, 0.05 until @ended == 3; print join(" ", sort { $a <=> $b } @ended), "\n"'
how perl -e '$SIG{TERM} = sub { print "not after exec" }; exec "perl", "-e", q(kill TERM => $$; print "not reached")'
how perl -e '$SIG{__WARN__} = sub { print "warned: @_" }; $SIG{__DIE__} = sub { print "dies: @_" }; warn "w\n"; 
  $SIG{SEGV} = sub { exit 5 }; kill SEGV => $$; 1 while 1'
how perl -e 'setpgrp; $SIG{HUP} = sub { print "the group\n"; exit 2 }; kill -HUP => $$; select undef, undef, undef, 9'
