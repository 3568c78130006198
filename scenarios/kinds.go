package scenarios

import (
	"reflect"

	"meshsim/mesh"
	"meshsim/scenarios/world"
)

// kindRow is one kind of something: how scenarios call it, what it means, and the
// struct whose fields are its keys.
type kindRow struct {
	name string
	doc  string
	zero any
}

// kinds is the one table of kinds. Decoder, encoder, checks and reference page
// know no other.
var kinds = map[reflect.Type][]kindRow{
	reflect.TypeFor[TopologyKind](): {
		{"line", "nodes in a row, n0 – n1 – …", Line{}},
		{"ring", "a line whose ends are linked", Ring{}},
		{"star", "n0 linked to every other node", Star{}},
		{"full", "every node linked to every other", Full{}},
		{"grid", "rows and columns, each node linked to those beside, above and below it; n0 … in the first row, then the second", Grid{}},
		{"torus", "a grid with the ends of each row and of each column linked", Torus{}},
		{"tree", "every node with the same number of children, filled level by level from n0", Tree{}},
		{"random", "each pair of nodes linked with probability p", Random{}},
		{"geometric", "nodes anywhere in the unit square, linked when at most radius apart", Geometric{}},
		{"small_world", "a ring of k nearest neighbours, with some links leading elsewhere (Watts–Strogatz)", SmallWorld{}},
		{"scale_free", "nodes join one by one and prefer those with many links (Barabási–Albert)", ScaleFree{}},
		{"links", "only the links that [[links]] entries give", OwnLinks{}},
		{"file", "nodes and links from a file: GML, GraphML, DOT, JSON, or CSV with the header source,target and any of latency,loss,bandwidth,queue,direction", LinkFile{}},
		{"contacts", "links that exist only while they are in contact, from a file: CSV with the header source,target,start,end and any of latency,loss,bandwidth,queue,direction; events `TIME CONN A B up|down` of the ONE simulator; contact lists `t i j` of 20 s each; contact plans of ION", ContactPlan{}},
	},
	reflect.TypeFor[FaultKind](): {
		{"partition", "groups of nodes that cannot reach each other", Partition{}},
		{"isolate", "nodes that nothing reaches or leaves, and nobody is told", Isolate{}},
		{"link_down", "links that carry nothing", LinkDown{}},
		{"link_set", "links with other values for what is handed over while it is active; of several the one that began last decides, key by key; routing sees the latency", LinkChange{}},
		{"clog", "links that delay what is handed to them, without notice; delays of several add up", Clog{}},
		{"hold", "links that keep what is handed to them, without notice, and are handed it again, in order, when it ends", Hold{}},
		{"crash", "nodes that are down, and start again when it ends", NodeCrash{}},
		{"pause", "nodes that stand still: what comes to them waits, and nobody is told", Pause{}},
		{"clock_skew", "nodes whose own clock is wrong", ClockSkew{}},
		{"churn", "nodes that crash and start again, each by itself, after exponential times; all are up when it begins", Churn{}},
		{"flap", "links that go down and come up again, each by itself, after exponential times; all are up when it begins", Flap{}},
		{"swizzle", "links of a random half of nodes go down one by one, and come up one by one in another random order until it ends", Swizzle{}},
	},
	reflect.TypeFor[LatencyKind](): {
		{"constant", "the same for every copy, written as a plain duration", ConstantLatency{}},
		{"uniform", "between two bounds, each nanosecond as likely", UniformLatency{}},
		{"normal", "normal, clamped at its minimum", NormalLatency{}},
		{"lognormal", "lognormal, clamped at its bounds", LognormalLatency{}},
		{"exponential", "exponential, clamped at its bounds", ExponentialLatency{}},
		{"pareto", "Pareto, with a heavy tail, clamped at its maximum", ParetoLatency{}},
		{"weibull", "Weibull, clamped at its bounds", WeibullLatency{}},
		{"empirical", "one of the values in a file", EmpiricalLatency{}},
		{"profile", "what a recorded link did over time, its loss and bandwidth too", ProfileLatency{}},
	},
	reflect.TypeFor[SizeKind](): {
		{"constant", "the same for every message, written as a plain integer", FixedSize{}},
		{"uniform", "between two bounds, each as likely: { uniform = [64, 1500] }", UniformSize{}},
		{"exponential", "exponential, at most 1 GiB: { exponential = 500 }", ExponentialSize{}},
		{"empirical", "one of the values in a file: { empirical = \"sizes.csv\" }", EmpiricalSize{}},
	},
	reflect.TypeFor[TrafficKind](): {
		{"messages", "application messages", Messages{}},
		{"handshakes", "handshakes that a node begins of its own wish; size means nothing for them", Handshakes{}},
		{"reflections", "records that a node makes and pushes to everyone, whatever to says; size is that of their content, and what is drawn above 1 MiB becomes that", Reflections{}},
		{"facts", "facts that a node proposes to its peers: of those of the domain that it knows at first hand, in the order of their ids, the next with each arrival, round and round; size means nothing for them", Facts{}},
		{"claims", "claims that a node makes to its peers, of what it proposes by facts; size means nothing for them", Claims{}},
		{"requests", "messages that the receiver's application answers, once each, with one of the type with _REPLY after it, which has the same name and number and counts in the metrics like any other", Requests{}},
	},
	reflect.TypeFor[AdversaryKind](): {
		{"blackhole", "lets all that it should pass on end, silently; what is for it, broadcasts too, it takes, and what is its own it sends. It takes part in routing and handshakes like any node. What does not come may have been lost on any link", Blackhole{}},
		{"grayhole", "a blackhole for a share of messages, drawn for each", Grayhole{}},
		{"tamper", "alters a share of what it passes on, drawn for each message, so that the next node refuses it as bad_signature. Nobody can tell who altered it", Tamper{}},
		{"delay", "keeps what it should pass on for a time. A link may be as slow", Delay{}},
		{"flood", "sends junk of its own to everyone: broadcasts of the type FLOOD and 200 bytes, validly signed, which count as control traffic. No rule says how much a node may send", Flood{}},
		{"replay", "says once more, 1 s later, each CIP message that passes through it, in an envelope of its own: the message's own signature is valid. It is refused as a replay of who said it first. Segments of sessions it says again too; they are refused as identity_conflict, being of no session with it", Replay{}},
		{"lie", "says the opposite of what it knows of the facts of a domain, in proposals, answers and claims, and in those that whatever source it cites is of tier high", Lie{}},
		{"equivocate", "says of each fact that it knows one thing to some peers and the opposite to others, drawn for each", Equivocate{}},
		{"slander", "warns every peer that it has met of honest nodes. No rule says that a warning was wrong", Slander{}},
		{"introduce_liars", "introduces all other adversaries to every peer that it has met. An introduction costs its giver nothing", IntroduceLiars{}},
		{"sybil", "goes by further ids, each with a key of its own, a node n7+1, n7+2, … that is linked to n7 alone. All of them win trust by telling everyone what n7 knows; then they say the same untruth of the facts that no honest node knows. Nobody who is honest knows better", SybilAttack{}},
	},
	reflect.TypeFor[ActionKind](): {
		{"set_presence", "what the node's agent says of its attention from then on; overloaded, it defers those who want something of it", SetPresence{}},
		{"override", "the node forgives a peer that it blocks, which is probing then, and takes whatever key the peer has now", Override{}},
		{"introduce", "the node introduces a subject to a peer", Introduce{}},
		{"warn", "the node warns a peer of a subject", Warn{}},
		{"set_human", "what the node's human is like from then on", SetHuman{}},
		{"claim", "the node makes a claim to a peer", Claim{}},
		{"submit", "the node's application submits a message; it belongs to no traffic, and counts as control", Submit{}},
		{"disconnect", "the node closes its session with a peer, and keeps it closed until reconnect; what waits goes on waiting, as far as the queue has room", Disconnect{}},
		{"reconnect", "the node opens its session with a peer", Reconnect{}},
	},
}

