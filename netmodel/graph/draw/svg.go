package draw

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// Measures of a picture in pixels.
const (
	edgeLength = 78.0 // wanted between neighbours
	margin     = 60.0
	header     = 56.0 // title and caption
	footer     = 34.0 // legend
	radius     = 8.0  // of a node
	fontSize   = 12.0
	smallest   = 420.0  // width
	largest    = 1300.0 // side, as far as nodes keep their names apart
	shortest   = 44.0   // edge, in a picture that would be larger
	apart      = 2.6 * radius
	labelled   = 40 // edges; more latencies than that hide the graph
)

// palette is Okabe and Ito's: told apart by colour-blind readers too.
var palette = []string{"#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#0072b2", "#d55e00", "#999999"}

const (
	ink     = "#222222"
	line    = "#9aa5b1"
	warning = "#c81d25" // what the graph falls apart without
)

// SVG draws the graph. Nodes stand where the picture says, or else where stress
// majorization puts them; cut points and bridges are red.
func (p *Picture) SVG(w io.Writer) error {
	edges := p.edges()
	s := sheet{out: bufio.NewWriter(w), picture: p, edges: edges, at: layout(p, edges), caption: p.Caption}
	if len(p.Links) > 0 && s.alike() {
		s.caption += ", " + short(p.Links[0].Latency) + " a link"
	}
	s.fit()
	fmt.Fprintf(s.out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" font-family=\"Liberation Sans, Arial, sans-serif\" font-size=\"%.0f\">\n",
		s.width, s.height, s.width, s.height, fontSize)
	fmt.Fprintf(s.out, "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n", escaped(p.Title))
	fmt.Fprintf(s.out, "<text x=\"%.0f\" y=\"26\" font-size=\"17\" font-weight=\"bold\" fill=\"%s\">%s</text>\n", margin/2, ink, escaped(p.Title))
	fmt.Fprintf(s.out, "<text x=\"%.0f\" y=\"46\" fill=\"#555555\">%s</text>\n", margin/2, escaped(s.caption))
	s.drawEdges()
	s.drawNodes()
	s.drawLabels()
	s.legend()
	fmt.Fprintln(s.out, "</svg>")
	return s.out.Flush()
}

// sheet is a picture being drawn.
type sheet struct {
	out           *bufio.Writer
	picture       *Picture
	edges         []edge
	at            []point // in pixels after fit
	width, height float64
	caption       string
}

// fit turns edge lengths into pixels, and keeps nodes from covering each other.
func (s *sheet) fit() {
	low, high := bounds(s.at)
	scale := edgeLength
	if wide := (high.x - low.x) * scale; wide > 0 && wide < smallest-2*margin {
		scale *= min(3, (smallest-2*margin)/wide)
	}
	if side := max(high.x-low.x, high.y-low.y); side*scale > largest-2*margin {
		scale = min(scale, max(shortest, (largest-2*margin)/side))
	}
	for i := range s.at {
		s.at[i] = point{(s.at[i].x - low.x) * scale, (s.at[i].y - low.y) * scale}
	}
	s.separate()
	low, high = bounds(s.at)
	for i := range s.at {
		s.at[i] = point{s.at[i].x - low.x + margin, s.at[i].y - low.y + header + margin/2}
	}
	s.width = max(smallest, high.x-low.x+2*margin, float64(len(s.caption))*6.6+margin)
	s.height = header + high.y - low.y + margin + footer
	if spare := s.width - (high.x - low.x) - 2*margin; spare > 0 {
		for i := range s.at {
			s.at[i].x += spare / 2
		}
	}
}

// separate pushes nodes apart that would touch. Pictures too large to be read are
// left as they are: it looks at every pair.
func (s *sheet) separate() {
	if len(s.at) > refinable {
		return
	}
	for range 60 {
		moved := false
		for i := range s.at {
			for j := range i {
				gap := s.at[i].sub(s.at[j])
				d := gap.length()
				if d >= apart {
					continue
				}
				if d < 1e-6 {
					sin, cos := math.Sincos(float64(i))
					gap, d = point{cos, sin}, 1
				}
				push := (apart - min(d, apart)) / 2 / d
				s.at[i] = point{s.at[i].x + gap.x*push, s.at[i].y + gap.y*push}
				s.at[j] = point{s.at[j].x - gap.x*push, s.at[j].y - gap.y*push}
				moved = true
			}
		}
		if !moved {
			return
		}
	}
}

