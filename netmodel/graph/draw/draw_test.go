package draw

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph/formats/dot"
	"gonum.org/v1/gonum/graph/formats/dot/ast"
	"pgregory.net/rapid"

	"meshsim/netmodel"
)

// picture has nodes n0, n1, … and a link both ways for each pair.
func picture(n int, pairs ...netmodel.Pair) *Picture {
	p := &Picture{Title: "sample", Caption: fmt.Sprintf("%d nodes, %d links", n, len(pairs))}
	for i := range n {
		p.Nodes = append(p.Nodes, Node{ID: fmt.Sprintf("n%d", i), Kind: "agent"})
	}
	for _, e := range pairs {
		p.Links = append(p.Links, Link{From: e.A, To: e.B, Latency: time.Millisecond}, Link{From: e.B, To: e.A, Latency: time.Millisecond})
	}
	return p
}

// random is any graph of up to 50 nodes, in one piece or not.
func random(t *rapid.T) *Picture {
	n := rapid.IntRange(1, 50).Draw(t, "nodes")
	var pairs []netmodel.Pair
	if n > 1 {
		pairs = rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) netmodel.Pair {
			a := rapid.IntRange(0, n-2).Draw(t, "a")
			return netmodel.Pair{A: a, B: rapid.IntRange(a+1, n-1).Draw(t, "b")}
		}), 0, 2*n, rapid.ID[netmodel.Pair]).Draw(t, "pairs")
	}
	return picture(n, pairs...)
}

func render(t require.TestingT, f func(io.Writer) error) string {
	var b bytes.Buffer
	require.NoError(t, f(&b))
	return b.String()
}

// elements counts the elements of a well-formed XML text by name.
func elements(t require.TestingT, text string) map[string]int {
	count := map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return count
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok {
			count[start.Name.Local]++
		}
	}
}

// Any graph can be drawn: well-formed, every node and link once, nothing off the
// sheet or at no place, no node on another, and the same bytes each time.
func TestEveryGraphCanBeDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := random(t)
		text := render(t, p.SVG)
		count := elements(t, text)
		edges := p.edges()
		require.Equal(t, len(p.Nodes), count["circle"])
		require.Equal(t, len(edges), count["line"])
		require.NotContains(t, text, "NaN")
		require.NotContains(t, text, "Inf")
		s := sheet{picture: p, edges: edges, at: layout(p, edges)}
		s.fit()
		for i, a := range s.at {
			require.True(t, a.x >= radius && a.x <= s.width-radius && a.y >= header && a.y <= s.height-footer, "%v of %v × %v", a, s.width, s.height)
			for _, b := range s.at[:i] {
				require.Greater(t, a.sub(b).length(), 2*radius)
			}
		}
		require.Equal(t, text, render(t, p.SVG))
		require.Equal(t, render(t, p.DOT), render(t, p.DOT))
	})
}

// What a layout is for: near in the graph is near on the sheet. Straight lines
// and circles come out as such, and a grid without folds.
func TestLayoutShowsDistances(t *testing.T) {
	var grid []netmodel.Pair
	for r := range 7 {
		for c := range 7 {
			if c < 6 {
				grid = append(grid, netmodel.Pair{A: 7*r + c, B: 7*r + c + 1})
			}
			if r < 6 {
				grid = append(grid, netmodel.Pair{A: 7*r + c, B: 7*r + c + 7})
			}
		}
	}
	line, _ := netmodel.Line(15)
	ring, _ := netmodel.Ring(50)
	for name, c := range map[string]struct {
		n      int
		pairs  []netmodel.Pair
		stress float64 // mean over pairs; of a straight line none
	}{
		"line": {15, line, 1e-4},
		"ring": {50, ring, 0.04}, // a chord is shorter than its arc
		"grid": {49, grid, 0.03}, // a diagonal is shorter than its steps
	} {
		t.Run(name, func(t *testing.T) {
			p := picture(c.n, c.pairs...)
			assert.Less(t, stress(p), c.stress)
		})
	}
}

// stress is what refine lowers, a pair.
func stress(p *Picture) float64 {
	edges := p.edges()
	at := layout(p, edges)
	near := make([][]int, len(at))
	for _, e := range edges {
		near[e.a] = append(near[e.a], e.b)
		near[e.b] = append(near[e.b], e.a)
	}
	sum, pairs := 0.0, 0.0
	for i := range at {
		for j, d := range hops(i, near)[:i] {
			off := at[i].sub(at[j]).length()/d - 1
			sum, pairs = sum+off*off, pairs+1
		}
	}
	return sum / pairs
}

// Known places are kept: north is up, and a degree of longitude shrinks towards
// the pole.
func TestGivenPlaces(t *testing.T) {
	p := picture(3)
	for i, place := range [][2]int64{{0, 60}, {10, 60}, {0, 61}} {
		p.Nodes[i].Place = netmodel.Place{Kind: netmodel.OnEarth, X: place[0] * 1e7, Y: place[1] * 1e7}
	}
	at := layout(p, nil)
	east, north := at[1].sub(at[0]), at[2].sub(at[0])
	assert.InDelta(t, 10*math.Cos(60.5*math.Pi/180), east.x/-north.y, 1e-6)
	assert.Negative(t, north.y, "up")
	p.Nodes[2].Place = netmodel.Place{}
	_, ok := given(p.Nodes)
	assert.False(t, ok, "one is nowhere")
}

