package mesh

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
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
		set, twin := newSeenSet(limit), naiveSeen{limit: limit}
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

// Few ids, many times over: each comes back after it was forgotten.
func TestSeenSetForgetsInCrowdedTables(t *testing.T) {
	for limit := 1; limit <= 12; limit++ {
		set, twin := newSeenSet(limit), naiveSeen{limit: limit}
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
		twin, ok := first[uint32(id.Hash())]
		first[uint32(id.Hash())] = id
		if !ok {
			continue
		}
		pairs++
		set := newSeenSet(2)
		require.True(t, set.Add(twin))
		require.True(t, set.Add(id))
		require.True(t, set.Add(idOf(1<<20))) // pushes out the twin, and it alone
		require.False(t, set.Has(twin))
		require.True(t, set.Has(id))
	}
	require.Positive(t, pairs)
}

// newSeenSet is the set of a node that is alone.
func newSeenSet(limit int) *SeenSet { return NewMemory(1).Seen(0, limit) }

// size is the memory's use of memory, in bytes, its index apart.
func (m *Memory) size() int {
	bytes := len(m.rows)*int(unsafe.Sizeof([seenChunk]seenRow{})) + len(m.lists)*int(unsafe.Sizeof([seenChunk]nodeList{}))
	for _, set := range m.owners {
		bytes += len(set.ring) * int(unsafe.Sizeof([ringChunk]uint32{}))
	}
	return bytes + 4*cap(m.unused) + 8*m.stride*len(m.sets)
}

func TestSeenSetMemory(t *testing.T) {
	for _, limit := range []int{1, 1000, 3 << 10, 3<<10 + 1, 1 << 16, 100_000} {
		set := newSeenSet(limit)
		assert.Zero(t, cap(set.ring)+cap(set.memory.rows), "takes memory before any id came")
		for n := range uint64(limit) {
			set.Add(idOf(n))
		}
		assert.LessOrEqual(t, set.memory.size(), (24+4+4)*limit+32<<10, "limit %d", limit)
		next := uint64(limit)
		set.Add(idOf(next)) // the first to push one out
		assert.Zero(t, testing.AllocsPerRun(100, func() { next++; set.Add(idOf(next)) }), "limit %d", limit)
	}
}

// Many nodes keep their sets in one memory, and none sees another's: each behaves
// as its naive twin, also when rows go from few nodes to many and back.
func TestNodesShareAMemoryButNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(1, 70).Draw(t, "nodes")
		memory := NewMemory(nodes)
		sets, twins := make([]*SeenSet, nodes), make([]naiveSeen, nodes)
		for i := range sets {
			limit := rapid.IntRange(1, 6).Draw(t, "limit")
			sets[i], twins[i] = memory.Seen(sim.NodeID(i), limit), naiveSeen{limit: limit}
		}
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			id := idOf(rapid.Uint64Range(0, 9).Draw(t, "id"))
			from := rapid.IntRange(0, nodes-1).Draw(t, "from")
			to := min(nodes, from+rapid.IntRange(1, 70).Draw(t, "many"))
			for i := from; i < to; i++ {
				require.Equal(t, slices.Contains(twins[i].ids, id), sets[i].Has(id))
				require.Equal(t, twins[i].add(id), sets[i].Add(id))
			}
		}
		remembered := map[trace.EnvelopeID]bool{}
		for i := range twins {
			for _, id := range twins[i].ids {
				require.True(t, sets[i].Has(id))
				remembered[id] = true
			}
		}
		require.Equal(t, len(remembered), int(memory.made)-len(memory.unused))
	})
}

func TestNewSeenSetPanicsOutOfRange(t *testing.T) {
	for _, limit := range []int{-1, 0, MaxSeen + 1} {
		assert.Panics(t, func() { newSeenSet(limit) })
	}
}

func BenchmarkSeenAdd(b *testing.B) {
	ids := make([]trace.EnvelopeID, 1<<17)
	for i := range ids {
		ids[i] = idOf(uint64(i))
	}
	set := newSeenSet(1 << 16)
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

// Who asks for a set anew has forgotten all, and nobody else anything.
func TestSeenAnewIsEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.SampledFrom([]int{2 * fewNodes, 64 + 2*fewNodes}).Draw(t, "nodes")
		limit := rapid.IntRange(1, 10).Draw(t, "limit")
		m := NewMemory(nodes)
		sets, twins := make([]*SeenSet, nodes), make([]naiveSeen, nodes)
		for i := range sets {
			sets[i], twins[i] = m.Seen(sim.NodeID(i), limit), naiveSeen{limit: limit}
		}
		for range rapid.IntRange(0, 400).Draw(t, "steps") {
			n := rapid.IntRange(0, nodes-1).Draw(t, "node")
			if rapid.IntRange(0, 20).Draw(t, "anew") == 0 {
				sets[n], twins[n].ids = m.Seen(sim.NodeID(n), limit), nil
			}
			id := idOf(uint64(rapid.IntRange(0, 20).Draw(t, "id")))
			require.Equal(t, twins[n].add(id), sets[n].Add(id))
		}
		for i := range sets {
			require.Equal(t, len(twins[i].ids), sets[i].Len())
			for _, id := range twins[i].ids {
				require.True(t, sets[i].Has(id))
			}
		}
	})
}
