package trace

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/zeebo/xxh3"

	"meshsim/clock"
	"meshsim/sim"
)

// RecordVersion is the version of the record of an event that the digest is
// taken over. Any change to the record raises it.
const RecordVersion = 2

// digestBatch is how many bytes of records are gathered before they are hashed: a
// few blocks of XXH3, few enough to leave the first cache to others.
const digestBatch = 4 << 10

// Digest identifies a run: two runs with the same digest had the same events.
// It is XXH3-128 without a seed (the reference implementation's canonical form,
// 32 hex digits) over RecordVersion as an integer, the number of nodes as an integer
// and their names as strings, followed by the record of each event in order:
//
//	kind     1 byte, the number of the Kind
//	t        integer, ns of true virtual time
//	node     node
//	peer     node
//	…        the payload fields of the kind's row in the table, in its order
//
// An integer is 8 bytes, little-endian, two's complement. A boolean is 1 byte, 0
// or 1. A string is its length in bytes, 4 bytes little-endian, and the bytes as
// they are. A node is its number, the place of its name from 0, 4 bytes
// little-endian, two's complement; −1 for none and −2 for everyone. A
// path is its length, 4 bytes little-endian, and its nodes. An id is its 16 bytes.
// Reason and layer are their words. Flow is a string; unless that is empty there
// follow a boolean, true for the row of a flow file, and further on n; both are
// left out for traffic that no entry asked for. Lose, misdeed and by, strings, skew, an
// integer, and voices, a path, end the records of their kinds: each is left out when
// there is none of it, and else comes after a mark with which no record begins: a byte
// 0, or 255 for voices, which alone may follow another one.
// How long a copy was kept, an integer, follows the misdeed delayed where its kind has
// it, and no other.
//
// In version 1 each node was the string of its name.
//
// Not in the record: seq (it is the position), cause, because, and what follows
// from other fields, such as hops. Events outside the record, of Seq 0, are
// passed over.
type Digest struct {
	hash        xxh3.Hasher
	buf         *recordBuf // its first n bytes are records not hashed yet
	n           uint16     // below digestBatch between events
	events      uint64
	checkpoints []Checkpoint
}

// The marks before what may be left out at the end of a record, no kind's number.
const (
	ofOne    = 0
	ofVoices = 255
)

// NewDigest returns the digest of no events; names are the node ids by number.
func NewDigest(names []string) *Digest {
	d := &Digest{buf: new(recordBuf)}
	b := appendRecordInt(appendRecordInt(nil, RecordVersion), int64(len(names)))
	for _, name := range names {
		b = appendRecordString(b, name)
	}
	d.hash.Write(b) // never fails
	return d
}

// Emit records an event.
func (d *Digest) Emit(e *Event) {
	if e.Seq == 0 {
		return
	}
	d.events++
	if e.Kind.OfEnvelope() && fits(e) {
		d.inPlace(e)
	} else {
		d.byTable(e)
	}
}

// byTable writes any record, field by field.
func (d *Digest) byTable(e *Event) {
	b := appendRecord(d.buf[:d.n], e) // in place, or, too long for that, elsewhere with what waits
	if len(b) >= digestBatch {
		d.hash.Write(b) // never fails
		b = nil
	}
	d.n = uint16(len(b))
}

// Sum is the digest so far: 32 lower-case hex digits. More events may follow.
func (d *Digest) Sum() string {
	d.flush()
	sum := d.hash.Sum128().Bytes()
	return hex.EncodeToString(sum[:])
}

// Checkpoint keeps and returns the state of the digest at t.
func (d *Digest) Checkpoint(t clock.Time) Checkpoint {
	c := Checkpoint{T: t, Events: d.events, Digest: d.Sum()}
	d.checkpoints = append(d.checkpoints, c)
	return c
}

// Checkpoints are those kept so far.
func (d *Digest) Checkpoints() []Checkpoint { return d.checkpoints }

