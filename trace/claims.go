package trace

import "meshsim/sim"

// ClaimState is what a node makes of a claim.
type ClaimState uint8

const (
	NoClaim ClaimState = iota // it never came, or the node forgot it
	ClaimPending
	ClaimAccepted
	ClaimRejected
	ClaimDisputed
	ClaimDropped
	claimStateCount
)

var claimStateNames = [claimStateCount]string{"", "pending", "accepted", "rejected", "disputed", "dropped"}

func (s ClaimState) String() string { return claimStateNames[s] }

// ClaimStates lists every state in order, that of a claim which never came first.
func ClaimStates() []ClaimState {
	all := make([]ClaimState, claimStateCount)
	for i := range all {
		all[i] = ClaimState(i)
	}
	return all
}

// claimStateOf is the state of a name; NoClaim for what is none.
func claimStateOf(name string) ClaimState {
	for s := ClaimPending; s < claimStateCount; s++ {
		if claimStateNames[s] == name {
			return s
		}
	}
	return NoClaim
}

// ClaimSummary counts the claims that honest nodes received, by their states:
// received = pending + accepted + rejected + disputed + dropped, at every event.
type ClaimSummary struct {
	Received      int64 `json:"received"`
	Pending       int64 `json:"pending"`
	Accepted      int64 `json:"accepted"`
	Rejected      int64 `json:"rejected"`
	Disputed      int64 `json:"disputed"`
	Dropped       int64 `json:"dropped"`        // by a queue, or forgotten in a crash
	FalseAccepted int64 `json:"false_accepted"` // accepted ones that deny a fact
}

// Claims is the sink that follows claims. A node's claims are told apart by their ids.
type Claims struct {
	nodes     []*nodeClaims // nil: it never got any
	total     nodeClaims    // of honest nodes
	dishonest []bool
}

// nodeClaims is what a node makes of what it was told.
type nodeClaims struct {
	received int64
	held     [claimStateCount]int64
	lies     int64 // accepted ones that deny a fact
	byID     map[string]claim
}

// claim is one of a node's claims.
type claim struct {
	sender sim.NodeID
	state  ClaimState
	holds  bool
	tier   string // of its source, when it came
}

// NewClaims returns the counters of a mesh of so many nodes, some of them dishonest.
func NewClaims(nodes int, dishonest ...sim.NodeID) *Claims {
	c := &Claims{nodes: make([]*nodeClaims, nodes), dishonest: make([]bool, nodes)}
	for _, node := range dishonest {
		c.dishonest[node] = true
	}
	return c
}

// Reads implements Selective.
func (c *Claims) Reads(k Kind) bool { return k == ClaimReceived || k == ClaimResolved || k == NodeUp }

// Emit counts the event.
func (c *Claims) Emit(e *Event) {
	n := c.nodes[e.Node]
	if n == nil {
		if e.Kind != ClaimReceived {
			return
		}
		n = &nodeClaims{byID: make(map[string]claim)}
		c.nodes[e.Node] = n
	}
	c.add(e.Node, -1)
	switch e.Kind {
	case ClaimReceived:
		n.received++
		n.held[ClaimPending]++
		n.byID[e.Claim] = claim{e.Peer, ClaimPending, e.Holds, e.Tier}
	case ClaimResolved:
		if known, ok := n.byID[e.Claim]; ok {
			n.count(known, -1)
			known.state = claimStateOf(e.State)
			n.count(known, +1)
			n.byID[e.Claim] = known
		}
	case NodeUp:
		if e.Lose >= LoseState { // what it has forgotten counts as dropped
			*n = nodeClaims{received: n.received, byID: make(map[string]claim)}
			n.held[ClaimDropped] = n.received
		}
	}
	c.add(e.Node, +1)
}

// count adds a claim to those of its state, or takes it away.
func (n *nodeClaims) count(c claim, times int64) {
	n.held[c.state] += times
	if c.state == ClaimAccepted && !c.holds {
		n.lies += times
	}
}

// add adds a node's counts to the total, or takes them away.
func (c *Claims) add(node sim.NodeID, times int64) {
	if c.dishonest[node] {
		return
	}
	n := c.nodes[node]
	c.total.received += times * n.received
	c.total.lies += times * n.lies
	for s := range n.held {
		c.total.held[s] += times * n.held[s]
	}
}

// State is what a node makes of a claim now.
func (c *Claims) State(node sim.NodeID, id string) ClaimState { return c.of(node, id).state }

// of is what a node knows of a claim; the zero claim of one that never came.
func (c *Claims) of(node sim.NodeID, id string) claim {
	if n := c.nodes[node]; n != nil {
		return n.byID[id]
	}
	return claim{}
}

// Summary is the count so far.
func (c *Claims) Summary() ClaimSummary {
	t := &c.total
	return ClaimSummary{
		Received: t.received, Pending: t.held[ClaimPending], Accepted: t.held[ClaimAccepted], Rejected: t.held[ClaimRejected],
		Disputed: t.held[ClaimDisputed], Dropped: t.held[ClaimDropped], FalseAccepted: t.lies,
	}
}
