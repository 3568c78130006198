package trace

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"meshsim/clock"
	"meshsim/sim"
)

// decoder is the inverse of encoder. The event it fills keeps its slices, so it
// is valid until the next one.
type decoder struct {
	numbers map[string]sim.NodeID
	event   Event
	hops    int64
	seen    fieldSet

	// unknown is told of keys that this version does not know.
	unknown func(key string)
}

// rawLine is a line taken apart, values as they stand.
type rawLine struct {
	t, seq, cause, because, eventType, node, peer, payload []byte
	checkpoint, end                                        []byte
}

// split takes a line apart. Keys that it does not know are left to d.unknown,
// but for those of an end line, which is decoded as a whole.
func (d *decoder) split(line []byte) (raw rawLine, err error) {
	var unknown []string
	err = members(line, func(key string, value []byte) error {
		switch key {
		case "t":
			raw.t = value
		case "seq":
			raw.seq = value
		case "cause":
			raw.cause = value
		case "because":
			raw.because = value
		case "event_type":
			raw.eventType = value
		case "node":
			raw.node = value
		case "peer":
			raw.peer = value
		case "payload":
			raw.payload = value
		case "occurred_at": // follows from t
		case "checkpoint":
			raw.checkpoint = value
		case "end":
			raw.end = value
		default:
			unknown = append(unknown, key)
		}
		return nil
	})
	if err == nil && raw.end == nil {
		for _, key := range unknown {
			d.unknown(key)
		}
	}
	return raw, err
}

// kindByName is the inverse of the names in the table of kinds.
var kindByName = func() map[string]Kind {
	byName := make(map[string]Kind, kindCount)
	for _, k := range Kinds() {
		byName[k.String()] = k
	}
	return byName
}()

// fieldByName is the inverse of fieldNames, of each kind.
var fieldByName = func() (byName [kindCount]map[string]field) {
	for k, row := range kinds {
		byName[k] = make(map[string]field, len(row.fields))
		for _, f := range row.fields {
			byName[k][fieldNames[f]] = f
		}
	}
	return byName
}()

// rowSets are the fields of each kind's row.
var rowSets = func() (sets [kindCount]fieldSet) {
	for k, row := range kinds {
		for _, f := range row.fields {
			sets[k].add(f)
		}
	}
	return sets
}()

// decode fills d.event from a line of an event of kind k.
func (d *decoder) decode(raw *rawLine, k Kind) error {
	e := &d.event
	*e = Event{Kind: k, Because: e.Because[:0], Payload: Payload{Path: e.Path[:0], Voices: e.Voices[:0]}}
	d.seen, d.hops = 0, 0
	for _, part := range [...]struct {
		key   string
		value []byte
		set   func(value []byte) error
	}{
		{"t", raw.t, d.setTime},
		{"seq", raw.seq, func(v []byte) (err error) { e.Seq, err = countOf(v); return err }},
		{"cause", raw.cause, func(v []byte) (err error) { e.Cause, err = countOf(v); return err }},
		{"because", raw.because, d.setBecause},
		{"node", raw.node, func(v []byte) (err error) { e.Node, err = d.node(v); return err }},
		{"peer", raw.peer, func(v []byte) (err error) { e.Peer, err = d.node(v); return err }},
		{"payload", raw.payload, d.setPayload},
	} {
		if part.value == nil {
			return fmt.Errorf("%s is missing", part.key)
		}
		if err := part.set(part.value); err != nil {
			return fmt.Errorf("%s: %w", part.key, err)
		}
	}
	return nil
}

func (d *decoder) setTime(value []byte) error {
	t, err := integerOf(value, 64)
	if err == nil && t < 0 {
		return fmt.Errorf("%d is negative", t)
	}
	d.event.T = clock.Time(t)
	return err
}

func (d *decoder) setBecause(value []byte) error {
	return elements(value, func(value []byte) error {
		seq, err := countOf(value)
		d.event.Because = append(d.event.Because, seq)
		return err
	})
}

func (d *decoder) setPayload(value []byte) error {
	e := &d.event
	row := rowSets[e.Kind]
	err := members(value, func(key string, value []byte) error {
		f, known := fieldByName[e.Kind][key]
		if !known {
			d.unknown(e.Kind.String() + "." + key)
			return nil
		}
		d.seen.add(f)
		return d.setField(f, value)
	})
	if err != nil {
		return err
	}
	for _, f := range kinds[e.Kind].fields {
		if !d.seen.has(f) && !optionalFields.has(f) {
			return fmt.Errorf("%s is missing", fieldNames[f])
		}
	}
	if d.seen.has(fieldFlow) != d.seen.has(fieldN) {
		return errors.New("flow without n, or n without flow")
	}
	if d.seen.has(fieldKept) != (row.has(fieldKept) && e.Misdeed == Delayed) {
		return errors.New("kept_ns without the misdeed delayed, or delayed without kept_ns")
	}
	if d.seen.has(fieldHops) && d.hops != hops(e.Path) {
		return fmt.Errorf("hops is %d, but path has %d nodes", d.hops, len(e.Path))
	}
	return nil
}

