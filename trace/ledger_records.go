package trace

// account is what the ledger knows of one envelope, whether or not a copy of it is
// open.
type account struct {
	id    EnvelopeID
	taken uint64 // hash of the copy that was delivered last and has not gone on; 0 for none
	older uint64 // ids that no longer were under way when it appeared, itself included
	marks markSet

	// What the metrics note of the message.
	measured bool // within the window
	arrived  bool // a unicast reached its destination
	class    int32
	expected int32
	got      int32

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

// pastRecord is an envelope without an open copy.
type pastRecord struct {
	account
	prev, next int32  // in the list of them, oldest first; -1 at its ends
	closedAt   uint64 // births then
}

// recordTable finds records by envelope id. Those without an open copy are moved
// away to a list, oldest first, until there are more than keep (at least 1) of them.
// So the open ones, which every event asks for, and their index are few and close
// together, and stay in the caches; and the others are written, read and forgotten
// mostly in the order of their places in memory.
//
// An envelope gets its place among the past ones when it appears: the index of them
// then has all that is known, and changes twice in a life, when an id appears, which
// has just been looked for there, and when it is forgotten.
type recordTable struct {
	records []record
	unused  []int32 // records to use again
	open    idIndex

	past   [][]pastRecord // in chunks, which nothing has to copy when there are more
	vacant []int32        // places to use again
	places int32          // that there are
	known  idIndex
	keep   int

	// The latest find. Events of an envelope come in rows.
	last int32  // its record, -1 for none
	came bool   // it was found in the list of past ones, and is still in it
	hash uint64 // of its id

	oldest, newest int32  // ends of the list of past records, -1 when it is empty
	ended          int    // how many are in it
	births         uint64 // ids that appeared, or came back after newer ones had
	bits           bitPool
}

const pastChunk = 1 << 9

func newRecordTable(nodes, keep int) recordTable {
	return recordTable{
		open: newIDIndex(), known: newIDIndex(), keep: keep,
		last: -1, oldest: -1, newest: -1, bits: newBitPool(nodes),
	}
}

func (t *recordTable) pastAt(place int32) *pastRecord {
	return &t.past[place/pastChunk][place%pastChunk]
}

// find returns the record of an id, a new one if there is none, and whether it
// was known. The record stays in place until the next find, which first moves it
// to where it belongs by then.
func (t *recordTable) find(id *EnvelopeID) (r *record, known bool) {
	if t.last >= 0 {
		if r := &t.records[t.last]; r.open == 0 || t.came {
			t.settle()
		} else if r.id == *id {
			return r, true
		}
	}
	t.hash = hashID(id)
	if t.last = t.findOpen(id); t.last >= 0 {
		return &t.records[t.last], true
	}
	t.last = t.vacantRecord()
	r = &t.records[t.last]
	if place := t.findPast(id); place >= 0 {
		t.came = true
		*r = record{account: t.pastAt(place).account}
		return r, true
	}
	t.births++
	*r = record{account: account{id: *id, older: t.births - uint64(t.open.used), place: t.vacantPlace()}}
	t.pastAt(r.place).id = *id
	t.known.add(idTag(t.hash), r.place)
	t.open.add(idTag(t.hash), t.last)
	return r, false
}

func (t *recordTable) findOpen(id *EnvelopeID) int32 {
	x, tag := &t.open, idTag(t.hash)
	for i := x.home(tag); x.tags[i] != 0; i = x.next(i) {
		if x.tags[i] == tag && t.records[x.refs[i]].id == *id {
			return x.refs[i]
		}
	}
	return -1
}

func (t *recordTable) findPast(id *EnvelopeID) int32 {
	x, tag := &t.known, idTag(t.hash)
	for i := x.home(tag); x.tags[i] != 0; i = x.next(i) {
		if x.tags[i] == tag && t.pastAt(x.refs[i]).id == *id {
			return x.refs[i]
		}
	}
	return -1
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
		t.past = append(t.past, make([]pastRecord, pastChunk))
	}
	t.places++
	return t.places - 1
}

// newerThan is the most ids that a node can have got to know since it processed
// r: those that appeared later, and those that were under way when r appeared.
func (t *recordTable) newerThan(r *record) uint64 { return t.births - r.older }

// settle moves the record that was found last to where it belongs after the event.
func (t *recordTable) settle() {
	r := &t.records[t.last]
	switch {
	case r.open > 0 && !t.came:
		return
	case r.open > 0: // it came back
		t.came = false
		if t.births > t.pastAt(r.place).closedAt {
			t.births++
		}
		t.unlink(r.place)
		t.open.add(idTag(t.hash), t.last)
		return
	case t.came:
		t.pastAt(r.place).account = r.account
	default:
		t.open.remove(idTag(t.hash), t.last)
		t.close(&r.account)
	}
	t.unused = append(t.unused, t.last)
	t.last, t.came = -1, false
}

// close puts an envelope at the end of the list of past ones, and forgets the
// oldest when there are too many.
func (t *recordTable) close(a *account) {
	*t.pastAt(a.place) = pastRecord{account: *a, prev: t.newest, next: -1, closedAt: t.births}
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
	t.known.remove(idTag(hashID(&r.id)), place)
	t.vacant = append(t.vacant, place)
}
