package trace

import (
	"encoding/binary"

	"meshsim/sim"
)

// Nearly all events of a run are those of envelopes. Their records are written
// here in straight lines, by stores of fixed size, where record goes through the
// table of kinds field by field; the bytes are the same.

// longestField is how many bytes the store of a field of fixed size writes at most.
const longestField = 16

// recordBuf takes a batch of records. It is larger than that, and what is beyond is
// hardly ever touched: an index of 16 bits is always in range, with a store of fixed size there,
// so that none of them needs a check.
type recordBuf [1<<16 + longestField]byte

// fits reports whether the record of an envelope_* event takes less than a batch,
// so that it can be written in place. 256 bytes are more than enough for all but
// path, type and flow.
func fits(e *Event) bool {
	return 256+4*len(e.Path)+len(e.Type)+len(e.Flow.Name) < digestBatch
}

// inPlace writes the record of an envelope_* event that fits behind those that wait
// to be hashed.
func (d *Digest) inPlace(e *Event) {
	b, i := d.buf, d.n
	b[i] = byte(e.Kind)
	i = putInt(b, i+1, int64(e.T))
	i = putNode(b, i, e.Node)
	i = putNode(b, i, e.Peer)
	*(*EnvelopeID)(b[i:]) = e.ID
	i = putString(b, i+uint16(len(e.ID)), e.Type)
	b[i] = recordBool(e.Control)
	i = putNode(b, i+1, e.Origin)
	i = putNode(b, i, e.Destination)
	i = putLength(b, i, len(e.Path))
	for _, node := range e.Path {
		i = putNode(b, i, node)
	}
	i = putInt(b, i, e.Size)
	i = putString(b, i, e.Flow.Name)
	if e.Flow.Name != "" {
		b[i] = recordBool(e.Flow.IsRow)
		i = putInt(b, i+1, e.N)
	}
	switch e.Kind {
	case EnvelopeSent:
		if i = putInt(b, i, int64(e.Copies)); e.Skew != 0 {
			b[i] = ofOne
			i = putInt(b, i+1, int64(e.Skew))
		}
	case EnvelopeTransmitted:
		i = putInt(b, i, int64(e.Copy))
		i = putInt(b, i, int64(e.Start))
		i = putInt(b, i, int64(e.Arrive))
	case EnvelopeForwarded:
		i = putInt(b, i, int64(e.Copy))
		i = putInt(b, i, int64(e.Copies))
		b[i] = recordBool(e.Injected)
		i++
	case EnvelopeDelivered:
		i = putInt(b, i, int64(e.Copy))
		i = putInt(b, i, int64(e.Latency))
	case EnvelopeDropped:
		i = putInt(b, i, int64(e.Copy))
		i = putString(b, i, e.Reason.String())
		i = putString(b, i, e.Layer.String())
	}
	if e.Misdeed != NoMisdeed {
		i = putMisdeed(b, i, e)
	}
	if d.n = i; i >= digestBatch {
		d.flush()
	}
}

// putMisdeed ends the record of what an adversary did, if its kind has that field:
// all but sent and transmitted, the first two.
func putMisdeed(b *recordBuf, i uint16, e *Event) uint16 {
	if e.Kind <= EnvelopeTransmitted {
		return i
	}
	b[i] = ofOne
	i = putString(b, i+1, e.Misdeed.String())
	if e.Kind == EnvelopeForwarded && e.Misdeed == Delayed {
		i = putInt(b, i, int64(e.Kept))
	}
	return i
}

func putNode(b *recordBuf, i uint16, id sim.NodeID) uint16 {
	binary.LittleEndian.PutUint32(b[i:], uint32(id))
	return i + 4
}

// putString is for strings that are short mostly: those are stored by a few bytes at
// a time, some of them twice, which takes less than a call to copy them.
func putString(b *recordBuf, i uint16, s string) uint16 {
	i = putLength(b, i, len(s))
	n := uint16(len(s))
	switch {
	case len(s) > 8:
		copy(b[i:], s)
	case len(s) >= 4:
		binary.LittleEndian.PutUint32(b[i:], word(s))
		binary.LittleEndian.PutUint32(b[i+n-4:], word(s[len(s)-4:]))
	case len(s) > 0:
		b[i] = s[0]
		b[i+n/2] = s[len(s)/2]
		b[i+n-1] = s[len(s)-1]
	}
	return i + n
}

// word is the first four bytes of s.
func word(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func putLength(b *recordBuf, i uint16, n int) uint16 {
	binary.LittleEndian.PutUint32(b[i:], uint32(n))
	return i + 4
}

func putInt(b *recordBuf, i uint16, v int64) uint16 {
	binary.LittleEndian.PutUint64(b[i:], uint64(v))
	return i + 8
}
