package mesh

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// Codec turns envelopes of one run into mesh/1.0 JSON and back.
type Codec struct {
	names   []string
	numbers map[string]sim.NodeID
	epoch   time.Time
}

// everyone is how the destination of a broadcast is written.
const everyone = "*"

// NewCodec returns the codec of a run: names are the node ids by NodeID, each
// once and none of them "*"; epoch is the date of virtual time 0.
func NewCodec(names []string, epoch time.Time) *Codec {
	c := &Codec{names: names, numbers: make(map[string]sim.NodeID, len(names)), epoch: epoch}
	for i, name := range names {
		c.numbers[name] = sim.NodeID(i)
	}
	return c
}

// AppendEnvelope appends the whole envelope as JSON: members in order of their
// keys, no white space.
func (c *Codec) AppendEnvelope(b []byte, e *Envelope) []byte { return c.append(b, e, true) }

// AppendCanonical appends what a signature covers: the envelope's JSON without
// hops and sign.
func (c *Codec) AppendCanonical(b []byte, e *Envelope) []byte { return c.append(b, e, false) }

func (c *Codec) append(b []byte, e *Envelope, whole bool) []byte {
	b = append(b, `{"created_at":"`...)
	b = e.Created.AppendRFC3339(b, c.epoch)
	b = append(b, `","destination":`...)
	b = c.appendNode(b, e.Destination)
	if whole {
		b = append(b, `,"hops":[`...)
		for i, hop := range e.Hops {
			if i > 0 {
				b = append(b, ',')
			}
			b = c.appendNode(b, hop)
		}
		b = append(b, ']')
	}
	b = append(b, `,"id":"`...)
	b, _ = e.ID.AppendText(b)
	b = append(b, `","mesh":"`+Version+`","origin":`...)
	b = c.appendNode(b, e.Origin)
	b = append(b, `,"payload":`...)
	if e.Payload == nil {
		b = append(b, emptyPayload...)
	} else {
		b = e.Payload.AppendJSON(b)
	}
	if whole {
		b = append(b, `,"sign":{"algo":"`...)
		b = append(b, e.Sign.algorithm()...)
		b = append(b, `","signature":"`...)
		b = e.Sign.appendHex(b)
		b = append(b, `"}`...)
	}
	b = append(b, `,"type":`...)
	b = trace.AppendJSONString(b, e.Type)
	return append(b, '}')
}

func (c *Codec) appendNode(b []byte, id sim.NodeID) []byte {
	if id == sim.Everyone {
		return append(b, `"`+everyone+`"`...)
	}
	return trace.AppendJSONString(b, c.names[id])
}

func (s Signature) algorithm() Algorithm {
	if s.Ed25519 != nil {
		return Ed25519
	}
	return Modelled
}

// appendHex appends the signature, or the token in 16 digits, in lower-case hex.
func (s Signature) appendHex(b []byte) []byte {
	if s.Ed25519 != nil {
		return hex.AppendEncode(b, s.Ed25519[:])
	}
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], s.Token)
	return hex.AppendEncode(b, raw[:])
}

