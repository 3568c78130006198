package mesh

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
	"meshsim/trust"
)

// all is every pair of n nodes.
func allPairs(n int) (pairs [][2]sim.NodeID) {
	for a := range sim.NodeID(n) {
		for b := range a {
			pairs = append(pairs, [2]sim.NodeID{a, b})
		}
	}
	return pairs
}

func TestLocalVerification(t *testing.T) {
	s := newSociety(t, 3, &Facts{All: []Fact{knowledge("f1", "d", "rr.")}}, nil)
	s.meet([2]sim.NodeID{0, 1})
	s.heard(sim.NoNode)
	s.propose(0, 1, 0)
	assert.Equal(t, []string{"n1: n0 probing→trusted verified by local"}, s.heard(sim.NoNode))
	assert.Equal(t, trust.Probing, s.level(0, 1), "n1 has proposed nothing")
	assert.Empty(t, s.hs[0].judgement.files[1].asks, "it was answered")
}

func TestFactBeforeHandshake(t *testing.T) {
	s := newSociety(t, 2, &Facts{All: []Fact{knowledge("f1", "d", "rr")}}, nil)
	s.propose(0, 1, 0)
	assert.Empty(t, s.heard(sim.NoNode), "nobody knows whose key it is")
	s.meet([2]sim.NodeID{0, 1})
	assert.Equal(t, []string{"n1: n0 unknown→probing handshake", "n1: n0 probing→trusted verified by local"}, s.heard(1))
}

func TestConflict(t *testing.T) {
	s := newSociety(t, 2, &Facts{All: []Fact{knowledge("f1", "d", "wr"), knowledge("f2", "d", "rr")}}, nil)
	s.meet([2]sim.NodeID{0, 1})
	s.propose(0, 1, 1)
	s.heard(sim.NoNode)
	s.propose(0, 1, 0)
	assert.Equal(t, []string{"n1: n0 trusted→probing conflict by contradiction"}, s.heard(1))
	s.propose(0, 1, 1)
	assert.Empty(t, s.heard(1), "a fact that has proved a peer is no news")
	s.propose(0, 1, 0)
	assert.Equal(t, []string{"n1: n0 probing→blocked conflict by contradiction"}, s.heard(1))
}

// TestProposalIsOneConflict loses the answers, so that a false proposal comes again.
func TestProposalIsOneConflict(t *testing.T) {
	s := newSociety(t, 2, &Facts{All: []Fact{knowledge("f1", "d", "wr"), knowledge("f2", "d", "rr")}}, nil)
	s.meet([2]sim.NodeID{0, 1})
	s.propose(0, 1, 1)
	s.heard(sim.NoNode)
	s.lose = func(_, _ sim.NodeID, typ string) bool { return typ == typeFactChallenge }
	s.propose(0, 1, 0)
	s.run(time.Minute)
	assert.Equal(t, []string{"n1: n0 trusted→probing conflict by contradiction"}, s.heard(1))
}

func TestQuorum(t *testing.T) {
	// n1 … n3 know f1, n0 does not; it trusts them by f2, which all know.
	facts := &Facts{All: []Fact{knowledge("f1", "d", "....r"), knowledge("f1b", "d", ".rr.r"), knowledge("f2", "d", "rrrr.")}}
	s := newSociety(t, 5, facts, nil)
	s.meet(allPairs(5)...)
	s.heard(sim.NoNode)
	s.propose(4, 0, 1)
	s.run(time.Minute)
	assert.Empty(t, s.heard(0), "n0 trusts nobody whom it could ask")
	s.propose(1, 0, 2)
	s.run(time.Minute)
	assert.Equal(t, []string{"n0: n1 probing→trusted verified by local"}, s.heard(0), "one voice is not enough")
	s.propose(3, 0, 2)
	s.run(time.Minute)
	assert.Equal(t, []string{"n0: n3 probing→trusted verified by local"}, s.heard(0), "n3 knows nothing of it")
	s.propose(2, 0, 2)
	s.run(time.Minute)
	assert.Equal(t, []string{"n0: n2 probing→trusted verified by local", "n0: n4 probing→trusted verified by quorum of [1 2]"}, s.heard(0))
}