// setField sets one payload field.
func (d *decoder) setField(f field, v []byte) (err error) {
	e := &d.event
	switch f {
	case fieldID:
		e.ID, err = idOf(v)
	case fieldType, fieldName, fieldWhat, fieldDetail, fieldRecord, fieldBy, fieldClaim, fieldStatement, fieldSource, fieldTier, fieldState,
		fieldWhy, fieldChannel, fieldPolicy:
		*e.text(f), err = stringOf(v)
	case fieldControl:
		e.Control, err = booleanOf(v)
	case fieldOrigin:
		e.Origin, err = d.node(v)
	case fieldDestination:
		e.Destination, err = d.node(v)
	case fieldPath:
		e.Path, err = d.path(e.Path[:0], v)
	case fieldVoices:
		e.Voices, err = d.path(e.Voices[:0], v)
	case fieldHops:
		d.hops, err = integerOf(v, 64)
	case fieldFlow:
		e.Flow, err = flowOf(v)
	case fieldInjected:
		e.Injected, err = booleanOf(v)
	case fieldReason:
		e.Reason, err = wordOf[Reason](v, reasonNames[:])
	case fieldLayer:
		e.Layer, err = wordOf[Layer](v, layerNames[:])
	case fieldHolds:
		e.Holds, err = booleanOf(v)
	case fieldLose:
		e.Lose, err = wordOf[Lose](v, loseNames[:])
	case fieldMisdeed:
		e.Misdeed, err = wordOf[Misdeed](v, misdeedNames[:])
	case fieldNext:
		e.Next, err = d.node(v)
	case fieldSubject:
		e.Subject, err = d.node(v)
	case fieldFrom:
		e.From, err = wordOf[Trust](v, trustNames[:])
	case fieldTo:
		e.To, err = wordOf[Trust](v, trustNames[:])
	case fieldEvent:
		e.Evidence, err = wordOf[Evidence](v, evidenceNames[:])
	default:
		var i int64
		i, err = integerOf(v, f.bits())
		e.setInteger(f, i)
	}
	return err
}

func (d *decoder) node(value []byte) (sim.NodeID, error) {
	name, err := stringOf(value)
	if err != nil {
		return 0, err
	}
	switch name {
	case "":
		return sim.NoNode, nil
	case "*":
		return sim.Everyone, nil
	}
	id, ok := d.numbers[name]
	if !ok {
		return 0, fmt.Errorf("node %.40q is not in the header", name)
	}
	return id, nil
}

// path appends the nodes of a list.
func (d *decoder) path(path []sim.NodeID, value []byte) ([]sim.NodeID, error) {
	err := elements(value, func(value []byte) error {
		id, err := d.node(value)
		path = append(path, id)
		return err
	})
	return path, err
}

// flowOf is a row's number or an entry's name; a name is never empty.
func flowOf(value []byte) (Flow, error) {
	if value[0] != '"' {
		_, err := countOf(value)
		return Flow{Name: string(value), IsRow: true}, err
	}
	name, err := stringOf(value)
	if err == nil && name == "" {
		err = errors.New("is empty")
	}
	return Flow{Name: name}, err
}

// wordOf is the number of a word in a list.
func wordOf[T ~uint8](value []byte, words []string) (T, error) {
	word, err := stringOf(value)
	if err != nil {
		return 0, err
	}
	i := slices.Index(words, word)
	if i < 0 {
		return 0, fmt.Errorf("unknown word %.40q", word)
	}
	return T(i), nil
}

func idOf(value []byte) (EnvelopeID, error) {
	text, err := stringOf(value)
	if err != nil {
		return EnvelopeID{}, err
	}
	id, ok := ParseEnvelopeID(text)
	if !ok {
		return id, fmt.Errorf("%.40q is not an id", text)
	}
	return id, nil
}

// ParseEnvelopeID reads the form that EnvelopeID.String writes, and no other.
func ParseEnvelopeID(text string) (id EnvelopeID, ok bool) {
	const layout = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(text) != len(layout) {
		return EnvelopeID{}, false
	}
	digits := text[0:8] + text[9:13] + text[14:18] + text[19:23] + text[24:36]
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil || id.String() != text {
		return EnvelopeID{}, false
	}
	return id, true
}