// Parse reads what AppendEnvelope writes, members in any order and white space
// allowed. Every field must be there and no other; the payload may be any object
// that ParsePayload takes, and {} becomes nil. Size is the length of the payload's
// canonical JSON; what else the simulation knows of a message is left zero. The
// error lists all that is wrong, each with its key.
func (c *Codec) Parse(data []byte) (*Envelope, error) {
	members, err := parseObject(data)
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	e := new(Envelope)
	var errs []error
	for _, f := range envelopeFields {
		i := slices.IndexFunc(members, func(m member) bool { return m.key == f.key })
		if i < 0 {
			errs = append(errs, fmt.Errorf("envelope: %s: missing", f.key))
			continue
		}
		if err := f.set(c, e, members[i].value); err != nil {
			errs = append(errs, fmt.Errorf("envelope: %s: %w", f.key, err))
		}
		members = slices.Delete(members, i, i+1)
	}
	for _, m := range members {
		errs = append(errs, fmt.Errorf("envelope: %s: unknown key", m.key))
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	return e, nil
}

// envelopeFields are the members of an envelope's JSON and how each is read, from
// canonical JSON.
var envelopeFields = [...]struct {
	key string
	set func(*Codec, *Envelope, []byte) error
}{
	{"created_at", (*Codec).setCreated},
	{"destination", (*Codec).setDestination},
	{"hops", (*Codec).setHops},
	{"id", (*Codec).setID},
	{"mesh", (*Codec).checkVersion},
	{"origin", (*Codec).setOrigin},
	{"payload", (*Codec).setPayload},
	{"sign", (*Codec).setSign},
	{"type", (*Codec).setType},
}

func (c *Codec) setCreated(e *Envelope, value []byte) error {
	s, err := text(value)
	if err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err == nil {
		e.Created = clock.Time(t.Sub(c.epoch))
		if string(e.Created.AppendRFC3339(nil, c.epoch)) == s {
			return nil
		}
	}
	return fmt.Errorf("%q is not an instant of this run; allowed: RFC 3339 in UTC with nine decimals, such as %s, within 292 years of the epoch", s, clock.Time(0).AppendRFC3339(nil, c.epoch))
}

func (c *Codec) setDestination(e *Envelope, value []byte) error {
	s, err := text(value)
	if err != nil {
		return err
	}
	if s == everyone {
		e.Destination = sim.Everyone
		return nil
	}
	e.Destination, err = c.node(s)
	return err
}

func (c *Codec) setHops(e *Envelope, value []byte) error {
	var names []string
	if json.Unmarshal(value, &names) != nil {
		return fmt.Errorf("%s is not a list of node ids", excerpt(value))
	}
	for _, name := range names {
		hop, err := c.node(name)
		if err != nil {
			return err
		}
		e.Hops = append(e.Hops, hop)
	}
	return nil
}

func (c *Codec) setID(e *Envelope, value []byte) error {
	s, err := text(value)
	if err != nil {
		return err
	}
	e.ID, err = ParseID(s)
	return err
}

func (c *Codec) checkVersion(_ *Envelope, value []byte) error {
	s, err := text(value)
	if err == nil && s != Version {
		return fmt.Errorf("version %q is not known; allowed: %q", s, Version)
	}
	return err
}

func (c *Codec) setOrigin(e *Envelope, value []byte) error {
	s, err := text(value)
	if err != nil {
		return err
	}
	e.Origin, err = c.node(s)
	return err
}

func (c *Codec) setPayload(e *Envelope, value []byte) error {
	if value[0] != '{' {
		return fmt.Errorf("%s is not an object", excerpt(value))
	}
	e.Size = int64(len(value))
	if string(value) != emptyPayload {
		e.Payload = RawPayload(value)
	}
	return nil
}

func (c *Codec) setSign(e *Envelope, value []byte) error {
	members, err := parseObject(value)
	if err != nil {
		return err
	}
	if len(members) != 2 || members[0].key != "algo" || members[1].key != "signature" {
		return fmt.Errorf("%s is not a signature; allowed: {\"algo\":…,\"signature\":…}", excerpt(value))
	}
	algo, err := text(members[0].value)
	if err != nil || algo != string(Modelled) && algo != string(Ed25519) {
		return fmt.Errorf("algo: %s is not known; allowed: %q, %q", excerpt(members[0].value), Modelled, Ed25519)
	}
	if algo == string(Ed25519) {
		e.Sign.Ed25519 = new([ed25519.SignatureSize]byte)
	}
	digits, err := text(members[1].value)
	if err == nil {
		err = e.Sign.setHex(digits)
	}
	if err != nil || string(e.Sign.appendHex(nil)) != digits {
		return fmt.Errorf("signature: %s is not %d digits of lower-case hex", excerpt(members[1].value), len(e.Sign.appendHex(nil)))
	}
	return nil
}

// setHex reads what appendHex writes, of the same algorithm.
func (s *Signature) setHex(digits string) (err error) {
	if s.Ed25519 == nil {
		s.Token, err = strconv.ParseUint(digits, 16, 64)
		return err
	}
	raw, err := hex.DecodeString(digits)
	copy(s.Ed25519[:], raw)
	return err
}

func (c *Codec) setType(e *Envelope, value []byte) (err error) {
	e.Type, err = text(value)
	return err
}

func (c *Codec) node(name string) (sim.NodeID, error) {
	id, ok := c.numbers[name]
	if !ok {
		return sim.NoNode, fmt.Errorf("no node has the id %q", name)
	}
	return id, nil
}

// text reads a JSON string.
func text(value []byte) (string, error) {
	var s string
	if value[0] != '"' || json.Unmarshal(value, &s) != nil {
		return "", fmt.Errorf("%s is not a string", excerpt(value))
	}
	return s, nil
}

// excerpt is as much of a value as a message should quote.
func excerpt(value []byte) []byte {
	const most = 60
	if len(value) <= most {
		return value
	}
	return append(bytes.ToValidUTF8(value[:most], nil), "…"...)
}
