package scenarios

import (
	"fmt"
	"strings"

	"meshsim/netmodel"
)

// locate puts the nodes that have coordinates where they are, and with geo gives
// every link that has no latency of its own that of the distance between its ends.
func (g *grapher) locate() {
	for _, n := range g.s.Nodes {
		if i, known := g.positions[n.ID]; known && n.Lat != nil && n.Lon != nil {
			g.places[i] = netmodel.Place{Kind: netmodel.OnEarth, X: int64(*n.Lon), Y: int64(*n.Lat)}
		}
	}
	if !g.s.Link.Geo || g.touches("link.geo", "link.latency") {
		return
	}
	nowhere := map[int]bool{}
	for i := range g.links {
		d := &g.links[i]
		if d.timed {
			continue
		}
		d.place = "" // never 0
		for _, end := range d.ends {
			if g.places[end].Kind != netmodel.OnEarth {
				nowhere[end] = true
			}
		}
		d.spec.Latency = Constant(netmodel.GeoLatency(g.places[d.ends[0]], g.places[d.ends[1]]))
	}
	g.askForPlaces(nowhere)
}

// askForPlaces reports the nodes without coordinates, in one problem: there may be
// as many as nodes.
func (g *grapher) askForPlaces(nowhere map[int]bool) {
	const most = 5
	for i := range g.s.Nodes { // a bad coordinate is not a missing one
		if path := elementPath("node", i); g.touches(path+".lat", path+".lon") {
			delete(nowhere, g.positions[g.s.Nodes[i].ID])
		}
	}
	var ids []string
	for i, id := range g.ids {
		if nowhere[i] {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 || g.nodesOpen {
		return
	}
	who := strings.Join(ids[:min(len(ids), most)], ", ")
	switch {
	case len(ids) > most:
		who += fmt.Sprintf(" and %d others have", len(ids)-most)
	case len(ids) > 1:
		who += " have"
	default:
		who += " has"
	}
	g.report.add("link.geo", true, "needs coordinates of both ends of each link, and %s none; allowed: lat and lon in a [[node]] entry for each, or a latency in [[links]]",
		who)
}
