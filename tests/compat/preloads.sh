# Other preloads at the same time: jemalloc, tcmalloc, eatmydata, faketime, fakeroot, which interpose other functions.
# needs: libjemalloc2 libtcmalloc-minimal4 libeatmydata1 faketime fakeroot perl python3
# sees: perl python3 sort faked-sysv
lib=/usr/lib/x86_64-linux-gnu
for library in $lib/libjemalloc.so.2 $lib/libtcmalloc_minimal.so.4 $lib/libeatmydata.so; do
  for order in "${LD_PRELOAD-} $library" "$library ${LD_PRELOAD-}"; do
    echo "-- $(basename $library)"
    (
      export LD_PRELOAD="$order"
      how perl -e 'grep { /jemalloc|tcmalloc|eatmydata/ } `cat /proc/$$/maps` or die; END { print "end\n" } exit 3'
      how perl -e 'use POSIX; $SIG{ALRM} = sub { my @a = map { "x" x $_ } 1 .. 1000; ualarm(1000) if $n++ < 50 };
        use Time::HiRes "ualarm"; ualarm 1000; my %h; while ($n < 50) { $h{$_ % 999} = "y" x ($_++ % 777) } $| = 1; print "done\n"; kill ABRT => $$'
      how python3 -c 'import threading, os; t = [threading.Thread(target=lambda: [bytearray(i) for i in range(3000)]) for _ in range(4)]
[x.start() for x in t]; [x.join() for x in t]
if os.fork() == 0: os._exit(4)
print(os.wait()[1] >> 8, flush=True); os.kill(os.getpid(), 11)'
      seq 20000 | how sort -R -S 1M -T . | wc -l
    )
  done
done
how faketime -f '@2001-02-03 04:05:06' sh -c 'date +%F; perl -e "print scalar(gmtime) =~ /2001/ ? 1 : 0; kill TERM => \$\$"; echo $?'
how fakeroot sh -c 'id -u; touch f; chown 12:34 f; ls -ln f | cut -d" " -f3,4; exit 5'
how fakeroot sh -c 'kill -TERM $$' 2>/dev/null
