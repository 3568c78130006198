package mesh

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/zeebo/xxh3"

	"meshsim/sim"
	"meshsim/trace"
)

// rememberer is a node of a full mesh that shares memory and nothing else.
type rememberer struct {
	*Router
	memory *SharedMemory
	out    Outbox
}

func newRememberer(t *testing.T, self sim.NodeID, n, chunk, limit int, start RegistryStart) *rememberer {
	t.Helper()
	var others []sim.NodeID
	for id := range sim.NodeID(n) {
		if id != self {
			others = append(others, id)
		}
	}
	c := config(t, self, n, others...)
	var err error
	c.Registry, err = NewPeerRegistry(self, peersOf(n), start, others)
	require.NoError(t, err)
	c.Author = NewAuthor(c.Identity, sim.Seed(1).Stream("envelope/id"), keysOf(n))
	m := NewSharedMemory(SharedMemoryConfig{Registry: c.Registry, Sync: time.Second, ChunkSize: chunk, Limit: limit, Chance: sim.Seed(1).Stream(keysOf(n)[self])})
	c.Protocols = []Protocol{m}
	return &rememberer{Router: newRouter(t, c), memory: m}
}

// does one step and returns what it sent, and whether it set the timer.
func (r *rememberer) does(in Input) (sent []*Envelope, woken bool) {
	r.out.Reset()
	r.Step(0, &in, &r.out)
	for _, a := range r.out.Acts {
		switch a.Kind {
		case ActSend:
			e := *a.Envelope
			e.Hops = []sim.NodeID{e.Destination}
			sent = append(sent, &e)
		case ActWake:
			woken = true
		}
	}
	return sent, woken
}

func (r *rememberer) starts(incarnation uint64) *Envelope {
	sent, _ := r.does(Input{Kind: Start, From: sim.NoNode, Tag: incarnation})
	if len(sent) == 0 {
		return nil
	}
	return sent[0]
}

// gets is the one answer to an envelope, or nil.
func (r *rememberer) gets(e *Envelope) *Envelope {
	sent, _ := r.does(Input{Kind: Arrive, Envelope: e, From: e.Origin})
	if len(sent) == 0 {
		return nil
	}
	return sent[0]
}

var recordCodec = NewCodec(keysOf(9), epoch)

func recordOf(n uint64, author sim.NodeID) *Record {
	return recordCodec.NewRecord(idOf(n), author, 10).(*Record)
}

// makes has its application push records with the numbers from … to − 1.
func (r *rememberer) makes(from, to uint64) {
	for n := from; n < to; n++ {
		p := recordOf(n, r.self)
		r.does(Input{Kind: Submit, From: sim.NoNode, Envelope: &Envelope{ID: p.id, Type: TypePushReflection, Origin: r.self, Destination: sim.Everyone, Payload: p, Size: p.Size()}})
	}
}

func (r *rememberer) log() (ids []trace.EnvelopeID) {
	for _, record := range r.memory.records {
		ids = append(ids, record.id)
	}
	return ids
}

// talk lets two nodes answer each other, from the question on, and returns the chunks.
func talk(asker, asked *rememberer, question *Envelope) (chunks []*syncChunk) {
	for question != nil {
		answer := asked.gets(question)
		chunks = append(chunks, answer.Payload.(*syncChunk))
		question = asker.gets(answer)
	}
	return chunks
}

func TestMemoryPayloadsAreCanonical(t *testing.T) {
	chunk := &syncChunk{chunk: 7, end: 9, log: 2, since: 5, records: []*Record{recordOf(1, 0), recordOf(2, 1)}}
	request := &syncRequest{end: 1, limit: 2, log: 3, since: 4}
	var s sealer
	chunk.pour(&s)
	chunk.seal = s.seal()
	request.pour(&s)
	request.seal = s.seal()
	for want, p := range map[string]SealedPayload{
		`{"author":"n003","content":"xx","id":"` + idOf(1).String() + `"}`: recordCodec.NewRecord(idOf(1), 3, 2),
		`{"end":1,"limit":2,"log":3,"since":4}`:                            request,
		`{"address":"at \"home\"","capabilities":["b","a"],"id":"n001","kind":"router"}`: NewAnnouncer(AnnounceConfig{
			Peer: Peer{ID: 1, Name: "n001", Address: `at "home"`, Capabilities: []string{"b", "a"}, Kind: KindRouter},
		}).payload,
		`{"chunk":7,"chunk_size":2,"end":9,"log":2,"records":[{"author":"n000","content":"xxxxxxxxxx","id":"` + idOf(1).String() +
			`"},{"author":"n001","content":"xxxxxxxxxx","id":"` + idOf(2).String() + `"}],"since":5}`: chunk,
	} {
		text := p.AppendJSON(nil)
		assert.Equal(t, want, string(text))
		checkSealed(t, p)
	}
	for _, length := range []int64{0, 1, 4095, 4096, 4097, 10_000, MaxRecord, MaxRecord + 1} {
		p := recordCodec.NewRecord(idOf(1), 0, length)
		checkSealed(t, p)
		assert.Equal(t, recordCodec.NewRecord(idOf(1), 0, 0).Size()+min(length, MaxRecord), p.Size())
	}
}

