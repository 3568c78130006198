package trace

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/sim"
)

// delta lies from 25 ns on, and leaves evidence; echo lies and leaves none.
var twoLiars = MetricsConfig{
	Nodes: 5, Dishonest: []sim.NodeID{delta, echo}, Settle: 20,
	Liars: []Liar{{delta, 25, true}, {echo, 0, false}},
}

// of moves a transition, or a handshake, to another pair of nodes.
func of(node, peer sim.NodeID, e Event) Event {
	e.Node, e.Peer = node, peer
	return e
}

func TestMetricsOfTrust(t *testing.T) {
	meet, verified := moves(unknown, probing, byHandshake), moves(probing, trusted, byVerified)
	accused, caught := moves(trusted, probing, byConflict), moves(probing, blocked, byMalicious)
	completed := Event{Kind: HandshakeCompleted, Node: alfa, Peer: delta}
	at := func(ns int64) LatencySummary {
		return LatencySummary{Count: 1, Sum: ns, Min: ns, Mean: ns, P50: ns, P95: ns, P99: ns, Max: ns}
	}
	levels := func(probing, trusted, blocked int64) TrustLevels {
		return TrustLevels{6 - probing - trusted - blocked, probing, trusted, blocked} // of three honest nodes
	}
	for _, tt := range []struct {
		rule   string
		events []Event // event i is at 10·(i + 1); the run ends 20 later
		want   TrustSummary
	}{
		{"nothing ever moves", nil, TrustSummary{Levels: levels(0, 0, 0), Converged: true}},
		{"the last change", []Event{meet, verified}, TrustSummary{Transitions: 2, Levels: levels(0, 1, 0), Converged: true, ConvergedAtNS: 20}},
		{"what is held of liars counts", []Event{meet, of(alfa, delta, meet)}, TrustSummary{Transitions: 2, Levels: levels(1, 0, 0), MissedLiars: 1, Converged: true, ConvergedAtNS: 20}},
		{"what liars hold does not", []Event{meet, of(delta, alfa, meet)}, TrustSummary{Transitions: 2, Levels: levels(1, 0, 0), Converged: true, ConvergedAtNS: 10}},
		{"forgetting is a change", []Event{meet, comesUp(LoseState)}, TrustSummary{Transitions: 1, Levels: levels(0, 0, 0), Converged: true, ConvergedAtNS: 20}},
		{"forgetting nothing is none", []Event{meet, of(bravo, sim.NoNode, comesUp(LoseState))}, TrustSummary{Transitions: 1, Levels: levels(1, 0, 0), Converged: true, ConvergedAtNS: 10}},
		{"an honest node accused", []Event{meet, verified, accused, caught}, TrustSummary{
			Transitions: 4, Levels: levels(0, 0, 1), FalseBlocked: 1, FalseAccusations: 2, Converged: true, ConvergedAtNS: 40}},
		{"fallen, and risen", []Event{meet, verified, accused, verified, accused, verified}, TrustSummary{
			Transitions: 6, Levels: levels(0, 1, 0), FalseAccusations: 2, Oscillations: 2, Converged: true, ConvergedAtNS: 60}},
		{"fallen twice, and risen twice, is once", []Event{meet, verified, accused, caught, moves(blocked, probing, byOverride), verified}, TrustSummary{
			Transitions: 6, Levels: levels(0, 1, 0), FalseAccusations: 2, Oscillations: 1, Converged: true, ConvergedAtNS: 60}},
		{"whom others convinced", []Event{meet, counted(verified, "quorum", charlie, delta)}, TrustSummary{Transitions: 2, Levels: levels(0, 1, 0), Convinced: 2, Converged: true, ConvergedAtNS: 20}},
		{"a liar that was met", []Event{completed}, TrustSummary{Levels: levels(0, 0, 0), MissedLiars: 1, Converged: true}},
		{"a liar that was introduced", []Event{of(alfa, delta, moves(unknown, probing, byIntroduction))}, TrustSummary{Transitions: 1, Levels: levels(0, 0, 0), Converged: true, ConvergedAtNS: 10}},
		{"a liar that leaves no evidence", []Event{of(alfa, echo, meet)}, TrustSummary{Transitions: 1, Levels: levels(0, 0, 0), Converged: true, ConvergedAtNS: 10}},
		{"a liar caught", []Event{of(alfa, delta, meet), completed, of(alfa, delta, caught)}, TrustSummary{
			Transitions: 2, Levels: levels(0, 0, 0), DistrustNS: at(5), Converged: true, ConvergedAtNS: 30}},
		{"caught again", []Event{of(alfa, delta, meet), completed, of(alfa, delta, caught), of(alfa, delta, moves(blocked, probing, byOverride)), of(alfa, delta, caught)}, TrustSummary{
			Transitions: 4, Levels: levels(0, 0, 0), Oscillations: 1, DistrustNS: at(5), Converged: true, ConvergedAtNS: 50}},
		{"caught again by a node that forgot it", []Event{of(alfa, delta, meet), completed, of(alfa, delta, caught), comesUp(LoseState), of(alfa, delta, meet), of(alfa, delta, caught)}, TrustSummary{
			Transitions: 4, Levels: levels(0, 0, 0), DistrustNS: at(5), Converged: true, ConvergedAtNS: 60}},
		{"blocked before it lied", []Event{of(alfa, delta, meet), of(alfa, delta, caught)}, TrustSummary{Transitions: 2, Levels: levels(0, 0, 0), Converged: true, ConvergedAtNS: 20}},
		{"met and forgotten", []Event{of(alfa, delta, meet), comesUp(LoseState)}, TrustSummary{Transitions: 1, Levels: levels(0, 0, 0), Converged: true, ConvergedAtNS: 20}},
		{"met with another key", []Event{of(alfa, delta, meet), of(alfa, delta, moves(unknown, probing, byIntroduction))}, TrustSummary{
			Transitions: 2, Levels: levels(0, 0, 0), Converged: true, ConvergedAtNS: 10}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			o := observe(10, MetricsConfig{})
			o.Metrics.peers = NewPeers(twoLiars)
			o.tell(tt.events...)
			end := clock.Time(10*len(tt.events) + 20)
			assert.False(t, o.Metrics.Summary().Trust.Converged, "not while the run goes on")
			o.Metrics.Peers().End(end)
			assert.Equal(t, tt.want, o.Metrics.Summary().Trust)
		})
	}
}

