package gen

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"meshsim/scenarios"
)

// Every trouble is in enough of the scenarios that Troubled draws for properties to
// meet it, and none in so many that it hides the others.
func TestTroubles(t *testing.T) {
	const runs = 400
	count := map[string]int{}
	troubled := rapid.Custom(Troubled)
	for seed := range runs {
		s := troubled.Example(seed)
		seen := map[string]bool{}
		for name, there := range map[string]bool{
			"loss": s.Link.Loss > 0, "burst_loss": s.Link.BurstLoss != scenarios.BurstLoss{}, "corrupt": s.Link.Corrupt > 0,
			"reorder": s.Link.Reorder > 0, "duplicate": s.Link.Duplicate > 0, "fifo": s.Link.FIFO, "bandwidth": s.Link.Bandwidth > 0,
			"uplink": s.NodeDefaults.Uplink.Bandwidth > 0, "downlink": s.NodeDefaults.Downlink.Bandwidth > 0,
			"late": s.NodeDefaults.Start.Uniform, "no fault": len(s.Faults) == 0,
		} {
			seen[name] = there
		}
		seen[s.Link.QueuePolicy], seen[s.Routing.Strategy] = true, true
		for _, l := range s.Links {
			seen["mtu"] = seen["mtu"] || l.MTU != nil
		}
		for _, f := range s.Faults {
			seen[scenarios.KindName(f.Kind)] = true
			seen["random"] = seen["random"] || strings.Contains(fmt.Sprint(f.Kind), "random")
			if p, ok := f.Kind.(scenarios.Partition); ok && p.Mode != "" {
				seen["mode"] = true
			}
		}
		for name, there := range seen {
			if there {
				count[name]++
			}
		}
	}
	t.Logf("of %d: %v", runs, count)
	for _, name := range []string{
		"loss", "burst_loss", "corrupt", "reorder", "duplicate", "fifo", "bandwidth", "uplink", "downlink", "mtu", "late", "random", "mode", "no fault",
		"partition", "isolate", "link_down", "crash", "pause", "clock_skew", "churn", "flap", "swizzle", "link_set", "clog", "hold", "drop_random", "codel",
		"shortest_path", "flood", "direct", "gossip", "link_state", "distance_vector",
	} {
		assert.GreaterOrEqual(t, count[name], runs/25, name)
		assert.LessOrEqual(t, count[name], runs*9/10, name)
	}
}
