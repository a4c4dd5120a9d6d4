# sort that is killed in the middle, with temporary files on disk: its own handler removes them for the signals it knows.
# sees: sort
mkfifo input; mkdir tmp
seq 200000 >numbers
for signal in TERM INT HUP PIPE ALRM USR1 SEGV KILL; do
  how env --default-signal=INT sh -c 'echo $$ >pid; exec sort -S 1M -T tmp input' >out &
  exec 9>input; cat numbers >&9
  until ls tmp | grep -q .; do sleep 0.05; done
  kill -$signal "$(cat pid)"; exec 9>&-; wait
  echo "$signal: $(cat out)"; ls tmp | sed 's/^sort......$/sort+/' | sort -u; rm -f tmp/*
done
how sort -S 1M -T tmp -r numbers | head -1; ls tmp | wc -l
head -50000 numbers | how sort -S 1M -T tmp --compress-program=gzip --parallel=2 -R | wc -l; ls tmp
how sort -S 1M -T tmp --compress-program=false numbers 2>&1 | sort -u; ls tmp | wc -l
how sort -T /no-such-directory -S 1M numbers 2>&1; how sort -c numbers 2>&1; how sort no-such-file 2>&1
