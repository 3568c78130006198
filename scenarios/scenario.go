// Package scenarios goes from a description of a mesh to a verdict: the TOML
// language, its checks and tables of kinds, and Run, the front door for the
// command line and for a user's own tests alike.
package scenarios

import (
	"time"

	"meshsim/sim"
)

// Scenario describes one run completely, but for the seed's override. It is read
// from TOML by Load, or written as a Go literal: there a zero field takes the
// default of its tag (Seed excepted: 0 is seed 0).
//
// The tags are the language: key (toml), default, bounds (min, max), allowed
// words (enum), whether it is a name (text), whether it must be given (required), whether it is written even
// when it has its default (write), and what it means (doc).
// Decoder, encoder, checks and reference page are all driven by them.
type Scenario struct {
	Version  int64     `toml:"version" required:"true" default:"1" min:"1" max:"1" doc:"version of this language"`
	Name     string    `toml:"name" default:"scenario" text:"name" write:"always" doc:"used in results and file names"`
	Seed     sim.Seed  `toml:"seed" default:"1" zero:"kept" write:"always" doc:"all chance of the run comes from it"`
	Duration Duration  `toml:"duration" required:"true" min:"1ns" max:"8760h" doc:"every event up to and including it is processed"`
	Epoch    time.Time `toml:"epoch" default:"2025-01-01T00:00:00Z" doc:"the date of virtual time 0"`

	Measure      Measure      `toml:"measure" doc:"which messages the traffic metrics count"`
	Topology     Topology     `toml:"topology" required:"true" doc:"nodes and the links between them"`
	Link         Link         `toml:"link" doc:"default of every link, one way"`
	Links        []Links      `toml:"links" doc:"links of their own; each overrides the default"`
	Nodes        []Node       `toml:"node" doc:"nodes of their own"`
	NodeDefaults NodeDefaults `toml:"node_defaults" doc:"keys of every node that it does not give itself"`
	Registry     Registry     `toml:"registry" doc:"whom a node knows"`
	Routing      Routing      `toml:"routing" doc:"where envelopes go"`
	Wire         Wire         `toml:"mesh" doc:"what envelopes are made of"`
	Handshake    Handshake    `toml:"handshake" doc:"how nodes meet"`
	Trust        Trust        `toml:"trust" doc:"what nodes hold of each other"`
	Session      Session      `toml:"session" doc:"transport sessions, through which messages go in order and once"`
	Memory       *Memory      `toml:"memory" doc:"what nodes share; absent: nothing, unless traffic pushes reflections"`
	Knowledge    Knowledge    `toml:"knowledge" doc:"what there is to know, and who knows it"`
	Traffic      []Traffic    `toml:"traffic" doc:"what applications send"`
	Faults       []Fault      `toml:"fault" doc:"what goes wrong"`
	Adversaries  []Adversary  `toml:"adversary" doc:"nodes that do not keep to the protocol; all others are honest"`
	Actions      []Action     `toml:"action" doc:"what operators do; at equal times in this order, after faults and before traffic"`
	Expects      []Expect     `toml:"expect" doc:"what must hold"`

	// Of a file that meshsim wrote: what it records, and the files it needs.
	Record *Record           `toml:"record" doc:"what a .fail.toml records of its run"`
	Files  map[string]string `toml:"files" doc:"files that the scenario names, as base64 of zstd"`

	// Comment is the lines above the first key, without "# ".
	Comment []string `toml:"-"`

	source source
}

// Measure bounds the window of the traffic metrics.
type Measure struct {
	Warmup Duration `toml:"warmup" default:"0s" min:"0s" max:"8760h" doc:"messages sent before it are not counted"`
	Drain  Duration `toml:"drain" default:"0s" min:"0s" max:"8760h" doc:"messages sent later than duration − drain are not counted"`
}

// Topology is the graph; its kind has the keys.
type Topology struct {
	Kind TopologyKind `toml:",kind" required:"true"`
}