func checkSealed(t *testing.T, p SealedPayload) {
	t.Helper()
	text := p.AppendJSON([]byte("x"))[1:]
	parsed, err := ParsePayload(text)
	require.NoError(t, err)
	assert.Equal(t, string(text), string(parsed), "it is canonical")
	assert.Equal(t, int64(len(text)), p.Size())
	assert.Equal(t, xxh3.Hash(text), p.Code())
}

func TestCatchUpIsInBoundedChunks(t *testing.T) {
	for _, c := range []struct {
		rule                   string
		made                   uint64
		chunk, askers, limit   int
		sizes                  []int
		first                  uint64
		keeps                  []uint64 // numbers of records, at the asker
		again                  uint64   // records made after it caught up
		chunksAgain            int
		firstOfAgain, lastSeen uint64
	}{
		{rule: "an empty log", chunk: 2, askers: 2, limit: 99, sizes: []int{0}, again: 1, chunksAgain: 1, lastSeen: 1},
		{rule: "one chunk", made: 2, chunk: 2, askers: 2, limit: 99, sizes: []int{2}, again: 1, chunksAgain: 1, firstOfAgain: 2, lastSeen: 3},
		{rule: "the last one is smaller", made: 5, chunk: 2, askers: 2, limit: 99, sizes: []int{2, 2, 1}, again: 3, chunksAgain: 2, firstOfAgain: 5, lastSeen: 8},
		{rule: "as small as the asker wants", made: 5, chunk: 9, askers: 3, limit: 99, sizes: []int{3, 2}, chunksAgain: 1, firstOfAgain: 5, lastSeen: 5},
		{rule: "the oldest are gone", made: 5, chunk: 2, askers: 2, limit: 3, sizes: []int{2, 1}, first: 2, again: 1, chunksAgain: 1, firstOfAgain: 5, lastSeen: 6},
	} {
		t.Run(c.rule, func(t *testing.T) {
			asked := newRememberer(t, 0, 2, c.chunk, c.limit, RegistryAll)
			asker := newRememberer(t, 1, 2, c.askers, c.limit, RegistryAll)
			asked.starts(1)
			asked.makes(0, c.made)
			chunks := talk(asker, asked, asker.starts(1))
			var sizes []int
			for _, p := range chunks {
				sizes = append(sizes, len(p.records))
			}
			assert.Equal(t, c.sizes, sizes)
			assert.Equal(t, c.first, chunks[0].chunk)
			assert.Equal(t, asked.log(), asker.log(), "all of them, in the order of their coming")
			asked.makes(c.made, c.made+c.again)
			sent, _ := asker.does(Input{Kind: Timer})
			chunks = talk(asker, asked, sent[0])
			require.Len(t, chunks, c.chunksAgain, "only what is new")
			assert.Equal(t, c.firstOfAgain, chunks[0].since)
			assert.Equal(t, c.lastSeen, asker.memory.cursors[0].next)
			assert.Equal(t, asked.log(), asker.log())
		})
	}
}

// A place in a log that its owner lost means nothing in the next one.
func TestCursorIntoALostLogStartsAnew(t *testing.T) {
	asker := newRememberer(t, 1, 2, 2, 99, RegistryAll)
	asked := newRememberer(t, 0, 2, 2, 99, RegistryAll)
	asked.starts(1)
	asked.makes(0, 5)
	talk(asker, asked, asker.starts(1))
	require.Equal(t, cursor{log: 1, next: 5}, asker.memory.cursors[0])

	asked.starts(2) // it lost nothing
	sent, _ := asker.does(Input{Kind: Timer})
	talk(asker, asked, sent[0])
	require.Equal(t, cursor{log: 1, next: 5}, asker.memory.cursors[0])

	series := asked.author.series
	asked = newRememberer(t, 0, 2, 2, 99, RegistryAll)
	asked.author.series = series // an author lives on: no message has the key of an earlier one
	asked.starts(3)
	asked.makes(100, 107)
	sent, _ = asker.does(Input{Kind: Timer})
	chunks := talk(asker, asked, sent[0])
	require.Len(t, chunks, 4)
	require.Equal(t, cursor{log: 3, next: 7}, asker.memory.cursors[0])
	require.Len(t, asker.log(), 12)
}

