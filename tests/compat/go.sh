# Go with cgo: panics, the SIGSEGV of a nil dereference, signal.Notify, the traceback of SIGQUIT, crashes in C, children.
# needs: golang-go gcc libc6-dev
# sees: t
cat >t.go <<'END'
package main

// #include <stdio.h>
// #include <stdlib.h>
// #include <unistd.h>
// #include <signal.h>
// static void bye(void) { puts("C atexit handler"); fflush(stdout); }
// static void registers(void) { atexit(bye); }
// static void crash(void) { *(volatile int *)16 = 1; }
// static void aborts(void) { abort(); }
// static void exits(void) { exit(6); }
// static void leaves(void) { _exit(7); }
// extern void goCallback(int);
// static void calls(int n) { goCallback(n); }
import "C"

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

type node struct{ next *node }

//export goCallback
func goCallback(n C.int) {
	if n == 0 {
		panic("through C")
	}
	C.calls(n - 1)
}

func deep(n int) int { return deep(n+1) + n }

func kill(s syscall.Signal) {
	syscall.Kill(os.Getpid(), s)
	time.Sleep(5 * time.Second)
}

func main() {
	C.registers()
	fmt.Println("--", os.Args[1])
	switch os.Args[1] {
	case "return":
	case "exit":
		os.Exit(3)
	case "panic":
		defer fmt.Println("deferred")
		panic("on purpose")
	case "recover":
		for i := 0; i < 1000; i++ {
			func() {
				defer func() { recover() }()
				var n *node
				n.next.next = nil
			}()
		}
		fmt.Println("recovered")
	case "nil":
		var n *node
		n.next.next = nil
	case "unknown":
		debug.SetPanicOnFault(true)
		defer func() { fmt.Println(recover()) }()
		b, _ := syscall.Mmap(-1, 0, 4096, syscall.PROT_NONE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
		fmt.Println(b[0])
	case "zero":
		z := 0
		fmt.Println(1 / z)
	case "callback":
		defer func() { fmt.Println("recovered", recover()) }()
		C.calls(5)
	case "stack":
		debug.SetMaxStack(1 << 20)
		deep(0)
	case "crash":
		C.crash()
	case "abort":
		C.aborts()
	case "cexit":
		C.exits()
	case "cleave":
		C.leaves()
	case "notify":
		c := make(chan os.Signal, 9)
		signal.Notify(c)
		for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGPIPE, 40} {
			syscall.Kill(os.Getpid(), s)
			for got := <-c; got != s; got = <-c {
			}
			fmt.Println("got", s)
		}
		signal.Reset()
		kill(syscall.SIGTERM)
	case "ignore":
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
		syscall.Kill(os.Getpid(), syscall.SIGTERM)
		fmt.Println(signal.Ignored(syscall.SIGTERM))
		C.exits()
	case "preempt":
		for i := 0; i < 8; i++ {
			go func() {
				for {
				}
			}()
		}
		for i := 0; i < 20; i++ {
			runtime.GC()
		}
		fmt.Println("collected")
		C.exits()
	case "children":
		for _, way := range []string{"exit 5", "kill -TERM $$", "kill -QUIT $$"} {
			fmt.Println(exec.Command("sh", "-c", way).Run())
		}
		out, err := exec.Command(os.Args[0], "cexit").Output()
		fmt.Printf("%s%v\n", out, err)
		syscall.Exec("/bin/echo", []string{"echo", "new image"}, os.Environ())
	case "pipe":
		for {
			if _, err := fmt.Println("y"); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	case "harmless":
		for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGPIPE, syscall.SIGALRM, syscall.SIGXCPU, syscall.SIGVTALRM, 40} {
			syscall.Kill(os.Getpid(), s)
		}
		fmt.Println("lives on")
	default:
		var n int
		fmt.Sscan(os.Args[1], &n)
		kill(syscall.Signal(n))
	}
}
END
GO111MODULE=off GOCACHE=$PWD/cache go build -o t t.go || exit
for way in return exit panic recover nil unknown zero callback stack crash abort cexit cleave notify ignore preempt children harmless 1 2 3 5 6 7 11 15 31 9; do
  how ./t $way 2>&1 | sed -E '/^(goroutine|runtime stack)/,/^t:/ { /^t:/p; d }; /^PC=|^$|^runtime: sp/d; s/0x[0-9a-f]+/ADDRESS/g'
done
how ./t pipe | head -n 2
