package scenarios

import (
	"cmp"
	"reflect"
	"strings"
	"time"

	"meshsim/mesh"
	"meshsim/sim"
)

var (
	typeOfScenario = reflect.TypeFor[Scenario]()
	typeOfLink     = reflect.TypeFor[Link]()
	typeOfLatency  = reflect.TypeFor[Latency]()
	typeOfSize     = reflect.TypeFor[Size]()
	typeOfTraffic  = reflect.TypeFor[Traffic]()
	typeOfNodeList = reflect.TypeFor[NodeList]()
)

// Validate checks everything that can be known before a run, files included. The
// error is Errors, all problems at once; warnings are about what runs all the
// same. It serves scenarios from Load, which have passed it, and Go literals.
func (s *Scenario) Validate() (warnings []Problem, err error) {
	full := s.withDefaults()
	r := &report{src: &full.source}
	checkTable(r, "", reflect.ValueOf(full).Elem())
	if m := full.validate(r); r.errors() == 0 {
		full.lintOnce(r, m)
	}
	return r.result()
}

// checkTable checks bounds, words and required keys in a Go value, as the decoder
// does in a text. Zero stands for absent unless it is within the bounds.
func checkTable(r *report, path string, v reflect.Value) {
	for _, f := range schemas[v.Type()].fields {
		fv, full := v.Field(f.index), joinKey(path, f.key)
		switch {
		case f.kind:
			if fv.IsNil() {
				r.add(full, nil, "is missing; allowed: %s", f.want())
			} else {
				checkTable(r, path, fv.Elem())
			}
		case isTable(f.typ):
			checkTable(r, full, fv)
		case f.typ.Kind() == reflect.Slice && isTable(f.typ.Elem()):
			for i := range fv.Len() {
				checkTable(r, elementPath(full, i), fv.Index(i))
			}
		case f.typ.Kind() == reflect.Pointer:
			switch {
			case fv.IsNil():
			case isTable(f.typ.Elem()):
				checkTable(r, full, fv.Elem())
			default:
				checkField(r, full, &f, fv.Elem())
			}
		default:
			checkField(r, full, &f, fv)
		}
	}
}

func checkField(r *report, path string, f *field, v reflect.Value) {
	zeroAllowed := f.keepZero || f.min != nil && *f.min <= 0
	empty := v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
	switch {
	case isFamily(v.Type()):
		checkFamily(r, path, v)
	case !empty || f.fallback.IsValid():
		if problem := f.check(v); problem != "" {
			r.add(path, v.Interface(), "%s", problem)
		} else if problem := checkQuantity(v.Interface()); problem != "" {
			r.add(path, v.Interface(), "%s", problem)
		}
	case f.required && !zeroAllowed:
		r.add(path, nil, "is missing; allowed: %s", f.want())
	}
}

// checkQuantity refuses what the decoder can't produce but a Go literal can.
func checkQuantity(v any) string {
	bad := false
	switch q := v.(type) {
	case Ratio:
		bad = q > sim.One
	case Probability:
		bad = Ratio(q) > sim.One
	case BitRate:
		bad = q < 0 || q > maxBitRate
	case Frequency:
		bad = q < minFrequency || q > maxFrequency
	case BurstLoss:
		bad = max(q.P, q.R, q.Good, q.Bad) > 1_000_000_000
	case Access:
		return cmp.Or(checkQuantity(q.Bandwidth), checkQuantity(q.Queue))
	case QueueSize:
		bad = q.Unit > QueueBytes || q.Max < 0 || q.Max > maxQueue
	case Number:
		bad = q < 0 || q > maxNumber
	case StartTime:
		bad = q.Min < 0 || q.Max < q.Min || q.Max > maxStart || !q.Uniform && q.Min != q.Max
	case NodeSet:
		bad = q.Random < 0 || q.Random > 0 && len(q.IDs) > 0
	case Target:
		bad = q.How > ToNodes || (q.How == ToNodes) != (len(q.IDs) > 0)
	case time.Time:
		bad = q.UTC().Year() < minYear || q.UTC().Year() > maxYear
	}
	if !bad {
		return ""
	}
	return "is out of range; allowed: " + codecs[reflect.TypeOf(v)].want
}