// What comes twice, or late, is neither taken twice nor asked on from.
func TestEarlierAnswersAreNotFollowed(t *testing.T) {
	asked := newRememberer(t, 0, 2, 2, 99, RegistryAll)
	asker := newRememberer(t, 1, 2, 2, 99, RegistryAll)
	asked.starts(1)
	asked.makes(0, 6)
	first := asked.gets(asker.starts(1))
	require.NotNil(t, asker.gets(first))
	late := *first
	late.ID = idOf(1000)
	asked.identity.Sign(&late)
	require.Nil(t, asker.gets(&late), "this one was answered")
	require.Len(t, asker.log(), 2)
}

func TestKnownIdsAreNotTakenAgain(t *testing.T) {
	r := newRememberer(t, 0, 2, 2, 3, RegistryAll)
	r.starts(1)
	r.makes(0, 5)
	count := func() int { return len(r.out.Facts) }
	r.makes(4, 5)
	assert.Zero(t, count(), "it is kept")
	r.makes(0, 1)
	assert.Zero(t, count(), "it is gone, but known")
	r.makes(5, 8)
	r.makes(0, 1)
	assert.Equal(t, 1, count(), "forgotten: six newer ids came")
	assert.Equal(t, []trace.EnvelopeID{idOf(6), idOf(7), idOf(0)}, r.log())
}

// Nobody talks who need not: after an answer that there is nothing, a node asks no
// more, until it hears that there is something.
func TestWhoKnowsOfNothingFallsSilent(t *testing.T) {
	asker := newRememberer(t, 1, 3, 2, 99, RegistryAll)
	asked := newRememberer(t, 0, 3, 2, 99, RegistryAll)
	third := newRememberer(t, 2, 3, 2, 99, RegistryAll)
	asked.starts(1)
	third.starts(1)
	all := []*rememberer{asked, asker, third}
	question, woken := asker.does(Input{Kind: Start, From: sim.NoNode, Tag: 1})
	require.True(t, woken, "until somebody answers")
	require.Len(t, question, 1)
	talk(asker, all[question[0].Destination], question[0])
	_, woken = asker.does(Input{Kind: Timer})
	require.False(t, woken)
	asked.makes(0, 1)
	sent, woken := asked.does(Input{Kind: Timer})
	require.True(t, woken)
	for sent[0].Destination != 1 {
		sent, _ = asked.does(Input{Kind: Timer})
	}
	_, woken = asker.does(Input{Kind: Arrive, Envelope: sent[0], From: 0})
	require.True(t, woken, "the question tells that there are records")
}

// Whoever knows nobody waits for somebody to ask.
func TestWhoKnowsNobodyWaits(t *testing.T) {
	r := newRememberer(t, 1, 3, 2, 99, RegistryNone)
	for _, in := range []Input{{Kind: Start, Tag: 1}, {Kind: Timer}} {
		sent, woken := r.does(in)
		require.Empty(t, sent)
		require.True(t, woken)
	}
	r.registry.Hear(peersOf(3)[2], 0)
	sent, _ := r.does(Input{Kind: Timer})
	require.Len(t, sent, 1)
}

// Peers are asked one after the other, each once per turn, in an order of the
// asker's own; one who has begun to answer is asked again until he has told all.
func TestWhomItAsks(t *testing.T) {
	r := newRememberer(t, 1, 9, 2, 99, RegistryAll)
	asks := func(kind InputKind) sim.NodeID {
		sent, _ := r.does(Input{Kind: kind, From: sim.NoNode, Tag: 1})
		return sent[0].Destination
	}
	order := []sim.NodeID{asks(Start)}
	for range 15 {
		order = append(order, asks(Timer))
	}
	require.Equal(t, order[:8], order[8:])
	once := slices.Clone(order[:8])
	slices.Sort(once)
	require.Equal(t, []sim.NodeID{0, 2, 3, 4, 5, 6, 7, 8}, once)
	require.NotEqual(t, once, order[:8], "it is drawn")

	begun := asks(NeighbourUp)
	require.Equal(t, order[0], begun)
	peer := newRememberer(t, begun, 9, 2, 99, RegistryAll)
	peer.starts(1)
	peer.makes(0, 3)
	sent, _ := r.does(Input{Kind: NeighbourUp, From: 0}) // asks the next one
	require.Equal(t, order[1], sent[0].Destination)
	r.memory.turn = 0
	for sent[0].Destination != begun {
		sent, _ = r.does(Input{Kind: Timer})
	}
	require.NotNil(t, r.gets(peer.gets(sent[0])), "the next question is lost")
	require.Equal(t, begun, asks(Timer))
	require.NotEqual(t, begun, asks(Timer), "now he is silent")
}

func TestPanicsOnABadSharedMemory(t *testing.T) {
	for _, c := range []SharedMemoryConfig{{Sync: 1, ChunkSize: 1}, {Sync: 1, Limit: 1}, {ChunkSize: 1, Limit: 1}} {
		assert.Panics(t, func() { NewSharedMemory(c) })
	}
}
