package trace

import (
	"encoding/binary"

	"meshsim/sim"
)

// Nearly all events of a run are those of envelopes. Their records are written
// here in straight lines, by stores of fixed size, where record goes through the
// table of kinds field by field; the bytes are the same.

// shortName is how many bytes the record of a short name takes at most.
const shortName = 16

// recordBuf takes a record that starts in its first half and fits a batch, and
// what a store of fixed size writes beyond the end of it.
type recordBuf [2*digestBatch + shortName]byte

// inRange is an index as it is. The mask, which changes nothing, shows the compiler
// that a store at it needs no check.
func inRange(i int) int { return i & (2*digestBatch - 1) }

// fits reports whether the record of an envelope_* event takes less than a batch,
// so that it can be written in place. 256 bytes are more than enough for all but
// names, type and flow.
func (d *Digest) fits(e *Event) bool {
	return 256+(4+len(e.Path))*d.longest+len(e.Type)+len(e.Flow.Name) < digestBatch
}

// envelope writes the record of an envelope_* event that fits at i, below
// digestBatch, and returns where the next one goes.
func (d *Digest) envelope(b *recordBuf, i int, e *Event) int {
	i = putByte(b, i, byte(e.Kind))
	i = putInt(b, i, int64(e.T))
	i = d.putNode(b, i, e.Node)
	i = d.putNode(b, i, e.Peer)
	*(*EnvelopeID)(b[inRange(i):]) = e.ID
	i = putString(b, i+len(e.ID), e.Type)
	i = putBool(b, i, e.Control)
	i = d.putNode(b, i, e.Origin)
	i = d.putNode(b, i, e.Destination)
	i = putLength(b, i, len(e.Path))
	for _, node := range e.Path {
		i = d.putNode(b, i, node)
	}
	i = putInt(b, i, e.Size)
	i = putString(b, i, e.Flow.Name)
	if e.Flow.Name != "" {
		i = putBool(b, i, e.Flow.IsRow)
		i = putInt(b, i, e.N)
	}
	if e.Kind == EnvelopeSent {
		if i = putInt(b, i, int64(e.Copies)); e.Skew != 0 {
			i = putInt(b, putByte(b, i, 0), int64(e.Skew))
		}
		return i
	}
	i = putInt(b, i, int64(e.Copy))
	switch e.Kind {
	case EnvelopeTransmitted:
		i = putInt(b, i, int64(e.Start))
		i = putInt(b, i, int64(e.Arrive))
	case EnvelopeForwarded:
		i = putInt(b, i, int64(e.Copies))
		i = putBool(b, i, e.Injected)
	case EnvelopeDelivered:
		i = putInt(b, i, int64(e.Latency))
	case EnvelopeDropped:
		i = putString(b, i, e.Reason.String())
		i = putString(b, i, e.Layer.String())
	}
	if e.Misdeed != NoMisdeed {
		i = putMisdeed(b, i, e)
	}
	return i
}

// putMisdeed ends the record of what an adversary did, if its kind has that field.
func putMisdeed(b *recordBuf, i int, e *Event) int {
	if e.Kind == EnvelopeTransmitted {
		return i
	}
	i = putString(b, putByte(b, i, 0), e.Misdeed.String())
	if e.Kind == EnvelopeForwarded && e.Misdeed == Delayed {
		i = putInt(b, i, int64(e.Kept))
	}
	return i
}

// putNode stores all of head; what follows a short name overwrites the rest.
func (d *Digest) putNode(b *recordBuf, i int, id sim.NodeID) int {
	n := &d.names[id-sim.Everyone]
	*(*[shortName]byte)(b[inRange(i):]) = n.head
	if len(n.long) > shortName {
		copy(b[inRange(i):], n.long)
	}
	return i + len(n.long)
}

func putString(b *recordBuf, i int, s string) int {
	i = putLength(b, i, len(s))
	return i + copy(b[inRange(i):], s)
}

func putLength(b *recordBuf, i, n int) int {
	binary.LittleEndian.PutUint32(b[inRange(i):], uint32(n))
	return i + 4
}

func putInt(b *recordBuf, i int, v int64) int {
	binary.LittleEndian.PutUint64(b[inRange(i):], uint64(v))
	return i + 8
}

func putBool(b *recordBuf, i int, v bool) int {
	if v {
		return putByte(b, i, 1)
	}
	return putByte(b, i, 0)
}

func putByte(b *recordBuf, i int, v byte) int {
	b[inRange(i)] = v
	return i + 1
}
