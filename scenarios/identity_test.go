package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
)

const identityHead = `version = 1
name = "identity"
duration = "60s"
[topology]
kind = "full"
nodes = 3
`

// After an override a peer's new key is the one that its messages are verified with,
// whether or not the old one was ever proved.
func TestNewKeyAfterOverride(t *testing.T) {
	for _, c := range []struct{ name, first string }{
		{"never met", ""},
		{"met", "[[traffic]]\nkind = \"handshakes\"\nfrom = \"n0\"\nto = \"n1\"\narrivals = \"periodic\"\ninterval = \"1s\"\ncount = 1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := scenarios.LoadBytes([]byte(identityHead+c.first+`
[[fault]]
kind = "crash"
nodes = ["n1"]
lose = "identity"
at = "5s"
until = "10s"
[[action]]
kind = "override"
node = "n0"
peer = "n1"
at = "20s"
[[traffic]]
from = "n1"
to = "n0"
arrivals = "periodic"
interval = "10s"
start = "15s"
`), "test.toml")
			require.NoError(t, err)
			r, err := s.Run(scenarios.Options{})
			require.NoError(t, err)
			assert.EqualValues(t, 1, r.Metrics.Drops["bad_signature"], "before the override")
			assert.EqualValues(t, 4, r.Metrics.Traffic.Delivered)
		})
	}
}

// A false citation counts when its sender has proved who it is, also if that does not
// move its level, as it was introduced before. It says nothing of one who has another key.
func TestFalseCitationBeforeHandshake(t *testing.T) {
	for _, c := range []struct{ name, meanwhile, level string }{
		{"introduced", "[[action]]\nkind = \"introduce\"\nnode = \"n1\"\npeer = \"n0\"\nsubject = \"n2\"\nat = \"1s\"\n", "blocked"},
		{"another key", "[[fault]]\nkind = \"crash\"\nnodes = [\"n2\"]\nlose = \"identity\"\nat = \"4s\"\nuntil = \"6s\"\n", "probing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := scenarios.LoadBytes([]byte(identityHead+c.meanwhile+`
[[node]]
id = "n0"
anchors = ["n1"]
[knowledge]
facts = [{ id = "f1", known_by = ["n2"] }, { id = "f2" }]
sources = [{ uri = "u", tier = "medium", says = ["f2"] }]
[[action]]
kind = "claim"
node = "n2"
peer = "n0"
fact = "f1"
source = "u"
at = "2s"
[[traffic]]
kind = "handshakes"
from = "n2"
to = "n0"
arrivals = "periodic"
interval = "1s"
start = "10s"
count = 1
[[expect]]
at_end = "trust('n0','n2') == '`+c.level+`'"
`), "test.toml")
			require.NoError(t, err)
			r, err := s.Run(scenarios.Options{})
			require.NoError(t, err)
			assert.EqualValues(t, 1, r.Metrics.Claims.Received)
			assert.True(t, r.OK, "%+v", r.Expectations)
		})
	}
}
