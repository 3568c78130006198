package mesh

import (
	"strconv"

	"meshsim/trace"
)

// rttSegment is a segment of a session, the payload of an envelope:
//
//	{"ack":3,"attempt":1,"channel":"state","credit":259,"echo":1,
//	 "from":{"fingerprint":"…","incarnation":1},"index":5,
//	 "message":{"id":"…","payload":{…},"type":"MESSAGE"},"number":1,
//	 "sack":[[5,6]],"seq":9,"size":200,"to":{"fingerprint":"…","incarnation":1}}
//
// channel, index, message, seq and size are those of RTT_DATA, final and reason those
// of RTT_CLOSE.
type rttSegment struct {
	seal
	g segment
}

// AppendJSON implements Payload.
func (q *rttSegment) AppendJSON(b []byte) []byte {
	w := sealer{text: b, keep: true}
	q.pour(&w)
	return w.text
}

// pour renders the segment, and returns how many bytes of its message are not spelt out.
func (q *rttSegment) pour(w *sealer) (unspelt int64) {
	g := &q.g
	m, n := g.Message, &g.Name
	w.text = append(w.text, '{')
	w.number("ack", g.Ack)
	w.more("attempt", g.Attempt)
	if m != nil {
		w.text = append(w.text, `,"channel":"`...)
		w.text = append(append(w.text, g.Channel.String()...), '"')
	}
	w.more("credit", g.Credit)
	w.more("echo", g.Echo)
	if g.Reason != "" {
		w.text = append(w.text, `,"final":`...)
		w.text = strconv.AppendBool(w.text, g.Final)
	}
	w.end("from", n.From, n.FromIncarnation)
	if m != nil {
		w.more("index", g.Index)
		unspelt = w.message(m)
	}
	w.more("number", n.Number)
	if g.Reason != "" {
		w.text = append(w.text, `,"reason":`...)
		w.text = trace.AppendJSONString(w.text, string(g.Reason))
	}
	w.text = append(w.text, `,"sack":[`...)
	for i := 0; i < len(g.Sack) && g.Sack[i].End > 0; i++ {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		w.text = append(w.text, '[')
		w.text = strconv.AppendUint(w.text, g.Sack[i].First, 10)
		w.text = append(w.text, ',')
		w.text = strconv.AppendUint(w.text, g.Sack[i].End, 10)
		w.text = append(w.text, ']')
	}
	w.text = append(w.text, ']')
	if m != nil {
		w.more("seq", g.Seq)
		w.more("size", uint64(g.Size))
	}
	w.end("to", n.To, n.ToIncarnation)
	w.text = append(w.text, '}')
	return unspelt
}

// more renders a further member that is a number.
func (s *sealer) more(key string, v uint64) {
	s.text = append(s.text, ',')
	s.number(key, v)
}

// end renders one end of a session.
func (s *sealer) end(key string, of *PublicKey, incarnation uint64) {
	s.text = append(append(append(s.text, `,"`...), key...), `":{"fingerprint":`...)
	s.text = appendHexString(s.text, of.print())
	s.more("incarnation", incarnation)
	s.text = append(s.text, '}')
}

// message renders a message in a segment, and returns by how much it is larger than its
// payload is.
func (s *sealer) message(m *Envelope) (unspelt int64) {
	s.text = append(s.text, `,"message":{"id":"`...)
	s.text, _ = m.ID.AppendText(s.text)
	s.text = append(s.text, `","payload":`...)
	from := len(s.text)
	if m.Payload == nil {
		s.text = append(s.text, emptyPayload...)
		unspelt = m.Size
	} else {
		s.text = m.Payload.AppendJSON(s.text)
		unspelt = max(0, m.Size-int64(len(s.text)-from))
	}
	s.text = append(s.text, `,"type":`...)
	s.text = append(trace.AppendJSONString(s.text, m.Type), '}')
	return unspelt
}
