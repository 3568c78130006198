// Package planted has bugs that the project's own tests must find: off-by-ones, lost
// records, chance that is shared. Each stands in the code as one line,
//
//	if planted.Bug == planted.HopLimit {
//		limit++
//	}
//
// Without the build tag planted, Bug is a constant and the compiler drops the line.
// With the tag, the environment variable MESHSIM_PLANTED names the one that acts.
package planted

import (
	"slices"
	"sync/atomic"
)

// Variable is where the environment names the bug.
const Variable = "MESHSIM_PLANTED"

// Kind is one bug.
type Kind uint8

// The bugs, in the order of the packages that they are in.
const (
	None Kind = iota

	UniformMax
	SamplerCounter
	LossPerMessage
	DuplicateDraw
	BurstChain
	Overtakes
	QueueRoom
	QueueRate
	EarlyServe
	SerialisationFloor
	DequeueOrder
	MTU
	LinkDownDelivers
	OneWay
	HoldLoses
	RoutesKeepCrashed

	RttvarOrder
	KarnOff
	ResumeLoses
	CreditLost
	BlockForgotten
	WindowEdge

	HopLimit
	FloodBack
	MapRange
	ForgedSeen
	AgeingOff
	OneSided
	AdvertSeqno
	FeasibleEqual
	SeqnoKept
	NonceForgotten
	ProofUnchecked
	OpenByArrival
	ChunkBoundary
	VoiceTwice
	VoiceUntrusted
	WarningRelayed
	IntroductionAuthenticates
	ClaimReopened
	TierFromWire

	CorruptSeen
	LostDrop
	DropReason
	CrashedHandles
	PauseSubmits
	PauseLoses
	StateKept
	StaleTimer

	count
)

// Row tells of a bug.
type Row struct {
	Name    string // as in MESHSIM_PLANTED
	Package string // in which it stands
	Doc     string // what is wrong
	Hidden  string // why no run shows it; "": some do
}

