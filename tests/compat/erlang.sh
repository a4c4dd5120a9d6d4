# Erlang: its VM has a sigaction of its own; halts, a crash dump, signals, ports and a node that starts another.
# needs: erlang-base
# sees: beam.smp
e() { how erl -noinput -noshell "$@" </dev/null 2>&1 | sed -e 's/[0-9]*-[A-Z][a-z]*-[0-9]*::[0-9:.]*/NOW/' -e 's/<[0-9.]*>/PID/g' -e '/^Crash dump/d'; }
e -eval 'io:format("hello~n"), halt(3).'
e -eval 'io:format("~p~n", [lists:sum(lists:seq(1, 100000))]), init:stop().'
e -eval 'halt("slogan").'
e -eval 'halt(abort).'
e -eval 'os:cmd("kill -TERM " ++ os:getpid()), timer:sleep(infinity).'
e -eval 'os:cmd("kill -USR2 " ++ os:getpid()), timer:sleep(infinity).'
e -eval 'os:set_signal(sigterm, default), os:cmd("kill -TERM " ++ os:getpid()), timer:sleep(infinity).'
e -eval 'P = open_port({spawn, "cat"}, [exit_status]), port_command(P, "text"), receive {P, {data, D}} -> io:format("~s~n", [D]) end, halt().'
e -eval '[spawn(fun() -> receive stop -> ok end end) || _ <- lists:seq(1, 10000)], io:format("many~n"), halt(4).'
