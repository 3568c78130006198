package rerun

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"meshsim/clock"
	"meshsim/trace"
)

// ExplainRoute tells how an envelope of a for b would go at a time, and what of
// the route changed last.
func ExplainRoute(p *Past, a, b string, at time.Duration) (*Explanation, error) {
	if p.Scenario == nil {
		return nil, errors.New("the trace alone does not tell routes")
	}
	route, err := p.Scenario.RouteAt(a, b, at, p.options)
	if err != nil {
		return nil, err
	}
	x := &Explanation{Question: fmt.Sprintf("how an envelope of %s for %s would go at %v", a, b, at)}
	if route.Up {
		x.Answer = append(x.Answer, fmt.Sprintf("over %s: %s", links(len(route.Path)-1), strings.Join(route.Path, " → ")))
	} else {
		x.Answer = append(x.Answer, "it would not arrive: "+route.Stop)
		if len(route.Path) > 1 {
			x.Answer = append(x.Answer, "it would get as far as "+strings.Join(route.Path, " → "))
		}
	}
	before, err := p.routeAccount("what changed before", a, b, clock.Time(at))
	if err != nil {
		return nil, err
	}
	x.Accounts = []Account{before}
	x.Notes = p.Notes
	return x, nil
}

// changes watches what may have moved the route from a to b, up to a time.
func (p *Past) changes(a, b string, until clock.Time) *witness {
	return &witness{speaker: newSpeaker(p.Names), of: func(e *trace.Event) bool {
		switch e.Kind {
		case trace.FaultBegin, trace.FaultEnd, trace.LinkDown, trace.LinkUp, trace.NodeDown:
			return e.T <= until
		case trace.NodeUp:
			return e.T <= until && e.T > 0
		case trace.RouteChanged:
			return e.T <= until && p.Names[e.Node] == a && p.Names[e.Destination] == b
		}
		return false
	}}
}
