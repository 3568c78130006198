package mesh

import "cmp"

// memories are tokens that a node has met: nonces and ids. Of many the oldest are
// forgotten.
type memories struct {
	known map[token]struct{}
	ring  []token
	first int // the oldest, once the ring is full
	most  int // how many; 0: mostMemories
}

// mostMemories bounds memories, in tokens, unless they have a bound of their own.
const mostMemories = 4096

func (m *memories) has(t token) bool {
	_, ok := m.known[t]
	return ok
}

func (m *memories) add(t token) {
	if m.known == nil {
		m.known = make(map[token]struct{})
	}
	if m.has(t) {
		return
	}
	m.known[t] = struct{}{}
	most := cmp.Or(m.most, mostMemories)
	if len(m.ring) < most {
		m.ring = append(m.ring, t)
		return
	}
	delete(m.known, m.ring[m.first])
	m.ring[m.first] = t
	m.first = (m.first + 1) % most
}
