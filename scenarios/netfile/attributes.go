package netfile

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"meshsim/netmodel"
	"meshsim/sim"
)

// The names of an attribute, first choice first, in lower case.
var (
	latitudeNames  = []string{"latitude", "lat"}
	longitudeNames = []string{"longitude", "lon", "lng", "long"}
	labelNames     = []string{"label", "name"}
	latencyNames   = []string{
		"latency", "latency_ns", "latency_us", "latency_ms", "latency_s", "delay", "delay_ns", "delay_us", "delay_ms", "delay_s",
	}
	lossNames      = []string{"loss", "packet_loss"}
	bandwidthNames = []string{"bandwidth", "linkspeedraw"}
)

// known are the attributes that mean something, for readers that remember them.
var known = slices.Concat(latitudeNames, longitudeNames, labelNames, latencyNames, lossNames, bandwidthNames,
	[]string{"x", "y", "pos", "source_tq", "target_tq"})

// isKnown reports whether an attribute means something.
func isKnown(name string) bool { return slices.Contains(known, strings.ToLower(name)) }

// unit is a suffix of a number and what it multiplies by.
type unit struct {
	name string
	size int64
}

var (
	timeUnits = []unit{{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"μs", 1e3}, {"ms", 1e6}, {"s", 1e9}}
	rateUnits = []unit{
		{"bit/s", 1}, {"kbit/s", 1e3}, {"Mbit/s", 1e6}, {"Gbit/s", 1e9}, {"Tbit/s", 1e12},
		{"bps", 1}, {"kbps", 1e3}, {"Kbps", 1e3}, {"Mbps", 1e6}, {"Gbps", 1e9}, {"Tbps", 1e12},
	}
	shareUnits = []unit{{"%", int64(sim.One) / 100}}
)

// find is the attribute that has the first of the names, if any has.
func find(attributes []attribute, names []string) (a attribute, ok bool) {
	best := len(names)
	for _, candidate := range attributes {
		if !isMaybe(candidate.name) {
			continue
		}
		if i := slices.Index(names, strings.ToLower(candidate.name)); i >= 0 && i < best {
			a, best = candidate, i
		}
	}
	return a, best < len(names)
}

// isMaybe spares the search for names that are longer than any known one.
func isMaybe(name string) bool { return len(name) <= len("linkspeedraw") }

// text is the scalar of an attribute.
func (a attribute) text() (text string, ok bool) {
	switch v := a.value.(type) {
	case string:
		return v, true
	case Bare:
		return string(v), true
	}
	return "", false
}

// describe gives a node what the attributes say of it.
func (b *builder) describe(node int, attributes []attribute) {
	if b.full || len(attributes) == 0 {
		return
	}
	n := &b.network.Nodes[node]
	if a, ok := find(attributes, labelNames); ok {
		if text, ok := a.text(); ok {
			n.Label = b.label(a, text)
		} else {
			b.problem(a.line, a.name, nil, "is no text; allowed: the name of the node")
		}
	}
	lat, hasLat := find(attributes, latitudeNames)
	lon, hasLon := find(attributes, longitudeNames)
	if hasLat != hasLon {
		half, other := lat, "longitude"
		if hasLon {
			half, other = lon, "latitude"
		}
		b.warning("half a place", Problem{Line: half.line, Key: half.name, Value: half.value, Message: "has no " + other + " beside it; the place is left out"})
	} else if hasLat {
		y, okY := b.coordinate(lat, 90)
		x, okX := b.coordinate(lon, 180)
		if okX && okY {
			n.Place = netmodel.Place{Kind: netmodel.OnEarth, X: degrees(x), Y: degrees(y)}
		}
	}
	b.planePlace(node, attributes)
}

// label is a label as the rules have it.
func (b *builder) label(a attribute, text string) string {
	if b.rules.Label == nil {
		return strings.Clone(text)
	}
	label, problem := b.rules.Label(text)
	if problem != "" {
		b.warning("label", Problem{Line: a.line, Key: a.name, Value: a.value, Message: problem})
	}
	return strings.Clone(label)
}

