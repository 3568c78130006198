package mesh

import (
	"encoding/binary"
	"fmt"

	"meshsim/trace"
)

// NewID makes an envelope's id of a draw: the first 128 bits of the block,
// big-endian, of which six are overwritten by the version (4, the high half of
// byte 6) and the variant (binary 10, the top of byte 8) of RFC 9562, section
// 5.4. That leaves 122 random bits; block[2] and block[3] are not used.
func NewID(block [4]uint64) trace.EnvelopeID {
	var id trace.EnvelopeID
	binary.BigEndian.PutUint64(id[:8], block[0])
	binary.BigEndian.PutUint64(id[8:], block[1])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// ParseID reads the form that EnvelopeID.String writes and no other: lower case,
// 8-4-4-4-12, version 4.
func ParseID(s string) (trace.EnvelopeID, error) {
	if id, ok := trace.ParseEnvelopeID(s); ok && id[6]>>4 == 4 && id[8]>>6 == 2 {
		return id, nil
	}
	return trace.EnvelopeID{}, fmt.Errorf("%q is not the id of an envelope; allowed: a UUID of version 4 in lower case, such as 123e4567-e89b-42d3-a456-426614174000", s)
}
