package trace

// copySet is a multiset of copies by their hash, in an open-addressing table with
// linear probing. It allocates only to grow.
type copySet struct {
	slots []copySlot
	used  int
}

// copySlot is empty when n is 0.
type copySlot struct {
	hash uint64
	n    int32
}

func newCopySet() copySet { return copySet{slots: make([]copySlot, leastSlots)} }

func (s *copySet) add(hash uint64, n int32) {
	mask := uint64(len(s.slots) - 1)
	i := hash & mask
	for s.slots[i].n != 0 {
		if s.slots[i].hash == hash {
			s.slots[i].n += n
			return
		}
		i = (i + 1) & mask
	}
	s.slots[i] = copySlot{hash, n}
	s.used++
	if 2*s.used > len(s.slots) {
		s.grow()
	}
}

// remove takes one copy out and reports whether there was one.
func (s *copySet) remove(hash uint64) bool {
	mask := uint64(len(s.slots) - 1)
	i := hash & mask
	for s.slots[i].hash != hash || s.slots[i].n == 0 {
		if s.slots[i].n == 0 {
			return false
		}
		i = (i + 1) & mask
	}
	if s.slots[i].n--; s.slots[i].n > 0 {
		return true
	}
	s.used--
	// Close the gap: whatever may not stand before its home moves up.
	for j := (i + 1) & mask; s.slots[j].n != 0; j = (j + 1) & mask {
		if home := s.slots[j].hash & mask; (j-home)&mask >= (j-i)&mask {
			s.slots[i], i = s.slots[j], j
		}
	}
	s.slots[i].n = 0
	return true
}

// has reports whether there is such a copy.
func (s *copySet) has(hash uint64) bool {
	mask := uint64(len(s.slots) - 1)
	for i := hash & mask; s.slots[i].n != 0; i = (i + 1) & mask {
		if s.slots[i].hash == hash {
			return true
		}
	}
	return false
}

func (s *copySet) grow() {
	old := s.slots
	s.slots, s.used = make([]copySlot, 2*len(old)), 0
	for _, c := range old {
		if c.n != 0 {
			s.add(c.hash, c.n)
		}
	}
}
