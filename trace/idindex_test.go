package trace

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// idTable is the least that an IDIndex needs around it.
type idTable struct {
	index IDIndex
	ids   []EnvelopeID // by place
	alive []bool
}

func (t *idTable) find(id EnvelopeID, hash uint32) int {
	place, found := t.index.Find(hash, func(place uint32) bool { return t.ids[place] == id && t.alive[place] })
	if !found {
		return -1
	}
	return int(place)
}

// The hash has few bits here, so that slots run together and ids share hashes; dead
// places stay in the index and are used again, as in the tables that it serves.
func TestIDIndexAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := idTable{index: NewIDIndex()}
		var unused []int
		model := map[EnvelopeID]int{}
		bits := rapid.Uint32Range(1, 7).Draw(t, "bits")
		for range rapid.IntRange(0, 400).Draw(t, "steps") {
			id := EnvelopeID{byte(rapid.IntRange(0, 120).Draw(t, "id"))}
			hash := uint32(id.Hash()) & (1<<bits - 1) * 0x0200_0001
			place, known := model[id]
			if !known {
				place = -1
			}
			require.Equal(t, place, table.find(id, hash))
			if known {
				table.alive[place] = false
				unused = append(unused, place)
				delete(model, id)
				continue
			}
			if n := len(unused); n > 0 {
				place, unused = unused[n-1], unused[:n-1]
				table.ids[place], table.alive[place] = id, true
			} else {
				place = len(table.ids)
				table.ids, table.alive = append(table.ids, id), append(table.alive, true)
			}
			model[id] = place
			if !table.index.Full() {
				table.index.Add(hash, uint32(place))
				continue
			}
			table.index.Reset(len(model))
			for at, id := range table.ids {
				if table.alive[at] {
					table.index.Add(uint32(id.Hash())&(1<<bits-1)*0x0200_0001, uint32(at))
				}
			}
			require.Equal(t, len(model), table.index.used)
			require.False(t, table.index.Full())
		}
	})
}

func TestHashSpreadsPatternedIDs(t *testing.T) {
	const n = 1 << 14
	patterns := map[string]func(i uint64) (hi, lo uint64){
		"counted low":      func(i uint64) (uint64, uint64) { return 0, i },
		"counted high":     func(i uint64) (uint64, uint64) { return i, 0 },
		"counted at top":   func(i uint64) (uint64, uint64) { return i << 40, 0 },
		"both alike":       func(i uint64) (uint64, uint64) { return i, i },
		"one up, one down": func(i uint64) (uint64, uint64) { return i, -i },
	}
	for name, pattern := range patterns {
		index := NewIDIndex()
		index.Reset(n)
		for i := range uint64(n) {
			var id EnvelopeID
			hi, lo := pattern(i)
			binary.BigEndian.PutUint64(id[:8], hi)
			binary.BigEndian.PutUint64(id[8:], lo)
			index.Add(uint32(id.Hash()), uint32(i))
		}
		index.putIn()
		longest, run := 0, 0
		for _, slot := range index.slots {
			if run++; slot == 0 {
				run = 0
			}
			longest = max(longest, run)
		}
		// Drawn hashes at this load give runs of a dozen; patterns that a weak mix
		// keeps give runs of hundreds and more.
		assert.Less(t, longest, 64, name)
	}
}
