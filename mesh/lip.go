package mesh

import (
	"slices"
	"strconv"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// lipVersion is the version of LIP messages, their field "lip".
const lipVersion = "1.0"

// Types of LIP messages, which are types of envelopes too.
const (
	typeLIPFetch    = "LIP_FETCH"
	typeLIPEvidence = "LIP_EVIDENCE"
	typeLIPConflict = "LIP_CONFLICT"
	typeLIPAccept   = "LIP_ACCEPT"
	typeLIPReject   = "LIP_REJECT"
)

// lipExchange is what is said: a message of a type, of the sender's own accord or in
// answer to one of another type.
type lipExchange struct{ typ, inReplyTo string }

// All that is said.
var (
	aClaim       = lipExchange{typeLIPEvidence, ""}
	claimTaken   = lipExchange{typeLIPFetch, typeLIPEvidence} // and not decided yet
	claimAgreed  = lipExchange{typeLIPAccept, typeLIPEvidence}
	claimRefused = lipExchange{typeLIPReject, typeLIPEvidence} // rejected, or dropped

	aQuestion    = lipExchange{typeLIPFetch, ""} // what is held of a statement
	holdsToo     = lipExchange{typeLIPEvidence, typeLIPFetch}
	holdsNot     = lipExchange{typeLIPConflict, typeLIPFetch}
	knowsNothing = lipExchange{typeLIPReject, typeLIPFetch}
)

// Reasons of a LIP_REJECT.
const (
	reasonRejected = "rejected" // the claim was judged
	reasonDropped  = "dropped"  // there was no room for it
	reasonUnknown  = "unknown"  // nothing is known of the statement
)

// lipMessage is a LIP message, the payload of an envelope, whose signature proves its
// sender:
//
//	{"claim":{"evidence":{"signature":"…"},"holds":true,"id":"n3/n5/1","source":{"retrieved_at":"…",
//	"trust_tier":"medium","uri":"…"},"statement":"f1"},"lip":"1.0","type":"LIP_EVIDENCE"}
type lipMessage struct {
	seal
	lipExchange
	codec  *Codec
	facts  *Facts
	reason string // of a LIP_REJECT
	claim  string // its id
	statement
	cited citation // LIP_EVIDENCE
}

// statement is that a fact holds, or that it does not.
type statement struct {
	fact  int // place in Facts.All
	holds bool
}

// citation is the source that a claim rests on, and what shows that it says so.
type citation struct {
	uri       string // "": none
	tier      Tier   // as the sender has it; whoever reads it looks it up for itself
	retrieved clock.Time
	evidence  []byte // the source's signature over the statement; nil: there is none
}

// newLIP returns a message that is complete.
func (l *Claims) newLIP(m lipMessage) *lipMessage {
	p := &m
	p.codec, p.facts = l.Codec, l.Facts
	l.buf = p.set(p, l.buf)
	return p
}

// send sends a message to a peer.
func (l *Claims) send(c *Context, peer sim.NodeID, m lipMessage) { c.Send(m.typ, l.newLIP(m), peer) }

// AppendJSON implements Payload.
func (m *lipMessage) AppendJSON(b []byte) []byte {
	b = append(b, `{"claim":{`...)
	if m.typ == typeLIPEvidence {
		b = append(b, `"evidence":{`...)
		if m.cited.evidence != nil {
			b = append(b, `"signature":`...)
			b = appendHexString(b, m.cited.evidence)
		}
		b = append(b, `},`...)
	}
	b = append(b, `"holds":`...)
	b = strconv.AppendBool(b, m.holds)
	b = append(b, `,"id":`...)
	b = trace.AppendJSONString(b, m.claim)
	if m.typ == typeLIPEvidence {
		b = append(b, `,"source":{"retrieved_at":"`...)
		b = m.cited.retrieved.AppendRFC3339(b, m.codec.epoch)
		b = append(b, `","trust_tier":`...)
		b = trace.AppendJSONString(b, m.cited.tier.String())
		b = append(b, `,"uri":`...)
		b = trace.AppendJSONString(b, m.cited.uri)
		b = append(b, '}')
	}
	b = append(b, `,"statement":`...)
	b = trace.AppendJSONString(b, m.facts.All[m.fact].ID)
	b = append(b, '}')
	if m.inReplyTo != "" {
		b = append(b, `,"in_reply_to":`...)
		b = trace.AppendJSONString(b, m.inReplyTo)
	}
	b = append(b, `,"lip":"`+lipVersion+`"`...)
	if m.typ == typeLIPReject {
		b = append(b, `,"reason":`...)
		b = trace.AppendJSONString(b, m.reason)
	}
	b = append(b, `,"type":`...)
	b = trace.AppendJSONString(b, m.typ)
	return append(b, '}')
}

// source is the one with a URI, or nil: this table has it not.
func (f *Facts) source(uri string) *Source {
	i := slices.IndexFunc(f.Sources, func(s Source) bool { return s.URI == uri })
	if i < 0 {
		return nil
	}
	return &f.Sources[i]
}

// tier is that of a source by its URI.
func (f *Facts) tier(uri string) Tier {
	if s := f.source(uri); s != nil {
		return s.Tier
	}
	return TierUnknown
}

// evidence is what a source gives out to show that it says so; nil if it does not.
func (f *Facts) evidence(s *Source, of statement) []byte {
	if _, says := slices.BinarySearch(s.Says, of.fact); !says || !of.holds {
		return nil
	}
	return s.Key.sign(f.evidenceText(s, of))
}

// proves reports whether the evidence of a citation is by its source, over exactly this
// statement.
func (f *Facts) proves(c *citation, of statement) bool {
	s := f.source(c.uri)
	return s != nil && s.Key.verify(f.evidenceText(s, of), c.evidence)
}

// evidenceText is what a source signs: uri|statement|holds.
func (f *Facts) evidenceText(s *Source, of statement) []byte {
	return strconv.AppendBool([]byte(s.URI+"|"+f.All[of.fact].ID+"|"), of.holds)
}

// vouches reports whether a source of this tier is believed: it is medium or more.
func (t Tier) vouches() bool { return t == TierMedium || t == TierHigh }
