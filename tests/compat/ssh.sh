# ssh and sshd, its privileges separated and its sandbox set: commands, statuses, a signal, a lost connection, a wrong key, sftp.
# needs: openssh-server openssh-client
# sees: ssh sshd
mkdir -p run keys && chmod 700 . keys
test "$(id -u)" != 0 || mkdir -p /run/sshd
for key in host user other; do ssh-keygen -q -t ed25519 -N '' -C '' -f keys/$key; done
cp keys/user.pub keys/authorized && echo "there $(cat keys/host.pub)" >keys/known
cat >server <<END
HostKey $PWD/keys/host
AuthorizedKeysFile $PWD/keys/authorized
PidFile none
StrictModes no
PasswordAuthentication no
LogLevel VERBOSE
Subsystem sftp internal-sftp
END
cat >client <<END
Host there
  ProxyCommand /usr/sbin/sshd -i -E $PWD/log -f $PWD/server 2>>$PWD/stderr
  UserKnownHostsFile $PWD/keys/known
  IdentitiesOnly yes
  BatchMode yes
END
there() { how ssh -F client -i keys/user "$@"; }
there there 'echo out; echo err >&2; exit 3' 2>&1
echo through | there there cat
there there 'kill -TERM $$' 2>/dev/null
there -tt there 'test -t 0 && echo a terminal; exit 4' 2>/dev/null
there there 'kill -KILL $PPID; exec sleep 1' 2>/dev/null
how ssh -F client -i keys/other there true 2>&1 | sed 's/^.*: Perm/Perm/'
there -o HostKeyAlias=elsewhere there true 2>&1
seq 100000 | there there 'cat >numbers; wc -l <numbers' && rm -f numbers
there there 'yes' | head -n 1
echo "ls -1 $PWD/keys/*.pub" | how sftp -q -F client -i keys/user -b - there
how scp -q -F client -i keys/user "there:$PWD/keys/host.pub" copy && cmp copy keys/host.pub
how ssh-agent sh -c 'ssh-add -q keys/user 2>/dev/null; ssh-add -l | wc -l; exit 5'
grep -o 'Accepted publickey\|Failed publickey\|fatal: .*\|exited on signal.*' log | sort | uniq -c
