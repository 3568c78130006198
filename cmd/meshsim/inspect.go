package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/scenarios/world"
	"meshsim/trace"
)

func (a *app) inspectCommand() *cobra.Command {
	var at string
	var nodes []string
	cmd := &cobra.Command{
		Use:   "inspect FILE --at TIME",
		Short: "Show the mesh, or a node, as it was at a time",
		Long: `Show the mesh as it was at a time: what is under way, which faults act, where
nodes would send; with --node one node or a few in full.

FILE is a scenario, a .fail.toml or a trace. The run is made again up to that
time, so that a trace of few events shows as much as one of all; its checkpoints
prove that it is the same run.

Of a node in full it shows what the node keeps on each peer: the key that is pinned,
what the peer said of facts, which proved it, which wait for whose confirmation, who
warned of it, and whom it introduced; and the claims that wait.

Where nodes meet, they are ranked by who trusts whom: EigenTrust, where the word of
those counts who are trusted, from the anchors on; PageRank, the same from all nodes
on; reputation, (r+1)/(r+s+2), where r nodes trust and s block. With --json, of all
nodes. The ranks are for you alone: no node acts by them.`,
		Example: `  meshsim inspect abilene-partition --at 12s
  meshsim inspect run.jsonl.zst --at 1.5s --node Denver --json`,
		Args: takes(1, 1), ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("at") {
				return errors.New("inspect: --at TIME is missing; allowed: a time within the run, such as 12s")
			}
			t, err := parseAt(at)
			if err != nil {
				return err
			}
			return a.inspect(args[0], t, nodes)
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "`TIME` within the run, such as 12s")
	cmd.Flags().StringSliceVar(&nodes, "node", nil, "only the nodes `A,B`, in full")
	return cmd
}

func (a *app) inspect(name string, at time.Duration, nodes []string) error {
	o, _, done := a.watched(name)
	defer done()
	p, err := a.past(name, o)
	if err != nil {
		return err
	}
	m, err := rerun.Inspect(p, at, nodes)
	done()
	if err != nil {
		return about(name, err)
	}
	a.notes(p.Notes)
	if a.json {
		return a.printJSON(m)
	}
	out := a.printer()
	out.moment(m, len(nodes) > 0 || a.verbose)
	return out.err
}

func (p *printer) moment(m *scenarios.Moment, full bool) {
	p.line("at %v, after %s events (digest so far %s)", time.Duration(m.TNS), count(int64(m.Events)), m.Digest)
	t := m.Metrics.Traffic
	p.row("traffic", "%s sent, %s of %s delivered, %s in flight", count(t.Sent), count(t.Delivered), count(t.Expected), count(t.InFlight))
	p.row("copies", "%s created, %s dropped, %s in flight", count(m.Metrics.Copies.Created), count(m.Metrics.Copies.Dropped), count(m.Metrics.Copies.InFlight))
	if drops := dropsText(m.Metrics.Drops); drops != "" {
		p.row("drops", "%s", drops)
	}
	p.peers(&m.Metrics)
	if len(m.Faults) > 0 {
		p.row("faults", "%s", strings.Join(m.Faults, ", "))
	}
	if m.Trust != nil {
		p.trust(m.Trust)
	}
	p.line("")
	if full {
		for i := range m.Nodes {
			p.node(&m.Nodes[i])
		}
		return
	}
	p.line("  %-16s %-6s %9s %6s %7s %8s %7s  %s", "node", "", "arriving", "kept", "waiting", "at links", "timers", "links that are not up")
	for i := range m.Nodes {
		n := &m.Nodes[i]
		p.line("  %-16s %-6s %9d %6d %7d %8d %7d  %s", n.ID, upOrDown(n), n.Arriving, n.Kept, n.Waiting, n.AtLinks, n.Timers, notUp(n))
	}
}

// trust is how nodes stand with each other: who highest, who lowest.
func (p *printer) trust(t *scenarios.TrustRanks) {
	l := &t.Levels
	p.row("levels", "%s unknown, %s probing, %s trusted, %s blocked, of all %s", count(l.Unknown), count(l.Probing), count(l.Trusted), count(l.Blocked),
		plural(l.Unknown+l.Probing+l.Trusted+l.Blocked, "ordered pair"))
	const most = 5
	p.row("EigenTrust", "%s", ranksText(t.EigenTrust, most, most))
	if slices.Equal(t.EigenTrust, t.PageRank) { // without anchors
		p.row("PageRank", "as EigenTrust")
	} else {
		p.row("PageRank", "%s", ranksText(t.PageRank, most, most))
	}
	p.row("reputation", "%s", ranksText(t.Reputation, most, most))
}

