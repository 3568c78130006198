package trust

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/sim"
)

// Each peer counts once and each key once, while it is trusted; who has done his part
// counts no more, by whatever id.
func TestTally(t *testing.T) {
	table := NewTable(5)
	for peer := range sim.NodeID(4) {
		table.Anchor(peer)
	}
	var tally Tally[string]
	counted := func() []sim.NodeID { peers, _ := tally.Trusted(table); return peers }

	assert.True(t, tally.Add(0, "a", nil))
	assert.False(t, tally.Add(0, "b", nil), "the same peer")
	assert.True(t, tally.Add(1, "a", nil))
	assert.Equal(t, []sim.NodeID{0}, counted(), "two ids with one key")
	tally.Add(4, "d", nil)
	assert.Equal(t, []sim.NodeID{0}, counted(), "nobody trusts n4")
	table.Anchor(4)
	tally.Add(2, "c", nil)
	assert.Equal(t, []sim.NodeID{0, 4, 2}, counted())
	table.Forget(0)
	assert.Equal(t, []sim.NodeID{1, 4, 2}, counted(), "the other id is trusted still")
	table.Anchor(0)
	tally.Use([]sim.NodeID{0, 4})
	assert.Equal(t, []sim.NodeID{2}, counted())
}
