package scenarios

import (
	"meshsim/netmodel/graph"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// pretrustShare is how much EigenTrust heeds the pre-trusted; for PageRank, where
// all are, it is the usual share of jumps.
const pretrustShare = 1 - graph.Damping

// TrustRanks is how the nodes of a mesh stand with each other at some time. Whoever
// watches gets it; no node ever learns of it. In the ranks, the highest first, a node
// trusts those whom it holds trusted, all of them alike.
type TrustRanks struct {
	Levels     trace.TrustLevels `json:"levels"`     // ordered pairs of all nodes, the dishonest too
	EigenTrust []graph.Rank      `json:"eigentrust"` // with the anchors as the pre-trusted; without any, all
	PageRank   []graph.Rank      `json:"pagerank"`   // the same with all as the pre-trusted
	Reputation []graph.Rank      `json:"reputation"` // graph.BetaReputation: good is each who trusts the node, bad who blocks it
}

// rankTrust ranks nodes by the levels at which they hold each other. Of anchors, none
// or the nodes whom others trust from the start.
func rankTrust(ids []string, level func(node, peer sim.NodeID) trace.Trust, anchors []sim.NodeID) *TrustRanks {
	r := &TrustRanks{}
	trusts := make([][]graph.Opinion, len(ids))
	good, bad := make([]int, len(ids)), make([]int, len(ids))
	for node := range ids {
		for peer := range ids {
			if node == peer {
				continue
			}
			switch trust.Level(level(sim.NodeID(node), sim.NodeID(peer))) {
			case trust.Unknown:
				r.Levels.Unknown++
			case trust.Probing:
				r.Levels.Probing++
			case trust.Trusted:
				r.Levels.Trusted++
				good[peer]++
				trusts[node] = append(trusts[node], graph.Opinion{Of: peer, Value: 1})
			case trust.Blocked:
				r.Levels.Blocked++
				bad[peer]++
			}
		}
	}
	pretrust, reputation := make([]float64, len(ids)), make([]float64, len(ids))
	for _, a := range anchors {
		pretrust[a] = 1
	}
	for i := range ids {
		reputation[i] = graph.BetaReputation(good[i], bad[i])
	}
	r.EigenTrust = graph.Ranked(ids, graph.EigenTrust(trusts, pretrust, pretrustShare))
	r.PageRank = graph.Ranked(ids, graph.EigenTrust(trusts, nil, pretrustShare))
	r.Reputation = graph.Ranked(ids, reputation)
	return r
}
