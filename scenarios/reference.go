package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Reference is the page of all tables, keys, units, defaults and bounds of the
// language, in Markdown. It is made from the same tags that decode a scenario.
func Reference() string {
	var b strings.Builder
	b.WriteString("# Scenario reference\n\n" +
		"A scenario is a TOML file. Quantities are strings with units; counts, bytes and seeds are integers. Keys are case-sensitive, and a key that is not here is an error.\n")
	writeTable(&b, "", "", reflect.TypeFor[Scenario](), "What is above the first table.")
	writeFamily(&b, "Latencies", typeOfLatency)
	writeFamily(&b, "Sizes", typeOfSize)
	b.WriteString(lintWarnings)
	return b.String()
}

// lintWarnings is the section on what lint says.
const lintWarnings = `
## Warnings

What a scenario can hardly mean is told before the run, and in its result; the scenario runs all the same. The mesh is looked at as it is without faults.

| warning | meant if an expectation names |
|---|---|
| a hop limit below what pairs need that traffic uses (shortest_path: links of the least-latency way; static: along the table; link_state, distance_vector: as shortest_path, over links that lead both ways; flood, gossip, broadcasts and contact plans: the fewest links, and it may be worse) | ` + "`drops.hop_limit`" + ` |
| pairs without a path; with direct, pairs that are no neighbours; with static, dead ends and loops; nodes without links; in a contact plan, pairs that no instant joins at which they send (shortest_path: the whole path; direct: the link; flood, static and broadcasts: allowing for what changes while a copy is on its way) | ` + "`drops.no_route`" + ` |
| sources that do not know their destination at the start | ` + "`drops.unknown_peer`" + ` |
| links, uplinks and downlinks that are offered more than they carry: messages per second × (size + header) along the ways that they take, what is sent within less than a second counting as spread over one; not for contact plans | ` + "`drops.queue_full`" + `; where the queue is unlimited ` + "`traffic.in_flight`" + ` |
| messages of a type that belongs to the protocols of the mesh, such as HELLO | ` + "`drops.unknown_type`" + ` |
| messages larger than the mtu of every link that leads away from their source, at the least size that is drawn | ` + "`drops.mtu`" + ` |
| with link_state and distance_vector, links that lead one way, which they do not use | ` + "`drops.no_route`" + ` |
| with link_state and distance_vector, links whose mtu is below the size of control messages that are sure to come | ` + "`drops.mtu`" + ` |
| adversaries that replay, or a presence that is set, where nobody shakes hands | |
| traffic of kind facts or claims where nobody shakes hands and nobody is an anchor | ` + "`trust.levels`" + ` for facts, ` + "`claims.pending`" + ` for claims |
| with verify = "quorum", facts that fewer nodes than the quorum know, besides who proposes them | ` + "`trust.levels`" + ` |
| facts proposed to nodes that can never trust who proposes them, as the two never meet or nothing of it can be verified there, however long the run is; not with adversaries, nor in large meshes | ` + "`trust.levels`" + ` |
| facts that nobody knows, and knowledge that nothing uses | |
| adversaries that harm what they pass on, where none has two neighbours to pass it from one to the other | |
| faults, contacts, flows and times of expectations outside of the run; traffic that sends nothing in it, or nothing that is counted | |

An expectation that only says ` + "`… == 0`" + ` means the opposite. Of a large mesh a sample of destinations is looked at, and the warning says so.
`

// writeFamily writes the section of the values that have kinds.
func writeFamily(b *strings.Builder, title string, t reflect.Type) {
	fmt.Fprintf(b, "\n## %s\n\n%s. One draw for each, by the inverse of its distribution function; what is beyond a bound becomes the bound.\n", title, strings.TrimSuffix(sentence(codecs[t].want), "."))
	for _, row := range kinds[kindsOf(t)] {
		kind := reflect.TypeOf(row.zero)
		fmt.Fprintf(b, "\n`%s`: %s\n\n| key | value | default | meaning |\n|---|---|---|---|\n", row.name, sentence(row.doc))
		for i := range schemas[kind].fields {
			writeKey(b, &schemas[kind].fields[i])
		}
	}
}

