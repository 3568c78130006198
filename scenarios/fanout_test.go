package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
)

// A fanout holds for broadcasts too, whatever the strategy of unicasts is: with one
// neighbour each a broadcast walks on until it meets itself.
func TestFanoutOfBroadcasts(t *testing.T) {
	for _, strategy := range []string{"direct", "flood", "gossip", "shortest_path", "link_state", "distance_vector"} {
		var delivered [2]int64
		for i, fanout := range []int{1, 7} {
			s, err := scenarios.LoadBytes([]byte(fmt.Sprintf(`
version = 1
duration = "10s"
topology = { kind = "full", nodes = 8 }
routing = { strategy = %q, fanout = %d }
traffic = [{ to = "*", interval = "1s", count = 1 }]
`, strategy, fanout)), "fanout.toml")
			require.NoError(t, err)
			r, err := s.Run(scenarios.Options{})
			require.NoError(t, err)
			delivered[i] = r.Metrics.Traffic.Delivered
		}
		assert.Less(t, delivered[0], int64(40), strategy)
		assert.EqualValues(t, 56, delivered[1], strategy)
	}
}
