# tar with gzip and others: their deaths and its own, a reader that leaves, a full device, --to-command, checkpoints.
# sees: tar gzip
mkdir tree && seq 99999 >tree/numbers && ln tree/numbers tree/link && ln -s numbers tree/symlink
how tar --sort=name -czf tree.tgz tree; how tar -tzf tree.tgz | sort; how tar -xzOf tree.tgz tree/numbers | wc -l
how tar -cf - tree | how tar -xf - -C "$TMPDIR" --transform s/tree/copy/; diff -r tree copy && echo the same
how tar -cf - tree | head -c 99 | wc -c; how tar -xzOf tree.tgz tree/numbers | head -1
how tar -cf /dev/full tree 2>&1; how tar -czf /dev/full tree 2>&1; how tar -xf no-such-file 2>&1
how tar -xf tree/numbers 2>&1
head -c 9999 tree.tgz >cut.tgz; how tar -xzOf cut.tgz 2>&1 >/dev/null; gzip -dc cut.tgz 2>&1 >/dev/null; how gzip -t cut.tgz 2>&1
how tar -cf x.tar --use-compress-program='sh -c "cat >/dev/null; exit 3"' tree 2>&1
how tar -cf x.tar --use-compress-program='sh -c "cat >/dev/null; kill -TERM \$\$"' tree 2>&1
how tar -xzf tree.tgz --to-command='wc -l; kill -SEGV $$' 2>&1 | sed 's/[0-9]*: Child/PID: Child/'
how tar -xzf tree.tgz --to-command='cat >/dev/null; exit 4' 2>&1 | sed 's/[0-9]*: Child/PID: Child/'
how tar -cf /dev/null --checkpoint=20 --checkpoint-action=exec='echo at $TAR_CHECKPOINT of $TAR_SUBCOMMAND' tree 2>&1
how tar --checkpoint=20 --checkpoint-action='exec=kill -TERM $PPID' -cf y.tar tree 2>&1
how tar --totals=USR1 --checkpoint=20 --checkpoint-action='exec=kill -USR1 $PPID' -cf y.tar tree 2>&1 | sed 's/ (.*//'
how gzip tree/numbers 2>&1; how gzip -f tree/numbers; how gunzip tree/numbers.gz
how gzip -c /dev/zero | head -c 9 | wc -c
