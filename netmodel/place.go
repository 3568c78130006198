package netmodel

// Place is where a node stands. The zero Place is nowhere.
type Place struct {
	Kind PlaceKind
	X, Y int64 // in units of Kind
}

// PlaceKind says what the coordinates of a Place are.
type PlaceKind uint8

const (
	Nowhere  PlaceKind = iota
	InSquare           // of the unit square: units of 2⁻³², 0 … 2³²−1
	OnEarth            // X longitude, Y latitude: units of 10⁻⁷ degrees
)
