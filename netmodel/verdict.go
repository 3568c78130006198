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
	fateCount
)

var fateNames = [fateCount]string{"arrives", "lost", "burst_lost", "corrupted", "too_large", "queue_full", "link_down", "partitioned"}

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
	Fault  FaultID    // of Partitioned, and of LinkDown but for want of contact; else NoFault
	Start  clock.Time // its first transmission begins; now or, if it has to wait, later
	Arrive clock.Time

	Duplicated      bool // the wire made a second copy, copy number 1
	DuplicateFate   Fate // Arrives, Lost or Corrupted
	DuplicateArrive clock.Time
}
