# xargs' exit statuses for each way in which its commands end, in parallel too, and find's.
# sees: xargs find
for ending in 'exit 0' 'exit 1' 'exit 125' 'exit 126' 'exit 255' 'kill -TERM $$' 'kill -SEGV $$' 'kill -KILL $$'; do
  echo "$ending"; seq 3 | how xargs -n 1 sh -c "echo \$0; $ending" 2>&1
done
echo x | how xargs no-such-program; echo x | how xargs /dev/null; echo x | how xargs -I{} echo '<{}>'
how xargs false </dev/null; how xargs -r false </dev/null
seq 40 | how xargs -P 4 -n 1 sh -c 'test $0 != 17' | sort -n
seq 40 | how xargs -P 8 -n 3 sh -c 'echo $#; exit $(($0 % 2))' | sort | uniq -c
seq 99999 | how xargs | wc -w; seq 9999 | how xargs -n 100 -P 3 | wc -w; printf 'a b\0c' | how xargs -0 -n1
yes | how xargs -n 1 echo 2>&1 | head -2
for n in 1 2; do : >"file $n"; done
how find . -name 'file*' -exec sh -c 'echo "$1"; exit 3' - {} \; | sort
how find . -name 'file*' -exec sh -c 'kill -TERM $$' - {} + 2>&1; how find . -name 'file*' -execdir false {} +
how find no-such-directory
how find / -xdev 2>&1 | head -1 >/dev/null; find . -name 'file*' -print0 | how xargs -0 rm -v | sort
how find . -name 'file*' -delete -print
how find . -fprint /dev/full 2>&1; how find . -ls >/dev/full 2>errors; cat errors
