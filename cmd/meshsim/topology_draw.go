package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"meshsim/netmodel/graph/draw"
	"meshsim/scenarios"
	"meshsim/scenarios/outfile"
)

// topologyFormats are the ways to write a graph, besides text and JSON.
var topologyFormats = map[string]func(*draw.Picture, io.Writer) error{
	"svg":     (*draw.Picture).SVG,
	"dot":     (*draw.Picture).DOT,
	"graphml": (*draw.Picture).GraphML,
}

// formatOf is the format that the flags ask for: by name, or by the extension of
// the file to write. "" is text.
func (f *topologyFlags) formatOf() (string, error) {
	format := f.format
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(f.out)), ".")
		if format == "gv" {
			format = "dot"
		}
	}
	if _, known := topologyFormats[format]; !known && (f.format != "" || f.out != "") {
		hint := ""
		if slices.Contains(scenarios.ImportFormats, f.format) {
			hint = fmt.Sprintf("; it is what is written, not what is read: a network file on stdin is read by scenario import - --format %s", f.format)
		}
		return "", fmt.Errorf("--format %s: is not known; allowed: %s%s", format, strings.Join(sortedKeys(topologyFormats), " "), hint)
	}
	return format, nil
}

// draw writes the graph in a format, to stdout or to a file that appears whole.
func (a *app) draw(v *topologyView, mesh *scenarios.Mesh, format, out string) error {
	p := v.picture(mesh)
	if out == "" || out == "-" {
		return topologyFormats[format](p, a.out)
	}
	file, err := outfile.Create(out)
	if err != nil {
		return about(out, err)
	}
	if err := topologyFormats[format](p, file); err != nil {
		file.Abort()
		return about(out, err)
	}
	return about(out, file.Commit())
}

// picture is the graph with what is worth seeing of it: cut points, bridges, and
// communities as colours.
func (v *topologyView) picture(mesh *scenarios.Mesh) *draw.Picture {
	p := &draw.Picture{Title: v.title(), Caption: v.caption()}
	group := map[string]int{}
	if v.Communities != nil {
		for i, ids := range v.Communities.Groups {
			for _, id := range ids {
				group[id] = i
			}
		}
	}
	bridge := map[[2]string]bool{}
	for _, b := range v.Bridges {
		bridge[[2]string{b[0], b[1]}], bridge[[2]string{b[1], b[0]}] = true, true
	}
	for _, n := range mesh.Nodes {
		p.Nodes = append(p.Nodes, draw.Node{
			ID: n.ID, Label: n.Label, Kind: n.Kind, Place: n.Place, Group: group[n.ID], Cut: slices.Contains(v.ArticulationPoints, n.ID),
		})
	}
	for i, l := range v.graph.Links() {
		p.Links = append(p.Links, draw.Link{
			From: l.From, To: l.To, Latency: l.Latency, Bandwidth: l.Bandwidth, Loss: mesh.Links[i].LossText(),
			Bridge: bridge[[2]string{p.Nodes[l.From].ID, p.Nodes[l.To].ID}],
		})
	}
	return p
}

// title says which graph it is: of which seed, where links are drawn from it, and
// of which time, where they come and go.
func (v *topologyView) title() string {
	title := v.Scenario
	if v.At != nil {
		title += " at " + time.Duration(*v.At).String()
	}
	if v.random {
		title += fmt.Sprintf(", seed %d", v.Seed)
	}
	return title
}

func (v *topologyView) caption() string {
	text := plural(int64(v.Nodes), "node") + ", " + plural(int64(v.Links), "link")
	if v.Components > 1 {
		text += fmt.Sprintf(" in %d components", v.Components)
	}
	if v.Diameter != nil && v.MeanHops != nil && v.Links > 0 {
		text += fmt.Sprintf(", diameter %d, %.2f hops on average", *v.Diameter, *v.MeanHops)
	}
	return text
}
