package campaign

import (
	"maps"
	"slices"
	"strings"

	"meshsim/scenarios"
	"meshsim/trace"
)

// Coverage says which of the things that can happen did, and in how many runs: by
// kind of event (event/NAME), reason of a drop (drop/NAME), kind of fault that had an
// effect (effect/NAME), and key, word or kind of the language (scenario/FEATURE).
type Coverage struct {
	Seen  map[string]int `json:"seen"`
	Never []string       `json:"never"` // claimed, and not seen

	// Strange was seen though nothing can do it yet: the list of what is not claimed
	// is out of date.
	Strange []string `json:"strange"`
}

// unclaimed is what the tables list and a drawn scenario can't show, by prefix.
var unclaimed = map[string]string{
	"event/expectation_failed":       "not of the record",
	"drop/loop":                      "needs a node that sends on what is for itself",
	"drop/expired":                   "needs introductions",
	"scenario/expect.":               "the oracles ask instead",
	"scenario/fault.churn.outages":   "the resolved form says them, and same_seed runs that",
	"scenario/fault.flap.outages":    "likewise",
	"scenario/fault.swizzle.outages": "likewise",
	"scenario/epoch":                 "names the date of what happens, no more",
	"scenario/name":                  "a name",
	"scenario/node.address":          "for people",
	"scenario/node.label":            "for people",
	"scenario/node_defaults.address": "for people",
	"scenario/node_defaults.capabil": "nobody asks for any yet",
	"scenario/node_defaults.kind":    "as node.kind, which is drawn",
	"scenario/node.capabil":          "nobody asks for any yet",
	"scenario/seed":                  "that of the campaign",
}

// claimed lists what a campaign of drawn scenarios is to show. It is made from the
// tables of kinds, so that whatever is new is claimed.
func claimed() []string {
	var all []string
	claim := func(what string) {
		for prefix := range unclaimed {
			if strings.HasPrefix(what, prefix) {
				return
			}
		}
		all = append(all, what)
	}
	for _, k := range trace.Kinds() {
		claim("event/" + k.String())
	}
	for _, r := range trace.Reasons() {
		claim("drop/" + r.String())
	}
	for _, f := range scenarios.Features() {
		claim("scenario/" + f)
		if kind, ok := strings.CutPrefix(f, "fault.kind="); ok {
			claim("effect/" + kind)
		}
	}
	slices.Sort(all)
	return all
}

// shown lists what one case showed.
func (c *Case) shown() []string {
	seen := map[string]bool{}
	for i := range c.Events {
		seen["event/"+c.Events[i].Kind.String()] = true
	}
	for _, f := range c.Scenario.Features() {
		seen["scenario/"+f] = true
	}
	if c.Result != nil {
		for reason, n := range c.Result.Metrics.Drops {
			if n > 0 {
				seen["drop/"+reason] = true
			}
		}
		for _, f := range c.Result.Faults {
			if !f.Vacuous {
				seen["effect/"+f.Kind] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// add counts what one more case showed; the order of cases does not matter.
func (c *Coverage) add(shown []string) {
	if c.Seen == nil {
		c.Seen = map[string]int{}
	}
	for _, what := range shown {
		c.Seen[what]++
	}
}

// close says what is missing from what was to be seen.
func (c *Coverage) close(claimed []string) {
	c.Never, c.Strange = []string{}, []string{}
	for _, what := range claimed {
		if c.Seen[what] == 0 {
			c.Never = append(c.Never, what)
		}
	}
	for what := range unclaimed {
		if c.Seen[what] > 0 && !strings.HasPrefix(what, "scenario/") {
			c.Strange = append(c.Strange, what)
		}
	}
	slices.Sort(c.Strange)
}
