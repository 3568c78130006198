package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"
)

const (
	maxWarnings    = 100
	maxCheckpoints = 1 << 20 // twelve days of virtual time

	// maxZstdWindow bounds the memory of decompression. It is the most that the
	// zstd tool takes without being told to.
	maxZstdWindow = 128 << 20
)

// zstdMagic begins a zstd frame (RFC 8878, section 3.1.1).
var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// Warning is something wrong with a trace that did not stop its reader.
type Warning struct {
	Line int // from 1
	Text string
}

func (w Warning) String() string { return fmt.Sprintf("line %d: %s", w.Line, w.Text) }

// Reader reads a trace, compressed by zstd or not, as far as it goes: what is
// damaged or unknown is passed over with a warning. It holds one line at a time,
// and a full trace is checked against the digests that it records.
type Reader struct {
	lines       lineReader
	header      Header
	dec         decoder
	digest      *Digest // nil: the trace does not hold all that its digests are of
	last        uint64  // seq of the last event
	end         *EndLine
	done        bool
	checkpoints []Checkpoint
	damaged     int // lines passed over that may have held an event
	warnings    []Warning
	unreported  int             // warnings beyond maxWarnings
	once        map[string]bool // what has been warned of for good
}

// NewReader reads the header of a trace. Its error says why this is not one; the
// readers of a header that can't be read, or of none, have nothing to go on.
func NewReader(r io.Reader) (*Reader, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := br.Peek(len(zstdMagic)); bytes.Equal(magic, zstdMagic) {
		z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return nil, fmt.Errorf("not a trace: %w", err)
		}
		br = bufio.NewReaderSize(z, 1<<16)
	}
	t := &Reader{lines: lineReader{r: br}, once: map[string]bool{}}
	if err := t.readHeader(); err != nil {
		return nil, fmt.Errorf("not a trace: %w", err)
	}
	return t, nil
}

func (r *Reader) readHeader() error {
	if first, err := r.lines.r.Peek(1); errors.Is(err, io.EOF) {
		return errors.New("it is empty")
	} else if err != nil {
		return err
	} else if first[0] != '{' {
		return errors.New("line 1: a header is a JSON object")
	}
	line, err := r.lines.next(maxHeader)
	if err != nil {
		return fmt.Errorf("line 1: %w", err)
	}
	h := Header{Level: LevelAll}
	if err := json.Unmarshal(line, &h); err != nil {
		return fmt.Errorf("line 1: %w", err)
	}
	if h.Trace < 1 {
		return errors.New(`line 1: a header has the key "trace", a version from 1`)
	}
	if h.Names == nil {
		return errors.New(`line 1: a header has the key "names", the node ids`)
	}
	numbers, err := numbersOf(h.Names)
	if err != nil {
		return fmt.Errorf("line 1: names: %w", err)
	}
	if h.Trace > FormatVersion {
		r.warn("the trace has version %d, later than %d; what is new in it is passed over", h.Trace, FormatVersion)
	}
	if h.Complete() && h.Record == RecordVersion {
		r.digest = NewDigest(h.Names)
	}
	r.header = h
	r.dec = decoder{numbers: numbers, unknown: func(key string) { r.warnOnce("unknown key %q is passed over", key) }}
	return nil
}

// Header is the trace's header.
func (r *Reader) Header() Header { return r.header }

// Next is the next event, valid until the call after. It returns io.EOF at the
// end, also where a damaged trace can't be read any further, and no other error.
func (r *Reader) Next() (*Event, error) {
	for !r.done {
		line, err := r.lines.next(maxLine)
		if errors.Is(err, errLineTooLong) {
			r.damaged++
			r.warn("longer than %d bytes, passed over", maxLine)
			continue
		}
		if err != nil {
			r.finish(err)
			break
		}
		e, err := r.line(bytes.TrimSpace(line))
		if err != nil {
			r.damaged++
			r.warn("damaged, passed over: %v", err)
		} else if e != nil {
			return e, nil
		}
	}
	return nil, io.EOF
}

