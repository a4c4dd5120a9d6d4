# stdbuf, which has a preload of its own, and split --filter: a line comes at once, and whose filter died is known.
# sees: stdbuf split cut sed
mkfifo in out
how stdbuf -oL cut -c 2- <in >out &
exec 8>in 9<out; echo xfirst >&8; read -r line <&9; echo "$line came before the end"
echo xsecond >&8; exec 8>&-; cat <&9; wait
how stdbuf -o0 sed -n 1p /etc/group | wc -l; how stdbuf -o1M seq 3; how stdbuf -oL no-such-program 2>&1
stdbuf -oL env | grep -c '^LD_PRELOAD=.*libstdbuf'; stdbuf -oL sh -c 'stdbuf -i0 env' | grep -c '^_STDBUF'
yes | how stdbuf -oL head -1; how stdbuf -o0 yes 2>&1 | head -1
how sh -c 'exec stdbuf -o0 seq 9 >/dev/full' 2>&1
seq 9 | how split -l 4 --filter='wc -l; echo $FILE' - part
seq 9 | how split -l 4 --filter='cat >/dev/null; exit 3' - part 2>&1
seq 9 | how split -l 4 --filter='cat >/dev/null; kill -TERM $$' - part 2>&1
seq 99999 | how split -l 40000 --filter='head -1' - part 2>&1
seq 99999 | how split -n r/3 --filter='head -1' 2>&1 | sort
seq 9 | how split -b 7 - part; cat part*