func upOrDown(n *world.State) string {
	switch {
	case n.Paused:
		return "paused"
	case n.Up:
		return "up"
	}
	return "down"
}

func notUp(n *world.State) string {
	var out []string
	for _, l := range n.Links {
		if l.Now != "arrives" {
			out = append(out, l.To+" ("+l.Now+")")
		}
	}
	return strings.Join(out, ", ")
}

func dropsText(drops map[string]int64) string {
	var parts []string
	for _, r := range trace.Reasons() {
		if n := drops[r.String()]; n > 0 {
			parts = append(parts, r.String()+" "+count(n))
		}
	}
	return strings.Join(parts, ", ")
}

// node is one node in full.
func (p *printer) node(n *world.State) {
	p.line("  %s: %s, %d copies arriving, %d kept, %d waiting, %d at links, %d timers", n.ID, upOrDown(n), n.Arriving, n.Kept, n.Waiting, n.AtLinks, n.Timers)
	for _, l := range n.Links {
		p.line("    link to %-14s %-12s %s taken, %s dropped, busy %v, longest wait %v", l.To, l.Now, count(l.Transmissions), count(l.Drops), short(l.BusyNS), short(l.WaitMaxNS))
	}
	for _, r := range byNext(n.Routes) {
		p.line("    %s", r)
	}
	if n.Knows != nil {
		p.knows(n.Knows)
	}
	p.meets(n)
	p.dossiers(n)
}

// knows is what a node has learnt of routes.
func (p *printer) knows(k *world.Knowledge) {
	p.line("    knows, with own sequence number %d:", k.Seqno)
	for _, a := range k.Adjacencies {
		state := "adjacent"
		if !a.Adjacent {
			if state = "not heard"; a.Heard {
				state = "heard, not adjacent"
			}
		}
		p.line("      neighbour %-12s %s, cost %v", a.Neighbour, state, time.Duration(a.CostNS))
	}
	for _, a := range k.Adverts {
		var links []string
		for _, l := range a.Links {
			links = append(links, fmt.Sprintf("%s (%v)", l.To, time.Duration(l.CostNS)))
		}
		p.line("      advert %d of %s, %v old: %s", a.Seqno, a.Origin, time.Duration(a.AgeNS), strings.Join(links, ", "))
	}
	for _, r := range k.Routes {
		route := "none"
		if r.Next != "" {
			route = fmt.Sprintf("by %s, metric %v, sequence number %d", r.Next, time.Duration(r.MetricNS), r.Seqno)
		}
		p.line("      route to %s: %s; feasible below %v at %d", r.Destination, route, time.Duration(r.Feasible.MetricNS), r.Feasible.Seqno)
	}
}

// meets is whom a node knows, and has met.
func (p *printer) meets(n *world.State) {
	p.line("    knows %s", plural(int64(n.Peers), "peer"))
	for _, m := range n.Meetings {
		p.line("    handshake with %-10s %s", m.Peer, meetingText(&m))
	}
	for i := range n.Sessions {
		p.line("    session with %-12s %s", n.Sessions[i].Peer, sessionText(&n.Sessions[i]))
	}
}

func sessionText(s *world.Session) string {
	text := fmt.Sprintf("%s, %d queued, %d under way, %s sent, %s delivered", s.State, s.Queue, s.UnderWay, count(int64(s.Sent)), count(int64(s.Delivered)))
	if s.SRTTNS > 0 {
		text += fmt.Sprintf(", round trip %v", short(s.SRTTNS))
	}
	return text + fmt.Sprintf(", time-out %v, %s, %s, %s lost", short(s.RTONS),
		plural(int64(s.Reconnects), "reconnect"), plural(int64(s.Retransmits), "retransmit"), count(int64(s.Lost)))
}

func meetingText(m *world.Meeting) string {
	text := m.State + ", " + m.Trust
	if m.Authenticated {
		text += ", authenticated"
	}
	if m.Incarnation > 0 {
		text += fmt.Sprintf(", incarnation %d", m.Incarnation)
	}
	if m.Session > 0 {
		text += fmt.Sprintf(", session %d", m.Session)
	}
	return text
}

// byNext groups destinations by where their envelopes go.
func byNext(routes []world.NextHops) []string {
	var order []string
	to := map[string][]string{}
	for _, r := range routes {
		next := strings.Join(r.Next, ", ")
		if to[next] == nil {
			order = append(order, next)
		}
		to[next] = append(to[next], r.Destination)
	}
	var lines []string
	for _, next := range order {
		destinations := strings.Join(to[next], " ")
		if len(to) == 1 && len(routes) > 1 {
			destinations = "everyone"
		}
		way := "by " + next
		if next == "" {
			way = "nowhere"
		}
		lines = append(lines, "sends "+way+": "+destinations)
	}
	return lines
}
