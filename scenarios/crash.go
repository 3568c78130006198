package scenarios

import (
	"fmt"
	"runtime/debug"

	"meshsim/clock"
)

// Crash is a panic turned into an error: a bug of meshsim's own, or of a node that
// its user wrote.
type Crash struct {
	Scenario string // "" if it was not within a run; what follows then means nothing
	Seed     uint64
	At       clock.Time
	Event    uint64 // number of the last event before it
	Cause    string
	Stack    []byte
}

// Error says what happened and where, in one line without the stack.
func (c *Crash) Error() string {
	if c.Scenario == "" {
		return c.Cause
	}
	return fmt.Sprintf("%s (scenario %q, seed %d, at %v, after event #%d)", c.Cause, c.Scenario, c.Seed, c.At, c.Event)
}

// catch turns a panic within the run into a Crash, which leaves no result. The
// trace ends there.
func (r *running) catch(result **Result, err *error) {
	p := recover()
	if p == nil {
		return
	}
	crash := &Crash{
		Scenario: r.scenario.Name, Seed: uint64(r.scenario.Seed), At: r.world.Now(), Event: r.world.Events(),
		Cause: fmt.Sprint(p), Stack: debug.Stack(),
	}
	*result, *err = nil, crash
	if r.writer != nil {
		if end := r.writer.End(crash.Event, r.world.Digest(), Failed, true); end != nil {
			crash.Cause += fmt.Sprintf("; and the trace could not be ended: %v", end)
		}
	}
}
