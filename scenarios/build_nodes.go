package scenarios

import (
	"time"

	"meshsim/clock"
	"meshsim/netmodel"
	"meshsim/scenarios/world"
	"meshsim/sim"
)

// nodeSpecs are the nodes of the world: what [node_defaults] say and their own entry.
func (b *builder) nodeSpecs() ([]world.NodeSpec, error) {
	own := make(map[string]*Node, len(b.scenario.Nodes))
	for i := range b.scenario.Nodes {
		own[b.scenario.Nodes[i].ID] = &b.scenario.Nodes[i]
	}
	specs := make([]world.NodeSpec, len(b.mesh.Nodes))
	for i, n := range b.mesh.Nodes {
		d := b.scenario.NodeDefaults
		if entry := own[n.ID]; entry != nil {
			settle(&d.Start, entry.Start)
			settle(&d.ClockOffset, entry.ClockOffset)
			settle(&d.ClockDrift, entry.ClockDrift)
		}
		start, err := d.Start.draw(b.scenario.Seed, n.Key)
		if err != nil {
			return nil, err
		}
		own, err := clock.NewClock(time.Duration(d.ClockOffset), clock.Drift(d.ClockDrift))
		if err != nil {
			return nil, err
		}
		specs[i] = world.NodeSpec{
			ID: n.ID, Key: n.Key, Start: start, Clock: own, New: b.node, Uplink: n.Uplink.line(), Downlink: n.Downlink.line(),
		}
	}
	return specs, nil
}

// settle puts a value that is given in the place of the default.
func settle[T any](value *T, own *T) {
	if own != nil {
		*value = *own
	}
}

// draw is when the node with this key starts.
func (s StartTime) draw(seed sim.Seed, key string) (clock.Time, error) {
	if !s.Uniform {
		return clock.Time(s.Min), nil
	}
	between, err := netmodel.Uniform(s.Min, s.Max)
	if err != nil {
		return 0, err
	}
	return clock.Time(between.Sample(seed.Stream("node/"+key+"/start").Draw(sim.Key{}, 0))), nil
}
