package netmodel

import (
	"fmt"
	"time"

	"meshsim/clock"
)

// ClogFault delays what is handed to links, each in the direction given, beyond
// their latency. Delays of several add up. Nodes and routing do not notice.
type ClogFault struct {
	Links []Ends
	Delay time.Duration // 0 or more
}

func (ClogFault) fate() Fate { return Arrives }

func (f ClogFault) holds(n *Network) ([]int32, error) {
	if f.Delay < 0 {
		return nil, fmt.Errorf("delay %v is negative", f.Delay)
	}
	return n.findAll(f.Links)
}

func (f ClogFault) apply(s *LinkSpec) {
	s.clog = time.Duration(clock.Time(s.clog).Add(f.Delay)) // stays at its largest value
}

func (f ClogFault) touches() aspects { return aspects{delay: f.Delay > 0} }
