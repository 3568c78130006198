package trust

// Mark is the place of a piece of evidence in the record of a run. A node gets it when
// evidence comes and shows it when it acts on that; what it says of the evidence, the
// number of the event that brought it, is for the record alone.
type Mark struct{ seq uint64 }

// Set notes the number of an event.
func (m *Mark) Set(seq uint64) { m.seq = seq }

// Seq is the number of the event; 0: none.
func (m *Mark) Seq() uint64 { return m.seq }