// Nodes of one place are pushed apart.
func TestNodesDoNotHideEachOther(t *testing.T) {
	p := picture(12)
	for i := range p.Nodes {
		p.Nodes[i].Place = netmodel.Place{Kind: netmodel.InSquare, X: int64(i%3) << 20, Y: 1}
	}
	p.Nodes[11].Place.X = 1 << 31
	s := sheet{picture: p, at: layout(p, nil)}
	s.fit()
	for i, a := range s.at {
		for _, b := range s.at[:i] {
			assert.Greater(t, a.sub(b).length(), 2*radius)
		}
	}
}

// Names hide nothing that they need not: in a mesh of 50 nodes hardly two overlap.
func TestLabelsKeepApart(t *testing.T) {
	var pairs []netmodel.Pair
	for i := range 50 {
		pairs = append(pairs, netmodel.Pair{A: min(i, (i+1)%50), B: max(i, (i+1)%50)})
		if i < 40 && i%3 == 0 {
			pairs = append(pairs, netmodel.Pair{A: i, B: i + 10})
		}
	}
	p := picture(50, pairs...)
	for i := range p.Nodes {
		p.Nodes[i].Label = fmt.Sprintf("a long name %02d", i)
	}
	edges := p.edges()
	s := sheet{picture: p, edges: edges, at: layout(p, edges)}
	s.fit()
	labels := s.labels()
	for range 3 {
		for i := range labels {
			labels[i].chosen = s.best(labels, i)
		}
	}
	overlaps := 0
	for i := range labels {
		for j := range i {
			if labels[i].around[labels[i].chosen].overlap(labels[j].around[labels[j].chosen]) > 4 {
				overlaps++
			}
		}
	}
	assert.LessOrEqual(t, overlaps, 1)
}

func TestSegmentThroughBox(t *testing.T) {
	b := box{0, 0, 10, 10}
	assert.InDelta(t, 10, b.crossed(point{-5, 5}, point{15, 5}), 1e-9)
	assert.InDelta(t, 5, b.crossed(point{5, 5}, point{15, 5}), 1e-9)
	assert.Zero(t, b.crossed(point{-5, 11}, point{15, 11}))
	assert.Zero(t, b.crossed(point{-5, 5}, point{-1, 5}))
}

const awkward = `a "b" \ <c> & d`

// What files say can be read back by other parsers, awkward names too.
func TestFilesCanBeReadBack(t *testing.T) {
	p := picture(3, netmodel.Pair{A: 0, B: 1}, netmodel.Pair{A: 1, B: 2})
	p.Nodes[0].ID, p.Nodes[1].Label, p.Title = awkward, awkward, awkward
	p.Nodes[2].Place = netmodel.Place{Kind: netmodel.OnEarth, X: -74_0060000, Y: 40_7128000}
	p.Links[0].Loss, p.Links[0].Bandwidth = "1%", 10_000_000
	t.Run("DOT", func(t *testing.T) {
		file, err := dot.ParseString(render(t, p.DOT))
		require.NoError(t, err)
		require.True(t, file.Graphs[0].Directed, "the first link differs by direction")
		nodes, edges := 0, 0
		for _, stmt := range file.Graphs[0].Stmts {
			switch stmt.(type) {
			case *ast.NodeStmt:
				nodes++
			case *ast.EdgeStmt:
				edges++
			}
		}
		assert.Equal(t, []int{3, 4}, []int{nodes, edges})
	})
	t.Run("GraphML", func(t *testing.T) {
		var doc struct {
			Graph struct {
				Default string `xml:"edgedefault,attr"`
				Nodes   []struct {
					ID   string `xml:"id,attr"`
					Data []struct {
						Key  string `xml:"key,attr"`
						Text string `xml:",chardata"`
					} `xml:"data"`
				} `xml:"node"`
				Edges []struct {
					Source string `xml:"source,attr"`
				} `xml:"edge"`
			} `xml:"graph"`
		}
		text := render(t, p.GraphML)
		require.NoError(t, xml.Unmarshal([]byte(text), &doc))
		assert.Equal(t, "directed", doc.Graph.Default)
		assert.Equal(t, awkward, doc.Graph.Nodes[0].ID)
		assert.Equal(t, awkward, doc.Graph.Nodes[1].Data[0].Text)
		assert.Equal(t, "40.7128", doc.Graph.Nodes[2].Data[1].Text)
		assert.Len(t, doc.Graph.Edges, 4)
		assert.Equal(t, 7, elements(t, text)["key"], "label, kind, lat, lon of nodes; latency, bandwidth, loss of links")
	})
	t.Run("SVG", func(t *testing.T) { assert.Contains(t, render(t, p.SVG), escaped(awkward)) })
}

// A graph whose links all go both ways alike needs no directions.
func TestUndirectedFiles(t *testing.T) {
	p := picture(2, netmodel.Pair{A: 0, B: 1})
	assert.Equal(t, "graph \"sample\" {\n  \"n0\" [kind=\"agent\"];\n  \"n1\" [kind=\"agent\"];\n  \"n0\" -- \"n1\" [latency_ns=\"1000000\"];\n}\n", render(t, p.DOT))
	assert.Contains(t, render(t, p.GraphML), `edgedefault="undirected"`)
	assert.Contains(t, render(t, p.SVG), "2 nodes, 1 links, 1ms a link")
	p.Links[1].Latency++
	assert.NotContains(t, render(t, p.SVG), "a link<")
	p.Links[1].Latency--
	p.Links = p.Links[:1]
	assert.Contains(t, render(t, p.DOT), "digraph")
	assert.Equal(t, 1, strings.Count(render(t, p.SVG), "<path"), "an arrow")
}