// Whether trust has settled shows to the nanosecond.
func TestMetricsOfConvergence(t *testing.T) {
	for end, converged := range map[clock.Time]bool{29: false, 30: true} {
		p := NewPeers(twoLiars)
		e := moves(unknown, probing, byHandshake)
		e.T = 10
		p.Emit(&e)
		p.End(end)
		got := p.counts(TrustSummary{})
		assert.Equal(t, converged, got.Converged, end)
		assert.Equal(t, converged, got.ConvergedAtNS == 10, end)
	}
}

// naivePair is what a pair's own events, one after the other, come to.
type naivePair struct {
	level                             Trust
	met, changed                      bool
	changedAt                         clock.Time
	accusations, oscillations, voices int64
	caught                            []int64
}

func naivelyOf(node, peer sim.NodeID, events []Event, cfg *MetricsConfig) (p naivePair) {
	start := func() {
		p.level, p.met = unknown, false
		if cfg.Anchors.Has(node, peer) {
			p.level, p.met = trusted, true
		}
	}
	good := func(l Trust) int { return map[Trust]int{blocked: 0, unknown: 1, probing: 2, trusted: 3}[l] }
	start()
	best := false // it was better before, since it rose last
	for _, e := range events {
		before := p.level
		switch {
		case e.Node != node, e.Kind != NodeUp && e.Peer != peer:
			continue
		case e.Kind == NodeUp && e.Lose >= LoseState:
			start()
			best = false
		case e.Kind == HandshakeCompleted:
			p.met = true
		case e.Kind == TrustUpdated:
			p.met = p.met && e.From != unknown || e.Evidence.String() == "handshake"
			p.level = e.To
			p.voices += int64(len(e.Voices))
			if word := e.Evidence.String(); word == "conflict" || word == "malicious" {
				p.accusations++
			}
			if good(p.level) > good(before) && best {
				p.oscillations++
				best = false
			} else if good(p.level) < good(before) {
				best = true
			}
			for _, l := range cfg.Liars {
				if l.Node == peer && p.level == blocked && p.met && e.T >= l.Start && len(p.caught) == 0 {
					p.caught = append(p.caught, int64(e.T-l.Start))
				}
			}
		}
		if p.level != before {
			p.changed, p.changedAt = true, e.T
		}
	}
	return p
}

