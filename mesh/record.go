package mesh

import (
	"github.com/zeebo/xxh3"

	"meshsim/sim"
	"meshsim/trace"
)

// MaxRecord bounds the content of a Record, in bytes: 1 MiB.
const MaxRecord = 1 << 20

// Record is one reflection in the shared memory, as its author pushed it:
// {"author":"n3","content":"…","id":"…"}. Its id is that of the envelope that pushed
// it. Of the content only the size matters, so it is one letter over and over.
type Record struct {
	seal
	codec  *Codec
	id     trace.EnvelopeID
	name   string // the id as it is written
	author sim.NodeID
	length int64 // bytes of the content
}

// NewRecord makes a record of so many bytes of content, of which those beyond
// MaxRecord are cut off.
func (c *Codec) NewRecord(id trace.EnvelopeID, author sim.NodeID, length int64) SealedPayload {
	r := &Record{codec: c, id: id, name: id.String(), author: author, length: min(length, MaxRecord)}
	var s sealer
	r.pour(&s)
	r.seal = s.seal()
	return r
}

// AppendJSON implements Payload.
func (r *Record) AppendJSON(b []byte) []byte {
	w := sealer{text: b, keep: true}
	r.pour(&w)
	return w.text
}

// pour renders the record piece by piece.
func (r *Record) pour(w *sealer) {
	w.text = append(w.text, `{"author":`...)
	w.text = r.codec.appendNode(w.text, r.author)
	w.text = append(w.text, `,"content":"`...)
	for left := r.length; left > 0; left -= int64(len(filler)) {
		w.flush()
		w.text = append(w.text, filler[:min(left, int64(len(filler)))]...)
	}
	w.text = append(w.text, `","id":"`...)
	w.text = append(w.text, r.name...)
	w.text = append(w.text, `"}`...)
	w.flush()
}

// filler is what contents are made of.
var filler = func() (b [4 << 10]byte) {
	for i := range b {
		b[i] = 'x'
	}
	return b
}()

// sealer seals a payload that is rendered piece by piece, as contents may be too long
// to be rendered as a whole. With keep it keeps the text instead.
type sealer struct {
	text []byte // rendered and not flushed
	keep bool
	size int64
	hash xxh3.Hasher
}

// flush takes in what was rendered.
func (s *sealer) flush() {
	if s.keep {
		return
	}
	s.size += int64(len(s.text))
	s.hash.Write(s.text) // never fails
	s.text = s.text[:0]
}

// seal is that of all that was rendered. The sealer is ready for the next payload.
func (s *sealer) seal() seal {
	s.flush()
	sealed := seal{size: s.size, code: s.hash.Sum64()}
	s.size = 0
	s.hash.Reset()
	return sealed
}
