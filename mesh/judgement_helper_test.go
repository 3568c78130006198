package mesh

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// society is a full mesh of nodes that shake hands and judge, with links of 10 ms.
type society struct {
	*testing.T
	nodes  []*Router
	hs     []*Handshakes
	engine sim.Engine[happening]
	facts  []string // what nodes told of trust, introductions and warnings, each "n000: …"
	lose   func(from, to sim.NodeID, typ string) bool
	seq    uint64 // of deliveries
	watch  func(id sim.NodeID, f trace.Event)
}

// happening is what waits for a node: an input, or a timer.
type happening struct {
	node sim.NodeID
	in   Input
	e    Envelope
}

const linkTime = 10 * time.Millisecond

// knowledge is who knows a fact, as a letter for each node: r rightly, w wrongly, . not.
func knowledge(id, domain, who string) Fact {
	f := Fact{ID: id, Domain: domain, Known: make([]Belief, len(who))}
	for i, c := range who {
		f.Known[i] = map[rune]Belief{'r': Right, 'w': Mistaken, '.': Ignorant}[c]
	}
	return f
}

// newSociety makes n nodes. Each is configured by what all have, which own changes.
func newSociety(t *testing.T, n int, facts *Facts, own func(id sim.NodeID, c *JudgementConfig), more ...func(*Config)) *society {
	s := &society{T: t, lose: func(_, _ sim.NodeID, _ string) bool { return false }, watch: func(sim.NodeID, trace.Event) {}}
	ids, ring := NewIdentities(1, keysOf(n), nil)
	codec := NewCodec(keysOf(n), epoch)
	for id := range sim.NodeID(n) {
		others := slices.DeleteFunc(slices.Collect(nodes(n)), func(o sim.NodeID) bool { return o == id })
		c := config(t, id, n, others...)
		j := JudgementConfig{
			Facts: facts, Local: true, Quorum: true, K: 2, VerifyTimeout: 5 * time.Second, Warnings: WarnFirstHand, Warners: 2,
			Introductions: IntroduceNone, Hops: 1, Expire: time.Minute,
		}
		if own != nil {
			own(id, &j)
		}
		h := NewHandshakes(HandshakeConfig{
			Identity: ids[id], Codec: codec, Registry: c.Registry, Trust: trust.NewTable(n), Retry: retryTime, Tries: tries,
			Backoff: backoffTime, Rounds: rounds, RetryAfter: 5 * time.Second, Window: window, Judgement: j,
			Chance: sim.Seed(1).Stream("node/" + keysOf(n)[id] + "/handshake"),
		}, n)
		c.Protocols, c.Gate, c.Identity, c.Keyring = []Protocol{h}, h.Trust, ids[id], ring
		c.Author = NewAuthor(ids[id], sim.Seed(1).Stream("envelope/id"), keysOf(n))
		for _, change := range more {
			change(&c)
		}
		s.nodes, s.hs = append(s.nodes, newRouter(t, c)), append(s.hs, h)
		s.step(id, Input{Kind: Start, Tag: 1}, nil)
	}
	return s
}

func nodes(n int) func(func(sim.NodeID) bool) {
	return func(yield func(sim.NodeID) bool) {
		for id := range sim.NodeID(n) {
			if !yield(id) {
				return
			}
		}
	}
}

// step has a node handle an input, and takes care of what it does.
func (s *society) step(id sim.NodeID, in Input, e *Envelope) {
	var out Outbox
	in.Envelope = e
	s.nodes[id].Step(s.engine.Now(), &in, &out)
	s.perform(id, &out)
}

// perform takes care of what a node does.
func (s *society) perform(id sim.NodeID, out *Outbox) {
	s.seq++
	for _, a := range out.Acts {
		switch a.Kind {
		case ActSend:
			for _, to := range a.To {
				if !s.lose(id, to, a.Envelope.Type) {
					c := *a.Envelope
					c.Hops = append(slices.Clone(c.Hops), to)
					s.engine.At(s.engine.Now().Add(linkTime), happening{to, Input{Kind: Arrive, From: id}, c})
				}
			}
		case ActWake:
			s.engine.At(s.engine.Now().Add(a.After), happening{node: id, in: Input{Kind: Timer, Tag: a.Tag}})
		case ActNote:
			a.Mark.Set(s.seq)
		case ActTell, ActOffer, ActHand:
			s.told(id, out.Facts[a.Tag], len(a.Because))
			s.watch(id, out.Facts[a.Tag])
		}
	}
}

func (s *society) told(id sim.NodeID, f trace.Event, because int) {
	switch f.Kind {
	case trace.TrustUpdated:
		text := fmt.Sprintf("n%d: n%d %v→%v %v", id, f.Peer, f.From, f.To, f.Evidence)
		if f.By != "" {
			text += " by " + f.By
		}
		if f.Voices != nil {
			require.GreaterOrEqual(s, because, len(f.Voices), "%s: fewer events than voices", text)
			text += fmt.Sprint(" of ", f.Voices)
		}
		s.facts = append(s.facts, text)
	case trace.Introduced:
		s.facts = append(s.facts, fmt.Sprintf("n%d: n%d introduces n%d, %d", id, f.Peer, f.Subject, f.HopsLeft))
	case trace.Warned:
		s.facts = append(s.facts, fmt.Sprintf("n%d: n%d warns of n%d", id, f.Peer, f.Subject))
	}
}

// run lets time pass.
func (s *society) run(span time.Duration) {
	until := s.engine.Now().Add(span)
	s.engine.Run(sim.Limit{Until: until}, func(h *happening) {
		if h.in.Kind == Arrive {
			s.step(h.node, h.in, &h.e)
		} else {
			s.step(h.node, h.in, nil)
		}
	})
}

// do commands a node.
func (s *society) do(id sim.NodeID, c Command) { s.step(id, Input{Kind: Do, Command: &c}, nil) }

// meet has pairs shake hands, and a second pass.
func (s *society) meet(pairs ...[2]sim.NodeID) {
	for _, p := range pairs {
		s.do(p[0], Command{Kind: WantHandshake, Peer: p[1]})
	}
	s.run(time.Second)
}

// propose has a node propose a fact to another, and a second pass.
func (s *society) propose(from, to sim.NodeID, fact int) {
	s.do(from, Command{Kind: Propose, Peer: to, Facts: []int{fact}})
	s.run(time.Second)
}

// level is what a node holds of another.
func (s *society) level(at, of sim.NodeID) trust.Level { return s.hs[at].Trust.Level(of) }

// heard returns what was told since the last call, of node at only if that is one.
func (s *society) heard(at sim.NodeID) []string {
	var all []string
	for _, f := range s.facts {
		if at == sim.NoNode || strings.HasPrefix(f, fmt.Sprintf("n%d:", at)) {
			all = append(all, f)
		}
	}
	s.facts = nil
	return all
}