// Link describes a wire in one direction.
type Link struct {
	Latency     Latency   `toml:"latency" default:"1ms" doc:"propagation, one way"`
	Loss        Ratio     `toml:"loss" default:"0%" doc:"share of copies lost"`
	BurstLoss   BurstLoss `toml:"burst_loss" doc:"Gilbert–Elliott: p good→bad and r bad→good once per copy, then the loss in that state: good (default 0%) or bad (default 100%)"`
	Bandwidth   BitRate   `toml:"bandwidth" default:"unlimited" doc:"bits per second; absent: unlimited"`
	Queue       QueueSize `toml:"queue" default:"unlimited" doc:"copies that may wait besides the one being sent; absent: unlimited"`
	QueuePolicy string    `toml:"queue_policy" default:"drop_tail" enum:"drop_tail drop_random codel" doc:"with a full queue: drop the newcomer, or one at random of those waiting and the newcomer; codel (RFC 8289, target 5ms, interval 100ms) drops a newcomer too, and at the head of the queue what waited too long; all are dropped as queue_full"`
	Duplicate   Ratio     `toml:"duplicate" default:"0%" doc:"share of copies that arrive twice"`
	Reorder     Ratio     `toml:"reorder" default:"0%" doc:"share of copies that skip their latency"`
	Corrupt     Ratio     `toml:"corrupt" default:"0%" doc:"share of copies that arrive damaged, and are dropped there"`
	MTU         int64     `toml:"mtu" min:"1" max:"1073741824" doc:"bytes of the largest envelope, header excluded; larger ones are not taken; absent: any"`
	Header      int64     `toml:"header" default:"0" min:"0" max:"65535" doc:"bytes added to each envelope for serialisation"`
	FIFO        bool      `toml:"fifo" default:"false" doc:"copies arrive in the order of their hand-over"`
	ZeroLatency bool      `toml:"zero_latency" default:"false" doc:"allow a latency of 0"`
	Geo         bool      `toml:"geo" default:"false" doc:"latency from the coordinates of the ends, instead of latency: 5 µs per km of great circle (R = 6371 km), rounded to 1 µs, at least 50 µs; a link's own latency, in [[links]] or a file, wins"`
}

// Links is an entry [[links]]: one direction by From and To, or both by Between.
// A key that it leaves out is taken from the topology's file, or else from [link].
type Links struct {
	From    string   `toml:"from" doc:"sending end"`
	To      string   `toml:"to" doc:"receiving end"`
	Between []string `toml:"between" doc:"both ends, for both directions"`

	Latency     *Latency   `toml:"latency" doc:"as in [link]"`
	Loss        *Ratio     `toml:"loss" doc:"as in [link]"`
	BurstLoss   *BurstLoss `toml:"burst_loss" doc:"as in [link]"`
	Bandwidth   *BitRate   `toml:"bandwidth" doc:"as in [link]"`
	Queue       *QueueSize `toml:"queue" doc:"as in [link]"`
	QueuePolicy *string    `toml:"queue_policy" enum:"drop_tail drop_random codel" doc:"as in [link]"`
	Duplicate   *Ratio     `toml:"duplicate" doc:"as in [link]"`
	Reorder     *Ratio     `toml:"reorder" doc:"as in [link]"`
	Corrupt     *Ratio     `toml:"corrupt" doc:"as in [link]"`
	MTU         *int64     `toml:"mtu" min:"1" max:"1073741824" doc:"as in [link]"`
	Header      *int64     `toml:"header" min:"0" max:"65535" doc:"as in [link]"`
	FIFO        *bool      `toml:"fifo" doc:"as in [link]"`
	ZeroLatency *bool      `toml:"zero_latency" doc:"as in [link]"`
}

// Node is an entry [[node]].
type Node struct {
	ID           string   `toml:"id" required:"true" doc:"its name in everything that is written"`
	Key          string   `toml:"key" text:"name" doc:"its name in draws, ties and order; default: the id"`
	Kind         string   `toml:"kind" enum:"agent service router" doc:"what it is to its peers"`
	Address      string   `toml:"address" doc:"where its peers say it is"`
	Label        string   `toml:"label" text:"name" doc:"its name for people, in drawings; default: that of the topology's file"`
	Capabilities []string `toml:"capabilities" doc:"what it offers"`
	Anchors      []string `toml:"anchors" zero:"kept" doc:"as in [node_defaults]; []: none"`
	Lat          *Degrees `toml:"lat" min:"-90" max:"90" doc:"latitude, north positive, rounded to 10⁻⁷ degrees; with lon"`
	Lon          *Degrees `toml:"lon" min:"-180" max:"180" doc:"longitude, east positive, rounded to 10⁻⁷ degrees; with lat"`

	Uplink      *Access    `toml:"uplink" doc:"as in [node_defaults]"`
	Downlink    *Access    `toml:"downlink" doc:"as in [node_defaults]"`
	Start       *StartTime `toml:"start" doc:"as in [node_defaults]"`
	ClockOffset *Offset    `toml:"clock_offset" min:"-8760h" max:"8760h" doc:"as in [node_defaults]"`
	ClockDrift  *PPM       `toml:"clock_drift_ppm" min:"-100000" max:"100000" doc:"as in [node_defaults]"`
}