// KindName is how scenarios call a kind such as Ring{}: "ring". It panics on what
// is not in the table.
func KindName(kind any) string {
	t := reflect.TypeOf(kind)
	for _, rows := range kinds {
		for _, row := range rows {
			if reflect.TypeOf(row.zero) == t {
				return row.name
			}
		}
	}
	panic("scenarios: no kind " + t.String())
}

// findKind returns the struct type of a kind by name, or nil.
func findKind(of reflect.Type, name string) reflect.Type {
	for _, row := range kinds[of] {
		if row.name == name {
			return reflect.TypeOf(row.zero)
		}
	}
	return nil
}

// kindsWith lists the kinds that have the key.
func kindsWith(of reflect.Type, key string) []string {
	var names []string
	for _, row := range kinds[of] {
		if schemas[reflect.TypeOf(row.zero)].byKey[key] != nil {
			names = append(names, row.name)
		}
	}
	return names
}

// TopologyKind is a kind of graph: Line, Ring, Star, …, OwnLinks, LinkFile or ContactPlan.
type TopologyKind interface{ draw(*grapher) }

// fileKind is a TopologyKind that is read from the file of its key path.
type fileKind interface{ file() string }

// FaultKind is a kind of fault, such as Partition or NodeCrash: a row of the table of
// kinds.
type FaultKind interface {
	// check reports what is wrong with the fault at path on this mesh.
	check(r *report, path string, m *Mesh)
	// outages are the spans of the fault f, of this kind, and what it does to the
	// world in each. Nothing of it is random any more.
	outages(m *Mesh, f *Fault) ([]world.Outage, error)
}

