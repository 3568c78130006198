package netmodel

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
)

// Who waits for a shared uplink is seen to wait for its link.
func TestWaitingForAnUplinkIsSeen(t *testing.T) {
	n := network(t, 3, LinkSpec{From: 0, To: 1}, LinkSpec{From: 0, To: 2})
	require.NoError(t, n.Share(0, LineSpec{Bandwidth: 8000}, LineSpec{}))
	for k := range 3 {
		var v Verdict
		n.Carry(0, 0, sim.NodeID(k%2+1), 100, sim.Key{N: uint64(k)}, &v)
		require.Equal(t, Arrives, v.Fate)
	}
	perCopy := n.Stats(0, 2).WaitNS // the second of three copies alike
	require.Positive(t, perCopy)
	assert.Equal(t, 2*perCopy, n.Stats(0, 1).WaitNS, "the first and the third")
	assert.Equal(t, 2*perCopy, n.Stats(0, 1).WaitMaxNS)
}