// NodeDefaults is what an entry [[node]] does not say of its node, and what holds
// for nodes without an entry.
type NodeDefaults struct {
	Kind         string   `toml:"kind" default:"agent" enum:"agent service router" doc:"what nodes are to their peers"`
	Address      string   `toml:"address" doc:"where peers say that a node is"`
	Capabilities []string `toml:"capabilities" doc:"what nodes offer"`
	Anchors      []string `toml:"anchors" doc:"ids of nodes that a node trusts from the start, besides those of [trust]; never itself"`

	Uplink      Access    `toml:"uplink" default:"unlimited" doc:"one transmitter for all that the node sends, before each link's own"`
	Downlink    Access    `toml:"downlink" default:"unlimited" doc:"one transmitter for all that is sent to the node, after the link"`
	Start       StartTime `toml:"start" default:"0s" doc:"until then the node is down; a random one is drawn for each node"`
	ClockOffset Offset    `toml:"clock_offset" default:"0s" min:"-8760h" max:"8760h" doc:"how far its own clock is ahead at time 0"`
	ClockDrift  PPM       `toml:"clock_drift_ppm" default:"0" min:"-100000" max:"100000" doc:"how much too fast its own clock runs, in millionths"`
}

// Registry says which peers a node knows.
type Registry struct {
	Start    string   `toml:"start" default:"all" enum:"all neighbours none" doc:"peers known at the start"`
	Announce Duration `toml:"announce_interval" min:"1ms" max:"8760h" doc:"a node makes itself known to everyone when it starts, and again after each of these, ± 10 %; absent: never"`
	Expire   Duration `toml:"expire" min:"1ms" max:"8760h" doc:"a peer that was not known at the start is forgotten when nothing was heard of it for so long; absent: never"`
}

// Routing configures forwarding.
type Routing struct {
	Strategy  string   `toml:"strategy" default:"shortest_path" enum:"direct flood gossip shortest_path static link_state distance_vector" doc:"who gets an envelope next"`
	MaxHops   int64    `toml:"max_hops" default:"8" min:"1" max:"255" doc:"links that an envelope may cross"`
	Fanout    int64    `toml:"fanout" min:"1" max:"100000" doc:"neighbours, drawn for each envelope, that a node hands what it gossips, floods or broadcasts; absent: 3 for gossip, else all"`
	File      string   `toml:"file" doc:"static: CSV with the header node,destination,next"`
	SeenMax   int64    `toml:"seen_max" default:"65536" min:"1" max:"16777216" doc:"envelope ids that a node remembers, oldest out first"`
	Hello     Duration `toml:"hello_interval" default:"1s" min:"1ms" max:"1h" doc:"link_state, distance_vector: between two hellos, ± 10 %; a neighbour silent for four of them is given up"`
	Advertise Duration `toml:"advertise_interval" default:"5s" min:"1ms" max:"24h" doc:"link_state, distance_vector: between two adverts of all that a node says, in whole hello intervals; unrepeated for four of them it is forgotten"`
}

// Wire configures envelopes.
type Wire struct {
	Signatures string `toml:"signatures" default:"modelled" enum:"modelled ed25519" doc:"how envelopes and CIP messages are signed: verdicts are the same; ed25519 does the arithmetic"`
}

