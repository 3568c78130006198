package scenarios_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
)

var (
	quotedID = regexp.MustCompile(`"n\d+"`)
	wordID   = regexp.MustCompile(`\bn\d+\b`)
)

// renamed gives every node another id of the same length and keeps its old one as
// its key. Nodes swap ids too, so that nothing can be right by their order alone.
func renamed(s *scenarios.Scenario) (*scenarios.Scenario, func(string) string) {
	n := int(s.Topology.Kind.(scenarios.OwnLinks).Nodes)
	other := map[string]string{}
	for i := range n {
		partner := n - 1 - i // of the same number of digits, or none
		if len(gen.ID(partner)) != len(gen.ID(i)) {
			partner = i
		}
		other[gen.ID(i)] = "m" + gen.ID(partner)[1:]
	}
	rename := func(line string) string {
		return quotedID.ReplaceAllStringFunc(line, func(id string) string { return `"` + other[strings.Trim(id, `"`)] + `"` })
	}
	to := *s
	for i := range n {
		to.Nodes = append(to.Nodes, scenarios.Node{ID: other[gen.ID(i)], Key: gen.ID(i)})
	}
	to.Links = slices.Clone(s.Links)
	for i, l := range to.Links {
		to.Links[i].From, to.Links[i].To = other[l.From], other[l.To]
	}
	to.Faults = slices.Clone(s.Faults)
	for i, f := range to.Faults {
		to.Faults[i].Kind = renamedKind(f.Kind, other)
	}
	return &to, rename
}

// renamedKind gives all nodes that a fault names their other ids.
func renamedKind(kind scenarios.FaultKind, other map[string]string) scenarios.FaultKind {
	rename := func(names []string) []string {
		renamed := make([]string, len(names))
		for i, name := range names {
			renamed[i] = wordID.ReplaceAllStringFunc(name, func(id string) string { return other[id] })
		}
		return renamed
	}
	v := reflect.New(reflect.TypeOf(kind)).Elem()
	v.Set(reflect.ValueOf(kind))
	for i := range v.NumField() {
		switch names := v.Field(i).Addr().Interface().(type) {
		case *scenarios.NodeList:
			*names = rename(*names)
		case *scenarios.LinkSet:
			*names = rename(*names)
		case *[][]string:
			groups := make([][]string, len(*names))
			for g, ids := range *names {
				groups[g] = rename(ids)
			}
			*names = groups
		}
	}
	return v.Interface().(scenarios.FaultKind)
}

// Names are but names: with the old ones as keys, other ids of the same length
// change nothing else in any event.
func TestRenamingChangesNamesOnly(t *testing.T) {
	different := 0
	gen.Check(t, gen.Troubled, func(t *rapid.T, s *scenarios.Scenario) {
		to, rename := renamed(s)
		want, got := written(t, s), written(t, to)
		for i := range want {
			want[i] = rename(want[i])
		}
		require.Equal(t, want, got)
		a, b := run(t, s, scenarios.Options{}), run(t, to, scenarios.Options{})
		if a.Digest != b.Digest {
			different++
		}
	})
	require.Greater(t, different, 90, "a digest that does not see names")
}

// Without kept keys the same renaming is another run: it is the keys that chance
// and order go by.
func TestKeysMatter(t *testing.T) {
	s := busyMesh("shortest_path", 2)
	to, rename := renamed(s)
	for i := range to.Nodes {
		to.Nodes[i].Key = ""
	}
	want, got := written(t, s), written(t, to)
	for i := range want {
		want[i] = rename(want[i])
	}
	slices.Sort(want)
	slices.Sort(got)
	require.NotEqual(t, withoutOrder(want), withoutOrder(got))
}

// A node without links that does nothing changes no event of the others, wherever
// its key puts it among theirs.
func TestIdleNodeChangesNothing(t *testing.T) {
	gen.Check(t, func(t *rapid.T) *scenarios.Scenario {
		s := gen.Troubled(t)
		var all []string
		for i := range s.Topology.Kind.(scenarios.OwnLinks).Nodes {
			all = append(all, gen.ID(int(i)))
			s.Nodes = append(s.Nodes, scenarios.Node{ID: all[i]})
		}
		s.Topology.Kind = scenarios.OwnLinks{}
		for i := range s.Traffic {
			s.Traffic[i].From = scenarios.NodeSet{IDs: all}
			if s.Traffic[i].To.How != scenarios.ToAll {
				s.Traffic[i].To = scenarios.Target{How: scenarios.ToNodes, IDs: all}
			}
		}
		whole, err := s.SelfContained() // or chance might strike the idle one instead of another
		require.NoError(t, err)
		return whole
	}, func(t *rapid.T, s *scenarios.Scenario) {
		more := *s
		idle := scenarios.Node{Start: new(scenarios.StartTime), ID: rapid.SampledFrom([]string{"a", "n0a", "n10a", "z"}).Draw(t, "idle")}
		at := rapid.IntRange(0, len(s.Nodes)).Draw(t, "place")
		more.Nodes = slices.Insert(slices.Clone(s.Nodes), at, idle)
		got := withoutOrder(written(t, &more))
		others := slices.DeleteFunc(slices.Clone(got), func(line string) bool { return strings.Contains(line, `"node":"`+idle.ID+`"`) })
		require.Len(t, others, len(got)-1, "its node_up is all there is of it")
		require.Equal(t, withoutOrder(written(t, s)), others)
	})
}
