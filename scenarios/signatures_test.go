package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/trace"
)

// spoken is the sink that keeps every event as people read it.
type spoken struct {
	names  []string
	lines  []string
	forged int
	by     map[string]int // what moved trust and decided claims
}

func (s *spoken) Emit(e *trace.Event) {
	s.lines = append(s.lines, trace.Describe(s.names, e))
	if e.Kind == trace.TrustUpdated {
		s.by[e.By]++
	} else if e.Kind == trace.ClaimResolved {
		s.by[e.State]++
	}
	if e.Reason == trace.BadSignature && e.Kind == trace.EnvelopeDropped {
		s.forged++
	}
}

// TestModelledSignaturesDecideAsRealOnes runs the same scenarios both ways: on wires on
// which size means nothing, all that happens is the same.
func TestModelledSignaturesDecideAsRealOnes(t *testing.T) {
	for _, lose := range []string{"nothing", "state", "identity"} {
		var runs []*spoken
		for _, algorithm := range []string{"modelled", "ed25519"} {
			s, err := scenarios.LoadBytes([]byte(`
version = 1
name = "signed"
duration = "12s"
mesh = { signatures = "`+algorithm+`" }
topology = { kind = "ring", nodes = 6 }
link = { latency = { uniform = { min = "1ms", max = "50ms" } }, loss = "5%", duplicate = "10%", corrupt = "5%" }
handshake = { auto = "neighbours" }
[[traffic]]
rate = "2/s"
[[fault]]
kind = "crash"
nodes = ["n2"]
lose = "`+lose+`"
at = "3s"
until = "5s"
[[traffic]]
kind = "facts"
domain = "general"
to = "each"
rate = "1/s"
[[traffic]]
kind = "claims"
rate = "2/s"
source = "book"
[[knowledge.facts]]
id = "f1"
known_by = ["n0", "n1", "n2", "n3"]
[[knowledge.facts]]
id = "f2"
known_by = ["n0", "n1", "n4"]
wrong_at = ["n1"]
[[knowledge.facts]]
id = "f3"
domain = "claims"
known_by = ["n0", "n1", "n4"]
wrong_at = ["n3"]
[[knowledge.sources]]
uri = "book"
tier = "high"
says = ["f1", "f2", "f3"]
[[adversary]]
nodes = ["n5"]
behaviour = "equivocate"
`), "signed.toml")
			require.NoError(t, err)
			header, err := s.Mesh()
			require.NoError(t, err)
			run := &spoken{by: map[string]int{}}
			for _, n := range header.Nodes {
				run.names = append(run.names, n.ID)
			}
			_, err = s.Run(scenarios.Options{Sinks: []trace.Sink{run}})
			require.NoError(t, err)
			runs = append(runs, run)
		}
		require.Equal(t, runs[0].lines, runs[1].lines, lose)
		for _, by := range []string{"local", "contradiction", "citation", "accepted", "rejected"} {
			assert.Positive(t, runs[0].by[by], by)
		}
		assert.Equal(t, lose == "identity", runs[0].forged > 0, "a lost identity is what makes a signature fail here")
	}
}
