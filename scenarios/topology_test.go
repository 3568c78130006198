package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/netmodel"
	"meshsim/sim"
)

func TestRegularKinds(t *testing.T) {
	for text, arrows := range map[string]string{
		"kind = \"star\"\nnodes = 4":                                  "n0>n1 n0>n2 n0>n3 n1>n0 n2>n0 n3>n0",
		"kind = \"grid\"\nrows = 2\ncolumns = 3":                      "n0>n1 n0>n3 n1>n0 n1>n2 n1>n4 n2>n1 n2>n5 n3>n0 n3>n4 n4>n1 n4>n3 n4>n5 n5>n2 n5>n4",
		"kind = \"grid\"\nrows = 1\ncolumns = 1":                      "",
		"kind = \"tree\"\nnodes = 5\nbranching = 3":                   "n0>n1 n0>n2 n0>n3 n1>n0 n1>n4 n2>n0 n3>n0 n4>n1",
		"kind = \"random\"\nnodes = 3\np = \"100%\"":                  "n0>n1 n0>n2 n1>n0 n1>n2 n2>n0 n2>n1",
		"kind = \"geometric\"\nnodes = 3\nradius = 2":                 "n0>n1 n0>n2 n1>n0 n1>n2 n2>n0 n2>n1",
		"kind = \"small_world\"\nnodes = 4\nk = 2\nrewire=\"0%\"":     "n0>n1 n0>n3 n1>n0 n1>n2 n2>n1 n2>n3 n3>n0 n3>n2",
		"kind = \"scale_free\"\nnodes = 3\nattach = 2":                "n0>n2 n1>n2 n2>n0 n2>n1",
		"kind = \"random\"\nnodes = 1\np = \"0%\"":                    "",
		"kind = \"random\"\nnodes = 2\np = \"0%\"\nconnected = false": "",
	} {
		s := load(t, "[topology]\n"+text+"\n")
		_, err := s.Validate() // which also takes zeros for values that are given
		require.NoError(t, err, text)
		m, err := s.Mesh()
		require.NoError(t, err, text)
		assert.Equal(t, arrows, m.arrows(), text)
	}
	torus := meshOf(t, "[topology]\nkind = \"torus\"\nrows = 3\ncolumns = 4\n")
	assert.Len(t, torus.Nodes, 12)
	assert.Len(t, torus.Links, 48)
}

// randomKind is a random topology of any kind, of n nodes, as TOML without nodes.
func randomKind(t *rapid.T, n int) string {
	return rapid.SampledFrom([]string{
		fmt.Sprintf("kind = \"random\"\np = \"%d%%\"", rapid.IntRange(0, 100).Draw(t, "p")),
		fmt.Sprintf("kind = \"geometric\"\nradius = 0.%d", rapid.IntRange(1, 9).Draw(t, "radius")),
		fmt.Sprintf("kind = \"small_world\"\nk = %d\nrewire = \"%d%%\"", 2*rapid.IntRange(1, (n-1)/2).Draw(t, "k/2"), rapid.IntRange(0, 100).Draw(t, "rewire")),
		fmt.Sprintf("kind = \"scale_free\"\nattach = %d", rapid.IntRange(1, n-1).Draw(t, "attach")),
	}).Draw(t, "kind")
}

// Connected means connected: whatever is drawn without connected = false is, or is
// refused.
func TestConnectedMeansConnected(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 50).Draw(t, "nodes")
		text := fmt.Sprintf("[topology]\n%s\nnodes = %d\n", randomKind(t, n), n)
		s, err := tryLoad(text)
		if err != nil {
			refused++
			require.Regexp(t, `none of 1000 graphs drawn was connected|links no nodes`, err.Error())
			text += "connected = false\n"
			s = load(t, text)
		}
		m, problem := s.Mesh()
		require.NoError(t, problem)
		reached, queue := map[sim.NodeID]bool{0: true}, []sim.NodeID{0}
		for len(queue) > 0 {
			for _, l := range m.Links {
				if l.From == queue[0] && !reached[l.To] {
					reached[l.To] = true
					queue = append(queue, l.To)
				}
			}
			queue = queue[1:]
		}
		require.Equal(t, err == nil, len(reached) == n, text)
	})
	t.Logf("%d refused", refused)
}

// One more node leaves the links between the others in place, unless all is redrawn
// or the ring of a small world closes elsewhere.
func TestRandomTopologiesGrowInPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 49).Draw(t, "nodes")
		kind := randomKind(t, n)
		mesh := func(n int) *Mesh {
			return meshOf(t, fmt.Sprintf("[topology]\n%s\nnodes = %d\nconnected = false\n", kind, n))
		}
		small, large := mesh(n), mesh(n+1)
		if strings.Contains(kind, "small_world") {
			return
		}
		last := fmt.Sprintf("n%d", n)
		between := slices.DeleteFunc(strings.Fields(large.arrows()), func(arrow string) bool {
			return strings.HasPrefix(arrow, last+">") || strings.HasSuffix(arrow, ">"+last)
		})
		slices.Sort(between)
		want := strings.Fields(small.arrows())
		slices.Sort(want)
		require.Equal(t, want, between)
		for _, node := range small.Nodes {
			moved, _ := large.Lookup(node.ID)
			require.Equal(t, node.Place, large.Nodes[moved].Place)
		}
	})
}

