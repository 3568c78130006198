package trace

// account is what the ledger knows of one envelope, whether or not a copy of it is
// open.
type account struct {
	id    EnvelopeID
	taken uint64 // hash of the copy that was delivered last, or refused by its handler, and has not gone on; 0 for none
	older uint64 // ids that no longer were under way when it appeared, itself included
	marks markSet

	// What the metrics note of the message.
	measured bool // within the window
	arrived  bool // a unicast reached its destination
	class    int32
	got      int32
	left     int32 // expected and not got

	place int32 // among the past ones, its own from when it appears
}

// record is an envelope with its open copies. With an account of 96 bytes it fills
// two cache lines.
type record struct {
	account
	near     [2]uint64 // hashes of open copies; those that find no room are in the ledger's set
	nearN    [2]int32  // how many of each
	open     int32     // copies open now, wherever they are kept
	underWay int32     // the message's share of in_flight
}

// pastRecord is the place of a known envelope. Its account is there when no copy of
// the envelope is open.
type pastRecord struct {
	account
	record     int32  // the one that has the account while a copy is open, else -1
	prev, next int32  // in the list of those without an open copy, oldest first; -1 at its ends
	closedAt   uint64 // births then
	forgotten  bool
}

// recordTable finds records by envelope id. Those without an open copy are moved
// away to a list, oldest first, until there are more than keep (at least 1) of them.
// So the open ones, which every event asks for, are few and close together, and
// stay in the caches; and the others are written, read and forgotten mostly in the
// order of their places in memory.
//
// An envelope gets its place when it appears, and the index, which has all that is
// known, is asked and changed then. Later events bring a hint.
type recordTable struct {
	records []record
	unused  []int32 // records to use again
	opened  int     // those in use by open envelopes

	past   []*[pastChunk]pastRecord // in chunks, which nothing has to copy when there are more
	vacant []int32                  // places to use again
	places int32                    // that there are
	known  IDIndex
	keep   int

	came bool // the envelope of the event at hand was found in the list of past ones, and is still in it

	oldest, newest int32  // ends of the list of past records, -1 when it is empty
	ended          int    // how many are in it
	births         uint64 // ids that appeared, or came back after newer ones had
	bits           bitPool
}

const pastChunk = 1 << 9

func newRecordTable(nodes, keep int) recordTable {
	return recordTable{known: NewIDIndex(), keep: keep, oldest: -1, newest: -1, bits: newBitPool(nodes)}
}

func (t *recordTable) pastAt(place int32) *pastRecord {
	return &t.past[uint32(place)/pastChunk][uint32(place)%pastChunk]
}

// hinted returns the record of an id with an open copy, if that is the one which a
// hint, the number that find brought, says, and else nil.
func (t *recordTable) hinted(id *EnvelopeID, hint int32) *record {
	if i := int(hint); uint(i) < uint(len(t.records)) {
		if r := &t.records[i]; r.open > 0 && r.id == *id {
			return r
		}
	}
	return nil
}

// find returns the number of the record of an id, a new one if there is none, and
// whether it was known. The record stays in place until settle, which follows before
// the next event.
func (t *recordTable) find(id *EnvelopeID) (i int32, known bool) {
	hash := uint32(id.Hash())
	place := t.place(id, hash)
	if place < 0 {
		return t.begin(id, hash), false
	}
	p := t.pastAt(place)
	if p.record >= 0 {
		return p.record, true
	}
	i = t.vacantRecord()
	t.records[i] = record{account: p.account}
	t.came = true
	return i, true
}

// begin makes the record of a new id.
func (t *recordTable) begin(id *EnvelopeID, hash uint32) int32 {
	t.births++
	i, place := t.vacantRecord(), t.vacantPlace()
	r, p := &t.records[i], t.pastAt(place)
	*r = record{}
	r.id, r.older, r.place = *id, t.births-uint64(t.opened), place
	p.id, p.record, p.forgotten = *id, i, false
	t.opened++
	if t.known.Full() {
		t.reindex()
	} else {
		t.known.Add(hash, uint32(place))
	}
	return i
}

