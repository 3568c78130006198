package mesh

import (
	"encoding/binary"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/trace"
)

// naiveSeen is the twin that SeenSet is held against.
type naiveSeen struct {
	limit int
	ids   []trace.EnvelopeID
}

func (s *naiveSeen) add(id trace.EnvelopeID) bool {
	if slices.Contains(s.ids, id) {
		return false
	}
	if s.ids = append(s.ids, id); len(s.ids) > s.limit {
		s.ids = s.ids[1:]
	}
	return true
}

func TestSeenSetIsTheNaiveOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 70).Draw(t, "limit")
		set, twin := NewSeenSet(limit), naiveSeen{limit: limit}
		universe := rapid.IntRange(1, 3*limit).Draw(t, "universe")
		ids := rapid.SliceOfN(rapid.IntRange(0, universe), 0, 400).Draw(t, "ids")
		for _, n := range ids {
			var id trace.EnvelopeID
			id[n%len(id)] = byte(n / len(id)) // few bits set: the worst for a weak hash
			require.Equal(t, slices.Contains(twin.ids, id), set.Has(id))
			require.Equal(t, twin.add(id), set.Add(id))
			require.Equal(t, len(twin.ids), set.Len())
		}
		for _, id := range twin.ids {
			require.True(t, set.Has(id))
		}
	})
}

// With a table of 16 places every id shares its home with many others, so this
// moves slots across the end of the table in every way.
func TestSeenSetForgetsInCrowdedTables(t *testing.T) {
	for limit := 1; limit <= 12; limit++ {
		set, twin := NewSeenSet(limit), naiveSeen{limit: limit}
		for n := range uint64(5000) {
			id := idOf(n * n % 37)
			require.Equal(t, twin.add(id), set.Add(id), "limit %d, step %d", limit, n)
		}
	}
}

func TestSeenSetTellsIDsOfEqualHashApart(t *testing.T) {
	// Among 2^18 drawn ids some 8 pairs share the 32 bits of their hash.
	first := make(map[uint32]trace.EnvelopeID, 1<<18)
	pairs := 0
	for n := range uint64(1 << 18) {
		id := idOf(n)
		twin, ok := first[hashID(id)]
		first[hashID(id)] = id
		if !ok {
			continue
		}
		pairs++
		set := NewSeenSet(2)
		require.True(t, set.Add(twin))
		require.True(t, set.Add(id))
		require.True(t, set.Add(idOf(1<<20))) // pushes out the twin, and it alone
		require.False(t, set.Has(twin))
		require.True(t, set.Has(id))
	}
	require.Positive(t, pairs)
}

func TestSeenSetSpreadsPatternedIDs(t *testing.T) {
	const n = 1 << 14
	patterns := map[string]func(i uint64) (hi, lo uint64){
		"counted low":       func(i uint64) (uint64, uint64) { return 0, i },
		"counted high":      func(i uint64) (uint64, uint64) { return i, 0 },
		"counted at top":    func(i uint64) (uint64, uint64) { return i << 40, 0 },
		"both alike":        func(i uint64) (uint64, uint64) { return i, i },
		"one up, one down":  func(i uint64) (uint64, uint64) { return i, -i },
		"multiples of 2^16": func(i uint64) (uint64, uint64) { return 0, i << 16 },
	}
	for name, pattern := range patterns {
		set := NewSeenSet(n)
		for i := range uint64(n) {
			var id trace.EnvelopeID
			hi, lo := pattern(i)
			binary.BigEndian.PutUint64(id[:8], hi)
			binary.BigEndian.PutUint64(id[8:], lo)
			require.True(t, set.Add(id))
		}
		// Drawn hashes at this load give runs of some tens; patterns that a weak
		// mix keeps give runs of hundreds and more.
		assert.Less(t, longestRun(set), 100, name)
	}
}

func longestRun(s *SeenSet) int {
	longest, run := 0, 0
	for _, tag := range s.tags {
		if run++; tag == 0 {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

func TestSeenSetMemory(t *testing.T) {
	for _, limit := range []int{1, 1000, 3 << 10, 3<<10 + 1, 1 << 16, 100_000} {
		set := NewSeenSet(limit)
		assert.Zero(t, cap(set.ring)+len(set.table)+len(set.tags), "takes memory before any id came")
		for n := range uint64(limit) {
			set.Add(idOf(n))
		}
		bytes := cap(set.ring)*int(unsafe.Sizeof(set.ring[0])) + len(set.table)*int(unsafe.Sizeof(set.table[0])) + len(set.tags)
		assert.LessOrEqual(t, bytes, 52*limit+16*9, "limit %d", limit)
		next := uint64(limit)
		assert.Zero(t, testing.AllocsPerRun(100, func() { set.Add(idOf(next)); next++ }), "limit %d", limit)
	}
}

func TestSeenSetGrowsWithItsIDs(t *testing.T) {
	set := NewSeenSet(MaxSeen)
	for n := range uint64(5000) {
		set.Add(idOf(n))
		require.LessOrEqual(t, cap(set.ring), max(16, 2*set.Len()))
		require.LessOrEqual(t, len(set.table), max(16, 4*set.Len()))
	}
}

func TestNewSeenSetPanicsOutOfRange(t *testing.T) {
	for _, limit := range []int{-1, 0, MaxSeen + 1} {
		assert.Panics(t, func() { NewSeenSet(limit) })
	}
}

func BenchmarkSeenAdd(b *testing.B) {
	ids := make([]trace.EnvelopeID, 1<<17)
	for i := range ids {
		ids[i] = idOf(uint64(i))
	}
	set := NewSeenSet(1 << 16)
	for _, id := range ids {
		set.Add(id)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		set.Add(ids[i&(1<<17-1)])
		i++
	}
}