// AdversaryKind is how nodes misbehave, such as Blackhole or Replay: a row of the table
// of kinds.
type AdversaryKind interface {
	// corrupt makes a node that does so for a time of the honest one in a seat.
	corrupt(b *builder, seat world.Seat, r *mesh.Router, when mesh.Span) mesh.Node
	// exposedBy names the evidence that it leaves, by which honest nodes that keep to
	// the rules of trust block it; "" if it leaves none.
	exposedBy() string
}

// ActionKind is something that an operator does, such as SetPresence: a row of the
// table of kinds.
type ActionKind interface {
	// others are the nodes that the action names, besides the one that it is done at.
	others() []namedNode
	// order says what the world is to do. Time, node and kind are set already, and
	// nothing is wrong with the action.
	order(b *builder, a *world.Action)
}

// namedNode is a node that a key of an action names.
type namedNode struct{ key, id string }

// TrafficKind is a kind of traffic, such as Messages: a row of the table of kinds.
type TrafficKind interface {
	check(r *report, path string)
}

// Line links n0 to n1 to n2 and so on.
type Line struct {
	Nodes int64 `toml:"nodes" required:"true" min:"1" max:"100000" doc:"number of nodes"`
}

// Ring is a line whose ends are linked.
type Ring struct {
	Nodes int64 `toml:"nodes" required:"true" min:"3" max:"100000" doc:"number of nodes"`
}

// Full links every node to every other.
type Full struct {
	Nodes int64 `toml:"nodes" required:"true" min:"1" max:"1000" doc:"number of nodes"`
}

// Star links n0, the hub, to every other node.
type Star struct {
	Nodes int64 `toml:"nodes" required:"true" min:"1" max:"100000" doc:"number of nodes, the hub included"`
}

// Grid has Rows × Columns nodes, each linked to those beside, above and below it.
type Grid struct {
	Rows    int64 `toml:"rows" required:"true" min:"1" max:"100000" doc:"number of rows; rows × columns, the number of nodes, is at most 100000"`
	Columns int64 `toml:"columns" required:"true" min:"1" max:"100000" doc:"number of columns"`
}

