package scenarios

import (
	"errors"
	"fmt"

	"meshsim/clock"
	"meshsim/scenarios/world"
)

// NodeOutage is a span in which a node is down. In a scenario { node = "n3",
// at = "1s", until = "2s" }.
type NodeOutage struct {
	Node      string
	At, Until Duration // of the run; Until 0: as long as the fault lasts
}

// LinkOutage is a span in which a link is down, named as in a LinkSet. In a scenario
// { link = "n3-n7", at = "1s", until = "2s" }.
type LinkOutage struct {
	Link      string
	At, Until Duration // of the run; Until 0: as long as the fault lasts
}

// maxOutages bounds the outages of all faults of a scenario together: so many still
// fit a file that can be read.
const maxOutages = 100_000

// intermittent is a FaultKind that comes and goes.
type intermittent interface {
	// given are the outages that stand in the scenario, without what they are of.
	given() []givenOutage
}

// givenOutage is when an outage of the scenario begins and ends.
type givenOutage struct {
	entry     any // as it stands in the scenario
	at, until Duration
}

func (k Churn) given() (list []givenOutage) {
	for _, o := range k.Outages {
		list = append(list, givenOutage{o, o.At, o.Until})
	}
	return list
}

func (k Flap) given() []givenOutage    { return spansOfLinks(k.Outages) }
func (k Swizzle) given() []givenOutage { return spansOfLinks(k.Outages) }

func spansOfLinks(outages []LinkOutage) (list []givenOutage) {
	for _, o := range outages {
		list = append(list, givenOutage{o, o.At, o.Until})
	}
	return list
}

// checkSpans refuses outages that are not within their fault.
func (f *Fault) checkSpans(r *report, path string) {
	k, ok := f.Kind.(intermittent)
	if !ok || r.touches(path+".at", path+".until", path+".outages") {
		return
	}
	for i, o := range k.given() {
		place := elementPath(path+".outages", i)
		switch {
		case o.at < f.At:
			r.add(place, o.entry, "begins before its fault; allowed: %s or later", formatDuration(f.At))
		case f.Until != 0 && o.at >= f.Until:
			r.add(place, o.entry, "does not begin before the end of its fault; allowed: before %s", formatDuration(f.Until))
		case o.until != 0 && o.until <= o.at:
			r.add(place, o.entry, "ends before it begins; allowed: until after at")
		case f.Until != 0 && o.until > f.Until:
			r.add(place, o.entry, "ends after its fault; allowed: %s or earlier", formatDuration(f.Until))
		}
	}
}

// end is when the fault ends, if it does.
func (f *Fault) end() clock.Time {
	if f.Until == 0 {
		return clock.Never
	}
	return clock.Time(f.Until)
}

// throughout is a fault with one effect from its begin to its end.
func (f *Fault) throughout(effect world.Effect, err error) ([]world.Outage, error) {
	return []world.Outage{{At: clock.Time(f.At), Until: f.end(), Effect: effect}}, err
}

// within is one outage of the fault.
func (f *Fault) within(at, until Duration, effect world.Effect) world.Outage {
	o := world.Outage{At: clock.Time(at), Until: clock.Time(until), Effect: effect}
	if until == 0 {
		o.Until = f.end()
	}
	return o
}

func parseNodeOutage(raw any) (o NodeOutage, err error) {
	o.At, o.Until, err = parseOutage(raw, "node", &o.Node)
	return o, err
}

func parseLinkOutage(raw any) (o LinkOutage, err error) {
	o.At, o.Until, err = parseOutage(raw, "link", &o.Link)
	return o, err
}

// parseOutage reads an outage of what the key names.
func parseOutage(raw any, key string, of *string) (at, until Duration, err error) {
	table, ok := raw.(map[string]any)
	if !ok {
		return 0, 0, errors.New("is " + typeName(raw))
	}
	duration := fromText(parseDuration)
	err = parseInline(table,
		inlineKey{key, true, reads(plain[string], of)},
		inlineKey{"at", true, reads(duration, &at)}, inlineKey{"until", false, reads(duration, &until)})
	if _, given := table["until"]; err == nil && given && until == 0 {
		err = errors.New("ends before it begins")
	}
	return at, until, err
}

func formatNodeOutage(o NodeOutage) string { return formatOutage("node", o.Node, o.At, o.Until) }
func formatLinkOutage(o LinkOutage) string { return formatOutage("link", o.Link, o.At, o.Until) }

func formatOutage(key, of string, at, until Duration) string {
	if until == 0 {
		return fmt.Sprintf("{ %s = %s, at = %s }", key, quote(of), quote(formatDuration(at)))
	}
	return fmt.Sprintf("{ %s = %s, at = %s, until = %s }", key, quote(of), quote(formatDuration(at)), quote(formatDuration(until)))
}