// With kept keys other ids change names only; without, chance goes by the new ones.
func TestTopologyGoesByKeys(t *testing.T) {
	another := 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 30).Draw(t, "nodes")
		text := fmt.Sprintf("[topology]\n%s\nnodes = %d\nconnected = false\n", randomKind(t, n), n)
		kept, free := text, text
		for i := range n {
			kept += fmt.Sprintf("[[node]]\nid = \"m%d\"\nkey = \"n%d\"\n", n-1-i, i)
			free += fmt.Sprintf("[[node]]\nid = \"m%d\"\n", n-1-i)
		}
		rename := func(m *Mesh) []string {
			arrows := []string{}
			for _, l := range m.Links {
				arrows = append(arrows, m.Nodes[l.From].Key+">"+m.Nodes[l.To].Key)
			}
			return arrows
		}
		plain, same, other := meshOf(t, text), meshOf(t, kept), meshOf(t, free)
		require.Equal(t, strings.Fields(plain.arrows()), rename(same))
		for i, node := range plain.Nodes {
			require.Equal(t, node.Place, same.Nodes[i].Place)
			require.Equal(t, node.Key, same.Nodes[i].Key)
		}
		if len(other.Links) != len(plain.Links) {
			another++
		}
	})
	assert.Positive(t, another)
}

// Another seed is another topology, and a further attempt another than the first.
func TestSeedDecidesOnTheTopology(t *testing.T) {
	text := "[topology]\nkind = \"geometric\"\nnodes = 30\nradius = 0.28\n"
	seen := map[string]bool{}
	for seed := range sim.Seed(20) {
		s, err := load(t, text).With(WithSeed(seed))
		require.NoError(t, err)
		m, err := s.Mesh()
		require.NoError(t, err)
		seen[m.arrows()] = true
		for _, node := range m.Nodes {
			assert.Equal(t, netmodel.InSquare, node.Place.Kind)
		}
	}
	assert.Len(t, seen, 20)
}

const twoCities = `[topology]
kind = "line"
nodes = 3
[link]
geo = true
[[node]]
id = "n0"
lat = 51.5074
lon = -0.1278
[[node]]
id = "n1"
lat = 40.7128
lon = -74.006
[[node]]
id = "n2"
lat = 40
lon = -74
`

func TestGeo(t *testing.T) {
	m := meshOf(t, twoCities)
	ms := func(micros int64) Latency { return Constant(time.Duration(micros) * time.Microsecond) }
	var got []Latency
	for _, l := range m.Links {
		got = append(got, l.Latency)
	}
	assert.Equal(t, []Latency{ms(27851), ms(27851), ms(396), ms(396)}, got)
	assert.Equal(t, netmodel.Place{Kind: netmodel.OnEarth, X: -1_278_000, Y: 515_074_000}, m.Nodes[0].Place)

	m = meshOf(t, twoCities+"[[links]]\nfrom = \"n0\"\nto = \"n1\"\nlatency = \"1ms\"\n[[links]]\nfrom = \"n1\"\nto = \"n0\"\nloss = \"1%\"\nzero_latency = true\n")
	assert.Equal(t, ms(1000), m.Links[0].Latency, "its own latency wins, also if it is the default")
	assert.Equal(t, ms(27851), m.Links[1].Latency)

	file := strings.Replace(twoCities, "kind = \"line\"\nnodes = 3", "kind = \"file\"\npath = \"l.csv\"", 1)
	m = meshOf(t, file, "l.csv", "source,target,latency\nn0,n1,5ms\nn1,n2,\nn0,n2,\nn2,n0,40ms\n")
	assert.Equal(t, ms(5000), m.link(0, 1).Latency, "the file's wins")
	assert.Equal(t, ms(396), m.link(1, 2).Latency)
	assert.Equal(t, ms(40000), m.link(0, 2).Latency, "of parallel links the one that says its latency")

	s := load(t, twoCities)
	again, err := LoadBytes(s.TOML(), "x.toml")
	require.NoError(t, err)
	assert.Equal(t, s.Nodes, again.Nodes)
}

func TestNumbers(t *testing.T) {
	for raw, want := range map[any]Length{int64(1): Side, 0.28: 280_000_000, 1e-9: 1, 2.0: 2 * Side} {
		got, err := codecs[reflect.TypeFor[Length]()].parse(raw)
		require.NoError(t, err, raw)
		assert.Equal(t, want, got)
	}
	for raw, want := range map[any]Degrees{int64(-90): -900_000_000, 52.5200066: 525_200_066, -0.12574: -1_257_400, 1.00000005: 10_000_001, -1.00000005: -10_000_001, 1.000000049: 10_000_000} {
		got, err := codecs[reflect.TypeFor[Degrees]()].parse(raw)
		require.NoError(t, err, raw)
		assert.Equal(t, want, got)
	}
}

// A probability may be given as a number.
func TestProbabilityAsNumber(t *testing.T) {
	for text, want := range map[string]Probability{"\"25%\"": 250_000_000, "0.25": 250_000_000, "1": 1_000_000_000, "0.0": 0} {
		s, err := LoadBytes([]byte("version = 1\nduration = \"1s\"\n[topology]\nkind = \"random\"\nnodes = 3\nconnected = false\np = "+text), "x.toml")
		require.NoError(t, err)
		assert.Equal(t, want, s.Topology.Kind.(Random).P, text)
	}
}
