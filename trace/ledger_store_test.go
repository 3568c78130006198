package trace

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
)

func TestCopySetAgainstMap(t *testing.T) {
	// Few homes, at both ends of every table, and many hashes for each.
	hash := rapid.Custom(func(t *rapid.T) uint64 {
		return rapid.SampledFrom([]uint64{0, 1, 2, 1<<20 - 2, 1<<20 - 1}).Draw(t, "home") | rapid.Uint64Range(0, 15).Draw(t, "other")<<20
	})
	rapid.Check(t, func(t *rapid.T) {
		set, model := newCopySet(), map[uint64]int32{}
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			h := hash.Draw(t, "hash")
			if rapid.Bool().Draw(t, "add") {
				n := rapid.Int32Range(1, 3).Draw(t, "n")
				set.add(h, n)
				model[h] += n
				continue
			}
			require.Equal(t, model[h] > 0, set.remove(h))
			model[h] = max(model[h]-1, 0)
		}
		for h, n := range model {
			for range n {
				require.True(t, set.remove(h))
			}
			require.False(t, set.remove(h))
		}
		require.Zero(t, set.used)
	})
}

// clashingIDs are ids whose hashes in the index are the same, two by two; and others: those whose
// homes are at the ends of a small table, and one whose hash is 0.
func clashingIDs() (same, others []EnvelopeID) {
	others = make([]EnvelopeID, 1)
	binary.LittleEndian.PutUint64(others[0][:], salt0)
	byHash := map[uint32]EnvelopeID{}
	twins, ends := 0, 0
	for n := uint64(1); twins < 4 || ends < 40; n++ {
		var id EnvelopeID
		binary.LittleEndian.PutUint64(id[4:], n*0x9e3779b97f4a7c15) // scattered
		hash := uint32(id.Hash())
		if first, ok := byHash[hash]; ok && twins < 4 {
			same, twins = append(same, first, id), twins+1
		}
		byHash[hash] = id
		if home := hash % leastSlots; ends < 40 && (home <= 1 || home == leastSlots-1) {
			others, ends = append(others, id), ends+1
		}
	}
	return same, others
}

func TestRecordTableAgainstMap(t *testing.T) {
	same, others := clashingIDs()
	require.Zero(t, others[0].Hash())
	all := slices.Concat(same, others)
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SampledFrom([][]EnvelopeID{same[:4], all}).Draw(t, "ids")
		keep := rapid.IntRange(1, len(ids)).Draw(t, "keep")
		table := newRecordTable(4, keep)
		known, closed := map[EnvelopeID]int32{}, []EnvelopeID{}
		noted := map[EnvelopeID]uint64{} // what the account of an id was given to keep
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			id := rapid.SampledFrom(ids).Draw(t, "id")
			isOpen, wasKnown := known[id]
			i, found := rapid.Int32Range(-1, 5).Draw(t, "hint"), true
			if table.hinted(&id, i) == nil {
				i, found = table.find(&id)
			}
			r := &table.records[i]
			require.Equal(t, wasKnown, found)
			require.Equal(t, id, r.id)
			require.Equal(t, isOpen, r.open)
			if wasKnown {
				require.Equal(t, noted[id], r.taken)
			}

			r.taken = rapid.Uint64().Draw(t, "taken")
			noted[id] = r.taken
			r.open = rapid.Int32Range(0, 1).Draw(t, "open")
			table.settle(i)
			known[id] = r.open
			if i := slices.Index(closed, id); i >= 0 && r.open > 0 {
				closed = slices.Delete(closed, i, i+1)
			} else if i < 0 && r.open == 0 {
				closed = append(closed, id)
			}
			if len(closed) > keep {
				delete(known, closed[0])
				closed = closed[1:]
			}
			require.Equal(t, len(known), int(table.places)-len(table.vacant))
			require.Equal(t, len(closed), table.ended)
		}
		table.reindex()
		require.Equal(t, len(known), table.known.used, "what was forgotten is not indexed again")
	})
}

func TestMarkSetAgainstMap(t *testing.T) {
	const marks = 200
	rapid.Check(t, func(t *rapid.T) {
		pool := newBitPool(marks / 2)
		var set markSet
		for range 3 { // the bits of one life serve the next
			model := map[mark]bool{}
			last := rapid.SampledFrom([]int32{15, marks - 1}).Draw(t, "last")
			for _, draw := range rapid.SliceOfN(rapid.Int32Range(0, last), 30, 100).Draw(t, "marks") {
				m := mark(draw)
				if rapid.IntRange(0, 4).Draw(t, "remove") == 0 {
					set.remove(m, &pool)
					delete(model, m)
					continue
				}
				isNew := set.takes(m) || set.add(m, &pool)
				require.Equal(t, !model[m], isNew)
				model[m] = true
			}
			set.clear(&pool)
		}
		require.LessOrEqual(t, len(pool.free), 1)
	})
}

func TestRecordTableHasRoomForAllMarks(t *testing.T) {
	for _, nodes := range []int{1, 32, 33, 64, 100} {
		table := newRecordTable(nodes, 1)
		var set markSet
		for node := range sim.NodeID(nodes) {
			assert.True(t, set.add(processedAt(node), &table.bits))
			assert.True(t, set.add(deliveredAt(node), &table.bits))
		}
	}
}

// TestRecordTableGrows has more past records than a chunk holds, and brings some
// of them back.
func TestRecordTableGrows(t *testing.T) {
	const ids = 3 * pastChunk
	table := newRecordTable(1, ids)
	id := func(n uint64) *EnvelopeID {
		var id EnvelopeID
		binary.LittleEndian.PutUint64(id[:], n)
		return &id
	}
	for n := range uint64(ids) {
		i, known := table.find(id(n))
		r := &table.records[i]
		assert.False(t, known)
		r.taken = n
		table.settle(i)
	}
	for n := range uint64(ids) {
		i, known := table.find(id(n))
		r := &table.records[i]
		assert.True(t, known)
		assert.Equal(t, n, r.taken)
		r.open = int32(n % 2)
		table.settle(i)
	}
	assert.Equal(t, ids/2, table.ended)
	assert.Equal(t, ids/2, table.opened)
	assert.EqualValues(t, ids, int(table.places)-len(table.vacant))
	assert.LessOrEqual(t, len(table.records), ids/2+1, "records are used again")
}

// TestForgottenMarksAreUsedAgain has many envelopes, one after the other, that more
// nodes process than a list has room for.
func TestForgottenMarksAreUsedAgain(t *testing.T) {
	const nodes = 20
	table := newRecordTable(nodes, 1)
	for n := range byte(100) {
		i, _ := table.find(&EnvelopeID{n})
		r := &table.records[i]
		for node := range sim.NodeID(nodes) {
			assert.True(t, r.marks.add(processedAt(node), &table.bits))
		}
		table.settle(i)
	}
	assert.LessOrEqual(t, len(table.bits.sets), 3)
}
