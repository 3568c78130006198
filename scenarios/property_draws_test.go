package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/trace"
)

// To turn one model off moves no draw of another, all the way from the scenario to
// its events: of each copy that both runs have, every other model decides alike.
func TestTurningAModelOffMovesNoOtherDraw(t *testing.T) {
	all := busyMesh("shortest_path", 20)
	all.Link.Loss, all.Link.Corrupt, all.Link.Duplicate, all.Link.Reorder = 50_000_000, 100_000_000, 200_000_000, 200_000_000
	all.NodeDefaults.Uplink.Bandwidth = 10 * scenarios.MbitPerSecond
	for model, c := range map[string]struct {
		decides string
		off     func(*scenarios.Scenario)
	}{
		"loss":       {"loss", func(s *scenarios.Scenario) { s.Link.Loss = 0 }},
		"corruption": {"corrupt", func(s *scenarios.Scenario) { s.Link.Corrupt = 0 }},
		"duplicates": {"duplicate", func(s *scenarios.Scenario) { s.Link.Duplicate = 0 }},
		"reordering": {"travelled", func(s *scenarios.Scenario) { s.Link.Reorder = 0 }},
		"uplinks":    {"travelled", func(s *scenarios.Scenario) { s.NodeDefaults.Uplink.Bandwidth = 0 }},
		"no queues":  {"travelled", func(s *scenarios.Scenario) { s.Link.Bandwidth = scenarios.MbitPerSecond }},
		"no FIFO":    {"travelled", func(s *scenarios.Scenario) { s.Link.FIFO = true }},
		"no burst loss": {"", func(s *scenarios.Scenario) {
			s.Link.BurstLoss = scenarios.BurstLoss{P: 50_000_000, R: 300_000_000, Bad: 1_000_000_000}
		}},
	} {
		t.Run(model, func(t *testing.T) {
			s := *all
			c.off(&s)
			a, b := copiesOf(t, all), copiesOf(t, &s)
			compared := map[string]int{}
			for key, x := range a {
				y, both := b[key]
				if !both {
					continue
				}
				for what, same := range map[string]bool{
					"travelled": x.travelled == y.travelled, "duplicate": x.duplicated == y.duplicated,
					"loss": x.lost == y.lost, "corrupt": x.otherwise || y.otherwise || x.lost || y.lost || x.corrupt == y.corrupt,
				} {
					if what != c.decides && !same {
						t.Fatalf("copy %s: %+v with %s, %+v without", key, x, model, y)
					}
				}
				count(compared, x)
			}
			assert.Greater(t, compared["copies"], 500)
			for _, what := range []string{"loss", "corrupt", "duplicate"} {
				assert.Greater(t, compared[what], 20, what)
			}
		})
	}
}

func count(counts map[string]int, d judged) {
	counts["copies"]++
	for what, yes := range map[string]bool{"loss": d.lost, "corrupt": d.corrupt, "duplicate": d.duplicated} {
		if yes {
			counts[what]++
		}
	}
}

// judged is what chance did to one copy that a link took.
type judged struct {
	drawn
	duplicated bool
}

// copiesOf tells, by message and path, what chance did to copies number 0. What
// burst loss takes comes after loss and before corruption.
func copiesOf(t *testing.T, s *scenarios.Scenario) map[string]judged {
	events, _ := record(t, s, trace.EnvelopeTransmitted, trace.EnvelopeDropped)
	of := map[string]judged{}
	for _, e := range events {
		key := fmt.Sprint(e.Origin, e.N, e.Path)
		d, taken := of[key]
		switch {
		case e.Kind == trace.EnvelopeTransmitted && e.Copy == 1:
			d.duplicated = true
		case e.Kind == trace.EnvelopeTransmitted:
			require.False(t, taken, key)
			d.travelled = e.Arrive.Sub(e.Start)
		case !taken || e.Layer != trace.Wire || e.Copy == 1:
			continue
		default:
			d.lost, d.corrupt = e.Reason == trace.Loss, e.Reason == trace.Corrupt
			d.otherwise = !d.lost && !d.corrupt
		}
		of[key] = d
	}
	return of
}
