# ruby: at_exit, ensure, exit!, abort, traps, deaths by signals, fork, threads, its own report of a SIGSEGV, a deep recursion.
# needs: ruby
# sees: ruby
rb() { how ruby -e 'at_exit { puts "at_exit of #{$$ == M ? :parent : :child}" }; M = $$; $stdout.sync = true' -e "$@"; }
rb 'puts "end"'
rb 'at_exit { puts "later one first"; exit 4 }; exit 3'
rb 'begin; exit 3; ensure; puts "ensured"; end'
rb 'exit! 5'
rb 'abort "message"' 2>&1
rb 'raise "unseen"' 2>&1
rb 'Process.abort rescue puts "never"' 2>&1 | grep -v '^-e'
for signal in TERM INT HUP USR1 ALRM QUIT KILL; do
  rb "Process.kill :$signal, \$\$; sleep 10" 2>&1 | grep -v -e '^-e' -e '^.from'
  rb "trap(:$signal) { puts 'trapped $signal'; exit 6 } rescue puts \$!; Process.kill :$signal, \$\$; sleep 10" 2>&1 | grep -v '^-e'
  rb "trap :$signal, 'SYSTEM_DEFAULT' rescue puts \$!; Process.kill :$signal, \$\$; sleep 10"
done
rb 'p trap(:TERM, "IGNORE"), trap(:TERM, "DEFAULT"), trap(:USR2) {}, trap(:USR2, "EXIT").class, (trap :SEGV, "EXIT" rescue $!.class)'
rb 'fork { puts "child"; exit 2 }; Process.wait; p $?.exitstatus; fork { exit! 3 }; Process.wait; p $?.exitstatus'
rb 'pid = spawn "kill -TERM $$"; Process.wait pid; p $?.termsig; p `echo out; exit 9`, $?.exitstatus; p system("exit 1"); exec "echo", "new image"'
rb 'IO.popen(["sh", "-c", "cat; exit 3"], "r+") { |io| io.puts "pipe"; io.close_write; puts io.read }; p $?.exitstatus'
rb 't = Array.new(8) { |i| Thread.new { Thread.current[:n] = i; sleep } }; Thread.pass until t.all? { |x| x[:n] }; Thread.new { Thread.main.raise "from a thread" }; sleep' 2>&1 | sed 's/^-e:2:.*: //'
rb 'r = Ractor.new { 6 * 7 }; p r.take; Thread.new { exit 8 }.join' 2>/dev/null
rb 'def f(n) = f(n + 1) + 1; begin; f 0; rescue SystemStackError; p $!.message; end; Thread.new { begin; f 0; rescue SystemStackError; p $!.class; end }.join; begin; f 0; rescue SystemStackError; puts "twice"; end'
rb 'GC.stress = true; a = Array.new(50) { |i| "x" * i }; GC.stress = false; GC.compact; p a.join.size'
rb 'require "fiddle"; Fiddle::Pointer.new(8)[0]' 2>&1 | grep -a -e '^ruby:' -e BUG -e 'at_exit' | sed 's/^-e:2: //; s/0x[0-9a-f]*/ADDRESS/'
rb 'Process.kill :SEGV, $$; sleep 10' 2>&1 | grep -a -e '^ruby:' -e BUG -e 'at_exit' | sed 's/^-e:2: //; s/0x[0-9a-f]*/PID/'
rb 'Process.kill :BUS, $$; sleep 10' 2>&1 | grep -a -e '^ruby:' -e BUG -e 'at_exit' | sed 's/^-e:2: //; s/0x[0-9a-f]*/PID/'
