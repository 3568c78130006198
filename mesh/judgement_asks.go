package mesh

import (
	"slices"

	"meshsim/sim"
)

// Timers of a Judgement have these bits in their tags, above those of a handshake's.
const (
	tagAsk   = 1 << 55 // peer<<32 | serial
	tagPoll  = 1 << 54 // serial
	tagDecay = 1 << 53
)

// timer handles a timer of the judgement.
func (j *Judgement) timer(c *Context, tag uint64) {
	switch {
	case tag&tagAsk != 0:
		j.again(c, tag)
	case tag&tagPoll != 0:
		j.timeout(c, tag&^tagPoll)
	default:
		j.decay(c)
	}
}

// ask is a message that waits for an answer: a proposal, an introduction, a warning. It
// is repeated like a message of the handshake, each time as a new one.
type ask struct {
	peer    sim.NodeID
	typ     string
	payload cipPayload
	poll    *poll   // which the answer counts in, or nil
	ids     []token // of the messages
	serial  uint64
	tries   int // in this round
	rounds  int
	stopped bool // it is not repeated any more, but may still be answered
}

// over reports whether it is not to be repeated: the next peers have their turn, or the
// answer is known without it.
func (a *ask) over() bool { return a.stopped || a.poll != nil && !a.poll.live }

// mostAsks bounds what waits for one peer's answers; the oldest is forgotten.
const mostAsks = 256

// ask sends a message until it is answered.
func (j *Judgement) ask(c *Context, a *ask) {
	f := j.file(a.peer)
	j.serial++
	a.serial = j.serial & (1<<32 - 1)
	f.asks = keep(f.asks, a, mostAsks)
	j.repeat(c, a)
}

// repeat sends it once more, and waits twice as long as the last time.
func (j *Judgement) repeat(c *Context, a *ask) {
	p := j.h.with(a.peer)
	a.ids = append(a.ids, j.h.send(c, p, a.typ, a.payload))
	a.tries++
	c.Wake(j.h.jittered(c, p, j.h.Retry<<(a.tries-1)), tagAsk|uint64(a.peer)<<32|a.serial)
}

// again is the timer of an ask: the next try, or the next round after a rest, or none.
func (j *Judgement) again(c *Context, tag uint64) {
	peer := sim.NodeID(tag >> 32 & (1<<21 - 1))
	f := j.files[peer]
	if f == nil {
		return
	}
	i := slices.IndexFunc(f.asks, func(a *ask) bool { return a.serial == tag&(1<<32-1) })
	if i < 0 || f.asks[i].over() {
		return
	}
	switch a := f.asks[i]; {
	case a.tries < j.h.Tries:
		j.repeat(c, a)
	case a.rounds+1 < j.h.Rounds:
		p := j.h.with(peer)
		c.Wake(j.h.jittered(c, p, j.h.Backoff<<a.rounds), tagAsk|tag&(1<<53-1))
		a.rounds++
		a.tries = 0
	default:
		f.asks = slices.Delete(f.asks, i, i+1)
		if w := a.payload.word; w != nil {
			delete(f.told, news{w.subject, a.payload.goal == goalWarn}) // for the next time that there is something to tell
		}
	}
}

// end takes the ask that a message answers off the list, or returns nil.
func (j *Judgement) end(peer sim.NodeID, m *cipMessage) *ask {
	f := j.files[peer]
	if f == nil {
		return nil
	}
	i := slices.IndexFunc(f.asks, func(a *ask) bool { return slices.Contains(a.ids, m.inReplyTo) })
	if i < 0 {
		return nil
	}
	a := f.asks[i]
	f.asks = slices.Delete(f.asks, i, i+1)
	return a
}

// stop ends the repetitions of a poll's question to a peer.
func (j *Judgement) stop(peer sim.NodeID, p *poll) {
	for _, a := range j.file(peer).asks {
		if a.poll == p {
			a.stopped = true
		}
	}
}
