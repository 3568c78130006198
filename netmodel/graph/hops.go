package graph

// Hops are distances in links, over links in either direction.
type Hops struct {
	Diameter  int       // most hops between two nodes that are linked; 0 when none are
	Sum       int64     // over connected ordered pairs
	Pairs     int64     // connected ordered pairs of different nodes
	Closeness []float64 // by node, from 0 to 1, see Hops
}

// Mean is the mean path in hops over connected ordered pairs, 0 when there are none.
func (h *Hops) Mean() float64 { return ratio(h.Sum, h.Pairs) }

func ratio(part, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// Hops measures the distances of all pairs, breadth first from each node.
//
// The closeness of a node that reaches r of the n − 1 others, at a mean of d hops, is
// 1/d, times r/(n−1), so that being close to few is worth less (S. Wasserman,
// K. Faust, "Social Network Analysis", 1994, equation 5.22).
func (g *Graph) Hops() Hops {
	n := len(g.names)
	h := Hops{Closeness: make([]float64, n)}
	distance, queue := make([]int, n), make([]int, 0, n)
	for source := range n {
		for i := range distance {
			distance[i] = -1
		}
		distance[source] = 0
		queue = append(queue[:0], source)
		var sum int64
		for k := 0; k < len(queue); k++ {
			at := queue[k]
			sum += int64(distance[at])
			h.Diameter = max(h.Diameter, distance[at])
			for _, to := range g.beside[at] {
				if distance[to] < 0 {
					distance[to] = distance[at] + 1
					queue = append(queue, to)
				}
			}
		}
		if reached := int64(len(queue) - 1); reached > 0 {
			h.Closeness[source] = ratio(reached, sum) * ratio(reached, int64(n-1))
			h.Pairs += reached
			h.Sum += sum
		}
	}
	return h
}

// Degree counts neighbours.
type Degree struct {
	Min          int           `json:"min"`
	Mean         float64       `json:"mean"`
	Max          int           `json:"max"`
	Distribution []DegreeCount `json:"distribution"` // by degree, those that occur
}

// DegreeCount is how many nodes have a degree.
type DegreeCount struct {
	Degree int `json:"degree"`
	Nodes  int `json:"nodes"`
}

// Degree is the number of neighbours of the nodes.
func (g *Graph) Degree() Degree {
	d := Degree{Distribution: []DegreeCount{}}
	if len(g.names) == 0 {
		return d
	}
	var count []int
	for _, beside := range g.beside {
		for len(beside) >= len(count) {
			count = append(count, 0)
		}
		count[len(beside)]++
	}
	for degree, nodes := range count {
		if nodes > 0 {
			d.Distribution = append(d.Distribution, DegreeCount{degree, nodes})
		}
	}
	d.Min, d.Max = d.Distribution[0].Degree, len(count)-1
	d.Mean = rounded(ratio(2*int64(len(g.edges)), int64(len(g.names))))
	return d
}
