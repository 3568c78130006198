package netmodel

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"meshsim/clock"
	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// model is a link that shows one model, with the transmitters that its ends share
// and a fault that changes it.
type model struct {
	link     LinkSpec
	up, down LineSpec
	fault    Fault
}

// models are one for each model of a link, and one with all of them.
func models() map[string]model {
	const rate = 8_000_000 // 100 bytes take 100 µs
	steady := Constant(10 * time.Millisecond)
	burst := GilbertElliott{P: sim.One / 100, R: sim.One / 4, Bad: sim.One}
	here := []Ends{{0, 1}}
	all := map[string]model{
		"plain":       {link: LinkSpec{}},
		"loss":        {link: LinkSpec{Loss: sim.One / 100}},
		"burst loss":  {link: LinkSpec{BurstLoss: burst}},
		"corrupt":     {link: LinkSpec{Corrupt: sim.One / 100}},
		"duplicate":   {link: LinkSpec{Duplicate: sim.One / 100}},
		"reorder":     {link: LinkSpec{Reorder: sim.One / 100}},
		"mtu":         {link: LinkSpec{MTU: 1500}},
		"header":      {link: LinkSpec{Header: 40}},
		"fifo":        {link: LinkSpec{FIFO: true, Latency: goldenKinds()["exponential"]}},
		"bandwidth":   {link: LinkSpec{Bandwidth: rate * 3 / 2}},
		"drop_tail":   {link: LinkSpec{Bandwidth: rate, Queue: Packets(64)}},
		"drop_random": {link: LinkSpec{Bandwidth: rate, Queue: Packets(64), Policy: DropRandom}},
		"codel":       {link: LinkSpec{Bandwidth: rate, Queue: Packets(64), Policy: CoDel}},
		"uplink":      {up: LineSpec{rate, Packets(64)}},
		"downlink":    {down: LineSpec{rate, Packets(64)}},
		"clogged":     {fault: ClogFault{Links: here, Delay: time.Millisecond}},
		"changed":     {fault: LinkSetFault{Links: here, Set: LinkValues{Loss: new(sim.Ratio(sim.One / 10))}}},
		"latency profile": {link: LinkSpec{Latency: must(Recorded(Profile{
			Rows: []ProfileRow{{Bandwidth: rate * 3 / 2}, {At: time.Second, Latency: 5, Bandwidth: rate * 2}}, Bandwidth: true, Loop: true,
		}))}},
	}
	for name, m := range all {
		if m.link.Latency == (Latency{}) {
			m.link.Latency = steady
			all[name] = m
		}
	}
	for kind, latency := range goldenKinds() {
		all["latency "+kind] = model{link: LinkSpec{Latency: latency}}
	}
	every := impaired(nil)
	every.Bandwidth, every.Queue, every.Policy = rate, Packets(64), CoDel
	every.FIFO, every.MTU, every.Header = true, 1500, 40
	all["all together"] = model{link: every, down: LineSpec{rate, Packets(64)}, fault: ClogFault{Links: here, Delay: time.Millisecond}}
	return all
}

// stepper hands over a copy of 100 bytes every 80 µs, and does whatever is due.
func (m model) stepper(t require.TestingT) func() {
	n := single(t, m.link)
	require.NoError(t, n.Share(0, m.up, LineSpec{}))
	require.NoError(t, n.Share(1, LineSpec{}, m.down))
	if m.fault != nil {
		n.Begin(1, m.fault)
	}
	var now clock.Time
	var key sim.Key
	var v Verdict
	serve := func() {
		for m.link.Policy != DropTail && n.Serve(now, 0, 1, &v) {
		}
	}
	step := func() {
		now, key.N = now+80_000, key.N+1
		serve()
		n.Carry(now, 0, 1, 100, key, &v)
		n.CutAt(0, 1)
		if n.HasDownlink(1) {
			n.Receive(now, 0, 1, 100)
		}
	}
	for range 10_000 {
		step() // grow the queues
	}
	return step
}

func TestNoModelAllocates(t *testing.T) {
	for name, m := range models() {
		assert.Zero(t, testing.AllocsPerRun(5_000, m.stepper(t)), name)
	}
}

// Every value of a link is in one of the models, so also those to come.
func TestModelsAreComplete(t *testing.T) {
	spec := reflect.TypeFor[LinkSpec]()
	for i := range spec.NumField() {
		field := spec.Field(i)
		if !field.IsExported() || field.Name == "From" || field.Name == "To" {
			continue
		}
		assert.True(t, slices.ContainsFunc(slices.Collect(maps.Values(models())), func(m model) bool {
			return !reflect.ValueOf(m.link).Field(i).IsZero()
		}), "no model has %s", field.Name)
	}
}

func BenchmarkModels(b *testing.B) {
	all := models()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(name, func(b *testing.B) {
			step := all[name].stepper(b)
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}
