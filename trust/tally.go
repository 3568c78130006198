package trust

import (
	"iter"
	"slices"

	"meshsim/sim"
	"meshsim/sim/planted"
)

// Tally is who said the same thing: each peer once, and each key of type K once, since
// a peer may go by two ids. What somebody says counts only while he is trusted.
type Tally[K comparable] struct{ voices []voice[K] }

type voice[K comparable] struct {
	peer sim.NodeID
	key  K
	mark *Mark
	used bool // it has done its part, and counts no more
}

// Add counts a voice, and reports whether it is a new one.
func (t *Tally[K]) Add(peer sim.NodeID, key K, mark *Mark) bool {
	for i := range t.voices {
		if t.voices[i].peer == peer {
			return false
		}
	}
	t.voices = append(t.voices, voice[K]{peer: peer, key: key, mark: mark})
	return true
}

// Trusted are the voices of those who are trusted now and were not used, and what
// they said it in.
func (t *Tally[K]) Trusted(table *Table) (peers []sim.NodeID, marks []*Mark) {
	var keys []K
	for i := range t.voices {
		v := &t.voices[i]
		if slices.Contains(keys, v.key) {
			continue
		}
		if v.used {
			keys = append(keys, v.key)
			continue
		}
		if table.Level(v.peer) != Trusted && planted.Bug != planted.VoiceUntrusted {
			continue
		}
		keys = append(keys, v.key)
		peers, marks = append(peers, v.peer), append(marks, v.mark)
		if planted.Bug == planted.VoiceTwice {
			peers, marks = append(peers, v.peer), append(marks, v.mark)
		}
	}
	return peers, marks
}

// All are the peers who said it, each with whether it has done its part and counts no
// more.
func (t *Tally[K]) All() iter.Seq2[sim.NodeID, bool] {
	return func(yield func(sim.NodeID, bool) bool) {
		for i := range t.voices {
			if v := &t.voices[i]; !yield(v.peer, v.used) {
				return
			}
		}
	}
}

// Use makes these voices count no more.
func (t *Tally[K]) Use(peers []sim.NodeID) {
	for i := range t.voices {
		for _, p := range peers {
			t.voices[i].used = t.voices[i].used || t.voices[i].peer == p
		}
	}
}