// writeTable writes the section of the table at a path and those of the tables within.
func writeTable(b *strings.Builder, title, path string, t reflect.Type, doc string) {
	s := schemas[t]
	if title != "" {
		fmt.Fprintf(b, "\n## %s\n", title)
	}
	fmt.Fprintf(b, "\n%s\n", sentence(doc))
	if slices.ContainsFunc(s.fields, func(f field) bool { return tableWithin(f.typ) == nil }) {
		b.WriteString("\n| key | value | default | meaning |\n|---|---|---|---|\n")
	}
	for i := range s.fields {
		if f := &s.fields[i]; tableWithin(f.typ) == nil {
			writeKey(b, f)
		}
	}
	for _, f := range s.fields {
		if f.kind {
			writeKinds(b, f.key, f.typ)
		}
	}
	for _, f := range s.fields {
		full := joinKey(path, f.key)
		switch inner := tableWithin(f.typ); {
		case inner == nil:
		case f.typ.Kind() == reflect.Slice:
			writeTable(b, "[["+full+"]]", full, inner, f.doc)
		default:
			writeTable(b, "["+full+"]", full, inner, f.doc)
		}
	}
}

// tableWithin is the type of the table that a field of type t holds, or nil.
func tableWithin(t reflect.Type) reflect.Type {
	if k := t.Kind(); k == reflect.Slice || k == reflect.Pointer {
		t = t.Elem()
	}
	if isTable(t) {
		return t
	}
	return nil
}

func writeKinds(b *strings.Builder, key string, of reflect.Type) {
	for _, row := range kinds[of] {
		t := reflect.TypeOf(row.zero)
		fmt.Fprintf(b, "\n`%s = %q`: %s%s\n", key, row.name, sentence(row.doc), exposure(row.zero))
		if len(schemas[t].fields) == 0 {
			continue
		}
		b.WriteString("\n| key | value | default | meaning |\n|---|---|---|---|\n")
		for i := range schemas[t].fields {
			writeKey(b, &schemas[t].fields[i])
		}
		for _, f := range schemas[t].fields {
			if inner := tableWithin(f.typ); inner != nil {
				writeTableOf(b, &f, inner)
			}
		}
	}
}

// exposure says by which evidence an adversary of the kind is blocked.
func exposure(kind any) string {
	a, ok := kind.(AdversaryKind)
	switch {
	case !ok:
		return ""
	case a.exposedBy() == "":
		return " No evidence exposes it."
	}
	return " Exposed by `" + a.exposedBy() + "`."
}

// writeTableOf writes the keys of a table that is a key of a kind.
func writeTableOf(b *strings.Builder, f *field, inner reflect.Type) {
	fmt.Fprintf(b, "\nKeys of its table `%s`:\n\n| key | value | default | meaning |\n|---|---|---|---|\n", f.key)
	for i := range schemas[inner].fields {
		writeKey(b, &schemas[inner].fields[i])
	}
}

func writeKey(b *strings.Builder, f *field) {
	value := f.want()
	if len(f.enum) > 0 {
		value = "`" + strings.Join(f.enum, "` `") + "`"
	}
	if bounds := f.bounds(); bounds != "" {
		value += ", " + bounds
	}
	standard := ""
	switch {
	case f.required:
		standard = "required"
	case f.kind && f.defaultText != "":
		standard = "`" + quote(f.defaultText) + "`"
	case f.fallback.IsValid():
		standard = "`" + formatValue(f.fallback) + "`"
	}
	doc := f.doc
	if f.kind {
		doc = "what it is; each kind has keys of its own, below"
	}
	fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.key, cellText(value), standard, cellText(doc))
}

// cellText keeps a text within its cell of a Markdown table.
func cellText(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// sentence gives a doc tag its full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}
