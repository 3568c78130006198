package scenarios_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/scenarios"
	"meshsim/scenarios/world"
)

// envelopeSchema is the schema of the mesh envelope, with those of the messages in it.
func envelopeSchema(t *testing.T) *jsonschema.Schema {
	c := jsonschema.NewCompiler()
	files, err := filepath.Glob("../mesh/schema/*.schema.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		f, err := os.Open(file)
		require.NoError(t, err)
		doc, err := jsonschema.UnmarshalJSON(f)
		require.NoError(t, err, file)
		require.NoError(t, f.Close())
		require.NoError(t, c.AddResource(filepath.Base(file), doc))
	}
	s, err := c.Compile("envelope.schema.json")
	require.NoError(t, err)
	return s
}

// reader is a node that shows every envelope that comes to it before it has it.
type reader struct {
	mesh.Node
	read func(*mesh.Envelope)
}

func (r reader) Step(now clock.Time, in *mesh.Input, out *mesh.Outbox) {
	if in.Kind == mesh.Arrive {
		r.read(in.Envelope)
	}
	r.Node.Step(now, in, out)
}

func TestEveryEnvelopeIsAsItsSchemaSays(t *testing.T) {
	schema := envelopeSchema(t)
	for _, text := range []string{
		`routing.strategy = "link_state"`, `routing.strategy = "distance_vector"`, `mesh.signatures = "ed25519"`,
		"session.enabled = true\naction = [{ at = \"15s\", node = \"n0\", kind = \"disconnect\", peer = \"n1\" }]",
	} {
		s, err := scenarios.LoadBytes([]byte(text+`
version = 1
name = "read"
duration = "20s"
topology = { kind = "ring", nodes = 5 }
link = { latency = "5ms", loss = "5%" }
handshake = { auto = "all" }
knowledge = { facts = [{ id = "f", known_by = "*" }] }
[[traffic]]
rate = "1/s"
[[traffic]]
name = "news"
rate = "0.2/s"
to = "*"
[[traffic]]
name = "facts"
kind = "facts"
rate = "1/s"
[[fault]]
kind = "crash"
nodes = ["n2"]
lose = "state"
at = "5s"
until = "9s"
`), "read.toml")
		require.NoError(t, err)
		types := map[string]int{}
		_, err = s.Run(scenarios.Options{NewNode: func(seat world.Seat) (mesh.Node, error) {
			node, err := seat.BuiltIn()
			codec := mesh.NewCodec(seat.Names, s.Epoch)
			return reader{node, func(e *mesh.Envelope) {
				types[e.Type]++
				var doc any
				text := codec.AppendEnvelope(nil, e)
				require.NoError(t, json.Unmarshal(text, &doc), "%s", text)
				require.NoError(t, schema.Validate(doc), "%s", text)
			}}, err
		}})
		require.NoError(t, err)
		for _, typ := range []string{"MESSAGE", "HELLO", "HELLO_ACK", "STATE_UPDATE", "INTENT", "DECISION_SHARE"} {
			assert.NotZero(t, types[typ], typ)
		}
		for _, typ := range []string{"RTT_OPEN", "RTT_DATA", "RTT_ACK", "RTT_HEARTBEAT", "RTT_CLOSE"} {
			assert.Equal(t, s.Session.Enabled, types[typ] > 0, typ)
		}
	}
}

// TestSchemasRefuse shows that the schemas can refuse: a table of what is wrong.
func TestSchemasRefuse(t *testing.T) {
	schema := envelopeSchema(t)
	const good = `{"created_at":"2025-01-01T00:00:00.000000000Z","destination":"b","hops":[],"id":"00000000-0000-4000-8000-000000000000","mesh":"1.0",
		"origin":"a","payload":{"hcp":"1.0","type":"HCP_HELLO"},"sign":{"algo":"modelled","signature":"0123456789abcdef"},"type":"HCP_HELLO"}`
	for _, c := range []struct {
		key   string
		value any
		ok    bool
	}{
		{"origin", "a", true}, {"origin", "*", false}, {"mesh", "1.1", false}, {"hops", "a", false}, {"id", "x", false}, {"created_at", "today", false},
		{"extra", 1, false}, {"payload", "text", false}, {"payload", map[string]any{"hcp": "1.0", "type": "HCP_HELLO", "human": map[string]any{"pressure": 101}}, false},
		{"type", "HELLO", false}, {"type", "LIP_FETCH", false}, {"type", "RTT_OPEN", false}, {"type", "RTT_DATA", false}, {"type", "MESSAGE", true},
	} {
		var doc map[string]any
		require.NoError(t, json.Unmarshal([]byte(good), &doc))
		doc[c.key] = c.value
		assert.Equal(t, c.ok, schema.Validate(doc) == nil, "%s = %v", c.key, c.value)
	}
}