// Handshake configures the CIP handshake.
type Handshake struct {
	Auto       string   `toml:"auto" default:"none" enum:"none neighbours all" doc:"with whom a node shakes hands, unasked, when it starts"`
	Retry      Duration `toml:"retry" default:"1s" min:"1ms" max:"1h" doc:"until a message without an answer is sent again; doubled each time"`
	Tries      int64    `toml:"tries" default:"5" min:"1" max:"16" doc:"how often a message is sent, the first time included"`
	Backoff    Duration `toml:"backoff" default:"10s" min:"1ms" max:"1h" doc:"rest after that; doubled each time"`
	Rounds     int64    `toml:"rounds" default:"3" min:"1" max:"16" doc:"how often it tries and rests before it gives up"`
	Jitter     Ratio    `toml:"jitter" default:"10%" doc:"how far each of these times may be off, either way"`
	RetryAfter Duration `toml:"retry_after" default:"5s" min:"1ms" max:"1h" doc:"when an overloaded node asks to be asked again"`
}

// Trust configures what nodes hold of each other.
type Trust struct {
	Verify        string   `toml:"verify" default:"local_or_quorum" enum:"local_or_quorum local quorum" doc:"what makes a peer trusted: local: a fact of its agrees with what the node knows at first hand; quorum: so many trusted peers confirm it"`
	Quorum        int64    `toml:"quorum" default:"2" min:"1" max:"100000" doc:"distinct trusted peers that must confirm a fact, challenge it, or corroborate a claim"`
	Anchors       []string `toml:"anchors" doc:"ids of nodes that every other node trusts from the start"`
	Warners       int64    `toml:"warners" default:"2" min:"1" max:"100000" doc:"distinct trusted peers whose warnings of a peer make one conflict"`
	Warnings      string   `toml:"warnings" default:"first_hand" enum:"first_hand relay none" doc:"of whom a node warns its trusted peers: of those that it blocks by its own evidence; also of those of whom a trusted peer warned it, which can cascade; of nobody"`
	VerifyTimeout Duration `toml:"verify_timeout" default:"5s" min:"1ms" max:"1h" doc:"how long a node waits for those whom it asks about a fact before it asks the next ones"`
	Window        Duration `toml:"timestamp_window" default:"30s" min:"1ms" max:"8760h" doc:"how far the timestamp of a message may be from the receiver's clock"`
	OnReplay      string   `toml:"on_replay" default:"drop" enum:"drop malicious" doc:"what a replayed message is: dropped; or malice of the peer in whose name it comes, so that whoever replays can get others blocked"`
	Decay         Duration `toml:"decay" min:"1ms" max:"8760h" doc:"a trusted peer that was not heard of for so long is probing again; absent: never"`

	Introductions      string   `toml:"introductions" default:"none" enum:"none tell meet" doc:"tell: a node introduces any two peers that it trusts to each other; meet: and who is told shakes hands with the other"`
	IntroductionHops   int64    `toml:"introduction_hops" default:"1" min:"1" max:"255" doc:"how far an introduction goes from one trusted peer to the next; 1: to whom it is made"`
	IntroductionExpire Duration `toml:"introduction_expire" default:"60s" min:"1ms" max:"8760h" doc:"how long an introduction counts"`
	Settle             Duration `toml:"settle" default:"5s" min:"1ms" max:"8760h" doc:"trust has converged when the levels of the honest nodes have not changed for so long, and do not change until the end"`

	ClaimsMax      int64  `toml:"claims_max" default:"64" min:"1" max:"16777216" doc:"claims that may wait at a node until they are decided"`
	ClaimsOverflow string `toml:"claims_overflow" default:"drop_newest" enum:"drop_oldest drop_newest error block" doc:"what becomes of one claim when more come: the one that waits longest is dropped; the new one is dropped; or rejected; or not answered, so that it comes again"`
}

// Memory configures the memory that nodes share.
type Memory struct {
	Sync      Duration `toml:"sync_interval" default:"10s" min:"1ms" max:"8760h" doc:"how often a node that knows of records asks a peer, one after the other in a drawn order, for what it missed, ± 10 %"`
	ChunkSize int64    `toml:"chunk_size" default:"32" min:"1" max:"1024" doc:"records in an answer at most; more are asked for at once"`
	Limit     int64    `toml:"limit" default:"65536" min:"1" max:"16777216" doc:"records that a node keeps, oldest out first; it takes none again of which it knows the id, and knows those of twice as many"`
}