// Torus is a Grid with the ends of each row and of each column linked.
type Torus struct {
	Rows    int64 `toml:"rows" required:"true" min:"3" max:"100000" doc:"number of rows; rows × columns, the number of nodes, is at most 100000"`
	Columns int64 `toml:"columns" required:"true" min:"3" max:"100000" doc:"number of columns"`
}

// Tree gives every node Branching children, level by level until there are Nodes.
type Tree struct {
	Nodes     int64 `toml:"nodes" required:"true" min:"1" max:"100000" doc:"number of nodes"`
	Branching int64 `toml:"branching" required:"true" min:"1" max:"100000" doc:"children of each node, as long as there are nodes left"`
}

// Random links each pair of nodes with probability P.
type Random struct {
	Nodes     int64       `toml:"nodes" required:"true" min:"1" max:"5000" doc:"number of nodes"`
	P         Probability `toml:"p" required:"true" zero:"kept" doc:"probability of each link"`
	Connected *bool       `toml:"connected" doc:"redraw until all nodes are connected; absent: true"`
}

// Geometric links nodes in the unit square that are at most Radius apart.
type Geometric struct {
	Nodes     int64  `toml:"nodes" required:"true" min:"1" max:"100000" doc:"number of nodes"`
	Radius    Length `toml:"radius" required:"true" min:"0.000000001" max:"2" doc:"distance up to which nodes are linked; the side of the square is 1"`
	Connected *bool  `toml:"connected" doc:"redraw until all nodes are connected; absent: true"`
}

// SmallWorld is a ring of K neighbours each, in which links lead elsewhere with
// probability Rewire.
type SmallWorld struct {
	Nodes     int64       `toml:"nodes" required:"true" min:"3" max:"100000" doc:"number of nodes"`
	K         int64       `toml:"k" required:"true" min:"2" max:"100000" doc:"neighbours on the ring, half on each side; even, and fewer than the nodes"`
	Rewire    Probability `toml:"rewire" required:"true" zero:"kept" doc:"probability that the far end of a link moves to any node"`
	Connected *bool       `toml:"connected" doc:"redraw until all nodes are connected; absent: true"`
}

// ScaleFree lets nodes join one by one, each with Attach links.
type ScaleFree struct {
	Nodes     int64 `toml:"nodes" required:"true" min:"2" max:"100000" doc:"number of nodes"`
	Attach    int64 `toml:"attach" required:"true" min:"1" max:"100000" doc:"links of each node that joins; fewer than the nodes, which begin with as many without links"`
	Connected *bool `toml:"connected" doc:"as for other random kinds; this one is always connected"`
}

// OwnLinks has only the links that [[links]] entries give.
type OwnLinks struct {
	Nodes int64 `toml:"nodes" min:"1" max:"100000" doc:"number of nodes n0, n1, …; absent: those of [[node]], or else those that [[links]] name"`
}

// LinkFile reads its nodes and links from a file. Package netfile says what it
// knows of each format but CSV.
type LinkFile struct {
	Path string `toml:"path" required:"true" doc:"file, relative to the scenario; its extension is one of .gml .graphml .dot .gv .csv .json; at most 524288 links; a bare number such as 7, -1 or 1.5 gets an n before it"`
}

// ContactPlan reads from a file which links exist when.
type ContactPlan struct {
	Path string `toml:"path" required:"true" doc:"contact plan, relative to the scenario; at most 524288 links; a bare number such as 7, -1 or 1.5 gets an n before it"`
}

// Partition cuts the links between nodes of different groups.
type Partition struct {
	Groups [][]string `toml:"groups" doc:"lists of ids; \"*\" is all the rest; { random = N }: N groups of equal size or one more"`
	Mode   string     `toml:"mode" enum:"uniform isolate halves" doc:"instead of groups, two that are drawn: uniform: each node in one or the other; isolate: one node and the rest; halves: two of equal size or one more"`
	OneWay bool       `toml:"oneway" default:"false" doc:"cut only what goes from the first group to the others"`
}

