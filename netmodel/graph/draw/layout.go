package draw

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"meshsim/netmodel"
)

// point is a position in units of an edge's wanted length.
type point struct{ x, y float64 }

func (p point) sub(q point) point { return point{p.x - q.x, p.y - q.y} }
func (p point) length() float64   { return math.Hypot(p.x, p.y) }

// layout places every node: where the picture says, if it says so of all, else by
// the distances in the graph, components beside each other.
func layout(p *Picture, edges []edge) []point {
	if points, ok := given(p.Nodes); ok {
		return points
	}
	near := make([][]int, len(p.Nodes))
	for _, e := range edges {
		near[e.a] = append(near[e.a], e.b)
		near[e.b] = append(near[e.b], e.a)
	}
	points := make([]point, len(p.Nodes))
	var parts [][]int
	done := make([]bool, len(p.Nodes))
	for i := range p.Nodes {
		if !done[i] {
			part := reach(i, near, done)
			slices.SortFunc(part, func(a, b int) int { return cmp.Or(Natural(p.Nodes[a].ID, p.Nodes[b].ID), a-b) })
			parts = append(parts, part)
			place(part, near, points)
		}
	}
	pack(parts, points)
	return points
}

// given are the places that the picture names, if it does for every node and
// they are of one kind. One edge length is what fits them evenly.
func given(nodes []Node) ([]point, bool) {
	points := make([]point, len(nodes))
	var south, north int64 = math.MaxInt64, math.MinInt64
	for i, n := range nodes {
		if n.Place.Kind == netmodel.Nowhere || n.Place.Kind != nodes[0].Place.Kind {
			return nil, false
		}
		points[i] = point{float64(n.Place.X), -float64(n.Place.Y)}
		south, north = min(south, n.Place.Y), max(north, n.Place.Y)
	}
	if len(nodes) > 0 && nodes[0].Place.Kind == netmodel.OnEarth { // equirectangular, true at the middle latitude
		middle := float64(south+north) / 2 / 1e7 * math.Pi / 180
		for i := range points {
			points[i].x *= math.Cos(middle)
		}
	}
	low, high := bounds(points)
	span := max(high.x-low.x, high.y-low.y)
	if span == 0 {
		return points, len(nodes) <= 1
	}
	scale := 1.4 * math.Sqrt(float64(len(nodes))) / span
	for i := range points {
		points[i] = point{(points[i].x - low.x) * scale, (points[i].y - low.y) * scale}
	}
	return points, true
}

// reach lists the component of a node, breadth first.
func reach(from int, near [][]int, done []bool) []int {
	part := []int{from}
	done[from] = true
	for k := 0; k < len(part); k++ {
		for _, to := range near[part[k]] {
			if !done[to] {
				done[to] = true
				part = append(part, to)
			}
		}
	}
	return part
}

// Larger components get a start and no refinement, which costs the square of
// their size: nobody can read them anyway.
const refinable = 700

// place lays out one component.
func place(part []int, near [][]int, points []point) {
	n := len(part)
	local := make(map[int]int, n)
	for k, node := range part {
		local[node] = k
	}
	edges := 0
	neighbours := make([][]int, n)
	for k, node := range part {
		for _, to := range near[node] {
			neighbours[k] = append(neighbours[k], local[to])
		}
		edges += len(near[node])
	}
	at := circle(n)
	if row := inARow(neighbours, edges/2); n > longestRow && row != nil {
		fold(row, at)
	} else if n > 3 && edges < n*(n-1) {
		at = spread(neighbours, at)
		if n <= refinable {
			refine(at, neighbours)
		}
	}
	for k, node := range part {
		points[node] = at[k]
	}
}

// longestRow is how many nodes of a line stand in one row: as many as are still
// readable on a page.
const longestRow = 15

// inARow lists the nodes of a component that is one long line, from the end with
// the lesser number; nil of another.
func inARow(near [][]int, edges int) []int {
	end := slices.IndexFunc(near, func(beside []int) bool { return len(beside) == 1 })
	if edges != len(near)-1 || end < 0 || slices.ContainsFunc(near, func(beside []int) bool { return len(beside) > 2 }) {
		return nil
	}
	row, before := []int{end}, -1
	for at := end; len(row) < len(near); {
		next := near[at][0]
		if next == before {
			next = near[at][1]
		}
		before, at = at, next
		row = append(row, at)
	}
	return row
}

// fold lays a line in rows that go there and back.
func fold(row []int, at []point) {
	columns := max(longestRow, int(math.Ceil(math.Sqrt(float64(len(row))))))
	for i, node := range row {
		x, y := i%columns, i/columns
		if y%2 == 1 {
			x = columns - 1 - x
		}
		at[node] = point{float64(x), float64(y)}
	}
}

