package trace

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/clock"
	"meshsim/sim"
)

// gotRecord is that a node got a record from a peer, or from its own application.
func gotRecord(node sim.NodeID, id string, peer sim.NodeID) Event {
	return Event{Kind: MemoryUpdated, Node: node, Peer: peer, Payload: Payload{Record: id}}
}

func makesRecord(node sim.NodeID, id string) Event { return gotRecord(node, id, sim.NoNode) }

func TestMetricsOfSharedMemory(t *testing.T) {
	back := func(node sim.NodeID, lose Lose) Event {
		return Event{Kind: NodeUp, Node: node, Payload: Payload{Lose: lose}}
	}
	for _, tt := range []struct {
		rule  string
		story []Event // event i is at 10·(i + 1)
		want  MemorySummary
	}{
		{"nothing", []Event{up(alfa)}, MemorySummary{}},
		{"its author has it, another one not", []Event{up(alfa), up(bravo), makesRecord(alfa, "r")}, MemorySummary{Records: 1, Completeness: 0.5}},
		{"both have it", []Event{up(alfa), up(bravo), makesRecord(alfa, "r"), gotRecord(bravo, "r", alfa)}, MemorySummary{Records: 1, Completeness: 1}},
		{"who is down does not count", []Event{up(alfa), up(bravo), makesRecord(alfa, "r"), down(bravo)}, MemorySummary{Records: 1, Completeness: 1}},
		{"nor what he has", []Event{up(alfa), up(bravo), makesRecord(alfa, "r"), down(alfa)}, MemorySummary{Records: 1}},
		{"who comes back with all", []Event{up(alfa), up(bravo), makesRecord(alfa, "r"), down(alfa), back(alfa, LoseNothing), gotRecord(bravo, "r", alfa)},
			MemorySummary{Records: 1, Completeness: 1}},
		{"who comes back with nothing", []Event{up(alfa), up(bravo), makesRecord(alfa, "r"), gotRecord(bravo, "r", alfa), down(bravo), back(bravo, LoseState)},
			MemorySummary{Records: 1, Completeness: 0.5, Behind: 1}},
		{"and catches up", []Event{up(alfa), makesRecord(alfa, "r"), makesRecord(alfa, "s"), up(bravo), gotRecord(bravo, "s", alfa), gotRecord(bravo, "r", alfa)},
			MemorySummary{Records: 2, Completeness: 1, SyncLatencyNS: LatencySummary{Count: 1, Sum: 20, Min: 20, Mean: 20, P50: 20, P95: 20, P99: 20, Max: 20}}},
		{"later records are no part of that", []Event{up(alfa), makesRecord(alfa, "r"), up(bravo), makesRecord(alfa, "s"), gotRecord(bravo, "s", alfa)},
			MemorySummary{Records: 2, Completeness: 0.75, Behind: 1}},
		{"who goes down is not behind", []Event{up(alfa), makesRecord(alfa, "r"), up(bravo), down(bravo)}, MemorySummary{Records: 1, Completeness: 1}},
		{"who comes back with a part", []Event{
			up(alfa), up(bravo), makesRecord(alfa, "r"), makesRecord(alfa, "s"), gotRecord(bravo, "r", alfa), down(bravo), back(bravo, LoseNothing), gotRecord(bravo, "s", alfa),
		}, MemorySummary{Records: 2, Completeness: 1, SyncLatencyNS: LatencySummary{Count: 1, Sum: 10, Min: 10, Mean: 10, P50: 10, P95: 10, P99: 10, Max: 10}}},
		{"no more than the limit", []Event{
			up(alfa), makesRecord(alfa, "r"), makesRecord(alfa, "s"), makesRecord(alfa, "t"), makesRecord(alfa, "u"), makesRecord(alfa, "v"),
		}, MemorySummary{Records: 5, Completeness: 0.8}},
	} {
		o := observe(10, MetricsConfig{To: clock.Never, Records: 4})
		o.tell(tt.story...)
		assert.Equal(t, tt.want, o.Metrics.Summary().Memory, tt.rule)
	}
}
