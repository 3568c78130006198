package scenarios

import (
	"math"
	"time"

	"meshsim/netmodel"
	"meshsim/sim"
)

// Duration is a span of virtual time, exact to 1 ns; in a scenario "20ms", with
// the units ns us µs ms s m h, also several as in "1m30s".
type Duration = time.Duration

// Ratio is a probability or share, exact to 10⁻⁹; in a scenario "1.5%".
type Ratio = sim.Ratio

// Length is a length in the unit square, exact to 10⁻⁹ of its side; in a scenario a
// plain number, such as 0.28.
type Length int64

// Side is the side of the unit square.
const Side Length = netmodel.Billionths

// Degrees is a geographical latitude or longitude in 10⁻⁷ degrees, about 1 cm; in a
// scenario a plain number, north and east positive, such as 52.5200066. Further
// digits are rounded: they are what maps give, not what anyone decided.
type Degrees int64

// Degree is one degree.
const Degree Degrees = 10_000_000

// Probability is a Ratio that a scenario may also give as a number, 0.1 for "10%".
type Probability sim.Ratio

// BitRate is a bandwidth in bits per second; in a scenario "10Mbit/s", k, M and G
// being powers of 1000. 0 is unlimited.
type BitRate int64

// Bit rates, as in 10 * MbitPerSecond.
const (
	BitPerSecond  BitRate = 1
	KbitPerSecond         = 1000 * BitPerSecond
	MbitPerSecond         = 1000 * KbitPerSecond
	GbitPerSecond         = 1000 * MbitPerSecond
)

// maxBitRate is 1000 Tbit/s, beyond any wire and far below overflow.
const maxBitRate = 1_000_000 * GbitPerSecond

// Frequency counts events per time in 10⁻⁹ events per second; in a scenario
// "10/s", also per m (minute) and h. 0 stands for none given.
type Frequency int64

// PerSecond is one event per second.
const PerSecond Frequency = 1_000_000_000

// Bounds of a frequency: one event in 116 days, so that a random gap of many means
// still fits a Duration, and one per nanosecond, the resolution of time.
const (
	minFrequency Frequency = 100
	maxFrequency           = 1_000_000_000 * PerSecond
)

// QueueSize bounds the copies that wait at a transmitter besides the one being
// sent; in a scenario a number of copies, "64KiB", or "unlimited". The zero
// QueueSize is unlimited.
type QueueSize struct {
	Unit QueueUnit
	Max  int64 // 0 … maxQueue, in units
}

// QueueUnit is what a QueueSize counts.
type QueueUnit uint8

const (
	Unlimited   QueueUnit = iota
	QueueCopies           // copies waiting
	QueueBytes            // bytes waiting, headers included
)

// maxQueue bounds both copies and bytes in a queue: 1 TiB.
const maxQueue = 1 << 40

// BurstLoss is loss in bursts, the model of Gilbert and Elliott: a link is good or
// bad, moves once for each copy, from good to bad with probability P and back with
// R, and loses copies at the rate of its state. In a scenario a table of which good
// ("0%") and bad ("100%") may be left out; a Go literal gives all four. The zero
// BurstLoss loses nothing.
type BurstLoss struct{ P, R, Good, Bad Ratio }

// Access is the transmitter that all links of a node share, one way; in a scenario
// a bandwidth, or a table of bandwidth and queue. The zero Access is unlimited.
type Access struct {
	Bandwidth BitRate
	Queue     QueueSize // what may wait for it
}

// Number is a plain number without a unit, exact to 10⁻⁹: 0.5 is Num(0.5).
type Number = sim.Number

// Num is v rounded to 10⁻⁹.
func Num(v float64) Number { return Number(math.Round(v * 1e9)) }

// maxNumber bounds a Number: up to a million, every decimal of nine places survives
// the float64 that TOML reads it as.
const maxNumber Number = 1e15

// NodeSet says which nodes: those with the given ids; or Random of all nodes,
// drawn once; or, being zero, all. In a scenario an id, a list, { random = N } or
// "*".
type NodeSet struct {
	IDs    []string
	Random int64
}

// All reports whether the set is every node.
func (s NodeSet) All() bool { return len(s.IDs) == 0 && s.Random == 0 }

// Target says where messages go. The zero Target is "random".
type Target struct {
	How TargetKind
	IDs []string // ToNodes
}

// TargetKind is a way to choose the destination of a message.
type TargetKind uint8

const (
	ToRandom TargetKind = iota // "random": another node each time
	ToEach                     // "each": one message to each other node
	ToAll                      // "*": one broadcast
	ToNodes                    // the nodes listed
)

// NodeList names nodes by their ids; "*", alone, is all of them, and Drawn, alone,
// so many. In a scenario an id, a list, "*" or { random = N }.
type NodeList []string

// StartTime is when a node starts: always at Min, or at a time drawn from Min … Max,
// both included. In a scenario a duration or { uniform = ["0s", "200ms"] }.
type StartTime struct {
	Min, Max Duration // equal unless Uniform
	Uniform  bool
}

// maxStart bounds a StartTime.
const maxStart = 8760 * time.Hour

// StartAt is the start that is always at d.
func StartAt(d Duration) StartTime { return StartTime{Min: d, Max: d} }

// Offset is how far a clock is ahead of true time, or behind when it is negative,
// exact to 1 ns; in a scenario a duration that may begin with a minus.
type Offset time.Duration

// PPM counts millionths, exact to 10⁻³ of them: 1000 is 1 ppm. In a scenario a
// number, such as 12.5.
type PPM int64

// LinkSet names links: "a->b" is one direction, "a-b" (also "a--b" and "a<->b")
// both; Drawn, alone, is so many pairs of nodes, each with all the links between them.
// In a scenario a pair ["a", "b"] stands for "a<->b", and { random = N } for Drawn.
type LinkSet []string
