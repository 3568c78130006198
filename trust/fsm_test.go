package trust

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestNext is the table of protocol.md, section 5, cell by cell.
func TestNext(t *testing.T) {
	table := map[string][eventCount]string{
		//          handshake  introduction verified  conflict   malicious  override   decay
		"unknown": {"probing", "probing", "unknown", "unknown", "blocked", "unknown", "unknown"},
		"probing": {"probing", "probing", "trusted", "blocked", "blocked", "probing", "probing"},
		"trusted": {"trusted", "trusted", "trusted", "probing", "blocked", "trusted", "probing"},
		"blocked": {"blocked", "blocked", "blocked", "blocked", "blocked", "probing", "blocked"},
	}
	for l := Unknown; l < levelCount; l++ {
		for e := Handshake; e < eventCount; e++ {
			assert.Equal(t, table[l.String()][e], Next(l, e).String(), "%v at %v", e, l)
		}
	}
}
