package netmodel

import (
	"fmt"

	"meshsim/sim"
	"meshsim/sim/planted"
)

// GilbertElliott is loss in bursts: a link is good or bad, moves between the two
// once for each copy that it takes, and loses copies at the rate of its state
// (Gilbert 1960; Elliott 1963; netem's "loss gemodel p r 1-h 1-k"). In the long run
// the share p/(p+r) of copies finds it bad, for 1/r copies in a row on average. The
// zero GilbertElliott loses nothing.
type GilbertElliott struct {
	P, R      sim.Ratio // of going from good to bad, and from bad to good
	Good, Bad sim.Ratio // share of copies lost in each state
}

// loses reports whether it can lose anything: it starts good.
func (g GilbertElliott) loses() bool { return g.P != 0 || g.Good != 0 }

func (g GilbertElliott) check() error {
	for _, r := range [...]struct {
		name  string
		share sim.Ratio
	}{{"p", g.P}, {"r", g.R}, {"good", g.Good}, {"bad", g.Bad}} {
		if r.share > sim.One {
			return fmt.Errorf("burst loss: %s %d is above %d billionths", r.name, r.share, sim.One)
		}
	}
	return nil
}

// burstChain is the state of a GilbertElliott. It starts good; each copy moves it, then
// draws. A chain is by its nature a matter of order, so it consumes its stream,
// link/KEY->KEY/burst_loss, in the order of the copies that the link takes: of the
// block of key {0, n}, n copies having gone before, word 0 moves and word 1 loses.
type burstChain struct {
	draws  sim.Stream
	copies uint64
	bad    bool
}

// loses moves the chain by one copy and reports whether that copy is lost.
func (c *burstChain) loses(g *GilbertElliott) bool {
	draws := c.draws.Block(sim.Key{N: c.copies}, 0, 0)
	c.copies++
	if planted.Bug == planted.BurstChain {
		g.R = g.P
	}
	if c.bad {
		c.bad = !g.R.Hit(draws[0])
	} else {
		c.bad = g.P.Hit(draws[0])
	}
	if c.bad {
		return g.Bad.Hit(draws[1])
	}
	return g.Good.Hit(draws[1])
}