var rows = [count]Row{
	None: {Name: ""},

	UniformMax:         {"uniform_max", "netmodel", "a uniform latency never takes its maximum", ""},
	SamplerCounter:     {"sampler_counter", "netmodel", "a sampler adds a counter of its package to its draw", ""},
	LossPerMessage:     {"loss_per_message", "netmodel", "loss is drawn once for each message, not for each link", ""},
	DuplicateDraw:      {"duplicate_draw", "netmodel", "a duplicate shares the draws of its original", ""},
	BurstChain:         {"burst_chain", "netmodel", "a burst of loss ends as rarely as one begins", ""},
	Overtakes:          {"overtakes", "netmodel", "a copy on a fifo link overtakes by up to 1 µs", ""},
	QueueRoom:          {"queue_room", "netmodel", "a queue has room for one copy more", ""},
	QueueRate:          {"queue_rate", "netmodel", "a transmitter sends at 0.98 of its rate", ""},
	EarlyServe:         {"early_serve", "netmodel", "a queue serves one copy early", ""},
	SerialisationFloor: {"serialisation_floor", "netmodel", "the time on a transmitter is rounded down", ""},
	DequeueOrder:       {"dequeue_order", "netmodel", "a queue with a policy serves the last first", ""},
	MTU:                {"mtu", "netmodel", "a copy as large as the MTU is refused", ""},
	LinkDownDelivers:   {"link_down_delivers", "netmodel", "what is on the wire when a link goes down arrives", ""},
	OneWay:             {"one_way", "netmodel", "a partition of one direction cuts both", ""},
	HoldLoses:          {"hold_loses", "netmodel", "a hold never hands over what it kept", ""},
	RoutesKeepCrashed:  {"routes_keep_crashed", "netmodel", "the least-latency routes lead over crashed nodes", ""},

	RttvarOrder:    {"rttvar_order", "rtt", "RTTVAR is updated after SRTT", "what a time-out is made of is not in the record; TestEstimatorAgainstExactArithmetic in rtt sees it"},
	KarnOff:        {"karn_off", "rtt", "a segment that was sent twice gives a round trip", "what a time-out is made of is not in the record; TestKarn in rtt sees it"},
	ResumeLoses:    {"resume_loses", "rtt", "a session that resumes forgets the last message under way", ""},
	CreditLost:     {"credit_lost", "rtt", "no credit is taken after a reconnect", ""},
	BlockForgotten: {"block_forgotten", "rtt", "an offer that waits for room does not hear of a disconnect", ""},
	WindowEdge:     {"window_edge", "rtt", "the window of sequence numbers is one too small", ""},

	HopLimit:   {"hop_limit", "mesh", "the hop limit is one too high", ""},
	FloodBack:  {"flood_back", "mesh", "a flood also sends back", ""},
	MapRange:   {"map_range", "mesh", "a flood goes to its neighbours in the order of a map", ""},
	ForgedSeen: {"forged_seen", "mesh", "a copy that fails its signature marks its id as seen", ""},

	AgeingOff:                 {"ageing_off", "mesh", "link_state never forgets an advert", "an advert of a node that is gone leads nowhere; TestLinkStateFlooding in mesh sees it"},
	OneSided:                  {"one_sided", "mesh", "link_state uses a link that one end advertises", "where both ends are well the other one advertises it too; TestLinkStateRoutes in mesh sees it"},
	AdvertSeqno:               {"advert_seqno", "mesh", "link_state does not raise the number of its adverts", ""},
	FeasibleEqual:             {"feasible_equal", "mesh", "distance_vector takes a route that is as far as the feasibility distance", ""},
	SeqnoKept:                 {"seqno_kept", "mesh", "distance_vector does not raise its number when it is asked to", ""},
	NonceForgotten:            {"nonce_forgotten", "mesh", "a node remembers neither nonces nor message ids of its peers", "no oracle tells a replay from a repetition; TestInvalidMessages in mesh and the built-in replay see it"},
	ProofUnchecked:            {"proof_unchecked", "mesh", "a node takes any answer to its challenge", "nobody forges an answer yet; TestAnswersAreChecked in mesh sees it"},
	OpenByArrival:             {"open_by_arrival", "mesh", "of two HELLOs that crossed the later one wins", "peers meet all the same; TestSimultaneousOpen in mesh sees it"},
	VoiceTwice:                {"voice_twice", "trust", "each voice counts twice", ""},
	VoiceUntrusted:            {"voice_untrusted", "trust", "voices count of peers that are not trusted", ""},
	WarningRelayed:            {"warning_relayed", "mesh", "a node passes warnings on as its own", ""},
	IntroductionAuthenticates: {"introduction_authenticates", "mesh", "who was introduced needs to prove nothing", ""},
	ChunkBoundary:             {"chunk_boundary", "mesh", "a node leaves out the first record of each chunk but the first", ""},
	ClaimReopened:             {"claim_reopened", "mesh", "an accepted claim that comes again is judged again", ""},
	TierFromWire:              {"tier_from_wire", "mesh", "a node believes the tier that a claim says its source has", ""},

	CorruptSeen:    {"corrupt_seen", "scenarios/world", "a corrupt copy marks its id as seen", ""},
	LostDrop:       {"lost_drop", "scenarios/world", "a copy that finds a queue full goes without a record", ""},
	DropReason:     {"drop_reason", "scenarios/world", "what a burst loses is told as plain loss", ""},
	CrashedHandles: {"crashed_handles", "scenarios/world", "a node that is down handles what arrives", ""},
	PauseSubmits:   {"pause_submits", "scenarios/world", "a paused node's application submits", ""},
	PauseLoses:     {"pause_loses", "scenarios/world", "what waited at a paused node is lost", ""},
	StateKept:      {"state_kept", "scenarios/world", "a node keeps the state that its crash should lose", ""},
	StaleTimer:     {"stale_timer", "scenarios/world", "a timer from before a crash fires after it", ""},
}

// Rows are all bugs.
func Rows() []Row { return rows[1:] }

// Names are those of all bugs.
func Names() []string {
	var names []string
	for _, r := range Rows() {
		names = append(names, r.Name)
	}
	return names
}

// named is the bug with a name; "" is None.
func named(name string) (Kind, bool) {
	i := slices.IndexFunc(rows[:], func(r Row) bool { return r.Name == name })
	return Kind(max(i, 0)), i >= 0
}

var counter atomic.Uint64

// Counted is a draw moved by how many were asked for so far, by any run: it is not a
// function of seed and key any more.
func Counted(draw uint64) uint64 { return draw + counter.Add(1)*0x9E3779B97F4A7C15 }

// MapOrder is the values in the order of a map, which is another one each time.
func MapOrder[T comparable](values []T) []T {
	set := make(map[T]bool, len(values))
	for _, v := range values {
		set[v] = true
	}
	order := make([]T, 0, len(values))
	for v := range set {
		order = append(order, v)
	}
	return order
}