func TestQuorumOfChallenges(t *testing.T) {
	facts := &Facts{All: []Fact{knowledge("f1", "d", ".rrw"), knowledge("f2", "d", "rrrr")}}
	s := newSociety(t, 4, facts, nil)
	s.meet(allPairs(4)...)
	for _, id := range []sim.NodeID{1, 2, 3} {
		s.propose(id, 0, 1)
	}
	s.heard(sim.NoNode)
	s.propose(3, 0, 0)
	assert.Equal(t, []string{"n0: n3 trusted→probing conflict by challenges of [1 2]"}, s.heard(0))
	assert.Equal(t, trust.Blocked, s.level(1, 3), "it was shown the false statement, and knows better")
}

// TestChallengedProposalIsOneConflict loses the answers, so that a proposal which trusted
// peers challenged comes again.
func TestChallengedProposalIsOneConflict(t *testing.T) {
	facts := &Facts{All: []Fact{knowledge("f1", "d", ".rrw"), knowledge("f2", "d", "rrrr")}}
	s := newSociety(t, 4, facts, nil)
	s.meet([2]sim.NodeID{0, 1}, [2]sim.NodeID{0, 2}, [2]sim.NodeID{0, 3}) // who never met n3 does not block it, and challenges each time
	for _, id := range []sim.NodeID{1, 2, 3} {
		s.propose(id, 0, 1)
	}
	s.heard(sim.NoNode)
	s.lose = func(from, to sim.NodeID, typ string) bool { return from == 0 && to == 3 && typ == typeFactChallenge }
	s.propose(3, 0, 0)
	s.run(time.Minute)
	assert.Equal(t, []string{"n0: n3 trusted→probing conflict by challenges of [1 2]"}, s.heard(0))
	s.propose(3, 0, 0)
	assert.Equal(t, []string{"n0: n3 probing→blocked conflict by challenges of [1 2]"}, s.heard(0), "another proposal is another conflict")
}

// TestRejectionIsAnAnswer has somebody asked who blocks the author.
func TestRejectionIsAnAnswer(t *testing.T) {
	facts := &Facts{All: []Fact{knowledge("f1", "d", ".r.r"), knowledge("f2", "d", ".rrw")}}
	s := newSociety(t, 4, facts, func(id sim.NodeID, j *JudgementConfig) { j.Anchors, j.Warnings = []sim.NodeID{1}, WarnNone })
	s.meet([2]sim.NodeID{0, 3}, [2]sim.NodeID{1, 3}, [2]sim.NodeID{0, 1})
	s.propose(3, 1, 1)
	assert.Equal(t, trust.Trusted, s.level(0, 1))
	asked := 0
	s.lose = func(from, to sim.NodeID, typ string) bool {
		if from == 0 && to == 1 && typ == typeFactPropose {
			asked++
		}
		return false
	}
	s.propose(3, 1, 1)
	assert.Equal(t, trust.Blocked, s.level(1, 3), "anchors fall by two")
	s.propose(3, 0, 0)
	s.run(time.Minute)
	assert.Equal(t, 1, asked)
}

func TestModes(t *testing.T) {
	for _, c := range []struct {
		name          string
		local, quorum bool
		want          trust.Level
	}{{"local", true, false, trust.Trusted}, {"quorum", false, true, trust.Probing}} {
		t.Run(c.name, func(t *testing.T) {
			s := newSociety(t, 2, &Facts{All: []Fact{knowledge("f1", "d", "rr")}}, func(_ sim.NodeID, j *JudgementConfig) { j.Local, j.Quorum = c.local, c.quorum })
			s.meet([2]sim.NodeID{0, 1})
			s.propose(0, 1, 0)
			assert.Equal(t, c.want, s.level(1, 0))
		})
	}
}

// twoFaced says one thing to some and the other to others.
type twoFaced struct{ holds map[sim.NodeID]bool }

func (f twoFaced) Vouches(_ *Context, _ int, tier Tier) Tier { return tier }

func (f twoFaced) Says(_ *Context, to sim.NodeID, _ int) (bool, uint64, bool) {
	return f.holds[to], 1, true
}

func TestEquivocation(t *testing.T) {
	facts := &Facts{All: []Fact{knowledge("f1", "d", "...."), knowledge("f2", "d", "rrrr")}}
	s := newSociety(t, 4, facts, func(id sim.NodeID, j *JudgementConfig) {
		if id == 3 {
			j.Tongue = twoFaced{map[sim.NodeID]bool{0: true, 1: false, 2: false}}
		}
	})
	s.meet(allPairs(4)...)
	s.propose(1, 0, 1)
	s.propose(3, 1, 0) // not f1
	s.heard(sim.NoNode)
	s.propose(3, 0, 0) // f1, which n0 shows to n1
	assert.Equal(t, []string{"n1: n3 probing→blocked malicious by equivocation"}, s.heard(1))
}

