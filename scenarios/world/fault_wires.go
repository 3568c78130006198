package world

import (
	"time"

	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// OnWires is the effect of what goes wrong on links.
type OnWires struct{ netmodel.Fault }

func (o OnWires) begin(w *World, id netmodel.FaultID, cause uint64) {
	w.tellLinks(w.net.Begin(id, o.Fault), trace.LinkDown, mesh.NeighbourDown, cause)
	w.tellCosts(cause)
}

func (o OnWires) end(w *World, id netmodel.FaultID, cause uint64) {
	w.tellLinks(w.net.End(id), trace.LinkUp, mesh.NeighbourUp, cause)
	w.tellCosts(cause)
	w.net.Release(w.handOverAgain)
}

// tellLinks records links that went up or down, and the routes that changed with
// them, and tells the links' sending ends.
func (w *World) tellLinks(links []netmodel.Ends, k trace.Kind, told mesh.InputKind, cause uint64) {
	for _, l := range links {
		seq := w.emitFact(trace.Event{Kind: k, Node: l.From, Peer: l.To}, cause)
		w.tell(l.From, mesh.Input{Kind: told, From: l.To}, seq)
	}
	w.tellRoutes(cause)
}

// tellCosts tells the sending ends of links what their mean latency is now, if a fault
// changed it.
func (w *World) tellCosts(cause uint64) {
	w.net.CostChanges(func(l netmodel.Ends, mean time.Duration) {
		w.tell(l.From, mesh.Input{Kind: mesh.LinkCost, From: l.To, Cost: mean}, cause)
	})
}

// tellRoutes records how the routes of the all-knowing oracle changed with the
// links or nodes that went up or down last, or to which a fault gave another latency.
func (w *World) tellRoutes(cause uint64) {
	if !w.config.RouteEvents {
		return
	}
	w.net.RouteChanges(func(r netmodel.Route) {
		w.emitFact(trace.Event{Kind: trace.RouteChanged, Node: r.Node, Peer: sim.NoNode, Payload: trace.Payload{
			Destination: r.Destination, Next: r.Next, Metric: int64(r.Metric),
		}}, cause)
	})
}
