# openssl: a TLS handshake over a socket of its own, a server stopped by signals, a key that is killed half-way, errors, speed.
# needs: openssl
# sees: openssl
trap 'kill -9 $(cat pid) 2>/dev/null' EXIT
how openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -subj /CN=localhost -days 2 2>/dev/null
how openssl x509 -in cert -noout -subject && how openssl verify -CAfile cert cert
start() {
  rm -f sock server
  how env --default-signal=INT,QUIT sh -c 'echo $$ >pid; exec openssl s_server "$@"' - -unix sock -key key -cert cert "$@" >server 2>&1 &
  until test -S sock && grep -q ACCEPT server; do sleep 0.05; done
}
talk() { printf 'GET /file HTTP/1.0\r\n\r\n' | how openssl s_client -unix sock -verify_return_error -quiet "$@" 2>talk; grep 'verify e' talk; }
ended() { wait; grep -e '^FILE' -e 'alert' -e 'status' server | sed 's,^.*:error:,,; s,:[^:]*rec_layer[^:]*:[0-9]*:,:,'; }
echo served >file
start -naccept 1 -WWW && talk -CAfile cert; ended
start -naccept 2 -WWW && talk -CAfile cert -tls1_2; talk; ended
for signal in TERM INT QUIT USR1 HUP; do start -WWW && talk -CAfile cert | tail -n 2; kill -$signal "$(cat pid)"; ended; done
how sh -c 'echo $$ >pid; exec openssl genrsa -verbose -out big 16384' 2>progress &
until test -s progress; do sleep 0.05; done; kill "$(cat pid)"; wait; wc -c <big; rm -f big
how openssl speed -seconds 1 -bytes 64 sha256 2>&1 | sed 's/: .*//; /^sha256 /d; /^version\|^built\|^options\|^compiler\|^CPUINFO\|^The/d'
how openssl dgst -sha256 file && how openssl enc -aes-128-cbc -k password -pbkdf2 -in file -out enc && how openssl enc -d -aes-128-cbc -k password -pbkdf2 -in enc
printf 'no such thing' | how openssl enc -d -aes-128-cbc -k wrong -pbkdf2 2>&1; how openssl no-such 2>&1 | head -n 1; how openssl x509 -in none 2>&1 | head -n 1
how openssl rand -base64 10000000 | head -n 1 | wc -l