func TestIntroduction(t *testing.T) {
	s := newSociety(t, 4, &Facts{All: []Fact{knowledge("f2", "d", "rrrr")}}, nil)
	s.meet([2]sim.NodeID{0, 1})
	s.do(1, Command{Kind: Introduce, Peer: 0, Subject: 2})
	s.run(time.Second)
	assert.Equal(t, []string{"n0: n1 unknown→probing handshake", "n0: n1 introduces n2, 1"}, s.heard(0))
	assert.Equal(t, trust.Unknown, s.level(0, 2), "n1 is not trusted")
	s.propose(1, 0, 0)
	assert.Equal(t, []string{"n0: n1 probing→trusted verified by local", "n0: n2 unknown→probing introduction"}, s.heard(0), "now it is")
	s.propose(2, 0, 0)
	assert.Equal(t, trust.Probing, s.level(0, 2), "nobody knows whose key it is")
}

func TestIntroductionExpires(t *testing.T) {
	s := newSociety(t, 4, &Facts{All: []Fact{knowledge("f2", "d", "rrrr")}}, nil)
	s.meet([2]sim.NodeID{0, 1})
	s.do(1, Command{Kind: Introduce, Peer: 0, Subject: 2})
	s.run(time.Minute)
	s.propose(1, 0, 0)
	assert.Equal(t, trust.Unknown, s.level(0, 2))
}

// TestIntroductionsSpread has each node trust its neighbours in a row, so that who is at
// one end hears of the other end by as many introductions as it takes.
func TestIntroductionsSpread(t *testing.T) {
	for _, c := range []struct {
		name  string
		intro Introductions
		hops  int
		want  [4]trust.Level // of n1 … n4 at n0
	}{
		{"none", IntroduceNone, 1, [4]trust.Level{trust.Trusted, trust.Unknown, trust.Unknown, trust.Unknown}},
		{"tell", IntroduceTell, 1, [4]trust.Level{trust.Trusted, trust.Probing, trust.Unknown, trust.Unknown}},
		{"tell, two hops", IntroduceTell, 2, [4]trust.Level{trust.Trusted, trust.Probing, trust.Probing, trust.Unknown}},
		{"meet", IntroduceMeet, 1, [4]trust.Level{trust.Trusted, trust.Trusted, trust.Trusted, trust.Trusted}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSociety(t, 5, &Facts{All: []Fact{knowledge("f2", "d", "rrrrr")}}, func(_ sim.NodeID, j *JudgementConfig) { j.Introductions, j.Hops = c.intro, c.hops })
			for a := range sim.NodeID(5) { // what comes before the handshake is kept
				for b := range sim.NodeID(5) {
					if a != b {
						s.propose(a, b, 0)
					}
				}
			}
			s.meet([2]sim.NodeID{0, 1}, [2]sim.NodeID{1, 2}, [2]sim.NodeID{2, 3}, [2]sim.NodeID{3, 4})
			s.run(10 * time.Second)
			for i, want := range c.want {
				assert.Equal(t, want, s.level(0, sim.NodeID(i+1)), "n%d", i+1)
			}
		})
	}
}

// Who starts again may have forgotten all that it was told, and is told it anew.
func TestNewsIsToldOnceInEachLife(t *testing.T) {
	s := newSociety(t, 3, &Facts{All: []Fact{knowledge("f1", "d", "rrr")}}, func(_ sim.NodeID, j *JudgementConfig) { j.Introductions = IntroduceTell })
	s.meet([2]sim.NodeID{0, 1}, [2]sim.NodeID{1, 2})
	s.heard(sim.NoNode)
	s.propose(2, 1, 0)
	s.propose(0, 1, 0)
	assert.Equal(t, []string{"n0: n1 introduces n2, 1"}, s.heard(0))
	for life := range uint64(2) {
		s.step(0, Input{Kind: Start, Tag: life + 2}, nil)
		s.meet([2]sim.NodeID{0, 1})
		s.meet([2]sim.NodeID{0, 1})
		assert.Equal(t, []string{"n0: n1 introduces n2, 1"}, s.heard(0))
	}
}