func (s *sheet) drawEdges() {
	fmt.Fprintf(s.out, "<g stroke=\"%s\" stroke-width=\"1.4\" fill=\"none\">\n", line)
	for i := range s.edges {
		e := &s.edges[i]
		a, b := s.at[e.a], s.at[e.b]
		style := ""
		if e.either().Bridge {
			style = fmt.Sprintf(" stroke=\"%s\" stroke-width=\"2.4\"", warning)
		}
		fmt.Fprintf(s.out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"%s><title>%s</title></line>\n", a.x, a.y, b.x, b.y, style, escaped(s.describe(e)))
		if e.there == nil || e.back == nil {
			l := e.either()
			s.arrow(s.at[l.From], s.at[l.To])
		}
	}
	fmt.Fprintln(s.out, "</g>")
	if len(s.edges) > labelled || s.alike() {
		return
	}
	fmt.Fprintln(s.out, "<g font-size=\"9\" fill=\"#667\" text-anchor=\"middle\" stroke=\"white\" stroke-width=\"3\" paint-order=\"stroke\">")
	for i := range s.edges {
		e := &s.edges[i]
		a, b := s.at[e.a], s.at[e.b]
		if b.sub(a).length() > 50 {
			fmt.Fprintf(s.out, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", (a.x+b.x)/2, (a.y+b.y)/2+3, s.latency(e))
		}
	}
	fmt.Fprintln(s.out, "</g>")
}

// alike reports whether every link has the same latency: then it is said once.
func (s *sheet) alike() bool {
	for i := range s.picture.Links {
		if s.picture.Links[i].Latency != s.picture.Links[0].Latency {
			return false
		}
	}
	return true
}

// arrow points at the receiving end of a one-way link.
func (s *sheet) arrow(from, to point) {
	along := to.sub(from)
	d := max(along.length(), 1e-9)
	u := point{along.x / d, along.y / d}
	tip := point{to.x - u.x*(radius+2), to.y - u.y*(radius+2)}
	back := point{tip.x - u.x*8, tip.y - u.y*8}
	fmt.Fprintf(s.out, "<path d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fZ\" fill=\"%s\" stroke=\"none\"/>\n",
		tip.x, tip.y, back.x-u.y*4, back.y+u.x*4, back.x+u.y*4, back.y-u.x*4, line)
}

func (s *sheet) latency(e *edge) string {
	if e.there != nil && e.back != nil && e.there.Latency != e.back.Latency {
		return short(e.there.Latency) + "/" + short(e.back.Latency)
	}
	return short(e.either().Latency)
}

// short is a latency in at most three significant digits.
func short(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return d.Round(time.Second / 10).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.String()
}

func (s *sheet) describe(e *edge) string {
	var ways []string
	for _, l := range []*Link{e.there, e.back} {
		if l == nil {
			continue
		}
		text := s.picture.Nodes[l.From].ID + " → " + s.picture.Nodes[l.To].ID + ": " + l.Latency.String()
		if l.Bandwidth > 0 {
			text += fmt.Sprintf(", %d bit/s", l.Bandwidth)
		}
		if l.Loss != "" {
			text += ", loss " + l.Loss
		}
		ways = append(ways, text)
	}
	return strings.Join(ways, "\n")
}

func (s *sheet) drawNodes() {
	degree := make([]int, len(s.at))
	for _, e := range s.edges {
		degree[e.a]++
		degree[e.b]++
	}
	fmt.Fprintf(s.out, "<g stroke=\"%s\" stroke-width=\"1\">\n", ink)
	for i := range s.picture.Nodes {
		n, style := &s.picture.Nodes[i], ""
		if n.Cut {
			style = fmt.Sprintf(" stroke=\"%s\" stroke-width=\"3\"", warning)
		}
		text := n.ID
		if n.Label != "" && n.Label != n.ID {
			text += " (" + n.Label + ")"
		}
		links := "links"
		if degree[i] == 1 {
			links = "link"
		}
		fmt.Fprintf(s.out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.0f\" fill=\"%s\"%s><title>%s, %s, %d %s</title></circle>\n",
			s.at[i].x, s.at[i].y, radius, palette[n.Group%len(palette)], style, escaped(text), n.Kind, degree[i], links)
	}
	fmt.Fprintln(s.out, "</g>")
}

// legend says what is red, if anything is.
func (s *sheet) legend() {
	x, y := margin/2, s.height-14
	cut, bridge := false, false
	for _, n := range s.picture.Nodes {
		cut = cut || n.Cut
	}
	for _, l := range s.picture.Links {
		bridge = bridge || l.Bridge
	}
	if cut {
		fmt.Fprintf(s.out, "<circle cx=\"%.0f\" cy=\"%.0f\" r=\"6\" fill=\"white\" stroke=\"%s\" stroke-width=\"3\"/><text x=\"%.0f\" y=\"%.0f\" fill=\"%s\">cut point: without it the mesh falls apart</text>\n", x+6, y-4, warning, x+20, y, ink)
		x += 290
	}
	if bridge {
		fmt.Fprintf(s.out, "<line x1=\"%.0f\" y1=\"%.0f\" x2=\"%.0f\" y2=\"%.0f\" stroke=\"%s\" stroke-width=\"2.4\"/><text x=\"%.0f\" y=\"%.0f\" fill=\"%s\">bridge</text>\n", x, y-4, x+24, y-4, warning, x+32, y, ink)
	}
}
