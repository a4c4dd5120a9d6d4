# sed, grep, mawk and diff: a reader that leaves, commands of theirs that die, a full device, input that fails.
# sees: sed grep mawk
seq 99999 >numbers
for program in 'sed -u s/1/x/' 'grep 1' 'mawk {print}' 'sed -n p' 'grep --line-buffered 9' 'diff numbers /dev/null'; do
  echo "$program"
  { how sh -c "how $program >&3" <numbers 3>&1 >ended 2>&1; } | head -1; cat ended
  how sh -c "exec $program >/dev/full" <numbers 2>&1
  how sh -c "exec $program" <"$HOME" 2>&1 | tail -2
done
how grep -q 5 numbers; how grep x numbers; how grep -c 5 numbers no-such-file 2>&1; how grep '\(' numbers 2>&1
how sed -i 's/99999/end/;$q5' numbers; tail -1 numbers; how sed -i s/x no-such-file 2>&1
how sed --follow-symlinks -n '$w /dev/full' numbers 2>&1
echo exit 3 | how sed -n -e '1e kill -TERM $$' -e 'p;s/.*/kill -SEGV $$/ep'
how mawk 'BEGIN { print system("exit 3"), system("kill -TERM $$"), system("kill -SEGV $$"); exit 4 } END { print "end" }'
how mawk 'BEGIN { print "x" | "cat; exit 5"; print close("cat; exit 5"); while ("yes" | getline) if (++n == 3) exit 6 } END { print n }'
how mawk 'BEGIN { printf "no newline"; print "to stderr" >"/dev/stderr"; exit }' 2>&1
how mawk 'BEGIN { while (1) print "y" | "head -1" }'; how mawk 'BEGIN { print >"/no/such/file" }' 2>&1
how mawk 'BEGIN {' 2>&1
how cmp numbers /dev/null 2>&1; how diff numbers no-such-file 2>&1; how diff3 numbers numbers /dev/null | head -1