// The counters agree with a reader who takes one pair after the other.
func TestMetricsOfTrustAgainstNaiveTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := twoLiars
		if rapid.Bool().Draw(t, "anchors") {
			cfg.Anchors = Anchors{alfa: {bravo, delta}, charlie: nil, delta: {alfa}}
		}
		node := rapid.Map(rapid.IntRange(0, cfg.Nodes-1), func(i int) sim.NodeID { return sim.NodeID(i) })
		var events []Event
		for i := range rapid.IntRange(0, 40).Draw(t, "events") {
			e := Event{Node: node.Draw(t, "node"), T: clock.Time(i * rapid.IntRange(0, 3).Draw(t, "gap"))}
			if i > 0 {
				e.T = max(e.T, events[i-1].T)
			}
			e.Peer = node.Filter(func(p sim.NodeID) bool { return p != e.Node }).Draw(t, "peer")
			switch e.Kind = rapid.SampledFrom([]Kind{TrustUpdated, TrustUpdated, TrustUpdated, HandshakeCompleted, NodeUp}).Draw(t, "kind"); e.Kind {
			case NodeUp:
				e.Lose = rapid.SampledFrom([]Lose{LoseNothing, LoseState}).Draw(t, "lose")
			case TrustUpdated:
				e.From = Trust(rapid.IntRange(0, int(trustCount)-1).Draw(t, "from"))
				e.To = Trust(rapid.IntRange(0, int(trustCount)-1).Draw(t, "to"))
				e.Evidence = Evidence(rapid.IntRange(0, int(evidenceCount)-1).Draw(t, "evidence"))
				e.Voices = rapid.SliceOfN(node, 0, 3).Draw(t, "voices")
			}
			events = append(events, e)
		}
		p := NewPeers(cfg)
		for i := range events {
			p.Emit(&events[i])
		}
		end := clock.Time(rapid.IntRange(120, 160).Draw(t, "end"))
		p.End(end)

		var want TrustSummary
		var times Histogram
		changed := clock.Time(0)
		for node := range sim.NodeID(cfg.Nodes) {
			for peer := range sim.NodeID(cfg.Nodes) {
				pair := naivelyOf(node, peer, events, &cfg)
				honest := node < delta && node != peer
				if node != peer {
					require.Equal(t, pair.level, p.Level(node, peer))
				}
				if !honest {
					continue
				}
				if pair.changed {
					changed = max(changed, pair.changedAt)
				}
				want.Oscillations += pair.oscillations
				want.Convinced += pair.voices
				for _, ns := range pair.caught {
					times.Add(ns)
				}
				if peer < delta {
					want.FalseAccusations += pair.accusations
					*[]*int64{&want.Levels.Unknown, &want.Levels.Probing, &want.Levels.Trusted, &want.Levels.Blocked}[pair.level]++
				} else if peer == delta && pair.met && pair.level != blocked {
					want.MissedLiars++
				}
			}
		}
		for _, e := range events {
			if e.Kind == TrustUpdated {
				want.Transitions++
			}
		}
		want.FalseBlocked = want.Levels.Blocked
		if end >= changed+20 {
			want.Converged, want.ConvergedAtNS = true, int64(changed)
		}
		require.Equal(t, want, p.counts(TrustSummary{}))
		require.Equal(t, times.Summary(), p.distrust.Summary())
		require.Equal(t, changed, p.Changed())
	})
}

// What a node holds costs an allocation when it first holds anything, no more.
func TestMetricsOfTrustDoNotAllocate(t *testing.T) {
	p := NewPeers(twoLiars)
	events := []Event{moves(unknown, probing, byHandshake), moves(probing, blocked, byMalicious), moves(blocked, probing, byOverride), {Kind: HandshakeCompleted, Node: alfa, Peer: delta}}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for i := range events {
			events[i].T = clock.Time(time.Second)
			p.Emit(&events[i])
		}
		p.counts(TrustSummary{})
	}))
}