// Isolate cuts all links of nodes, those between two of them included.
type Isolate struct {
	Nodes NodeList `toml:"nodes" required:"true" doc:"those that are alone"`
}

// LinkDown stops links.
type LinkDown struct {
	Links LinkSet `toml:"links" required:"true" doc:"those that are down"`
}

// LinkChange gives links other values.
type LinkChange struct {
	Links LinkSet    `toml:"links" required:"true" doc:"those that change"`
	Set   LinkValues `toml:"set" required:"true" doc:"what they are meanwhile"`
}

// LinkValues are the keys of [link] that a fault can change. Those that are nil
// stay as they are.
type LinkValues struct {
	Latency     *Latency   `toml:"latency" doc:"as in [link]"`
	Loss        *Ratio     `toml:"loss" doc:"as in [link]"`
	BurstLoss   *BurstLoss `toml:"burst_loss" doc:"as in [link]; whether the link is good or bad goes on"`
	Bandwidth   *BitRate   `toml:"bandwidth" doc:"as in [link]; also \"unlimited\""`
	Queue       *QueueSize `toml:"queue" doc:"as in [link]; also \"unlimited\"; what waits stays"`
	Duplicate   *Ratio     `toml:"duplicate" doc:"as in [link]"`
	Reorder     *Ratio     `toml:"reorder" doc:"as in [link]"`
	Corrupt     *Ratio     `toml:"corrupt" doc:"as in [link]"`
	MTU         *int64     `toml:"mtu" min:"1" max:"1073741824" doc:"as in [link]"`
	Header      *int64     `toml:"header" min:"0" max:"65535" doc:"as in [link]"`
	FIFO        *bool      `toml:"fifo" doc:"as in [link]"`
	ZeroLatency *bool      `toml:"zero_latency" doc:"as in [link]"`
}

// Clog slows links down.
type Clog struct {
	Links LinkSet  `toml:"links" required:"true" doc:"those that are slow"`
	Delay Duration `toml:"delay" required:"true" min:"1ns" max:"24h" doc:"added to the latency of each copy"`
}

// Hold stops links without losing anything.
type Hold struct {
	Links LinkSet `toml:"links" required:"true" doc:"those that stand still"`
}

// NodeCrash stops nodes. When it ends they start again, without what they lost.
type NodeCrash struct {
	Nodes NodeList `toml:"nodes" required:"true" doc:"those that go down"`
	Lose  string   `toml:"lose" default:"nothing" enum:"nothing state identity" doc:"what is gone when they start again: their timers only; all that they learnt, ids of envelopes that they have seen included; their key too, so that others refuse as bad_signature what they sign"`
}

// Pause stops the world of nodes.
type Pause struct {
	Nodes NodeList `toml:"nodes" required:"true" doc:"those that stand still"`
}

// ClockSkew changes the own clocks of nodes.
type ClockSkew struct {
	Nodes  NodeList `toml:"nodes" required:"true" doc:"those whose clock is wrong"`
	Offset Offset   `toml:"offset" default:"0s" min:"-8760h" max:"8760h" doc:"how far it is set forward"`
	Drift  PPM      `toml:"drift_ppm" default:"0" min:"-100000" max:"100000" doc:"how much faster it runs, in millionths"`
}

// Churn crashes nodes again and again.
type Churn struct {
	Nodes    NodeList     `toml:"nodes" required:"true" doc:"those that come and go"`
	MeanUp   Duration     `toml:"mean_up" min:"1us" max:"8760h" doc:"mean time that a node is up; required without outages"`
	MeanDown Duration     `toml:"mean_down" min:"1us" max:"8760h" doc:"mean time that a node is down; required without outages"`
	Lose     string       `toml:"lose" default:"nothing" enum:"nothing state identity" doc:"as in crash"`
	Outages  []NodeOutage `toml:"outages" zero:"kept" doc:"when which node is down; given, nothing is drawn; without until, as long as the fault lasts"`
}

