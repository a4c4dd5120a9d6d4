# Lua, tcl, gawk, busybox, vim and ocaml: how each of them ends, by its own exit, by an error and by a signal, and its pipes.
# needs: lua5.4 tcl gawk busybox vim-tiny ocaml-nox
# sees: lua5.4 tclsh gawk busybox vim.tiny ocamlrun
l() { how lua5.4 -e "$1" 2>&1; }
l 'setmetatable({}, {__gc = function() print("collected") end}) print("end")'
l 'setmetatable({}, {__gc = function() print("collected") end}) os.exit(3)'
l 'setmetatable({}, {__gc = function() print("collected") end}) os.exit(4, true)'
l 'local x <close> = setmetatable({}, {__close = function() print("closed") end}) error("an error")' | grep -v '^	'
l 'local function f() return 1 + f() end print(pcall(f))' | cut -c1-50
l 'print(io.popen("cat >/dev/null; exit 5", "w"):close()) print(os.execute("kill -9 $$")) os.execute("kill -TERM $PPID")'
l 'while true do print("y") end' | head -n 1
t() { echo "$1" | how tclsh 2>&1; }
t 'puts end; exit 3'; t 'error oops; puts never'; t 'proc exit args {puts "hooked $args"; rename exit {}}; exit 4'
t 'puts [catch {exec sh -c "echo out; exit 6"} m o]; puts [lindex [dict get $o -errorcode] 2]; puts [catch {exec sh -c {kill -TERM $$}} m]; puts $m'
t 'proc f {} {f}; puts [catch f m]; puts $m'; t 'after 10 {set x 1}; vwait x; set p [open "|cat" r+]; puts $p in; flush $p; puts [gets $p]; close $p; exec kill -HUP [pid]'
how gawk 'BEGIN { print "out" | "cat 1>&2"; close("cat 1>&2"); print system("exit 5"); print system("kill -TERM $$"); exit 7 } END { print "end" }' 2>&1
how gawk 'BEGIN { print "x" |& "cat"; close("cat", "to"); "cat" |& getline y; print y, close("cat"); system("kill -USR2 $PPID"); print "never" }'
how gawk 'BEGIN { while (1) print "y" }' | head -n 1; how gawk 'BEGIN { exit(1) ' 2>&1 | tail -n 1
for way in 'trap "echo leaving" EXIT; exit 3' 'trap "echo got" TERM; kill $$; echo on' 'kill -SEGV $$'; do how busybox sh -c "$way"; done
seq 9 | how busybox sed -n '2p;3q'; how busybox timeout 1 sleep 9; how busybox sh -c 'yes | head -n 1'; how busybox false
v() { printf '%s\n' "$@" | how vim.tiny -u NONE -es f 2>&1; }
v 'a' one two . w q && cat f; v cq; v '3cq'; v 'a' three . 'w !cat' 'q!'; v '!kill -TERM $PPID' 'w' 'q'; ls -A f .f.swp 2>&1 | cut -c1-10
o() { echo "$1" >t.ml; how ocaml t.ml 2>&1; }
o 'let () = at_exit (fun () -> print_string "at exit\n"); print_string "end "'; o 'let () = at_exit (fun () -> print_endline "at exit"); exit 3'
o 'let rec f n = 1 + f (n + 1) let () = try ignore (f 0) with Stack_overflow -> print_endline "overflow"'; o 'let () = failwith "oops"'
o 'let () = print_endline "x"; ignore (Sys.command "exit 4"); Sys.set_signal Sys.sigterm (Signal_handle (fun _ -> exit 5)); ignore (Sys.command "kill -TERM $PPID"); for _ = 1 to 1000000 do ignore (ref 1) done'