// planePlace reads x and y, or DOT's pos.
func (b *builder) planePlace(node int, attributes []attribute) {
	const farthest = 1e15 // beyond any drawing, and exact in a float
	x, hasX := find(attributes, []string{"x"})
	y, hasY := find(attributes, []string{"y"})
	if pos, ok := find(attributes, []string{"pos"}); ok && !hasX && !hasY {
		text, _ := pos.text()
		left, right, both := strings.Cut(strings.TrimSuffix(text, "!"), ",")
		right, _, _ = strings.Cut(right, ",") // a third dimension
		if !both {
			b.problem(pos.line, pos.name, pos.value, "is no position; allowed: \"x,y\"")
			return
		}
		x, y = attribute{pos.name, Bare(strings.TrimSpace(left)), pos.line}, attribute{pos.name, Bare(strings.TrimSpace(right)), pos.line}
		hasX, hasY = true, true
	}
	if !hasX || !hasY {
		return
	}
	px, okX := b.coordinate(x, farthest)
	py, okY := b.coordinate(y, farthest)
	if okX && okY {
		b.plane = append(b.plane, planePoint{node, px, py})
	}
}

// coordinate reads a number from −limit to limit. A NaN stands for none.
func (b *builder) coordinate(a attribute, limit float64) (v float64, ok bool) {
	text, ok := a.text()
	if !ok || strings.EqualFold(text, "nan") {
		if !ok {
			b.problem(a.line, a.name, nil, "is no number; allowed: a coordinate")
		}
		return 0, false
	}
	if !isNumber(text) {
		b.problem(a.line, a.name, a.value, "is no number; allowed: a coordinate")
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(v) > limit {
		b.problem(a.line, a.name, a.value, "is out of range; allowed: %s … %s", strconv.FormatFloat(-limit, 'g', -1, 64), strconv.FormatFloat(limit, 'g', -1, 64))
		return 0, false
	}
	return v, true
}

// degrees are units of 10⁻⁷ degrees, rounded half up.
func degrees(v float64) int64 { return int64(math.Floor(float64(v*1e7) + 0.5)) }

// plane is the places in some plane, until all are known.
type plane []planePoint

type planePoint struct {
	node int
	x, y float64
}

// places scales the plane into the unit square, keeping its proportions. It gives
// way to places on earth: a drawing has one of them.
func (b *builder) places() {
	onEarth := func(n Node) bool { return n.Place.Kind == netmodel.OnEarth }
	if len(b.plane) == 0 || slices.ContainsFunc(b.network.Nodes, onEarth) {
		return
	}
	low, high := b.plane[0], b.plane[0]
	for _, p := range b.plane {
		low.x, low.y = min(low.x, p.x), min(low.y, p.y)
		high.x, high.y = max(high.x, p.x), max(high.y, p.y)
	}
	span := max(high.x-low.x, high.y-low.y)
	if span == 0 {
		span = 1 // all in one place
	}
	const side = 1<<32 - 1
	scale := func(v, low float64) int64 { return int64(math.Floor(float64((v-low)/span) * side)) }
	for _, p := range b.plane {
		b.network.Nodes[p.node].Place = netmodel.Place{Kind: netmodel.InSquare, X: scale(p.x, low.x), Y: scale(p.y, low.y)}
	}
}

// weigh reads what the attributes of an edge say of its two directions.
func (b *builder) weigh(attributes []attribute) (there, back values) {
	if len(attributes) == 0 {
		return there, back
	}
	if a, ok := find(attributes, latencyNames); ok {
		b.latency(a, &there)
	}
	if a, ok := find(attributes, lossNames); ok {
		if loss, ok := b.share(a); ok {
			there.loss, there.known = loss, there.known|HasLoss
		}
	}
	if a, ok := find(attributes, bandwidthNames); ok {
		b.bandwidth(a, &there)
	}
	back = there
	b.quality(attributes, "source_tq", &there)
	b.quality(attributes, "target_tq", &back)
	return there, back
}

// quality reads the share that arrives in one direction.
func (b *builder) quality(attributes []attribute, name string, v *values) {
	if a, ok := find(attributes, []string{name}); ok {
		if share, ok := b.share(a); ok {
			v.loss, v.known = sim.One-share, v.known|HasLoss
		}
	}
}

func (b *builder) latency(a attribute, v *values) {
	size := int64(1e6) // of a number without unit: milliseconds
	if _, suffix, ok := strings.Cut(strings.ToLower(a.name), "_"); ok {
		size = timeUnits[slices.IndexFunc(timeUnits, func(u unit) bool { return u.name == suffix })].size
	}
	n, ok := b.quantity(a, timeUnits, size, `a time such as "20ms"`)
	switch {
	case !ok:
	case n > b.rules.MaxLatency:
		b.problem(a.line, a.name, a.value, "is too large; allowed: at most %ds", b.rules.MaxLatency/1e9)
	default:
		v.latency, v.known = n, v.known|HasLatency
		if text, _ := a.text(); isNumber(text) && !strings.Contains(a.name, "_") && b.told["no unit"] == 0 {
			b.warning("no unit", Problem{Line: a.line, Key: a.name, Value: a.value, Message: "has no unit; milliseconds are taken, here and further on"})
		}
	}
}

func (b *builder) share(a attribute) (share sim.Ratio, ok bool) {
	const want = `a share 0 … 1, or a percentage such as "1.5%"`
	n, ok := b.quantity(a, shareUnits, int64(sim.One), want)
	if ok && n > int64(sim.One) {
		b.problem(a.line, a.name, a.value, "is out of range; allowed: %s", want)
		return 0, false
	}
	return sim.Ratio(n), ok
}

func (b *builder) bandwidth(a attribute, v *values) {
	const want = `bit/s, or a rate such as "10Mbit/s"`
	n, ok := b.quantity(a, rateUnits, 1, want)
	switch {
	case !ok:
	case n == 0:
		b.warning("rate of 0", Problem{Line: a.line, Key: a.name, Value: a.value, Message: "carries nothing; it is taken as not given"})
	case n > b.rules.MaxBandwidth:
		b.problem(a.line, a.name, a.value, "is too large; allowed: at most %d bit/s", b.rules.MaxBandwidth)
	default:
		v.bandwidth, v.known = n, v.known|HasBandwidth
	}
}

// quantity reads a number with one of the units; bare is the size of a number
// without.
func (b *builder) quantity(a attribute, units []unit, bare int64, want string) (n int64, ok bool) {
	text, ok := a.text()
	if !ok {
		b.problem(a.line, a.name, nil, "is no number; allowed: %s", want)
		return 0, false
	}
	n, problem := scaled(strings.TrimSpace(text), units, bare)
	if problem != "" {
		b.problem(a.line, a.name, a.value, "%s; allowed: %s", problem, want)
	}
	return n, problem == ""
}

// scaled is a number times its unit, rounded half up.
func scaled(text string, units []unit, bare int64) (n int64, problem string) {
	end := strings.LastIndexAny(text, "0123456789.") + 1
	number, suffix := text[:end], strings.TrimLeft(text[end:], " ")
	size := bare
	if suffix != "" {
		i := slices.IndexFunc(units, func(u unit) bool { return u.name == suffix })
		if i < 0 {
			return 0, "is no number with a known unit"
		}
		size = units[i].size
	}
	if !isNumber(number) {
		return 0, "is no number"
	}
	v, err := strconv.ParseFloat(number, 64)
	const most = 1 << 62
	switch {
	case v < 0:
		return 0, "must not be negative"
	case err != nil || float64(v*float64(size)) >= most:
		return 0, "is too large"
	case float64(v*float64(size)) < 0.25:
		return 0, "" // and an exponent of a million stays unread
	}
	exact, _ := new(big.Rat).SetString(number) // of a number that ParseFloat took
	exact.Mul(exact, new(big.Rat).SetInt64(2*size))
	exact.Add(exact, big.NewRat(1, 1)) // ⌊(2·v·size + 1) / 2⌋
	return new(big.Int).Quo(exact.Num(), new(big.Int).Mul(exact.Denom(), big.NewInt(2))).Int64(), ""
}

// isNumber reports whether a text is a decimal number as JSON, GML and DOT write
// them: no hexadecimal, no infinity, no underscores, and no more digits than can
// be read in no time.
func isNumber(text string) bool {
	const longest = 100
	if text == "" || len(text) > longest || strings.Trim(text, "0123456789+-.eE") != "" {
		return false
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}
