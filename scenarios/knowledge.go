package scenarios

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"meshsim/mesh"
)

// Knowledge is what there is to know, who knows it, and who says so.
type Knowledge struct {
	Facts   []Fact   `toml:"facts" doc:"what is true; also written facts = [{ id = \"f1\", known_by = [\"*\"] }]"`
	Sources []Source `toml:"sources" doc:"what claims can cite, outside the mesh; also written sources = [{ uri = \"https://x\", says = [\"f1\"] }]"`
}

// Fact is an entry [[knowledge.facts]]. Who is in neither list does not know it.
type Fact struct {
	ID      string   `toml:"id" required:"true" text:"name" doc:"its name, without blanks and |"`
	Domain  string   `toml:"domain" default:"general" text:"name" doc:"what it is about"`
	KnownBy NodeList `toml:"known_by" doc:"who knows it at first hand; absent: nobody"`
	WrongAt NodeList `toml:"wrong_at" doc:"who knows at first hand that it does not hold, and is mistaken, known_by or not; absent: nobody"`
}

// Source is an entry [[knowledge.sources]].
type Source struct {
	URI  string   `toml:"uri" required:"true" text:"name" doc:"its name, without blanks and |"`
	Tier string   `toml:"tier" default:"unknown" enum:"unknown low medium high blocked" doc:"how far every node trusts it"`
	Says []string `toml:"says" doc:"ids of the facts that it says hold; it says nothing else"`
}

// sorted are the facts in the order of their ids, as a run numbers them.
func (k *Knowledge) sorted() []Fact {
	return slices.SortedFunc(slices.Values(k.Facts), func(a, b Fact) int { return cmp.Compare(a.ID, b.ID) })
}

// places numbers the facts of which is holds, ascending.
func (k *Knowledge) places(is func(*Fact) bool) (places []int) {
	for i, f := range k.sorted() {
		if is(&f) {
			places = append(places, i)
		}
	}
	return places
}

// about numbers the facts of a domain, or all if there is none.
func (k *Knowledge) about(domain string) []int {
	return k.places(func(f *Fact) bool { return domain == "" || f.Domain == domain })
}

// sortedSources are the sources in the order of their uris, as a run numbers them.
func (k *Knowledge) sortedSources() []Source {
	return slices.SortedFunc(slices.Values(k.Sources), func(a, b Source) int { return cmp.Compare(a.URI, b.URI) })
}

// source is the number of a source, or that of none.
func (k *Knowledge) source(uri string) int {
	i, ok := slices.BinarySearchFunc(k.sortedSources(), uri, func(s Source, uri string) int { return cmp.Compare(s.URI, uri) })
	if !ok {
		return mesh.NoSource
	}
	return i
}

// vocabulary is what names of one sort may stand for.
type vocabulary struct {
	is    string // what a wrong one is not
	words []string
	known map[string]bool
	open  bool // a problem leaves unsure what there is
}

func newVocabulary[T any](is string, entries []T, word func(*T) string, open bool) *vocabulary {
	v := &vocabulary{is: is, known: map[string]bool{}, open: open}
	for i := range entries {
		if w := word(&entries[i]); !v.known[w] {
			v.words, v.known[w] = append(v.words, w), true
		}
	}
	return v
}

// check refuses a word that stands for nothing.
func (v *vocabulary) check(r *report, key, word string) {
	if v.known[word] || v.open || r.touches(key) {
		return
	}
	most := v.words[:min(len(v.words), maxSuggestions)]
	r.add(key, word, "is not %s%s", v.is, suggest(word, most))
}

// checkKnowledge checks facts and sources, and what names them.
func (s *Scenario) checkKnowledge(r *report) {
	k := &s.Knowledge
	unsure := func(list string, n int) bool { return r.touches("knowledge."+list) || n == 0 && r.touches("knowledge") }
	noFacts, noSources := unsure("facts", len(k.Facts)), unsure("sources", len(k.Sources))
	facts := newVocabulary("the id of a fact", k.Facts, func(f *Fact) string { return f.ID }, noFacts)
	domains := newVocabulary("the domain of a fact", k.Facts, func(f *Fact) string { return f.Domain }, noFacts)
	sources := newVocabulary("the uri of a source", k.Sources, func(s *Source) string { return s.URI }, noSources)
	checkNames(r, "knowledge.facts", k.Facts, func(f Fact) string { return f.ID })
	checkNames(r, "knowledge.sources", k.Sources, func(s Source) string { return s.URI })
	for i := range k.Facts {
		checkTerm(r, elementPath("knowledge.facts", i)+".id", k.Facts[i].ID)
	}
	for i := range k.Sources {
		path := elementPath("knowledge.sources", i)
		checkTerm(r, path+".uri", k.Sources[i].URI)
		said := map[string]bool{}
		for n, id := range k.Sources[i].Says {
			key := elementPath(path+".says", n)
			if facts.check(r, key, id); said[id] {
				r.add(key, id, "is named twice")
			}
			said[id] = true
		}
	}
	citing := func(path, domain, source string) {
		if domain != "" {
			domains.check(r, path+".domain", domain)
		} else if len(k.Facts) == 0 && !noFacts {
			r.add(path, nil, "has nothing to tell; needed are facts in [knowledge]")
		}
		if source != "" {
			sources.check(r, path+".source", source)
		}
	}
	for i := range s.Traffic {
		switch kind := s.Traffic[i].Kind.(type) {
		case Facts:
			citing(elementPath("traffic", i), kind.Domain, "")
		case Claims:
			citing(elementPath("traffic", i), kind.Domain, kind.Source)
		}
	}
	for i := range s.Adversaries {
		switch kind := s.Adversaries[i].Behaviour.(type) {
		case Lie:
			citing(elementPath("adversary", i), kind.Domain, "")
		case Equivocate, SybilAttack:
			citing(elementPath("adversary", i), "", "")
		}
	}
	for i := range s.Actions {
		if claim, ok := s.Actions[i].Kind.(Claim); ok {
			path := elementPath("action", i)
			if facts.check(r, path+".fact", claim.Fact); claim.Source != "" {
				sources.check(r, path+".source", claim.Source)
			}
		}
	}
}

// checkTerm refuses what could be read in two ways in a statement, such as "not f1", or
// in what a source signs, which is parted by |.
func checkTerm(r *report, key, term string) {
	if strings.ContainsFunc(term, func(c rune) bool { return c == '|' || unicode.IsSpace(c) }) && !r.touches(key) {
		r.add(key, term, "has blanks or |; allowed: other characters")
	}
}

// checkKnowers refuses unknown nodes.
func (s *Scenario) checkKnowers(r *report, m *Mesh) {
	for i := range s.Knowledge.Facts {
		f, path := &s.Knowledge.Facts[i], elementPath("knowledge.facts", i)
		m.resolveNodes(r, path+".known_by", f.KnownBy)
		m.resolveNodes(r, path+".wrong_at", f.WrongAt)
	}
}
