package expect

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/trace"
)

// Divisions of values that stay the same allocate nothing.
func TestDivisionsDoNotAllocate(t *testing.T) {
	set, problems := Compile([]Spec{{Form: Always, Expr: "envelope.hops / routing.max_hops < 0.9 and 99999 % (1000 - 0) == 999 and 7 % envelope.hops < 7"}}, abc)
	require.Empty(t, problems)
	set.Watch(newScripted())
	e := &trace.Event{Kind: trace.EnvelopeForwarded}
	e.Path = append(e.Path, 0, 1, 2)
	assert.Zero(t, testing.AllocsPerRun(100, func() { set.Emit(e) }))
	e.Path = e.Path[:1]
	assert.Zero(t, testing.AllocsPerRun(100, func() { set.Emit(e) }))
}