// liars has n4 say the opposite of what all know, to those who meet it.
func warningsSociety(t *testing.T, mode Warnings) *society {
	s := newSociety(t, 6, &Facts{All: []Fact{knowledge("f1", "d", "....w."), knowledge("f1b", "d", ".rr.w."), knowledge("f2", "d", "rrrr.r")}},
		func(_ sim.NodeID, j *JudgementConfig) { j.Warnings = mode })
	s.meet(allPairs(6)...)
	for a := range sim.NodeID(4) {
		for b := range sim.NodeID(6) {
			if a != b && b != 4 {
				s.propose(a, b, 2)
			}
		}
	}
	s.heard(sim.NoNode)
	return s
}

func TestWarnings(t *testing.T) {
	s := warningsSociety(t, WarnFirstHand)
	s.propose(4, 1, 1)
	assert.Equal(t, trust.Blocked, s.level(1, 4))
	assert.Equal(t, []string{"n0: n1 warns of n4"}, s.heard(0), "one is not enough")
	s.propose(4, 2, 1)
	assert.Equal(t, []string{"n0: n2 warns of n4", "n0: n4 probing→blocked conflict by warnings of [1 2]"}, s.heard(0))
	s.run(time.Minute)
	for _, f := range s.heard(sim.NoNode) {
		assert.NotContains(t, f, "n0 warns", "it caught nobody itself")
	}
	assert.Equal(t, trust.Blocked, s.level(3, 4))
}

func TestWarningsRelayed(t *testing.T) {
	s := warningsSociety(t, WarnRelay)
	s.propose(4, 1, 1)
	s.run(time.Minute)
	assert.Equal(t, trust.Blocked, s.level(0, 4), "n2 and n3 say what n1 said")
}

func TestNoWarnings(t *testing.T) {
	s := warningsSociety(t, WarnNone)
	s.propose(4, 1, 1)
	s.propose(4, 2, 1)
	s.run(time.Minute)
	assert.Empty(t, s.heard(0))
}

func TestWarnersCountOnce(t *testing.T) {
	s := warningsSociety(t, WarnFirstHand)
	for range 3 {
		s.do(1, Command{Kind: Warn, Peer: 0, Subject: 3})
		s.run(time.Second)
	}
	assert.Equal(t, []string{"n0: n1 warns of n3"}, s.heard(0))
	s.do(5, Command{Kind: Warn, Peer: 0, Subject: 3}) // whom n0 does not trust
	s.run(time.Second)
	assert.Equal(t, []string{"n0: n5 warns of n3"}, s.heard(0))
	s.propose(5, 0, 2)
	assert.Equal(t, []string{"n0: n5 probing→trusted verified by local", "n0: n3 trusted→probing conflict by warnings of [1 5]"}, s.heard(0), "now it does")
}

// TestWarningBeforeHandshake warns before it is known whose key that is.
func TestWarningBeforeHandshake(t *testing.T) {
	s := newSociety(t, 3, &Facts{All: []Fact{knowledge("f1", "d", "rr.")}}, func(_ sim.NodeID, j *JudgementConfig) { j.Warners = 1 })
	s.do(1, Command{Kind: Warn, Peer: 0, Subject: 2})
	s.meet([2]sim.NodeID{0, 1}, [2]sim.NodeID{0, 2})
	s.propose(1, 0, 0)
	s.run(time.Minute)
	assert.Equal(t, trust.Blocked, s.level(0, 2))
}

func TestOverride(t *testing.T) {
	s := warningsSociety(t, WarnFirstHand)
	for _, warner := range []sim.NodeID{1, 2, 1, 2} {
		s.do(warner, Command{Kind: Warn, Peer: 0, Subject: 5})
		s.run(time.Second)
	}
	assert.Equal(t, trust.Blocked, s.level(0, 5), "an honest node, unjustly")
	s.heard(sim.NoNode)
	s.do(0, Command{Kind: Override, Peer: 5})
	s.run(time.Second)
	assert.Equal(t, []string{"n0: n5 blocked→probing override"}, s.heard(0))
	s.propose(5, 0, 2)
	assert.Equal(t, []string{"n0: n5 probing→trusted verified by local"}, s.heard(0))
	s.do(1, Command{Kind: Warn, Peer: 0, Subject: 5})
	s.run(time.Second)
	assert.Equal(t, []string{"n0: n1 warns of n5"}, s.heard(0), "its earlier warning is forgotten")
}

