# guile: exits, dynamic-wind, an error, the signals of its garbage collector among threads, sigaction, fork.
# needs: guile-3.0
# sees: guile
export GUILE_AUTO_COMPILE=0
g() { how guile -c "$1" 2>&1; }
g '(display "end\n")'
g '(exit 3)'
g '(primitive-exit 4)'
g '(primitive-_exit 5)'
g '(dynamic-wind (lambda () #f) (lambda () (exit 6)) (lambda () (display "unwound\n")))'
g '(error "an error")' | grep -o 'an error\|guile:.*'
for signal in TERM INT HUP USR1 QUIT ALRM SEGV; do
  g "(kill (getpid) SIG$signal) (sleep 1)" | grep -o 'User interrupt\|guile:.*'
  g "(sigaction SIG$signal (lambda (n) (display n) (exit 7))) (kill (getpid) SIG$signal) (sleep 1)"
done
g '(use-modules (ice-9 threads))
  (define (work) (let loop ((n 0) (sum 0)) (if (= n 20000) sum (loop (+ n 1) (+ sum (string-length (make-string 100)))))))
  (display (map join-thread (map (lambda (i) (call-with-new-thread work)) (iota 8)))) (gc) (newline)'
g '(use-modules (ice-9 threads)) (call-with-new-thread (lambda () (sleep 100))) (call-with-new-thread (lambda () (let l () (l)))) (gc) (exit 8)'
g '(let ((pid (primitive-fork))) (if (= pid 0) (primitive-exit 9) (begin (display (status:exit-val (cdr (waitpid pid)))) (newline))))'
g '(display (status:term-sig (system* "sh" "-c" "kill -TERM $$"))) (newline) (execlp "echo" "echo" "new image")'
g '(let l () (display "y\n") (l))' 2>/dev/null | head -n 1