// validate checks what the tables of keys can't say. Checks that build on a value
// with a problem are left out. It returns the graph, for what looks at scenarios
// without errors.
func (s *Scenario) validate(r *report) *Mesh {
	if r.skipped > 0 {
		return nil // there is enough to read
	}
	s.checkTimes(r)
	s.checkGeo(r)
	s.checkSamples(r)
	s.checkNodes(r)
	s.checkRouting(r)
	s.checkRegistry(r)
	for i := range s.Traffic {
		s.checkTraffic(r, i)
	}
	for i := range s.Faults {
		s.checkFault(r, i)
	}
	s.checkSession(r)
	s.checkConduct(r)
	s.checkKnowledge(r)
	for i := range s.Expects {
		s.checkExpect(r, i)
	}
	checkNames(r, "traffic", s.Traffic, func(t Traffic) string { return t.Name })
	checkNames(r, "fault", s.Faults, func(f Fault) string { return f.Name })
	m := s.sketch(r)
	s.checkOnMesh(r, m)
	return m
}

func (s *Scenario) checkTimes(r *report) {
	if !r.touches("measure", "duration") && s.Measure.Warmup+s.Measure.Drain >= s.Duration {
		r.warn("measure", nil, "warmup and drain leave nothing of the run; no message is counted")
	}
}

// checkGeo refuses a latency beside coordinates that give it, and half a place.
func (s *Scenario) checkGeo(r *report) {
	latency := schemas[reflect.TypeFor[Link]()].byKey["latency"]
	if s.Link.Geo && !latency.isDefault(reflect.ValueOf(s.Link.Latency)) && !r.touches("link.latency", "link.geo") {
		r.add("link.latency", s.Link.Latency, "can't stand beside geo = true, which gives it; allowed: one of them, or a latency in [[links]]")
	}
	for i := range s.Nodes {
		n, path := &s.Nodes[i], elementPath("node", i)
		if (n.Lat == nil) != (n.Lon == nil) && !r.touches(path+".lat", path+".lon") {
			given, missing := "lat", "lon"
			if n.Lat == nil {
				given, missing = missing, given
			}
			r.add(path+"."+missing, nil, "is missing; needed beside %s", given)
		}
	}
}

// checkNodes refuses ids that are given twice or are no ids.
func (s *Scenario) checkNodes(r *report) {
	checkNames(r, "node", s.Nodes, func(n Node) string { return n.ID })
	for i, n := range s.Nodes {
		key := elementPath("node", i) + ".id"
		if problem := checkID(n.ID); problem != "" && !r.touches(key) {
			r.add(key, n.ID, "%s", problem)
		}
		if n.Start != nil {
			s.checkStart(r, elementPath("node", i)+".start", *n.Start)
		}
	}
	s.checkStart(r, "node_defaults.start", s.NodeDefaults.Start)
}

func (s *Scenario) checkStart(r *report, path string, start StartTime) {
	if start.Max > s.Duration && !r.touches(path, "duration") {
		r.warn(path, start, "is after the end of the run (%s)", formatDuration(s.Duration))
	}
}

// checkNames refuses a name that an earlier entry has.
func checkNames[T any](r *report, path string, entries []T, name func(T) string) {
	key := cmp.Or(map[string]string{"node": ".id", "knowledge.facts": ".id", "knowledge.sources": ".uri"}[path], ".name")
	first := map[string]int{}
	for i, entry := range entries {
		n := name(entry)
		if j, taken := first[n]; taken && n != "" {
			r.add(elementPath(path, i)+key, n, "is the name of %s too; allowed: one entry for each name", elementPath(path, j))
			continue
		}
		first[n] = i
	}
}

func (s *Scenario) checkRouting(r *report) {
	static := s.Routing.Strategy == "static"
	switch {
	case r.touches("routing.strategy", "routing.file"):
	case static && s.Routing.File == "":
		r.add("routing.file", nil, "is missing; needed for the strategy static")
	case !static && s.Routing.File != "":
		r.add("routing.file", s.Routing.File, "goes with the strategy static, not with %s", s.Routing.Strategy)
	}
	if s.Routing.Advertise < s.Routing.Hello && !r.touches("routing.hello_interval", "routing.advertise_interval") {
		r.add("routing.advertise_interval", s.Routing.Advertise, "is less than hello_interval (%s)", formatDuration(s.Routing.Hello))
	}
}

