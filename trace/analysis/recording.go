// Package analysis tells what can be told from the events of runs alone.
package analysis

import (
	"reflect"
	"slices"

	"meshsim/trace"
)

// Recording is a sink that keeps every event of the record.
type Recording struct{ Events []trace.Event }

// Emit implements trace.Sink.
func (r *Recording) Emit(e *trace.Event) {
	if e.Seq == 0 {
		return
	}
	r.Events = append(r.Events, e.Clone())
}

// Same reports whether two events are alike in all that happened: every field but
// Seq, Cause and Because, which shift when anything else in the run does.
func Same(a, b *trace.Event) bool {
	if a.Kind != b.Kind || a.T != b.T || a.Node != b.Node || a.Peer != b.Peer || !slices.Equal(a.Path, b.Path) {
		return false
	}
	p, q := a.Payload, b.Payload
	p.Path, q.Path = nil, nil
	return reflect.DeepEqual(&p, &q)
}