// Traffic is an entry [[traffic]].
type Traffic struct {
	Name     string      `toml:"name" text:"name" doc:"default t1, t2, …; the entry's identity in draws"`
	Kind     TrafficKind `toml:",kind" default:"messages"`
	From     NodeSet     `toml:"from" default:"*" doc:"who sends"`
	To       Target      `toml:"to" default:"random" doc:"\"random\": another node each time; \"each\": one message to each other node; \"*\": one broadcast"`
	Arrivals string      `toml:"arrivals" default:"poisson" enum:"poisson periodic" doc:"how messages are spaced"`
	Rate     Frequency   `toml:"rate" doc:"messages per second and source"`
	Interval Duration    `toml:"interval" min:"1ns" max:"8760h" doc:"instead of rate: the (mean) time between messages of a source"`
	Size     Size        `toml:"size" default:"200" doc:"application bytes, at most 1 GiB"`
	Start    Duration    `toml:"start" default:"0s" min:"0s" max:"8760h" doc:"periodic: first message; poisson: one gap before it"`
	Stop     Duration    `toml:"stop" min:"1ns" max:"8760h" doc:"no message at or after it; absent: the end"`
	Count    int64       `toml:"count" min:"1" doc:"arrivals per source; absent: no limit"`
	Class    string      `toml:"class" text:"name" doc:"metrics are also kept per class"`
	File     string      `toml:"file" doc:"CSV with the header source,destination,start,interval,size,count; instead of from, to, arrivals, rate, interval, size, start, stop and count"`
}

// Fault is an entry [[fault]].
type Fault struct {
	Name  string    `toml:"name" text:"name" doc:"default f1, f2, …"`
	Kind  FaultKind `toml:",kind" required:"true"`
	At    Duration  `toml:"at" required:"true" min:"0s" max:"8760h" doc:"when it begins"`
	Until Duration  `toml:"until" min:"1ns" max:"8760h" doc:"when it ends; absent: never"`
}

// Adversary is an entry [[adversary]].
type Adversary struct {
	Nodes     NodeSet       `toml:"nodes" required:"true" zero:"kept" doc:"who misbehaves; no node in two entries"`
	Behaviour AdversaryKind `toml:"behaviour,kind" required:"true"`
	Start     Duration      `toml:"start" default:"0s" min:"0s" max:"8760h" doc:"by each node's own clock; before it the node is as honest as any"`
	Stop      Duration      `toml:"stop" min:"1ns" max:"8760h" doc:"likewise, from then on; absent: never"`
}

// Action is an entry [[action]].
type Action struct {
	At   Duration   `toml:"at" required:"true" min:"0s" max:"8760h" doc:"when it is done"`
	Node string     `toml:"node" required:"true" doc:"to whom; one that is down does not hear of it"`
	Kind ActionKind `toml:",kind" required:"true"`
}

// Expect is an entry [[expect]]: exactly one of the five forms.
type Expect struct {
	Name       string   `toml:"name" text:"name" doc:"default: the expression"`
	Always     string   `toml:"always" doc:"holds whenever it can be evaluated"`
	Eventually string   `toml:"eventually" doc:"holds at some instant not later than by"`
	Stays      string   `toml:"stays" doc:"holds at every instant from from to the end"`
	Within     string   `toml:"within" doc:"holds at some instant at most limit after the end of the fault"`
	AtEnd      string   `toml:"at_end" doc:"holds when the run is over"`
	While      string   `toml:"while" doc:"always: only while this holds"`
	By         Duration `toml:"by" min:"1ns" max:"8760h" doc:"eventually: latest instant; default: the end"`
	From       Duration `toml:"from" min:"0s" max:"8760h" doc:"stays: first instant; default: 0"`
	After      string   `toml:"after" doc:"within: name of the fault"`
	Limit      Duration `toml:"limit" min:"1ns" max:"8760h" doc:"within: how long after its end"`
}

// Record is what a .fail.toml keeps of the run that failed.
type Record struct {
	Engine   int64  `toml:"engine" doc:"engine version"`
	Digest   string `toml:"digest" doc:"digest of the run"`
	Failure  string `toml:"failure" doc:"what failed"`
	FailFast bool   `toml:"fail_fast" default:"false" doc:"the run ended at its first failure"`
}
