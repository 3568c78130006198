package rtt

// ring holds what has the numbers from base until before end. It grows to the most
// that it ever held at once, and no further.
type ring[T any] struct {
	base, end uint64
	slots     []T // a power of two; number i is at i modulo its length
}

func (r *ring[T]) len() int { return int(r.end - r.base) }

// at is what has a number that is there.
func (r *ring[T]) at(i uint64) *T { return &r.slots[i&uint64(len(r.slots)-1)] }

// extend makes room for the numbers until before end: zero values.
func (r *ring[T]) extend(end uint64) {
	size := max(len(r.slots), 4)
	for uint64(size) < end-r.base {
		size *= 2
	}
	if size > len(r.slots) {
		old := *r
		r.slots = make([]T, size)
		for i := r.base; i < r.end; i++ {
			*r.at(i) = *old.at(i)
		}
	}
	r.end = max(r.end, end)
}

// push adds one at the end.
func (r *ring[T]) push(v T) {
	r.extend(r.end + 1)
	*r.at(r.end - 1) = v
}

// pop takes the first one out, and leaves a zero value in its place.
func (r *ring[T]) pop() T {
	var zero T
	p := r.at(r.base)
	v := *p
	*p = zero
	r.base++
	return v
}
