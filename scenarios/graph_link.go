package scenarios

import "reflect"

const dropTail = "drop_tail"

// apply sets what the entry gives: its keys beside the ends are those of [link].
func (l *Links) apply(spec *Link) { applyValues(l, spec) }

// applyValues sets the keys of a link that a table gives, by their names.
func applyValues(table any, spec *Link) {
	entry, link := reflect.ValueOf(table).Elem(), reflect.ValueOf(spec).Elem()
	given := schemas[entry.Type()].byKey
	for _, f := range schemas[link.Type()].fields {
		if own := given[f.key]; own != nil && !entry.Field(own.index).IsNil() {
			link.Field(f.index).Set(entry.Field(own.index).Elem())
		}
	}
}

// checkPolicies warns of a queue policy for links that have no bandwidth, where
// nothing ever waits, once for each place that gives one, and refuses one behind an
// uplink.
func (g *grapher) checkPolicies() {
	useful := map[string]bool{}
	for _, d := range g.links {
		place := "link"
		if d.entry >= 0 && g.s.Links[d.entry].QueuePolicy != nil {
			place = elementPath("links", d.entry)
		}
		if d.spec.QueuePolicy == dropTail {
			continue
		}
		useful[place] = useful[place] || d.spec.Bandwidth != 0
		if from := g.ids[d.ends[0]]; g.uplinkOf(from) && !g.touches(place+".queue_policy") {
			g.report.add(place+".queue_policy", d.spec.QueuePolicy, "can't be behind an uplink, which %s has; allowed: drop_tail", from)
		}
	}
	for _, place := range sortedKeys(useful) {
		if !useful[place] {
			g.warn(place+".queue_policy", nil, "is of links without bandwidth, where nothing waits")
		}
	}
}

// uplinkOf reports whether the node with this id has an uplink.
func (g *grapher) uplinkOf(id string) bool {
	for i := range g.s.Nodes {
		if n := &g.s.Nodes[i]; n.ID == id && n.Uplink != nil {
			return n.Uplink.Bandwidth != 0
		}
	}
	return g.s.NodeDefaults.Uplink.Bandwidth != 0
}
