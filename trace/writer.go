package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"meshsim/sim"
)

// Limits that writer and reader agree on, in bytes.
const (
	maxHeader = 64 << 20 // the header's line: the scenario with its files
	maxLine   = 16 << 20 // any other line
)

// writeBatch is how many bytes a Writer gathers before it writes them.
const writeBatch = 64 << 10

// Writer is a sink that writes a trace as JSON Lines: a header, events and
// checkpoints in order, an end line. The first error of the underlying writer is
// kept, and nothing is written after it.
type Writer struct {
	w      io.Writer
	enc    encoder
	filter Filter
	buf    []byte
	err    error
}

// NewWriter writes the header of a trace over nodes with the given ids, by
// number. It fills in Trace, Record, Names and the header's keys of the filter.
// A trace with an id twice, or with a header above 64 MiB, can't be read again
// and is an error, as is what w returns.
func NewWriter(w io.Writer, names []string, h Header, f Filter) (*Writer, error) {
	h.Trace, h.Record, h.Names = FormatVersion, RecordVersion, append([]string{}, names...)
	h.Level, h.From, h.To, h.Nodes = f.Level, f.From, f.To, nil
	for _, id := range f.Nodes {
		h.Nodes = append(h.Nodes, names[id])
	}
	if h.Files == nil {
		h.Files = map[string]string{}
	}
	if _, err := numbersOf(names); err != nil {
		return nil, fmt.Errorf("trace header: %w", err)
	}
	line, err := marshalLine(h)
	if err != nil {
		return nil, fmt.Errorf("trace header: %w", err)
	}
	if len(line) > maxHeader {
		return nil, fmt.Errorf("trace header: the scenario and its files take %d bytes; at most %d are allowed", len(line), maxHeader)
	}
	if _, err := w.Write(line); err != nil {
		return nil, err
	}
	return &Writer{w: w, enc: newEncoder(names, h.Epoch), filter: f, buf: make([]byte, 0, writeBatch+writeBatch/4)}, nil
}

// numbersOf inverts a list of node ids.
func numbersOf(names []string) (map[string]sim.NodeID, error) {
	numbers := make(map[string]sim.NodeID, len(names))
	for i, name := range names {
		if name == "" || name == "*" {
			return nil, fmt.Errorf("node %d: %q is not an id", i, name)
		}
		if _, twice := numbers[name]; twice {
			return nil, fmt.Errorf("node id %q occurs twice", name)
		}
		numbers[name] = sim.NodeID(i)
	}
	return numbers, nil
}

// Emit writes the event if the filter keeps it.
func (w *Writer) Emit(e *Event) {
	if w.err != nil || !w.filter.keep(e) {
		return
	}
	w.buf = append(w.enc.event(w.buf, e), '\n')
	w.flushFull()
}

// checkpointLine is the line of a checkpoint.
type checkpointLine struct {
	Checkpoint Checkpoint `json:"checkpoint"`
}

// Checkpoint writes a checkpoint line, whatever the filter.
func (w *Writer) Checkpoint(c Checkpoint) {
	w.line(checkpointLine{c})
	w.flushFull()
}

// End writes the end line, with the number of events and the digest of the whole
// run, and hands everything to the underlying writer. A trace without this line
// is a damaged one, so a run that was interrupted writes it too. The error is the
// first that the underlying writer gave.
func (w *Writer) End(events uint64, digest, verdict string, interrupted bool) error {
	w.line(EndLine{true, events, digest, verdict, interrupted})
	w.flush()
	return w.err
}

// Err is the first error of the underlying writer.
func (w *Writer) Err() error { return w.err }

func (w *Writer) line(v any) {
	line, err := marshalLine(v)
	if err != nil {
		panic(err) // numbers, strings and booleans always marshal
	}
	w.buf = append(w.buf, line...)
}

func (w *Writer) flushFull() {
	if len(w.buf) >= writeBatch {
		w.flush()
	}
}

func (w *Writer) flush() {
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
	w.buf = w.buf[:0]
}

// marshalLine renders v as one line, with the characters of HTML as they are.
func marshalLine(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}