func TestDecay(t *testing.T) {
	s := newSociety(t, 3, &Facts{All: []Fact{knowledge("f2", "d", "rrr")}}, func(_ sim.NodeID, j *JudgementConfig) { j.Decay = 30 * time.Second })
	s.meet([2]sim.NodeID{0, 1})
	s.propose(1, 0, 0)
	s.heard(sim.NoNode)
	s.run(27 * time.Second)
	s.propose(1, 0, 0)
	s.run(27 * time.Second)
	assert.Empty(t, s.heard(0), "it was heard of")
	s.run(4 * time.Second)
	assert.Equal(t, []string{"n0: n1 trusted→probing decay"}, s.heard(0))
	s.propose(1, 0, 0)
	assert.Equal(t, []string{"n0: n1 probing→trusted verified by local"}, s.heard(0), "the fact proves it anew")
}

func TestAnchors(t *testing.T) {
	facts := &Facts{All: []Fact{knowledge("f1", "d", ".rrr")}}
	s := newSociety(t, 4, facts, func(id sim.NodeID, j *JudgementConfig) {
		if id == 0 {
			j.Anchors = []sim.NodeID{1, 2}
		}
	})
	assert.Equal(t, trust.Trusted, s.level(0, 1))
	s.meet([2]sim.NodeID{0, 3})
	s.heard(sim.NoNode)
	s.propose(3, 0, 0)
	assert.Equal(t, []string{"n0: n3 probing→trusted verified by quorum of [1 2]"}, s.heard(0), "whom it never met")
}

// TestAsksAreRepeated loses the first answers.
func TestAsksAreRepeated(t *testing.T) {
	s := newSociety(t, 4, &Facts{All: []Fact{knowledge("f1", "d", ".rrr")}}, func(_ sim.NodeID, j *JudgementConfig) { j.Anchors = []sim.NodeID{1, 2} })
	s.meet([2]sim.NodeID{0, 3})
	lost := 0
	s.lose = func(_, to sim.NodeID, typ string) bool {
		if to == 0 && typ == typeFactConfirm && lost < 12 {
			lost++
			return true
		}
		return false
	}
	s.propose(3, 0, 0)
	s.run(time.Minute)
	assert.Equal(t, trust.Trusted, s.level(0, 3))
	assert.Equal(t, 12, lost)
}

// What trusted peers say of a fact counts for nothing once its author was forgiven: all
// that it said before is forgotten.
func TestOverrideForgetsPolls(t *testing.T) {
	facts := &Facts{All: []Fact{knowledge("f1", "d", ".rrr")}}
	s := newSociety(t, 4, facts, func(id sim.NodeID, j *JudgementConfig) {
		if id == 0 {
			j.Anchors = []sim.NodeID{1, 2}
		}
	})
	s.meet([2]sim.NodeID{0, 3})
	s.lose = func(_, to sim.NodeID, typ string) bool { return to == 0 && typ == typeFactConfirm }
	s.propose(3, 0, 0)
	s.do(0, Command{Kind: Override, Peer: 3})
	s.run(100 * time.Millisecond)
	require.True(t, s.hs[0].Trust.Authenticated(3))
	s.lose = func(sim.NodeID, sim.NodeID, string) bool { return false }
	s.run(time.Minute)
	assert.Equal(t, trust.Probing, s.level(0, 3))
	s.propose(3, 0, 0)
	assert.Equal(t, trust.Trusted, s.level(0, 3))
}

// Who has not answered is not asked again once others have.
func TestEnoughVoicesEndTheQuestions(t *testing.T) {
	s := newSociety(t, 6, &Facts{All: []Fact{knowledge("f1", "d", ".rrrrr")}}, func(id sim.NodeID, j *JudgementConfig) {
		if id == 0 {
			j.Anchors = []sim.NodeID{1, 2, 3, 4}
		}
	})
	s.meet([2]sim.NodeID{0, 5})
	asked := 0
	s.lose = func(_, to sim.NodeID, typ string) bool {
		deaf := typ == typeFactPropose && (to == 3 || to == 4)
		if deaf {
			asked++
		}
		return deaf
	}
	s.propose(5, 0, 0)
	require.Equal(t, trust.Trusted, s.level(0, 5))
	s.run(time.Minute)
	assert.Equal(t, 2, asked)
}
