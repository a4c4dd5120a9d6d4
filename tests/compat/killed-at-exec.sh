# Children that are killed at any moment around an exec (in the parent's copy, in env, in sleep): none lives on.
# sees: perl env
cat >kills.pl <<'END'
my ($signal, $lives_on) = ($ARGV[0], 0);
for (1 .. 200) {
  pipe my $ready, my $writer;
  my $pid = fork;
  if (!$pid) { syswrite $writer, "x"; exec "env", "sleep", "60" }
  sysread $ready, my $byte, 1;
  select undef, undef, undef, rand 0.004;
  kill $signal, $pid;
  my $tries = 0;
  select undef, undef, undef, 0.002 while !waitpid($pid, 1) && ++$tries < 1000;
  next if $tries < 1000;
  kill KILL => $pid; waitpid $pid, 0;
  last if ++$lives_on == 5;
}
print "$signal: ", $lives_on ? "some live on" : "none lives on", "\n";
END
for signal in TERM SEGV; do how perl kills.pl $signal; done
