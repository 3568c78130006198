package expect

import "meshsim/clock"

// Trust has converged from its last change on, and which change is the last one only
// the end of the run shows. So an expectation that reads trust.converged is judged
// twice as the run goes on: by itself as if trust had not converged yet, and by its
// belief as if it had, with the last change so far. Each further change proves the
// belief wrong, which then goes on from where the other one is. At the end one of the
// two was right at every instant.

// revise puts beliefs right that trust has changed once more.
func (s *Set) revise() {
	if len(s.hindsight) == 0 {
		return
	}
	changed := s.world.TrustChanged()
	if changed == s.changed {
		return
	}
	s.changed = changed
	for _, x := range s.hindsight {
		decided := x.belief.verdict != ""
		x.belief.goOnFrom(x)
		if decided && x.belief.verdict == "" {
			s.watch(x.belief)
		}
	}
	s.forget()
}

// conclude is the one of an expectation and its belief that the end at t shows to be
// right. Of a run in which nobody's trust ever moved it decides nothing.
func (s *Set) conclude(x *expectation, t clock.Time) *expectation {
	s.summary()
	trust := &s.metrics.sum.Trust
	if trust.Converged {
		x = x.belief
	}
	x.hypothesis = false
	switch {
	case trust.Transitions == 0:
		x.evaluations, x.failure = 0, nil
		x.decide(Vacuous, t)
	case x.failure != nil:
		s.report(*x.failure)
	}
	return x
}

// goOnFrom takes over how far the judgement of the same spec has come. A guard tells
// of the evaluation at hand only.
func (x *expectation) goOnFrom(other *expectation) {
	x.progress = other.progress
	x.cond.err = other.cond.err
	for i, n := range other.cond.names { // the same ones: both were compiled from one text
		x.cond.names[i].seen, x.cond.names[i].judged = n.seen, n.judged
	}
}
