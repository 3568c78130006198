// Command meshsim simulates trust-aware mesh networks, deterministically. Each
// verb has a file of its own; what they do is in the packages they call.
package main

import (
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	// Without this, writing to a closed pipe would kill the process; we want to
	// be told, finish, and return the status that the run deserves.
	signal.Ignore(syscall.SIGPIPE)
	ballast := make([]byte, ballastBytes)
	status := execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	runtime.KeepAlive(ballast)
	os.Exit(status)
}

// ballastBytes are allocated at the start and never touched, so they take no memory.
// The garbage collector runs when the heap has doubled: with them first at 128 MB, and
// not every few MB, which is where the heap of most runs stays.
const ballastBytes = 64 << 20

// execute runs one command line and returns its exit status.
func execute(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{in: stdin, out: &listener{w: stdout}, err: stderr}
	a.colour = isTerminal(stdout)
	root := a.root()
	a.json = wantsJSON(args) // a bad flag stops the parser before it gets there
	root.SetArgs(paired(args))
	root.SetIn(stdin)
	root.SetOut(a.out)
	root.SetErr(stderr)
	return a.finish(guarded(root.Execute))
}

// listener is a stdout that may stop listening: what is written after that is
// dropped without an error, so that `meshsim … | head` ends quietly and with the
// status of the run.
type listener struct {
	w    io.Writer
	gone bool
}

func (l *listener) Write(b []byte) (int, error) {
	if l.gone {
		return len(b), nil
	}
	n, err := l.w.Write(b)
	if isClosedPipe(err) {
		l.gone = true
		return len(b), nil
	}
	return n, err
}
