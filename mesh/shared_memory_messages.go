package mesh

import "strconv"

// Types of the messages of the shared memory.
const (
	TypePushReflection = "PUSH_REFLECTION" // its payload is a Record
	typeSyncRequest    = "SYNC_GRAPH_REQUEST"
	typeSyncChunk      = "SYNC_GRAPH_CHUNK"
)

// syncRequest asks for a chunk of a log: {"end":5,"limit":32,"log":1,"since":64}.
type syncRequest struct {
	seal
	end   uint64 // of the asker's own log, which tells whether there are records
	limit uint64 // records that it wants at most
	log   uint64 // the log in which since is a place; 0: it knows of none
	since uint64 // the first record that it has not had
}

// AppendJSON implements Payload.
func (q *syncRequest) AppendJSON(b []byte) []byte {
	w := sealer{text: b, keep: true}
	q.pour(&w)
	return w.text
}

func (q *syncRequest) pour(w *sealer) {
	w.text = append(w.text, '{')
	w.number("end", q.end)
	w.text = append(w.text, ',')
	w.number("limit", q.limit)
	w.text = append(w.text, ',')
	w.number("log", q.log)
	w.text = append(w.text, ',')
	w.number("since", q.since)
	w.text = append(w.text, '}')
}

// syncChunk is part of a log:
// {"chunk":64,"chunk_size":1,"end":65,"log":1,"records":[…],"since":64}.
type syncChunk struct {
	seal
	chunk   uint64    // place of the first of its records; after since, if those there were let go
	end     uint64    // of the log
	log     uint64    // its name
	records []*Record // chunk_size of them
	since   uint64    // as it was asked for, 0 if that was in another log
}

// AppendJSON implements Payload.
func (p *syncChunk) AppendJSON(b []byte) []byte {
	w := sealer{text: b, keep: true}
	p.pour(&w)
	return w.text
}

func (p *syncChunk) pour(w *sealer) {
	w.text = append(w.text, '{')
	w.number("chunk", p.chunk)
	w.text = append(w.text, ',')
	w.number("chunk_size", uint64(len(p.records)))
	w.text = append(w.text, ',')
	w.number("end", p.end)
	w.text = append(w.text, ',')
	w.number("log", p.log)
	w.text = append(w.text, `,"records":[`...)
	for i, r := range p.records {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		r.pour(w)
	}
	w.text = append(w.text, `],`...)
	w.number("since", p.since)
	w.text = append(w.text, '}')
}

// number renders a member of an object that is a number.
func (s *sealer) number(key string, v uint64) {
	s.text = append(s.text, '"')
	s.text = append(s.text, key...)
	s.text = append(s.text, `":`...)
	s.text = strconv.AppendUint(s.text, v, 10)
}
