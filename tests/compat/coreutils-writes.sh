# coreutils whose output fails: a full device, a closed stdout, one that is read-only, a file that may not grow.
# sees: cat seq tee dd wc
for program in 'cat /etc/group' 'seq 9' '/bin/echo x' 'wc /dev/null' 'ls /' 'sort /etc/group' 'env' 'od /etc/group' \
  'tr a b' 'cp /etc/group /dev/stdout' 'seq 999999' 'dd count=1 status=none' 'tee copy' 'yes'; do
  echo "$program"
  for redirection in '>/dev/full' '>&-' '>/dev/full 2>&1' '>&- 2>&- <&-' '1</dev/null'; do
    how sh -c "exec $program $redirection" 2>&1 </etc/group
  done
done
for mode in warn warn-nopipe exit exit-nopipe; do
  mkfifo "$mode"; head -1 "$mode" >"$mode.head" &
  seq 100000 | how sh -c "exec tee --output-error=$mode $mode >/dev/full" 2>&1; wait; cat "$mode.head"
done
how sh -c 'exec dd if=/dev/zero of=/dev/full bs=9 count=1' 2>&1 | sed 's/copied.*/copied/'
how sh -c 'ulimit -f 200; exec dd if=/dev/zero of=big bs=1k count=200' 2>&1; wc -c <big
how sh -c 'ulimit -f 200; exec env --ignore-signal=XFSZ dd if=/dev/zero of=big bs=1k count=200 status=none' 2>&1
