package mesh

import (
	"meshsim/clock"
	"meshsim/sim"
)

// Author makes the envelopes that a node sends of its own accord: complete,
// signed, and each under a key of its own, so that chance treats it apart from
// every other message.
type Author struct {
	identity Identity
	keys     []string // node keys by number
	ids      sim.Stream
	series   map[subject]*sim.Key
}

// subject is what an author counts by: message type and peer.
type subject struct {
	typ  string
	peer sim.NodeID
}

// NewAuthor returns the author behind an identity; ids is the run's stream of
// envelope ids, keys are the node keys by number.
func NewAuthor(identity Identity, ids sim.Stream, keys []string) *Author {
	return &Author{identity: identity, keys: keys, ids: ids}
}

// Renew makes the author sign by another identity of the same node. It goes on
// counting: no message has the key of an earlier one.
func (a *Author) Renew(identity Identity) { a.identity = identity }

// Compose returns a new signed envelope of the given type and payload size in
// bytes, created now by the node's clock. Destination sim.Everyone makes a
// broadcast.
func (a *Author) Compose(now clock.Time, typ string, destination sim.NodeID, size int64) *Envelope {
	e := &Envelope{Type: typ, Destination: destination, Size: size}
	a.issue(e, now)
	return e
}

// issue completes an envelope that has its type, destination and payload, under the
// next key.
func (a *Author) issue(e *Envelope, now clock.Time) {
	e.Key = a.next(e.Type, e.Destination)
	a.complete(e, now)
}

// complete adds what follows from an envelope's key: id, origin, date and signature.
func (a *Author) complete(e *Envelope, now clock.Time) {
	a.name(e, now)
	a.identity.Sign(e)
}

// name adds what follows from an envelope's key, but for the signature.
func (a *Author) name(e *Envelope, now clock.Time) {
	e.ID = NewID(a.ids.Block(e.Key, 0, 0))
	e.Origin, e.Created = a.identity.ID, now
}

// next returns the key of the next message of a type to a peer.
func (a *Author) next(typ string, peer sim.NodeID) sim.Key {
	about := subject{typ, peer}
	series := a.series[about]
	if series == nil {
		if a.series == nil {
			a.series = make(map[subject]*sim.Key)
		}
		name := "*"
		if peer != sim.Everyone {
			name = a.keys[peer]
		}
		series = &sim.Key{Source: sim.Hash("message/" + a.keys[a.identity.ID] + "/type/" + typ + "/" + name)}
		a.series[about] = series
	}
	key := *series
	series.N++
	return key
}
