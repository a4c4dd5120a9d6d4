# perl's ends: exit, die, END blocks, destructors, exec, POSIX::_exit and abort, deaths by signals, forks, pipes, daemons.
# sees: perl
prelude='END { print "end with $?\n" } sub DESTROY { print "destroyed @{$_[0]}\n" } our $global = bless ["global"]; my $file = bless ["lexical"];'
for ending in 'exit 3' 'die "dead\n"' '$! = 7; die' 'eval { die { code => 1 } }; print "caught\n"' 'exec "true"' 'exec "/no/such"; exit 2' \
  'require POSIX; POSIX::_exit(4)' 'require POSIX; POSIX::abort()' 'kill TERM => $$' 'kill KILL => $$' 'exit(fork ? (wait, $? >> 8)[1] : 6)' \
  'local $SIG{ALRM} = sub { exit 5 }; alarm 1; 1 while 1' 'END { exit 8 } exit 1' 'END { kill INT => $$ } exit 1' 'warn "w\n"; exit 256' \
  'local $SIG{__DIE__} = sub { exit 9 }; undefined()' 'sub f { f(@_) if $_[0]-- } f(my $n = 9999); exit 1' 'unpack "p", pack "J", 8' ; do
  echo "$ending"; how perl -e "$prelude $ending" 2>&1
done
how perl -e 'print "buffered "; if (!fork) { print "by the child "; exit } wait; print "by the parent\n"' | cat
how perl -e '$| = 1; print `echo out; exit 3`, $? >> 8, "\n", system("kill -TERM \$\$"), " ", system("no-such-program"), " ", system("exit 4"), "\n"'
how perl -e 'open my $pipe, "|-", "cat; exit 6"; print $pipe "to a pipe\n"; close $pipe; print $? >> 8, "\n";
  open $pipe, "-|" or exec "sh", "-c", "kill -HUP \$\$"; print <$pipe>; close $pipe; print $?, "\n"'
how perl -e 'open STDOUT, ">", "/dev/full"; print "lost"; close STDOUT or die "close: $!\n"' 2>&1
how perl -e 'print "lost"' >/dev/full; how perl -e 'close STDERR; die "silent"'
how perl -e 'use IPC::Open3; my $pid = open3(my $in, my $out, undef, "sh", "-c", "read x; echo got \$x >&2; exit 5");
  print $in "it\n"; close $in; print <$out>; waitpid $pid, 0; print $? >> 8, "\n"'
yes | how perl -ne 'print; exit 3 if $. == 2'; how perl -e 'print "y\n" while 1' 2>&1 | head -1
how perl -e 'use strict; $x = 1' 2>&1; how perl no-such-file 2>&1
how perl -e 'print "a daemon: "; $| = 1; exit if fork;
  require POSIX; POSIX::setsid(); exit if fork; print "started\n"; open STDOUT, ">/dev/null"' | sort
