package scenarios

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
	"meshsim/trust"
)

// TestLintOfWhoCanNeverTrust: four nodes in a line, where n0, n1 and n2 know a fact that
// each proposes to all others.
func TestLintOfWhoCanNeverTrust(t *testing.T) {
	never := func(n, of int, why string) string {
		return fmt.Sprintf("x.toml:6: warning: traffic[0]: can never convince the destination for %d of the %d ordered pairs (%.3g %%) whose source knows a fact, such as %s (an expectation that names trust.levels says that this is meant)", n, of, 100*float64(n)/float64(of), why)
	}
	const fact = "[[traffic]]\nkind = \"facts\"\nto = \"each\"\nrate = \"1/s\"\n[[knowledge.facts]]\nid = \"f1\"\n"
	const three = fact + "known_by = [\"n0\", \"n1\", \"n2\"]\n"
	const everyone = fact + "known_by = [\"*\"]\n"
	const all = "[handshake]\nauto = \"all\"\n"
	const neighbours = "[handshake]\nauto = \"neighbours\"\n"
	for _, c := range []struct{ name, text, want string }{
		{"everybody knows", everyone + all, ""},
		{"who knows nothing trusts nobody to ask", three + all, never(3, 9, "n0 → n3, where nothing of it can be verified")},
		{"two anchors confirm it", three + all + "[trust]\nanchors = [\"n1\", \"n2\"]\n", ""},
		{"nobody is asked", three + all + "[trust]\nverify = \"local\"\nanchors = [\"n1\", \"n2\"]\n", never(1, 9, "n0 → n3, where nothing of it can be verified")},
		{"three would have to confirm it", three + all + "[trust]\nquorum = 3\nanchors = [\"n1\", \"n2\"]\n", never(1, 9, "n0 → n3, where nothing of it can be verified")},
		{"one that is mistaken", three + "wrong_at = [\"n2\"]\n" + all + "[trust]\nverify = \"local\"\n", never(7, 9, "n0 → n2, where nothing of it can be verified")},
		{"meant", three + all + "[trust]\nverify = \"local\"\n[[expect]]\nat_end = \"trust.levels.probing > 0\"\n", ""},
		{"neighbours meet", everyone + neighbours, never(6, 12, "n0 → n2, which never meet")},
		{"some more do", everyone + neighbours + "[[traffic]]\nkind = \"handshakes\"\nfrom = \"n0\"\nto = \"n2\"\nrate = \"1/s\"\n", never(4, 12, "n0 → n3, which never meet")},
		{"all meet by and by", everyone + neighbours + "[trust]\nintroductions = \"meet\"\n", ""},
		{"all are told of all", everyone + neighbours + "[trust]\nintroductions = \"tell\"\n", never(6, 12, "n0 → n2, where nothing of it can be verified")},
		{"an operator introduces", everyone + neighbours + "[[action]]\nkind = \"introduce\"\nat = \"1s\"\nnode = \"n1\"\npeer = \"n0\"\nsubject = \"n2\"\n", never(6, 12, "n2 → n0, where nothing of it can be verified")},
		{"anchors", everyone + neighbours + "[trust]\nanchors = [\"n0\", \"n2\", \"n3\"]\n", never(1, 12, "n1 → n3, which never meet")},
		{"liars", everyone + neighbours + "[[adversary]]\nnodes = [\"n1\"]\nbehaviour = \"replay\"\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := tryLoad(lineOf("4") + c.text)
			require.NoError(t, err)
			assert.Equal(t, c.want, warningsOf(s))
		})
	}
}

// TestRunsEndAtTheClosure: whatever the seed, and so the order of messages, a run without
// conflicts ends with the levels that the closure foretells.
func TestRunsEndAtTheClosure(t *testing.T) {
	const head = "[topology]\nkind = \"line\"\nnodes = 6\n[routing]\nstrategy = \"shortest_path\"\n[link]\nlatency = { uniform = [\"1ms\", \"90ms\"] }\n"
	const facts = "[[traffic]]\nkind = \"facts\"\nto = \"each\"\nrate = \"2/s\"\nstop = \"20s\"\n"
	const known = "[[knowledge.facts]]\nid = \"a\"\nknown_by = [\"n0\", \"n1\", \"n2\", \"n3\"]\n[[knowledge.facts]]\nid = \"b\"\nknown_by = [\"n3\", \"n4\"]\n[[knowledge.facts]]\nid = \"c\"\nknown_by = [\"n2\", \"n3\", \"n5\"]\n"
	for name, text := range map[string]string{
		"all":        "[handshake]\nauto = \"all\"\n",
		"neighbours": "[handshake]\nauto = \"neighbours\"\n",
		"local":      "[handshake]\nauto = \"all\"\n[trust]\nverify = \"local\"\n",
		"tell":       "[handshake]\nauto = \"neighbours\"\n[trust]\nintroductions = \"tell\"\n",
		"meet":       "[handshake]\nauto = \"neighbours\"\n[trust]\nintroductions = \"meet\"\nquorum = 1\n",
		"forgetful":  "[handshake]\nauto = \"neighbours\"\n[trust]\nintroductions = \"tell\"\n[[fault]]\nkind = \"crash\"\nlose = \"state\"\nnodes = [\"n0\", \"n2\"]\nat = \"10s\"\nuntil = \"11s\"\n",
		"operator":   "[handshake]\nauto = \"neighbours\"\n[[action]]\nkind = \"introduce\"\nat = \"1s\"\nnode = \"n1\"\npeer = \"n0\"\nsubject = \"n5\"\n",
	} {
		for seed := range 4 {
			s, err := tryLoad(head + text + facts + known)
			require.NoError(t, err)
			s.Seed, s.Duration = sim.Seed(seed), Duration(60*time.Second)
			require.NoError(t, s.at(s.Duration, Options{}, func(r *running) error {
				closure := trust.Close(r.premises())
				for node := range sim.NodeID(6) {
					for peer := range sim.NodeID(6) {
						if node != peer {
							assert.Equal(t, closure.Level(node, peer).String(), trust.Level(r.world.Metrics().Peers().Level(node, peer)).String(), "%s, seed %d: n%d of n%d", name, seed, node, peer)
						}
					}
				}
				return nil
			}))
		}
	}
}