// flush hashes what was gathered. When it happens changes no digest: the hash is
// of the bytes in order, however they are cut.
func (d *Digest) flush() {
	d.hash.Write(d.buf[:d.n]) // never fails
	d.n = 0
}

// record appends the record of e as the table of kinds has it.
func appendRecord(b []byte, e *Event) []byte {
	b = append(b, byte(e.Kind))
	b = appendRecordInt(b, int64(e.T))
	b = appendRecordNode(b, e.Node)
	b = appendRecordNode(b, e.Peer)
	for _, f := range kinds[e.Kind].fields {
		switch f {
		case fieldID:
			b = append(b, e.ID[:]...)
		case fieldType, fieldName, fieldWhat, fieldDetail, fieldRecord, fieldClaim, fieldStatement, fieldSource, fieldTier, fieldState,
			fieldWhy, fieldChannel, fieldPolicy:
			b = appendRecordString(b, *e.text(f))
		case fieldControl:
			b = appendRecordBool(b, e.Control)
		case fieldOrigin:
			b = appendRecordNode(b, e.Origin)
		case fieldDestination:
			b = appendRecordNode(b, e.Destination)
		case fieldPath:
			b = appendRecordPath(b, e.Path)
		case fieldHops: // follows from path
		case fieldFlow:
			b = appendRecordFlow(b, e.Flow)
		case fieldN:
			if e.Flow.Name != "" {
				b = appendRecordInt(b, e.N)
			}
		case fieldInjected:
			b = appendRecordBool(b, e.Injected)
		case fieldReason:
			b = appendRecordString(b, e.Reason.String())
		case fieldLayer:
			b = appendRecordString(b, e.Layer.String())
		case fieldHolds:
			b = appendRecordBool(b, e.Holds)
		case fieldLose:
			if e.Lose != NoLose {
				b = appendRecordString(append(b, ofOne), e.Lose.String())
			}
		case fieldBy:
			if e.By != "" {
				b = appendRecordString(append(b, ofOne), e.By)
			}
		case fieldVoices:
			if len(e.Voices) > 0 {
				b = appendRecordPath(append(b, ofVoices), e.Voices)
			}
		case fieldSkew:
			if e.Skew != 0 {
				b = appendRecordInt(append(b, ofOne), int64(e.Skew))
			}
		case fieldMisdeed:
			if e.Misdeed != NoMisdeed {
				b = appendRecordString(append(b, ofOne), e.Misdeed.String())
			}
		case fieldKept:
			if e.Misdeed == Delayed {
				b = appendRecordInt(b, int64(e.Kept))
			}
		case fieldNext:
			b = appendRecordNode(b, e.Next)
		case fieldSubject:
			b = appendRecordNode(b, e.Subject)
		case fieldFrom:
			b = appendRecordString(b, e.From.String())
		case fieldTo:
			b = appendRecordString(b, e.To.String())
		case fieldEvent:
			b = appendRecordString(b, e.Evidence.String())
		default:
			b = appendRecordInt(b, e.integer(f))
		}
	}
	return b
}

func appendRecordNode(b []byte, id sim.NodeID) []byte {
	return binary.LittleEndian.AppendUint32(b, uint32(id))
}

func appendRecordPath(b []byte, path []sim.NodeID) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(path)))
	for _, id := range path {
		b = appendRecordNode(b, id)
	}
	return b
}

func appendRecordInt(b []byte, i int64) []byte {
	return binary.LittleEndian.AppendUint64(b, uint64(i))
}

func appendRecordBool(b []byte, v bool) []byte {
	return append(b, recordBool(v))
}

func recordBool(v bool) byte {
	if v {
		return 1
	}
	return 0
}

func appendRecordString(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
}

func appendRecordFlow(b []byte, f Flow) []byte {
	b = appendRecordString(b, f.Name)
	if f.Name != "" {
		b = appendRecordBool(b, f.IsRow)
	}
	return b
}
