package scenarios

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLintOfWhoCanNeverTrust: four nodes in a line, where n0, n1 and n2 know a fact that
// each proposes to all others.
func TestLintOfWhoCanNeverTrust(t *testing.T) {
	never := func(n, of int, why string) string {
		return fmt.Sprintf("x.toml:4: warning: traffic[0]: can never convince the destination for %d of the %d ordered pairs (%.3g %%) whose source knows a fact, such as %s (an expectation that names trust.levels says that this is meant)", n, of, 100*float64(n)/float64(of), why)
	}
	const fact = "[[traffic]]\nkind = \"facts\"\nto = \"each\"\nrate = \"1/s\"\n[[knowledge.facts]]\nid = \"f1\"\n"
	const three = fact + "known_by = [\"n0\", \"n1\", \"n2\"]\n"
	const everyone = fact + "known_by = [\"*\"]\n"
	const all = "[handshake]\nauto = \"all\"\n"
	const neighbours = "[handshake]\nauto = \"neighbours\"\n"
	for _, c := range []struct{ name, text, want string }{
		{"everybody knows", everyone + all, ""},
		{"two confirm it to the one that does not", three + all, ""},
		{"nobody is asked", three + all + "[trust]\nverify = \"local\"\n", never(3, 9, "n0 → n3, where nothing of it can be verified")},
		{"three would have to confirm it", three + all + "[trust]\nquorum = 3\n", never(3, 9, "n0 → n3, where nothing of it can be verified")},
		{"one that is mistaken", three + "wrong_at = [\"n2\"]\n" + all + "[trust]\nverify = \"local\"\n", never(7, 9, "n2 → n0, where nothing of it can be verified")},
		{"meant", three + all + "[trust]\nverify = \"local\"\n[[expect]]\nat_end = \"trust.levels.probing > 0\"\n", ""},
		{"neighbours meet", everyone + neighbours, never(6, 12, "n2 → n0, which never meet")},
		{"some more do", everyone + neighbours + "[[traffic]]\nkind = \"handshakes\"\nfrom = \"n0\"\nto = \"n2\"\nrate = \"1/s\"\n", never(4, 12, "n3 → n0, which never meet")},
		{"all meet by and by", everyone + neighbours + "[trust]\nintroductions = \"meet\"\n", ""},
		{"all are told of all", everyone + neighbours + "[trust]\nintroductions = \"tell\"\n", never(6, 12, "n2 → n0, where nothing of it can be verified")},
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