func (s *Scenario) checkRegistry(r *report) {
	g := &s.Registry
	if g.Expire != 0 && g.Announce != 0 && g.Expire <= g.Announce+g.Announce/10 && !r.touches("registry.announce_interval", "registry.expire") {
		r.warn("registry.expire", g.Expire, "is not above announce_interval and its tenth (%s); peers are forgotten before they are heard of again", formatDuration(g.Announce+g.Announce/10))
	}
}

// checkTraffic checks one entry without regard to the mesh.
func (s *Scenario) checkTraffic(r *report, i int) {
	t, path := &s.Traffic[i], elementPath("traffic", i)
	if t.Kind != nil {
		t.Kind.check(r, path)
	}
	switch t.Kind.(type) {
	case Handshakes, Facts, Claims:
		t.checkPeers(r, path)
	}
	if t.Stop != 0 && t.Start >= t.Stop && !r.touches(path+".start", path+".stop") {
		r.add(path+".stop", t.Stop, "is not after start (%s)", formatDuration(t.Start))
	}
	if t.Start > s.Duration && !r.touches(path+".start", "duration") {
		r.warn(path+".start", t.Start, "is after the end of the run")
	}
	if _, ok := t.Kind.(Reflections); ok {
		t.checkReflections(r, path)
	}
	switch {
	case t.File != "":
		t.checkFlowFile(r, path)
	case r.touches(path+".rate", path+".interval", path+".file"):
	case t.Rate == 0 && t.Interval == 0:
		r.add(path+".rate", nil, "is missing; allowed: rate or interval")
	case t.Rate != 0 && t.Interval != 0:
		r.add(path+".interval", t.Interval, "can't stand beside rate; allowed: one of them")
	}
}

// checkReflections refuses what is not for everyone, or too large.
func (t *Traffic) checkReflections(r *report, path string) {
	if t.File != "" && !r.touches(path+".file") {
		r.add(path+".file", t.File, "goes with the kind messages")
	}
	if t.To.How != ToRandom && t.To.How != ToAll && !r.touches(path+".to") {
		r.add(path+".to", t.To, "can't choose who gets a reflection; allowed: \"*\", or nothing")
	}
	var most int64
	switch k := t.Size.Kind.(type) {
	case FixedSize:
		most = k.Bytes
	case UniformSize:
		most = k.Max
	case ExponentialSize:
		most = k.Mean
	}
	if most > mesh.MaxRecord && !r.touches(path+".size") {
		r.add(path+".size", t.Size, "is more than a reflection may have; allowed: up to %d bytes", mesh.MaxRecord)
	}
}

// target is where the messages of the entry go.
func (t *Traffic) target() Target {
	if _, ok := t.Kind.(Reflections); ok {
		return Target{How: ToAll}
	}
	return t.To
}

// checkFlowFile refuses the keys that the columns of the file stand for.
func (t *Traffic) checkFlowFile(r *report, path string) {
	v := reflect.ValueOf(t).Elem()
	for _, key := range []string{"from", "to", "arrivals", "rate", "interval", "size", "start", "stop", "count"} {
		f := schemas[typeOfTraffic].byKey[key]
		if fv := v.Field(f.index); !f.isDefault(fv) && !r.touches(path+"."+key) {
			r.add(path+"."+key, fv.Interface(), "can't stand beside file, which gives it for each flow")
		}
	}
}

func (Reflections) check(*report, string) {}
func (Handshakes) check(*report, string)  {} // checkPeers looks at the whole entry
func (Facts) check(*report, string)       {} // so does checkKnowledge
func (Claims) check(*report, string)      {}

// checkPeers refuses what a handshake, fact or claim can't be: it is with one peer at a
// time.
func (t *Traffic) checkPeers(r *report, path string) {
	if t.To.How == ToAll && !r.touches(path+".to") {
		r.add(path+".to", t.To, "is everyone at once; allowed with %s: ids, \"random\", \"each\"", KindName(t.Kind))
	}
	if t.File != "" && !r.touches(path+".file") {
		r.add(path+".file", t.File, "is for messages; allowed with %s: from, to and arrivals", KindName(t.Kind))
	}
}

