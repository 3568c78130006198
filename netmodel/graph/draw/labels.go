package draw

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// box is a rectangle on the sheet.
type box struct{ left, top, right, bottom float64 }

func (b box) overlap(c box) float64 {
	w := min(b.right, c.right) - max(b.left, c.left)
	h := min(b.bottom, c.bottom) - max(b.top, c.top)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h
}

// crossed is how much of a segment lies in the box, in pixels (Liang, Barsky
// 1984).
func (b box) crossed(p, q point) float64 {
	d := q.sub(p)
	from, to := 0.0, 1.0
	for _, side := range [4][2]float64{{-d.x, p.x - b.left}, {d.x, b.right - p.x}, {-d.y, p.y - b.top}, {d.y, b.bottom - p.y}} {
		slope, gap := side[0], side[1]
		switch {
		case slope == 0 && gap < 0:
			return 0
		case slope < 0:
			from = max(from, gap/slope)
		case slope > 0:
			to = min(to, gap/slope)
		}
	}
	return max(0, to-from) * d.length()
}

// label is a text with the places where it may stand.
type label struct {
	node   int
	text   string
	around [8]box
	chosen int
}

const (
	charWidth   = 0.56 * fontSize // of Liberation Sans, on average
	longestName = 18
)

// drawLabels writes each node's name where it hides least: of eight places around
// the node, chosen greedily and then once more with all others in place.
func (s *sheet) drawLabels() {
	labels := s.labels()
	if len(labels) <= refinable {
		for range 3 {
			for i := range labels {
				labels[i].chosen = s.best(labels, i)
			}
		}
	}
	fmt.Fprintf(s.out, "<g fill=\"%s\" stroke=\"white\" stroke-width=\"2.5\" paint-order=\"stroke\">\n", ink)
	for _, l := range labels {
		b := l.around[l.chosen]
		fmt.Fprintf(s.out, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", b.left, b.bottom-2.5, escaped(l.text))
	}
	fmt.Fprintln(s.out, "</g>")
}

func (s *sheet) labels() []label {
	labels := make([]label, len(s.at))
	for i, at := range s.at {
		n := &s.picture.Nodes[i]
		text := cmp.Or(n.Label, n.ID)
		if utf8.RuneCountInString(text) > longestName {
			text = n.ID
		}
		w, h, gap := float64(utf8.RuneCountInString(text))*charWidth, fontSize, radius+2
		slant := gap * 0.75
		corners := [8]point{ // of the upper left corner, in the order in which they read best
			{at.x + gap, at.y - h/2}, {at.x - gap - w, at.y - h/2}, {at.x - w/2, at.y - gap - h}, {at.x - w/2, at.y + gap},
			{at.x + slant, at.y - slant - h}, {at.x + slant, at.y + slant}, {at.x - slant - w, at.y - slant - h}, {at.x - slant - w, at.y + slant},
		}
		labels[i] = label{node: i, text: text}
		for k, c := range corners {
			labels[i].around[k] = box{c.x, c.y, c.x + w, c.y + h}
		}
	}
	return labels
}

// best is the place of a label that covers least.
func (s *sheet) best(labels []label, i int) int {
	var cost [8]float64
	for k, b := range labels[i].around {
		cost[k] = float64(k) * 0.5
		if b.left < 2 || b.right > s.width-2 || b.bottom > s.height-footer {
			cost[k] += 1000
		}
		for j := range labels {
			if j != i {
				cost[k] += 3 * b.overlap(labels[j].around[labels[j].chosen])
			}
			at := s.at[j]
			cost[k] += 4 * b.overlap(box{at.x - radius, at.y - radius, at.x + radius, at.y + radius})
		}
		for _, e := range s.edges {
			cost[k] += 1.2 * b.crossed(s.at[e.a], s.at[e.b])
		}
	}
	return slices.Index(cost[:], slices.Min(cost[:]))
}
