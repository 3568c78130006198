package mesh

import (
	"fmt"
	"testing"
	"time"

	"meshsim/rtt"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// talkers is a society whose nodes have sessions.
type talkers struct {
	*society
	events []string // of sessions, since the last look: each "n0 n1 open 0" or the like
	n      int64    // messages submitted
}

// plainSession is a configuration without chance.
func plainSession() rtt.Config {
	c := rtt.Default()
	c.Jitter = 0
	return c
}

func newTalkers(t *testing.T, n int, cfg rtt.Config, facts *Facts, own func(sim.NodeID, *JudgementConfig), more ...func(*Config)) *talkers {
	with := func(c *Config) {
		c.Protocols = append(c.Protocols, NewSessions(SessionConfig{
			Session: cfg, Identity: c.Identity, Names: keysOf(n), Registry: c.Registry,
			Chance: sim.Seed(1).Stream("node/" + keysOf(n)[c.Self] + "/session"),
		}))
	}
	k := &talkers{society: newSociety(t, n, facts, own, append(more, with)...)}
	k.watch = k.note
	return k
}

func (k *talkers) note(id sim.NodeID, f trace.Event) {
	text := fmt.Sprintf("n%d n%d ", id, f.Peer)
	switch f.Kind {
	case trace.SessionOpen:
		text += fmt.Sprintf("open %d", f.Reconnects)
	case trace.SessionClose:
		text += "close " + f.Why
	case trace.HeartbeatTimeout:
		text += "silence"
	case trace.SessionOverflow:
		text += fmt.Sprintf("overflow %s %s", f.Channel, f.Policy)
	case trace.SessionOffer:
		text += fmt.Sprintf("offer %s %s %d", f.Type, f.Channel, f.N)
	case trace.SessionDeliver:
		text += fmt.Sprintf("deliver %s %s %d #%d", f.Type, f.Channel, f.N, f.Index)
	case trace.SessionDrop:
		text += fmt.Sprintf("drop %s %s %d: %s", f.Type, f.Channel, f.N, f.Why)
	default:
		return
	}
	k.events = append(k.events, text)
}

// look returns what happened to sessions since the last look.
func (k *talkers) look() []string {
	defer func() { k.events = nil }()
	return k.events
}

// say has a node's application submit a message. They are numbered from 0.
func (k *talkers) say(from, to sim.NodeID, typ string) {
	e := &Envelope{
		ID: idOf(uint64(k.n)), Type: typ, Origin: from, Destination: to, Size: 100, Key: sim.Key{Source: 7, N: uint64(k.n)},
		Flow: trace.Flow{Name: "t"}, N: k.n, Created: k.engine.Now(), Sent: k.engine.Now(),
	}
	k.n++
	k.step(from, Input{Kind: Submit, From: sim.NoNode}, e)
}

// session is that of a node with a peer.
func (k *talkers) session(at, with sim.NodeID) *sessionPeer { return k.nodes[at].sessions.find(with) }

// block has a node block another one, as evidence would.
func (k *talkers) block(at, peer sim.NodeID) {
	h := k.hs[at]
	var out Outbox
	c := k.nodes[at].protocols.in(0, k.engine.Now(), &out)
	h.judgement.move(c, peer, trust.Malicious, byEquivocation, nil)
	k.perform(at, &out)
}

// open opens the session between two nodes, and forgets how.
func (k *talkers) open(a, b sim.NodeID) {
	k.do(a, Command{Kind: Reconnect, Peer: b})
	k.run(5 * linkTime)
	k.look()
}

// restart has a node come back from a crash that left it its memory.
func (k *talkers) restart(id sim.NodeID, incarnation uint64) {
	k.step(id, Input{Kind: Start, Tag: incarnation}, nil)
}

const aWhile = 3 * time.Second
