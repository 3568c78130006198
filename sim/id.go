// Package sim is the kernel: the ordered event queue with its virtual clock,
// node numbers, and chance that is keyed to the message. It knows nothing of
// networks or protocols.
package sim

// NodeID numbers the nodes of a run from 0, in the byte order of their keys. A
// number is never drawn from, hashed or recorded, only compared and used as an
// index: records carry names, draws carry keys.
type NodeID int32

const (
	// NoNode stands where an event has no such node.
	NoNode NodeID = -1
	// Everyone is the destination of a broadcast, written "*".
	Everyone NodeID = -2
)
