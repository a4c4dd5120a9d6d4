# java: shutdown hooks, halt, signals, the SIGSEGV and SIGFPE that are its null and zero checks, deep recursions in any thread.
# needs: default-jdk-headless
# sees: java
cat >T.java <<'END'
import java.util.concurrent.*;
public class T {
  int x;
  T next;
  static volatile T none;
  static int depth(int n) { return n == 0 ? 0 : 1 + depth(n + 1); }
  static int divide(int a, int b) { return a / b; }
  static void overflow(String where) {
    try { depth(1); } catch (StackOverflowError e) { System.out.println("StackOverflowError in " + where); }
  }
  static void kill(String signal) throws Exception {
    new ProcessBuilder("kill", "-" + signal, "" + ProcessHandle.current().pid()).inheritIO().start().waitFor();
    Thread.sleep(20000);
  }
  public static void main(String[] a) throws Exception {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
    switch (a[0]) {
      case "return": break;
      case "exit": System.exit(3);
      case "halt": Runtime.getRuntime().halt(4);
      case "throw": throw new IllegalStateException("thrown");
      case "deadhook": Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(5))); System.exit(6);
      case "thread": new Thread(() -> { System.out.println("thread"); System.exit(7); }).start(); Thread.sleep(20000);
      case "daemon": Thread d = new Thread(() -> { for (;;); }); d.setDaemon(true); d.start(); break;
      case "null": {
        int caught = 0, sum = 0;
        T t = new T();
        for (int i = 0; i < 300000; i++) {
          try { sum += (i % 1000 == 999 ? none : t).x + 1; sum += (i < 250000 ? t : none).next == null ? 1 : 0; }
          catch (NullPointerException e) { caught++; }
        }
        System.out.println("null: " + caught + ", sum " + sum);
        caught = 0;
        for (int i = 0; i < 100000; i++) try { divide(i, i % 100); } catch (ArithmeticException e) { caught++; }
        System.out.println("zero: " + caught);
        break;
      }
      case "deep": {
        overflow("main");
        for (int i = 0; i < 4; i++) { Thread t = new Thread(null, () -> overflow("a thread"), "t", 256 << (2 * i)); t.start(); t.join(); }
        overflow("main, once more");
        break;
      }
      case "gc": {
        ExecutorService e = Executors.newFixedThreadPool(4);
        long n = 0;
        for (int i = 0; i < 40; i++) n += e.submit(() -> { byte[][] b = new byte[1000][]; for (int j = 0; j < 1000; j++) b[j] = new byte[j]; return b.length; }).get();
        System.gc();
        System.out.println(n);
        System.exit(0);
      }
      case "children": {
        System.out.println(new ProcessBuilder("sh", "-c", "exit 9").start().waitFor());
        Process p = new ProcessBuilder("sleep", "100").start();
        p.destroy();
        System.out.println(p.waitFor());
        System.out.println(new String(new ProcessBuilder("cat", "T.java").start().getInputStream().readAllBytes()).length() > 1000);
        break;
      }
      case "wild": {
        var f = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
        f.setAccessible(true);
        ((sun.misc.Unsafe) f.get(null)).putInt(16, 1);
      }
      default: kill(a[0]);
    }
  }
}
END
ulimit -c 0
javac -XDignore.symbol.file T.java 2>/dev/null
for way in return exit halt throw deadhook thread daemon null deep gc children TERM INT HUP USR1 ABRT KILL SEGV wild; do
  echo "-- $way"
  how java -Xmx64m -XX:+UseSerialGC $(test $way = wild || echo -XX:-CreateCoredumpOnCrash) T $way 2>&1 | sed -nE '/^#  SIG/ { s/ at pc.*//; p }; /^#/! { /^\[/! p }'
done
echo "-- QUIT gives a dump of the threads, and life goes on"
touch out
env --default-signal=QUIT how sh -c 'echo $$ >pid; exec java -Xmx64m -XX:+UseSerialGC T QUIT' >out 2>&1 &
trap 'kill -9 $(cat pid) 2>/dev/null' EXIT
until grep -q '^Heap' out; do sleep 0.05; done
kill -TERM $(cat pid)
wait
grep -e '^"main"' -e '^hook' -e '^sh:' out | cut -d' ' -f1-4