// line reads one line; the event is nil if it was of another sort.
func (r *Reader) line(line []byte) (*Event, error) {
	if len(line) == 0 {
		return nil, nil
	}
	if r.end != nil {
		r.warnOnce("what follows the end line is ignored")
		return nil, nil
	}
	if !json.Valid(line) {
		return nil, errors.New("not JSON")
	}
	raw, err := r.dec.split(line)
	switch {
	case err != nil:
		return nil, err
	case raw.eventType != nil:
		return r.event(&raw)
	case raw.checkpoint != nil:
		return nil, r.checkpoint(raw.checkpoint)
	case raw.end != nil:
		return nil, r.endLine(line)
	}
	return nil, errors.New("neither an event, nor a checkpoint, nor the end")
}

func (r *Reader) event(raw *rawLine) (*Event, error) {
	name, err := stringOf(raw.eventType)
	if err != nil {
		return nil, err
	}
	k, known := kindByName[name]
	if !known {
		r.damaged++
		r.warnOnce("unknown event type %q is passed over", name)
		return nil, nil
	}
	if err := r.dec.decode(raw, k); err != nil {
		return nil, err
	}
	e := &r.dec.event
	if e.Seq != 0 {
		if e.Seq <= r.last {
			r.warn("seq %d follows seq %d", e.Seq, r.last)
		}
		r.last = e.Seq
	}
	if r.digest != nil {
		r.digest.Emit(e)
	}
	return e, nil
}

func (r *Reader) checkpoint(value []byte) error {
	var c Checkpoint
	if err := json.Unmarshal(value, &c); err != nil {
		return err
	}
	if r.digest != nil && (r.digest.events != c.Events || r.digest.Sum() != c.Digest) {
		r.warnOnce("from here on, events do not give the digests of the checkpoints")
	}
	if len(r.checkpoints) == maxCheckpoints {
		r.warnOnce("checkpoints from here on are not kept")
		return nil
	}
	r.checkpoints = append(r.checkpoints, c)
	return nil
}

func (r *Reader) endLine(line []byte) error {
	var end EndLine
	if err := json.Unmarshal(line, &end); err != nil {
		return err
	}
	if !end.End {
		return errors.New("end is not true")
	}
	if r.digest != nil && (r.digest.events != end.Events || r.digest.Sum() != end.Digest) {
		r.warn("the end line has %d events of digest %s, but those read are %d of digest %s",
			end.Events, end.Digest, r.digest.events, r.digest.Sum())
	}
	r.end = &end
	return nil
}

// finish notes how the lines ended.
func (r *Reader) finish(err error) {
	r.done = true
	if !errors.Is(err, io.EOF) {
		r.warn("can't be read any further: %v", err)
	}
	if r.end == nil {
		r.warn("the end line is missing: the trace is not whole")
	}
}

// Checkpoints are those read so far.
func (r *Reader) Checkpoints() []Checkpoint { return r.checkpoints }

// End is the end line; ok is false if it was not reached or is missing.
func (r *Reader) End() (end EndLine, ok bool) {
	if r.end == nil {
		return EndLine{}, false
	}
	return *r.end, true
}

// Damaged is how many lines so far were passed over though there may have been an
// event on them: too long, not JSON, of an unknown type, with an impossible value.
func (r *Reader) Damaged() int { return r.damaged }

// Warnings are what was wrong with the lines read so far, at most about a hundred.
func (r *Reader) Warnings() []Warning {
	if r.unreported == 0 {
		return r.warnings
	}
	return append(slices.Clip(r.warnings), Warning{r.lines.number, fmt.Sprintf("%d further warnings up to here", r.unreported)})
}

func (r *Reader) warn(format string, args ...any) {
	if len(r.warnings) == maxWarnings {
		r.unreported++
		return
	}
	r.warnings = append(r.warnings, Warning{r.lines.number, fmt.Sprintf(format, args...)})
}

// warnOnce is warn, but for the first time that it says this.
func (r *Reader) warnOnce(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if r.once[text] {
		return
	}
	if len(r.once) < maxWarnings {
		r.once[text] = true
	}
	r.warn("%s", text)
}