// circle puts n points on one, an edge length apart.
func circle(n int) []point {
	at := make([]point, n)
	if n < 2 {
		return at
	}
	radius := 0.5 / math.Sin(math.Pi/float64(n))
	for k := range at {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(n))
		at[k] = point{radius * sin, -radius * cos}
	}
	return at
}

// hops counts the links from one node to each other one.
func hops(from int, near [][]int) []float64 {
	away := make([]float64, len(near))
	for i := range away {
		away[i] = -1
	}
	away[from] = 0
	queue := []int{from}
	for k := 0; k < len(queue); k++ {
		for _, to := range near[queue[k]] {
			if away[to] < 0 {
				away[to] = away[queue[k]] + 1
				queue = append(queue, to)
			}
		}
	}
	return away
}

// spread is PivotMDS (Brandes, Pich: "Eigensolver methods for progressive
// multidimensional scaling of large data", GD 2006): classical scaling of the
// hop distances to a few nodes that are far from each other. Where it cannot tell
// nodes apart, they lean towards their place on the circle.
func spread(near [][]int, around []point) []point {
	const most = 50
	n := len(near)
	k := min(n, most)
	c := mat.NewDense(n, k, nil)
	closest := slices.Repeat([]float64{math.Inf(1)}, n)
	pivot := 0
	for j := range k {
		away := hops(pivot, near)
		for i, d := range away {
			c.Set(i, j, d*d)
			closest[i] = min(closest[i], d)
		}
		pivot = slices.Index(closest, slices.Max(closest))
	}
	centre(c)
	var gram mat.SymDense
	gram.SymOuterK(1, c.T())
	var eigen mat.EigenSym
	at := make([]point, n)
	if !eigen.Factorize(&gram, true) {
		return around
	}
	var vectors, xy mat.Dense
	eigen.VectorsTo(&vectors)
	xy.Mul(c, vectors.Slice(0, k, k-2, k))
	scale := 0.0
	for i := range n {
		scale = max(scale, math.Abs(xy.At(i, 0)), math.Abs(xy.At(i, 1)))
	}
	wide := math.Sqrt(float64(n)) / max(scale, 1e-12)
	for i := range at {
		at[i] = point{xy.At(i, 1)*wide + around[i].x*0.02, xy.At(i, 0)*wide + around[i].y*0.02}
	}
	return at
}

// centre subtracts row and column means and adds the mean of all, times −1/2.
func centre(c *mat.Dense) {
	n, k := c.Dims()
	rows, columns, all := make([]float64, n), make([]float64, k), 0.0
	for i := range n {
		for j := range k {
			v := c.At(i, j)
			rows[i] += v / float64(k)
			columns[j] += v / float64(n)
			all += v / float64(n*k)
		}
	}
	for i := range n {
		for j := range k {
			c.Set(i, j, -(c.At(i, j)-rows[i]-columns[j]+all)/2)
		}
	}
}

// refine lowers the stress Σ (|x_i−x_j| − d_ij)²/d_ij² by majorization (Gansner,
// Koren, North: "Graph drawing by stress majorization", GD 2004), node by node.
func refine(at []point, near [][]int) {
	const rounds = 120
	away := make([][]float64, len(near))
	for i := range near {
		away[i] = hops(i, near)
	}
	for range rounds {
		for i := range at {
			var sum point
			weights := 0.0
			for j := range at {
				if i == j {
					continue
				}
				d := away[i][j]
				gap := at[i].sub(at[j])
				pull := d / max(gap.length(), 1e-9)
				w := 1 / (d * d)
				sum.x += w * (at[j].x + gap.x*pull)
				sum.y += w * (at[j].y + gap.y*pull)
				weights += w
			}
			at[i] = point{sum.x / weights, sum.y / weights}
		}
	}
}

// pack puts components beside each other in rows, large ones first.
func pack(parts [][]int, points []point) {
	slices.SortStableFunc(parts, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	x, y, row, width := 0.0, 0.0, 0.0, 0.0
	for k, part := range parts {
		var own []point
		for _, i := range part {
			own = append(own, points[i])
		}
		low, high := bounds(own)
		if k == 0 {
			width = max(high.x-low.x, math.Sqrt(float64(len(points))))
		} else if x+high.x-low.x > width {
			x, y, row = 0, y+row+1, 0
		}
		for _, i := range part {
			points[i] = point{points[i].x - low.x + x, points[i].y - low.y + y}
		}
		x += high.x - low.x + 1
		row = max(row, high.y-low.y)
	}
}

func bounds(points []point) (low, high point) {
	if len(points) == 0 {
		return
	}
	low, high = points[0], points[0]
	for _, p := range points {
		low = point{min(low.x, p.x), min(low.y, p.y)}
		high = point{max(high.x, p.x), max(high.y, p.y)}
	}
	return low, high
}