// Flap takes links down again and again. Both directions of a pair of which both are
// named go down and come up together.
type Flap struct {
	Links    LinkSet      `toml:"links" required:"true" doc:"those that go down and come up; both directions together where both are named"`
	MeanUp   Duration     `toml:"mean_up" min:"1us" max:"8760h" doc:"mean time that a link is up; required without outages"`
	MeanDown Duration     `toml:"mean_down" min:"1us" max:"8760h" doc:"mean time that a link is down; required without outages"`
	MinUp    Duration     `toml:"min_up" default:"0s" min:"0s" max:"8760h" doc:"least time that a link is up; what is beyond it is exponential"`
	MinDown  Duration     `toml:"min_down" default:"0s" min:"0s" max:"8760h" doc:"least time that a link is down; what is beyond it is exponential"`
	Outages  []LinkOutage `toml:"outages" zero:"kept" doc:"when which link is down; given, nothing is drawn; without until, as long as the fault lasts"`
}

// Swizzle takes the links of a random half of nodes down, each at a random time in
// the first half of its span, and up again at one in the second.
type Swizzle struct {
	Nodes   NodeList     `toml:"nodes" required:"true" doc:"of whom half are drawn, one more if they are odd; the fault needs an until"`
	Outages []LinkOutage `toml:"outages" zero:"kept" doc:"when which link is down; given, nothing is drawn; without until, as long as the fault lasts"`
}

// Messages are plain application messages.
type Messages struct {
	Type string `toml:"type" default:"MESSAGE" doc:"message type"`
}

// Handshakes begin handshakes.
type Handshakes struct{}

// Reflections are records of the shared memory.
type Reflections struct{}

// Facts are proposed to peers.
type Facts struct {
	Domain string `toml:"domain" doc:"of the facts; absent: any"`
}

// Claims are made to peers.
type Claims struct {
	Domain string `toml:"domain" doc:"of the facts that the claims are about; absent: any"`
	Source string `toml:"source" doc:"uri of the source that they cite, whether it says so or not; absent: none"`
}

// Requests are application messages with an answer.
type Requests struct {
	Type      string `toml:"type" default:"REQUEST" doc:"message type"`
	ReplySize int64  `toml:"reply_size" default:"200" min:"0" max:"1073741824" doc:"bytes of the answer"`
}

// Blackhole lets end what it should pass on.
type Blackhole struct{}

// Grayhole is a Blackhole for some messages.
type Grayhole struct {
	Share Ratio `toml:"share" required:"true" zero:"kept" doc:"of messages, that end"`
}

// Tamper alters some of what it passes on.
type Tamper struct {
	Share Ratio `toml:"share" required:"true" zero:"kept" doc:"of messages, that it alters"`
}

// Delay keeps what it should pass on for a time.
type Delay struct {
	By Duration `toml:"by" required:"true" min:"1ns" max:"24h" doc:"how long it keeps each message, by its own clock"`
}

// Flood fills the mesh with messages that mean nothing.
type Flood struct {
	Rate Frequency `toml:"rate" required:"true" doc:"messages per second and node, by its own clock; the first at start"`
}

// Replay says again what others said.
type Replay struct{}

// Lie says the opposite of what it knows.
type Lie struct {
	Domain string `toml:"domain" doc:"of the facts that it lies about; absent: any"`
}

// Equivocate says this to one and that to another.
type Equivocate struct{}

// Slander warns of honest nodes.
type Slander struct {
	Targets NodeList `toml:"targets" required:"true" doc:"of whom it warns"`
}

// IntroduceLiars introduces other adversaries.
type IntroduceLiars struct{}

// SybilAttack hides behind several identities.
type SybilAttack struct {
	Count int64 `toml:"count" required:"true" min:"1" max:"100" doc:"further ids of each of the nodes"`
}
