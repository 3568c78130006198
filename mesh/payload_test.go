package mesh

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
)

// sealed is what the payloads of routing protocols have in common.
type sealed interface {
	SealedPayload
	set(Payload, []byte) []byte
}

// drawPayload draws a payload of a routing protocol between nodes whose names need
// escapes.
func drawPayload(t *rapid.T) sealed {
	names := []string{"a", `quo"te`, `back\slash`, "line\nbreak", "<&>", "Zürich", "\u2028"}
	node := rapid.Map(rapid.IntRange(0, len(names)-1), func(i int) sim.NodeID { return sim.NodeID(i) })
	nodes := rapid.SliceOfN(node, 0, 5).Draw(t, "nodes")
	seqno := uint64(rapid.Int64Min(0).Draw(t, "seqno"))
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return &helloPayload{names: names, heard: nodes, seqno: seqno}
	case 1:
		a := &advert{names: names, origin: node.Draw(t, "origin"), seqno: seqno}
		for _, to := range nodes {
			a.links = append(a.links, adjacency{to, time.Duration(rapid.Int64Min(0).Draw(t, "cost"))})
		}
		return &advertPayload{advert: a, age: time.Duration(rapid.Int64Min(0).Draw(t, "age"))}
	case 2:
		p := &vectorPayload{names: names}
		for _, to := range nodes {
			d := distance{seqno, time.Duration(rapid.Int64Min(0).Draw(t, "metric"))}
			p.entries = append(p.entries, vectorEntry{to, d, rapid.Bool().Draw(t, "reachable")})
		}
		return p
	}
	return &requestPayload{names: names, destination: node.Draw(t, "destination"), seqno: seqno}
}

// What routing protocols say is canonical JSON, and its seal is that of the JSON.
func TestRoutingPayloadsAreCanonicalAndSealed(t *testing.T) {
	ids, ring := NewIdentities(1, keysOf(3), nil)
	rapid.Check(t, func(t *rapid.T) {
		p := drawPayload(t)
		buf := p.set(p, []byte("left over"))
		rendered := string(p.AppendJSON(nil))
		require.Equal(t, rendered, string(buf))
		require.True(t, json.Valid(buf))
		canonical, err := ParsePayload(buf)
		require.NoError(t, err)
		require.Equal(t, string(canonical), rendered, "keys in order, nothing escaped that need not be")
		require.Equal(t, int64(len(rendered)), p.Size())

		e := &Envelope{ID: idOf(1), Type: "T", Origin: 1, Destination: 2, Payload: p, Size: p.Size()}
		ids[1].Sign(e)
		require.True(t, ring.Verify(e))
		e.Payload = RawPayload(rendered)
		require.True(t, ring.Verify(e), "rendered, it is the same")
		other := drawPayload(t)
		if other.set(other, nil); string(other.AppendJSON(nil)) != rendered {
			e.Payload = other
			require.False(t, ring.Verify(e))
		}
	})
}

// The fields of each payload, by their names.
func TestRoutingPayloadsByName(t *testing.T) {
	for _, c := range []struct {
		payload Payload
		want    string
	}{
		{&helloPayload{names: keysOf(3), seqno: 7, heard: []sim.NodeID{0, 2}}, `{"heard":["n000","n002"],"seqno":7}`},
		{advertOf(1, 7, 2, 2, 3), `{"age_ns":200000000,"links":[{"cost_ns":10000000,"to":"n002"},{"cost_ns":10000000,"to":"n003"}],"origin":"n001","seqno":7}`},
		{vectorOf(far(2, 1, 20), far(3, 0, unreachable)), `{"routes":[{"destination":"n002","metric_ns":20000000,"seqno":1},{"destination":"n003","seqno":0}]}`},
		{requestOf(2, 9), `{"destination":"n002","seqno":9}`},
	} {
		assert.Equal(t, c.want, string(c.payload.AppendJSON(nil)))
	}
}

// Values that are handed out are zero, and nobody gets one twice.
func TestSlab(t *testing.T) {
	var s slab[int]
	seen := map[*int]bool{}
	for range 3*slabSize + 1 {
		v := s.take()
		require.Zero(t, *v)
		require.False(t, seen[v])
		seen[v], *v = true, 1
	}
}
