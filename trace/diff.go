package trace

import (
	"bytes"
	"errors"
	"io"

	"meshsim/clock"
)

// Stream is a recorded run, such as a Reader: its header, and its events in order
// until io.EOF, each valid until the next call.
type Stream interface {
	Header() Header
	Next() (*Event, error)
}

// Difference is the first event in which two runs differ.
type Difference struct {
	Seq uint64     `json:"seq"` // of the earlier of the two
	T   clock.Time `json:"t"`   // of the earlier of the two, ns
	A   string     `json:"a"`   // the first run's event as JSON; "" if its events have ended
	B   string     `json:"b"`   // the second run's

	// Causes leads to A, or to B where there is no A: the event that triggered it,
	// that one's trigger, and so on. CausesB leads to B if another event triggered it.
	Causes  []string `json:"causes"`
	CausesB []string `json:"causes_b,omitempty"`

	// Unseen says that the event is not known: A and B are lines with digests, of
	// which it may be the first cause. Seq and T are then the least that it can have.
	Unseen bool `json:"-"`
}

// Comparison is a sink that compares a run with a recorded one. Events are equal
// when their lines in a trace are. Compared is what both filters keep; events
// outside the record, of Seq 0, are left out.
type Comparison struct {
	a          Stream
	encA, encB encoder
	keepA      Filter // of a, in the numbers of b
	keepB      Filter // of b, in the numbers of a
	lineA      []byte
	lineB      []byte
	history    history
	aEnded     bool
	diff       *Difference
	err        error
}

// NewComparison compares a with the run, of the given header, whose events will
// be emitted. For a live run the header needs Names, Epoch and Level only.
func NewComparison(a Stream, b Header) *Comparison {
	header := a.Header()
	return &Comparison{
		a:       a,
		encA:    newEncoder(header.Names, header.Epoch),
		encB:    newEncoder(b.Names, b.Epoch),
		keepA:   header.filterOver(b.Names),
		keepB:   b.filterOver(header.Names),
		history: newHistory(),
	}
}

// Diff compares two recorded runs. It returns nil if they are the same, and an
// error only if a stream gives one. That a damaged trace ends early is a
// difference like any other: its reader tells that it is damaged.
func Diff(a, b Stream) (*Difference, error) {
	c := NewComparison(a, b.Header())
	for c.diff == nil && c.err == nil {
		e, err := b.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		c.Emit(e)
	}
	return c.Done()
}

// Emit compares the next event of the second run.
func (c *Comparison) Emit(e *Event) {
	if c.diff != nil || c.err != nil || e.Seq == 0 || !c.keepA.keep(e) {
		return
	}
	a := c.next()
	if c.err != nil {
		return
	}
	if a == nil {
		c.differ(nil, e)
		return
	}
	c.lineA = c.encA.event(c.lineA[:0], a)
	c.lineB = c.encB.event(c.lineB[:0], e)
	if !bytes.Equal(c.lineA, c.lineB) {
		c.differ(a, e)
		return
	}
	c.history.add(a)
}

// Differs reports whether a difference was found: what follows is not compared.
func (c *Comparison) Differs() bool { return c.diff != nil }

// Done ends the second run. It returns the first difference, nil if there is
// none, or the error of the recorded stream.
func (c *Comparison) Done() (*Difference, error) {
	if c.diff == nil && c.err == nil {
		if a := c.next(); a != nil {
			c.differ(a, nil)
		}
	}
	return c.diff, c.err
}

// next is the next event of a to compare; nil at its end, and on an error.
func (c *Comparison) next() *Event {
	for !c.aEnded {
		e, err := c.a.Next()
		if err != nil {
			c.aEnded = true
			if !errors.Is(err, io.EOF) {
				c.err = err
			}
			break
		}
		if e.Seq != 0 && c.keepB.keep(e) {
			return e
		}
	}
	return nil
}

// differ keeps the difference between two events, of which one may be nil.
func (c *Comparison) differ(a, b *Event) {
	d := &Difference{}
	switch {
	case b == nil:
		d.Seq, d.T = a.Seq, a.T
		d.Causes = c.history.causes(a.Cause, c.encA.names)
	case a == nil:
		d.Seq, d.T = b.Seq, b.T
		d.Causes = c.history.causes(b.Cause, c.encA.names)
	default:
		d.Seq, d.T = min(a.Seq, b.Seq), min(a.T, b.T)
		d.Causes = c.history.causes(a.Cause, c.encA.names)
		if a.Cause != b.Cause {
			d.CausesB = c.history.causes(b.Cause, c.encA.names)
		}
	}
	if a != nil {
		d.A = string(c.encA.event(nil, a))
	}
	if b != nil {
		d.B = string(c.encB.event(nil, b))
	}
	c.diff = d
}
