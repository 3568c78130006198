package mesh

import "github.com/zeebo/xxh3"

// Payload is the typed value of an envelope's payload, a JSON object. It is
// rendered only when it is traced, really signed, or handed to a program. It never
// changes, as all who hold a copy of the envelope share it.
type Payload interface {
	AppendJSON([]byte) []byte // canonical: keys sorted, no white space
}

// SealedPayload is a Payload that knows length and hash of its JSON without being
// rendered again for each copy that is sent or verified.
type SealedPayload interface {
	Payload
	Size() int64  // length of the JSON in bytes
	Code() uint64 // XXH3-64 of the JSON
}

// seal is what a SealedPayload embeds.
type seal struct {
	size int64
	code uint64
}

func (s *seal) Size() int64  { return s.size }
func (s *seal) Code() uint64 { return s.code }

// set seals a payload that is complete. It renders into the buffer, which it
// returns to be used again.
func (s *seal) set(p Payload, buf []byte) []byte {
	buf = p.AppendJSON(buf[:0])
	s.size, s.code = int64(len(buf)), xxh3.Hash(buf)
	return buf
}

// slab hands out zero values that are made many at a time. A chunk is freed when
// none of its values is in use.
type slab[T any] struct{ free []T }

const slabSize = 64

func (s *slab[T]) take() *T {
	if len(s.free) == 0 {
		s.free = make([]T, slabSize)
	}
	v := &s.free[0]
	s.free = s.free[1:]
	return v
}
