package sim

import "meshsim/clock"

// queue is the events that wait, each in a slot of its own where it does not move;
// a tournament of their keys orders them.
type queue[E any] struct {
	tournament
	events []E // by slot
}

func (q *queue[E]) push(t clock.Time, ev *E) Ref {
	r := q.tournament.push(t)
	if int(r.slot) < len(q.events) {
		q.events[r.slot] = *ev
	} else {
		q.events = append(q.events, *ev)
	}
	return r
}

// pop moves the first event to ev.
func (q *queue[E]) pop(ev *E) { *ev = q.events[q.tournament.pop()] }

// fill closes the hole that pop left, if no push did.
func (q *queue[E]) fill() {
	if q.hole != 0 {
		q.remove(q.hole - 1)
		q.hole = 0
	}
}

func (q *queue[E]) cancel(r Ref) bool {
	if !q.holds(r) {
		return false
	}
	q.remove(r.slot)
	return true
}

// remove empties a slot, and lets go of what its event points to.
func (q *queue[E]) remove(slot uint32) {
	q.events[slot] = *new(E)
	q.empty(slot)
}

func (q *queue[E]) each(f func(clock.Time, *E)) {
	q.tournament.each(func(at clock.Time, slot uint32) { f(at, &q.events[slot]) })
}
