package mesh

import "meshsim/sim"

// Facts is what there is to know in a run, and who says so: a base that all nodes read
// and none writes. Every fact is true; a statement is that a fact holds, or that it does
// not.
type Facts struct {
	All     []Fact // in the order of their ids
	Sources []Source
}

// Fact is something that holds.
type Fact struct {
	ID     string
	Domain string
	Known  []Belief // by node
}

// Belief is what a node knows of a fact at first hand.
type Belief uint8

const (
	Ignorant Belief = iota // nothing
	Right                  // that it holds
	Mistaken               // that it does not hold
)

// holds is what somebody who believes so says of the fact, if anything.
func (b Belief) holds() (holds, knows bool) { return b == Right, b != Ignorant }

// Source is something outside the mesh that claims can cite. It signs what it says.
type Source struct {
	URI  string
	Tier Tier
	Says []int // places in All, ascending: that these hold; it says nothing else
	Key  *PublicKey
}

// Tier is how far a source is trusted.
type Tier uint8

// The tiers. Who looks up a source that it has not in its table finds TierUnknown.
const (
	TierUnknown Tier = iota
	TierLow
	TierMedium
	TierHigh
	TierBlocked
)

var tierNames = [...]string{"unknown", "low", "medium", "high", "blocked"}

func (t Tier) String() string { return tierNames[t] }

// NoSource is the place of no source.
const NoSource = -1

// NewSourceKey makes the key of a source.
func NewSourceKey(seed sim.Seed, a Algorithm, uri string) *PublicKey {
	return newPublicKey(a, seed.Stream("source/"+uri+"/secret").Block(sim.Key{}, 0, 0))
}
