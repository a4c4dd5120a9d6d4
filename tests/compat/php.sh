# php: shutdown functions, destructors, exits, an uncaught exception, a recursion without end, children, signals with pcntl.
# needs: php-cli
# sees: php
p() { how php -d display_errors=stderr -r 'register_shutdown_function(function () { echo "shutdown\n"; });
  class D { public $n; function __construct($n) { $this->n = $n; } function __destruct() { echo "destructed $this->n\n"; } }
  $d = new D("global"); '"$1" 2>&1; }
p 'echo "end\n";'
p 'exit(3);'
p 'exit("message\n");'
p 'register_shutdown_function(function () { exit(4); }); exit(5);'
p 'throw new Exception("thrown");' | grep -v '^#\|^$\|^  thrown\|^Stack'
p 'none();' | grep -v '^#\|^$\|^  thrown\|^Stack'
p 'ini_set("memory_limit", "4M"); $a = str_repeat("x", 9000000);' | grep -v '^$'
p 'set_time_limit(1); for (;;);' | grep -v '^$'
p 'passthru("echo out; exit 6", $s); echo $s, "\n"; exec("kill -TERM $$", $o, $s); echo $s, "\n"; echo shell_exec("echo shell");'
p '$c = proc_open(["sh", "-c", "cat; exit 7"], [["pipe", "r"], ["pipe", "w"]], $pipes); fwrite($pipes[0], "in\n"); fclose($pipes[0]);
  echo stream_get_contents($pipes[1]), proc_close($c), "\n";'
p 'function f($n) { return f($n + 1) + 1; } ini_set("memory_limit", "64M"); f(0);' | grep -v '^$'
p 'preg_match("/(a+)+$/", str_repeat("a", 30) . "b"); echo preg_last_error_msg(), "\n"; echo preg_match("/^(?:x|y)*$/", str_repeat("xy", 20000)), "\n";'
if php -m | grep -q pcntl; then
  for signal in TERM INT HUP USR1 QUIT ALRM; do
    p "posix_kill(getmypid(), SIG$signal); sleep(1);"
    p "pcntl_async_signals(true); pcntl_signal(SIG$signal, function (\$n) { echo \"got \$n\\n\"; exit(8); }); posix_kill(getmypid(), SIG$signal); sleep(1);"
  done
  p 'if (pcntl_fork()) { pcntl_wait($s); echo pcntl_wexitstatus($s), "\n"; } else { echo "child\n"; exit(9); }'
  p 'if (pcntl_fork()) { pcntl_wait($s); echo pcntl_wtermsig($s), "\n"; } else posix_kill(getmypid(), SIGSEGV);'
  p 'pcntl_exec("/bin/echo", ["new image"]);'
fi
p 'while (true) echo "y\n";' | head -n 1
