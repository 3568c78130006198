package rerun_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios/rerun"
)

// What a receiver drops is told as such: on the link over which it came, in the
// direction in which it came.
func TestExplainWhatReceiversDrop(t *testing.T) {
	const star = `version = 1
name = "star"
duration = "1s"
[topology]
kind = "line"
nodes = 3
[node_defaults]
downlink = { bandwidth = "100kbit/s", queue = 0 }
[[traffic]]
name = "t"
from = ["n0", "n2"]
to = "n1"
arrivals = "periodic"
interval = "1s"
count = 1
`
	for name, c := range map[string]struct{ more, where, why string }{
		"downlink": {"[[expect]]\nat_end = \"drops.queue_full == 0\"\n", "queue_full at n2 → n1", "the downlink of n1 has no room for it"},
		"corrupt":  {"[link]\ncorrupt = \"100%\"\n[[expect]]\nat_end = \"drops.corrupt == 0\"\n", "corrupt at n0 → n1", "it comes to n1 from n0 corrupted"},
	} {
		t.Run(name, func(t *testing.T) {
			x, err := rerun.ExplainFailure(past(t, load(t, star+c.more)))
			require.NoError(t, err)
			text := told(x)
			assert.Contains(t, text, c.where)
			assert.Contains(t, text, c.why)
		})
	}
}