// place is that of a known id, or -1.
func (t *recordTable) place(id *EnvelopeID, hash uint32) int32 {
	place, found := t.known.Find(hash, func(place uint32) bool {
		p := t.pastAt(int32(place))
		return p.id == *id && !p.forgotten
	})
	if !found {
		return -1
	}
	return int32(place)
}

// reindex builds the index anew from all places that are in use.
func (t *recordTable) reindex() {
	t.known.Reset(int(t.places) - len(t.vacant))
	for place := range t.places {
		if p := t.pastAt(place); !p.forgotten {
			t.known.Add(uint32(p.id.Hash()), uint32(place))
		}
	}
}

// vacantRecord is the number of a record that is not in use.
func (t *recordTable) vacantRecord() int32 {
	if last := len(t.unused) - 1; last >= 0 {
		i := t.unused[last]
		t.unused = t.unused[:last]
		return i
	}
	t.records = append(t.records, record{})
	return int32(len(t.records) - 1)
}

// vacantPlace is a place among the past ones that is not in use.
func (t *recordTable) vacantPlace() int32 {
	if last := len(t.vacant) - 1; last >= 0 {
		i := t.vacant[last]
		t.vacant = t.vacant[:last]
		return i
	}
	if t.places%pastChunk == 0 {
		t.past = append(t.past, new([pastChunk]pastRecord))
	}
	t.places++
	return t.places - 1
}

// newerThan is the most ids that a node can have got to know since it processed
// r: those that appeared later, and those that were under way when r appeared.
func (t *recordTable) newerThan(r *record) uint64 { return t.births - r.older }

// settle moves the record of the event at hand, by its number, to where it belongs
// after the event.
func (t *recordTable) settle(i int32) {
	r := &t.records[i]
	switch {
	case r.open > 0 && !t.came:
		return
	case r.open > 0: // it came back
		t.came = false
		if t.births > t.pastAt(r.place).closedAt {
			t.births++
		}
		t.unlink(r.place)
		t.pastAt(r.place).record = i
		t.opened++
		return
	case t.came:
		t.pastAt(r.place).account = r.account
	default:
		t.opened--
		t.close(&r.account)
	}
	t.unused = append(t.unused, i)
	t.came = false
}

// close puts an envelope at the end of the list of past ones, and forgets the
// oldest when there are too many.
func (t *recordTable) close(a *account) {
	p := t.pastAt(a.place)
	p.account = *a
	p.record, p.prev, p.next, p.closedAt = -1, t.newest, -1, t.births
	if t.newest >= 0 {
		t.pastAt(t.newest).next = a.place
	} else {
		t.oldest = a.place
	}
	t.newest = a.place
	if t.ended++; t.ended > t.keep {
		t.forget(t.oldest)
	}
}

// excuse takes a mark off every envelope: the node forgot all that it processed. It
// looks at each one that is known, which only a crash that loses so much is worth.
func (t *recordTable) excuse(m mark) {
	for place := range t.places {
		p := t.pastAt(place)
		switch {
		case p.forgotten:
		case p.record >= 0:
			t.records[p.record].marks.remove(m, &t.bits)
		default:
			p.marks.remove(m, &t.bits)
		}
	}
}

// unlink takes a past record out of the list.
func (t *recordTable) unlink(place int32) {
	r := t.pastAt(place)
	if r.prev >= 0 {
		t.pastAt(r.prev).next = r.next
	} else {
		t.oldest = r.next
	}
	if r.next >= 0 {
		t.pastAt(r.next).prev = r.prev
	} else {
		t.newest = r.prev
	}
	t.ended--
}

// forget gives up a past record for good.
func (t *recordTable) forget(place int32) {
	t.unlink(place)
	r := t.pastAt(place)
	r.marks.clear(&t.bits)
	r.forgotten = true
	t.vacant = append(t.vacant, place)
}
