# node: its exit events, signals with and without listeners, abort, what nobody catches, workers, children and a cluster.
# needs: nodejs
# sees: node
js() {
  how node -e 'process.on("exit", code => console.log("exit event", code)); const cp = require("child_process");
    const wt = require("worker_threads"); const me = s => { process.kill(process.pid, s); setTimeout(() => {}, 9000) };'"$1" 2>err
  grep -a -e '^[A-Za-z]*Error' -e 'FATAL' err
}
js 'console.log("end")'
js 'process.on("beforeExit", () => console.log("beforeExit")); process.exitCode = 3'
js 'process.on("exit", () => { process.exitCode = 5 }); setTimeout(() => process.exit(), 1)'
js 'process.reallyExit(6)'
js 'process.abort()'
js 'throw new RangeError("thrown")'
js 'Promise.reject(new TypeError("rejected"))'
js 'process.on("uncaughtException", e => { console.log("caught", e.message); process.exit(7) }); setTimeout(() => { throw new Error("late") }, 1)'
for signal in SIGTERM SIGINT SIGHUP SIGUSR2 SIGQUIT SIGALRM SIGPROF SIGTRAP SIGKILL SIGSEGV; do js "me('$signal')"; done
for signal in SIGTERM SIGINT SIGHUP SIGUSR2 SIGPIPE SIGWINCH; do
  js "process.once('$signal', (s, n) => { console.log('got', s, n); me('SIGTERM') }); me('$signal')"
done
js 'let n = 0; process.on("SIGTERM", () => { if (++n == 3) process.exit(8); me("SIGTERM") }); me("SIGTERM")'
js 'const f = () => f() + 1; try { f() } catch (e) { console.log(e.message) }'
js 'new wt.Worker("process.exit(9)", {eval: true}).on("exit", c => console.log("worker", c))'
js 'new wt.Worker("throw new Error(1)", {eval: true}).on("error", e => console.log("worker", e.message))'
js 'const w = new wt.Worker("for (;;);", {eval: true}); w.on("online", () => w.terminate().then(c => console.log("stopped", c)))'
js 'new wt.Worker("const f = () => f() + 1; f()", {eval: true}).on("error", e => console.log("worker", e.message))'
js 'new wt.Worker("for (;;);", {eval: true}).on("online", () => process.exit(10))'
js 'new wt.Worker("for (;;);", {eval: true}).on("online", () => me("SIGTERM"))'
js 'console.log(cp.spawnSync("sh", ["-c", "kill -USR1 $$"]).signal, cp.execSync("cat", {input: "in"}) + "")'
js 'const c = cp.spawn("sleep", ["100"]); c.on("exit", (c, s) => console.log(c, s)); c.on("spawn", () => c.kill())'
js 'const m = `process.on("message", m => { process.send(m + 1); process.exit(m) }); process.send(0)`; require("fs").writeFileSync("m.js", m);
  const c = cp.fork("./m.js"); c.on("message", m => { console.log("said", m); if (!m) c.send(20) }); c.on("exit", c => console.log("child", c))'
cat >cluster.js <<'END'
const cluster = require('cluster'), net = require('net');
if (cluster.isPrimary) {
  let first;
  cluster.on('exit', (w, code, signal) => {
    console.log('worker', code, signal);
    if (w.id == 2) cluster.fork(); else if (w.id == 3) process.exit(11);
  });
  cluster.on('listening', w => {
    if (w.id == 1) first = cluster.fork();
    else if (w.id == 2) w.process.kill('SIGKILL');
    else net.connect('cluster.sock').on('data', d => { console.log(d + ''); w.send('leave') });
  });
  cluster.fork();
} else {
  process.on('message', () => process.exit(12));
  net.createServer(c => c.end('served')).listen('cluster.sock');
}
END
how node cluster.js
