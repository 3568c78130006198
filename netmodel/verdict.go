package netmodel

import "meshsim/clock"

// Fate is what becomes of one copy at a link.
type Fate uint8

const (
	Arrives     Fate = iota // at the time that the verdict names
	Lost                    // taken and sent, but it never arrives
	BurstLost               // as Lost, by the link's burst loss
	Corrupted               // taken and sent; it arrives, and the receiver throws it away
	TooLarge                // not taken: it is larger than the link's MTU
	QueueFull               // not taken: it would have to wait and there is no room
	LinkDown                // not taken: a fault holds the link down, or it is out of contact
	Partitioned             // not taken: a partition separates the ends
	Kept                    // not taken yet: a hold keeps it until its end
	Queued                  // not taken yet: it waits for its transmission, which Serve begins
	Due                     // not judged: Serve has to be called first
	fateCount
)

var fateNames = [fateCount]string{"arrives", "lost", "burst_lost", "corrupted", "too_large", "queue_full", "link_down", "partitioned", "kept", "queued", "due"}

func (f Fate) String() string { return fateNames[f] }

// Taken reports whether the link took the copy: then it costs transmission,
// whether it arrives or not.
func (f Fate) Taken() bool { return f <= Corrupted }

// Reaches reports whether the copy comes to the end of the link, sound or not.
func (f Fate) Reaches() bool { return f == Arrives || f == Corrupted }

// FaultID is the caller's own number of a fault, 0 or above.
type FaultID int32

// NoFault stands where no fault is to blame.
const NoFault FaultID = -1

// Verdict is what a link says of a copy that is handed to it. Start and Arrive
// hold for every copy that was taken: of a lost one Arrive says when it would
// have come.
type Verdict struct {
	Fate   Fate
	Fault  FaultID    // of Partitioned and Kept, and of LinkDown but for want of contact; else NoFault
	Start  clock.Time // its first transmission begins; now or, if it has to wait, later
	Arrive clock.Time
	Header int64 // bytes that the link adds, of a copy that was taken

	Duplicated      bool // the wire made a second copy, copy number 1
	DuplicateFate   Fate // Arrives, Lost or Corrupted
	DuplicateArrive clock.Time

	Ticket  Ticket     // of Kept and Queued, and of the copy that Serve sends: its name until then
	Evicted []Ticket   // waiting copies that were dropped (QueueFull); valid until the next call
	Serve   clock.Time // when Serve has to be called; 0: it was said before, or nothing waits
	Blame   *Blame     // of faults that changed the link; nil: none did
}

// clear makes it the verdict of a copy that arrives at time 0.
func (v *Verdict) clear() {
	*v = Verdict{}
	v.Fault = NoFault
}

// Blame names the faults that changed the link when a copy was handed over, each
// where it made a difference. To be read only.
type Blame struct {
	Delay     []FaultID // changed when copies arrive
	Refuse    []FaultID // changed when the queue is full: all of Delay, and those that changed its bound
	TooLarge  []FaultID // changed the MTU
	Lose      []FaultID // changed how many are lost or corrupted, and are not in Delay
	Duplicate []FaultID // changed how many are duplicated, and are not in Delay
}
