package rtt

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"meshsim/clock"
	"meshsim/sim"
)

// ideal is two sessions that hand each other their segments at once.
type ideal struct {
	now      clock.Time
	sessions [2]*testSession
	outs     [2]Outbox[string, int]
	inbox    Outbox[string, int]
	read     int
}

func newIdeal() *ideal {
	w := &ideal{}
	for i := range w.sessions {
		name := Name[string]{From: string(rune('A' + i)), To: string(rune('B' - i)), FromIncarnation: 1}
		w.sessions[i] = New(Default(), name, Chance{Stream: sim.Seed(1).Stream(name.From)}, &w.outs[i])
	}
	w.send(0)
	return w
}

// send sends a message, and lets everything arrive.
func (w *ideal) send(m int) {
	w.now = w.now.Add(time.Microsecond)
	w.sessions[0].Offer(w.now, Channel(m%3), 200, m)
	for i := 0; len(w.outs[0].Segments)+len(w.outs[1].Segments) > 0; i = 1 - i {
		w.read += len(w.outs[i].Delivered)
		w.inbox, w.outs[i] = w.outs[i], w.inbox
		w.outs[i].Reset()
		for k := range w.inbox.Segments {
			w.sessions[1-i].Take(w.now, &w.inbox.Segments[k])
		}
		w.inbox.Reset()
	}
}

func TestSessionsDoNotAllocate(t *testing.T) {
	w := newIdeal()
	for m := range 1000 {
		w.send(m)
	}
	assert.Zero(t, testing.AllocsPerRun(1000, func() { w.send(1) }))
	assert.Greater(t, w.read, 1900)
}

func BenchmarkBulk(b *testing.B) {
	w := newIdeal()
	b.ReportAllocs()
	m := 0
	for b.Loop() {
		w.send(m)
		m++
	}
	b.ReportMetric(float64(w.read)/b.Elapsed().Seconds(), "messages/s")
}

func BenchmarkEstimator(b *testing.B) {
	cfg := Default()
	e := newEstimator(&cfg)
	r := 100 * ms
	for b.Loop() {
		e.sample(&cfg, r)
		r = 100*ms + (r*7)%ms
	}
}
