package scenarios

import (
	"reflect"
	"time"

	"meshsim/mesh"
	"meshsim/scenarios/world"
)

// memory is what nodes share: the zero Memory when nobody uses one.
func (s *Scenario) memory() Memory {
	var m Memory
	if s.Memory != nil {
		m = *s.Memory
	} else if !hasTraffic[Reflections](s) {
		return m
	}
	fill(reflect.ValueOf(&m).Elem())
	return m
}

// sharing are the protocols by which the node in this seat shares with all others what
// it has, and who it is.
func (b *builder) sharing(seat world.Seat, registry *mesh.PeerRegistry) (all []mesh.Protocol) {
	if g := &b.scenario.Registry; g.Announce > 0 || g.Expire > 0 {
		all = append(all, mesh.NewAnnouncer(mesh.AnnounceConfig{
			Peer: b.peers[seat.Self], Registry: registry, Interval: time.Duration(g.Announce), Expire: time.Duration(g.Expire), Chance: seat.Announce,
		}))
	}
	if m := b.scenario.memory(); m != (Memory{}) {
		all = append(all, mesh.NewSharedMemory(mesh.SharedMemoryConfig{
			Registry: registry, Sync: time.Duration(m.Sync), ChunkSize: int(m.ChunkSize), Limit: int(m.Limit), Chance: seat.Sync,
		}))
	}
	return all
}
