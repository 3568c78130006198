// Package netfile reads files that describe networks: GML, GraphML, DOT and two
// shapes of JSON. It knows no scenario: bytes become nodes, links and problems.
//
// Every reader is bounded. A file may nest 64 levels deep, what it may hold is in
// Rules, and nothing that stands in a file makes a reader do more than read it
// once: there are no entities to expand, no includes, no references to follow.
//
// Attributes are known by name, whatever their case:
//
//	latitude lat, longitude lon lng long  degrees
//	x, y; pos in DOT; yEd's Geometry      any plane; scaled into the unit square
//	label name                            of a node
//	latency delay                         "20ms", or a number of milliseconds
//	latency_ns _us _ms _s, delay_ns …     a number in the unit of the name
//	loss packet_loss                      "1.5%", or a share 0 … 1
//	bandwidth LinkSpeedRaw                "10Mbit/s", or a number of bit/s
//	source_tq target_tq                   share 0 … 1 that arrives in the direction from that end
//
// All others, such as weight, cost or dist, are passed over: what they mean differs
// from file to file. Times are rounded to 1 ns, shares to 10⁻⁹, rates to 1 bit/s, all half up.
// LinkSpeedRaw is an attribute of the Internet Topology Zoo (Knight et al., IEEE
// JSAC 29(9), 2011), the transmission qualities are those of meshnet-lab.
//
// Problems have the line, and in GML, GraphML and JSON the entry, counted from 0:
// node[2].id, links[17].b.
package netfile

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"meshsim/netmodel"
	"meshsim/sim"
)

// Format is a kind of network file.
type Format string

// The formats, by the names that FormatOf and a user know.
const (
	GML     Format = "gml"     // Himsolt, GML: a portable graph file format, 1997
	GraphML Format = "graphml" // graphml.graphdrawing.org
	DOT     Format = "dot"     // graphviz.org/doc/info/lang.html
	JSON    Format = "json"    // meshnet-lab's nodes and links, or nodes {id} and links {a, b}
)

// maxDepth bounds how deep blocks, elements, subgraphs and lists may nest.
const maxDepth = 64

// FormatOf is the format that an extension such as ".gml" stands for.
func FormatOf(extension string) (Format, bool) {
	switch strings.ToLower(extension) {
	case ".gml":
		return GML, true
	case ".graphml":
		return GraphML, true
	case ".dot", ".gv":
		return DOT, true
	case ".json":
		return JSON, true
	}
	return "", false
}

// Network is what a file holds.
type Network struct {
	Nodes []Node // in the order of the file
	Links []Link // no direction twice, none from a node to itself
	Edges string // what the file calls an entry that gives links, or ""
}

// Node is one node.
type Node struct {
	ID    string // that NodeID makes of the file's
	Label string // "" when it has none
	Place netmodel.Place
}

// Link is one direction of a link, between positions of Network.Nodes. A value
// that the file does not give is not Known.
type Link struct {
	From, To  int
	Line      int // that gave it
	Entry     int // of Network.Edges that gave it
	Known     Values
	Latency   int64 // ns, from 0 to Rules.MaxLatency
	Loss      sim.Ratio
	Bandwidth int64 // bit/s, from 1 to Rules.MaxBandwidth
}

// Key names a value of a link in messages.
func (n *Network) Key(l *Link, value string) string { return place{n.Edges, l.Entry}.key(value) }

// Values is a set of values of a link.
type Values uint8

// The values that a file may give.
const (
	HasLatency Values = 1 << iota
	HasLoss
	HasBandwidth
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	Line    int    // from 1
	Key     string // of an attribute, an entry such as links[17], or both; or ""
	Value   any    // of Key: a string, a Bare word, or nil
	Message string
	Warning bool // the rest of the file serves all the same
}

// Bare is a value that stood without quotes.
type Bare string

// Rules bound what Parse accepts.
type Rules struct {
	CheckID      func(id string) (problem string)     // "" for a good id
	Suggest      func(id string, ids []string) string // words that follow on an unknown id
	MaxNodes     int
	MaxLinks     int   // entries, or pairs of them, before any are merged
	Latency      int64 // ns, of links without; the quickest of parallel links stays
	MaxLatency   int64 // ns
	MaxBandwidth int64 // bit/s

	// Report takes each problem as it is found; false ends the reading.
	Report func(Problem) bool

	// Label is a label as it is kept, and what is to be said of that, or ""; nil
	// keeps all.
	Label func(text string) (label, problem string)
}

// NoNodes is the message on a network without nodes.
const NoNodes = "has no nodes; allowed: at least one"

// Parse reads a file. What has a problem is left out of the network, so that the
// rest can be checked; problems come in the order in which they are found.
func Parse(format Format, data []byte, rules Rules) *Network {
	b := newBuilder(rules)
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	switch {
	case IsUTF16(data):
		b.problem(1, "", nil, UTF16)
	case bytes.IndexByte(data, 0) >= 0:
		b.problem(1, "", nil, "is a binary file; a text is needed")
	case !utf8.Valid(data):
		b.problem(badRune(data), "", nil, "is not valid UTF-8; a text in UTF-8 is needed")
	case len(bytes.TrimSpace(data)) == 0:
		b.problem(1, "", nil, "is empty; allowed: a network with at least one node")
	default:
		switch format {
		case GML:
			parseGML(b, string(data))
		case GraphML:
			parseGraphML(b, data)
		case DOT:
			parseDOT(b, string(data))
		case JSON:
			parseJSON(b, data)
		default:
			panic("netfile: format " + string(format))
		}
		b.finish()
	}
	return &b.network
}

// badRune is the line of the first byte that is no UTF-8.
func badRune(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[size:]
	}
	return line
}
