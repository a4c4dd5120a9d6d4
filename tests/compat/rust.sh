# Rust: exits, panics that unwind, in threads and that abort, an exit handler's order, a stack overflow's message, children.
# needs: rustc
# sees: unwind aborts
cat >t.rs <<'END'
use std::{env, io::Write, os::unix::process::{CommandExt, ExitStatusExt}, process, process::Command, thread};
extern "C" { fn atexit(f: extern "C" fn()) -> i32; fn kill(pid: i32, signal: i32) -> i32; }
extern "C" fn handler() { println!("atexit handler"); }
struct Dropped(&'static str);
impl Drop for Dropped { fn drop(&mut self) { println!("dropped {}", self.0) } }
thread_local! { static LOCAL: Dropped = Dropped("thread local") }
#[allow(unconditional_recursion)]
fn deep(n: u64) -> u64 { let a = [n; 64]; deep(n + 1) + unsafe { std::ptr::read_volatile(&a[(n % 64) as usize]) } }
fn main() {
    unsafe { atexit(handler) };
    let _d = Dropped("in main");
    LOCAL.with(|_| ());
    let way = env::args().nth(1).unwrap();
    print!("unflushed {way} ");
    match way.as_str() {
        "return" => (),
        "exit" => process::exit(3),
        "abort" => process::abort(),
        "panic" => panic!("on purpose"),
        "catch" => println!("{}", std::panic::catch_unwind(|| { let _e = Dropped("unwound"); panic!("caught") }).is_err()),
        "double" => { struct P; impl Drop for P { fn drop(&mut self) { panic!("while unwinding") } } let _p = P; panic!("first") }
        "thread" => println!("{}", thread::spawn(|| { LOCAL.with(|_| ()); panic!("in a thread") }).join().is_err()),
        "threadexit" => { thread::spawn(|| process::exit(4)); loop { thread::park() } }
        "busy" => { for _ in 0..4 { thread::spawn(|| loop { std::hint::spin_loop() }); } }
        "overflow" => { deep(0); }
        "threadoverflow" => { thread::Builder::new().name("deep one".into()).spawn(|| deep(0)).unwrap().join().unwrap(); }
        "null" => unsafe { std::ptr::null_mut::<u8>().write_volatile(1) },
        "oom" => { let v: Vec<u8> = Vec::with_capacity(isize::MAX as usize / 2); println!("{}", v.capacity()) }
        "children" => {
            let s = Command::new("sh").args(["-c", "kill -TERM $$"]).status().unwrap();
            let t = unsafe { Command::new("sh").args(["-c", "exit 5"]).pre_exec(|| Ok(())).status().unwrap() };
            println!("{:?} {:?}, {:?}", s.signal(), t.code(), Command::new("./none").status().is_err());
            let out = Command::new("cat").arg("t.rs").output().unwrap().stdout;
            println!("{}", out.len() > 1000);
        }
        "pipe" => { let mut o = std::io::stdout().lock(); while o.write_all(&[b'x'; 65536]).is_ok() {} eprintln!("EPIPE, not SIGPIPE"); }
        "exec" => { println!("exec"); Command::new("echo").arg("new image").exec(); }
        n => unsafe { kill(process::id() as i32, n.parse().unwrap()); thread::sleep(std::time::Duration::from_millis(300)) },
    }
}
END
rustc -O -C panic=unwind -o unwind t.rs && rustc -O -C panic=abort -o aborts t.rs || exit
for p in unwind aborts; do
  for way in return exit abort panic catch double thread threadexit busy overflow threadoverflow null oom children exec 15 11 7; do
    echo "-- $way"
    how ./$p $way 2>&1 | grep -v -e '^ ' -e '^stack backtrace' -e '^note:'
  done
  how ./$p pipe 2>pipe | head -c 5; grep EPIPE pipe
done