func (k Messages) check(r *report, path string) { checkType(r, path+".type", k.Type, longestType) }

// longestType is how many characters a message type may have.
const longestType = 64

// checkType refuses what is no message type of so many characters at most.
func checkType(r *report, key, typ string, longest int) {
	if (typ == "" || len(typ) > longest || strings.ContainsFunc(typ, func(c rune) bool { return c <= ' ' || c > '~' })) && !r.touches(key) {
		r.add(key, typ, "is no message type; allowed: 1 … %d printable ASCII characters without blanks", longest)
	}
}

func (s *Scenario) checkFault(r *report, i int) {
	f, path := &s.Faults[i], elementPath("fault", i)
	if f.Until != 0 && f.At >= f.Until && !r.touches(path+".at", path+".until") {
		r.add(path+".until", f.Until, "is not after at (%s)", formatDuration(f.At))
	}
	if f.At > s.Duration && !r.touches(path+".at", "duration") {
		r.warn(path+".at", f.At, "is after the end of the run (%s)", formatDuration(s.Duration))
	}
	if _, ok := f.Kind.(Swizzle); ok && f.Until == 0 && !r.touches(path+".until") {
		r.add(path+".until", nil, "is missing; needed for a swizzle, which ends when all its links are back")
	}
	f.checkSpans(r, path)
}

// checkOnMesh checks what names nodes and links.
func (s *Scenario) checkOnMesh(r *report, m *Mesh) {
	for i := range s.Traffic {
		t, path := &s.Traffic[i], elementPath("traffic", i)
		m.checkSources(r, path+".from", t.From)
		m.checkTarget(r, path+".to", t)
		if !r.touches(path + ".file") {
			s.flows(r, m, i)
		}
	}
	for i := range s.Faults {
		if s.Faults[i].Kind != nil {
			s.Faults[i].Kind.check(r, elementPath("fault", i), m)
		}
	}
	s.checkConductOn(r, m)
	s.checkKnowers(r, m)
	s.checkAnchors(r, m)
	s.checkChance(r, m)
	if !r.touches("routing.file") {
		s.routes(r, m)
	}
	s.checkExpressions(r, m)
}

func (m *Mesh) checkSources(r *report, path string, set NodeSet) {
	m.checkDrawn(r, path, set, set.Random)
	m.checkIDs(r, path, set.IDs)
}

// checkDrawn refuses to draw n nodes, or groups of them, when there are fewer.
func (m *Mesh) checkDrawn(r *report, path string, value any, n int64) {
	if n > int64(len(m.Nodes)) && !m.nodesOpen {
		r.add(path, value, "is more than the mesh has; allowed: 1 … %d", len(m.Nodes))
	}
}

func (m *Mesh) checkTarget(r *report, path string, t *Traffic) {
	if len(m.Nodes) < 2 && !m.nodesOpen && t.target().How != ToAll && t.File == "" && !r.touches(path) {
		r.add(path, t.To, "needs another node, and there is none")
		return
	}
	m.checkIDs(r, path, t.To.IDs)
	if len(t.To.IDs) == 1 && len(t.From.IDs) == 1 && t.To.IDs[0] == t.From.IDs[0] {
		r.add(path, t.To, "is the source itself")
	}
}

// checkIDs refuses unknown nodes and those named twice.
func (m *Mesh) checkIDs(r *report, path string, ids []string) {
	seen := map[string]bool{}
	for i, id := range ids {
		place := path
		if len(ids) > 1 {
			place = elementPath(path, i)
		}
		if _, known := m.Lookup(id); !known && m.nodesOpen {
			continue
		} else if !known {
			r.add(place, id, "is not a node%s", m.suggest(id))
		} else if seen[id] {
			r.add(place, id, "is named twice")
		}
		seen[id] = true
	}
}

// Warnings are what Validate warns of.
func (s *Scenario) Warnings() []Problem {
	warnings, _ := s.Validate()
	return warnings
}
