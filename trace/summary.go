package trace

// Summary is what the metrics of a run add up to. Its JSON keys are the result
// document's, and the names that expectations use. Times are in ns.
type Summary struct {
	Traffic TrafficSummary   `json:"traffic"`
	Copies  CopySummary      `json:"copies"`
	Drops   map[string]int64 `json:"drops"` // every reason, also those that never occurred
	Links   LinkSummary      `json:"links"`
	Control ControlSummary   `json:"control"`

	Handshakes HandshakeSummary `json:"handshakes"`
	Trust      TrustSummary     `json:"trust"`
	Claims     ClaimSummary     `json:"claims"`
	Sessions   SessionSummary   `json:"sessions"`
	Memory     MemorySummary    `json:"memory"`
}

// TrafficSummary counts application messages that were submitted within the
// measure window, and what became of them.
type TrafficSummary struct {
	ClassSummary
	Classes map[string]ClassSummary `json:"classes"`
}

// ClassSummary counts the messages of one class, or of all.
type ClassSummary struct {
	Sent           int64          `json:"sent"`           // messages; a broadcast is one
	Expected       int64          `json:"expected"`       // deliveries: 1 per unicast, for a broadcast the other nodes up
	Delivered      int64          `json:"delivered"`      // first arrivals
	DeliveryRatio  float64        `json:"delivery_ratio"` // delivered / expected, 0 when expected is 0
	Duplicates     int64          `json:"duplicates"`     // copies dropped as duplicate at their destination
	InFlight       int64          `json:"in_flight"`      // expected, not delivered, and a copy still open
	LastDeliveryNS int64          `json:"last_delivery_ns"`
	LatencyNS      LatencySummary `json:"latency_ns"` // submission to first arrival
	Hops           HopSummary     `json:"hops"`       // of first arrivals
}

// TrustSummary says what honest nodes hold of their peers. It is as of now, but for
// whether trust converged, which only the end of the run shows.
type TrustSummary struct {
	Transitions int64       `json:"transitions"` // of all nodes
	Levels      TrustLevels `json:"levels"`      // ordered pairs of honest nodes

	// Trust converged if what honest nodes hold of others, the dishonest included, has
	// not changed for the last MetricsConfig.Settle of the run.
	Converged     bool  `json:"converged"`
	ConvergedAtNS int64 `json:"converged_at_ns"` // the last change; 0 if trust did not converge

	FalseBlocked int64 `json:"false_blocked"` // ordered pairs of honest nodes, the one blocked by the other
	MissedLiars  int64 `json:"missed_liars"`  // an honest node, and an exposable liar that it met and has not blocked

	FalseAccusations int64          `json:"false_accusations"` // transitions by conflict or malice, between honest nodes
	Oscillations     int64          `json:"oscillations"`      // a level fell, and rose again
	Convinced        int64          `json:"convinced"`         // peers that were counted in transitions, each time
	DistrustNS       LatencySummary `json:"distrust_ns"`       // from a liar's start until a node that it met blocked it, once for each
}

// LatencySummary describes a distribution of times: count, sum, min and max are
// exact, mean is ⌊sum/count⌋, percentiles are nearest-rank and at most 1/1024 too high.
type LatencySummary struct {
	Count int64 `json:"count"`
	Sum   int64 `json:"sum"`
	Min   int64 `json:"min"`
	Mean  int64 `json:"mean"`
	P50   int64 `json:"p50"`
	P95   int64 `json:"p95"`
	P99   int64 `json:"p99"`
	Max   int64 `json:"max"`
}

// HopSummary describes hop counts.
type HopSummary struct {
	Mean float64 `json:"mean"`
	Max  int64   `json:"max"`
}

// CopySummary accounts for every copy of every envelope, control included:
// created = delivered + dropped + in flight, at every event.
type CopySummary struct {
	Created   int64 `json:"created"`
	Delivered int64 `json:"delivered"`
	Dropped   int64 `json:"dropped"`
	InFlight  int64 `json:"in_flight"`
}

// LinkSummary counts what links took, headers included.
type LinkSummary struct {
	Transmissions int64 `json:"transmissions"`
	Bytes         int64 `json:"bytes"`

	By map[string]LinkDetail `json:"by,omitempty" expr:"-"` // by link, such as "n3->n7"
}

// LinkDetail is what one link did in one direction.
type LinkDetail struct {
	Transmissions int64 `json:"transmissions"`
	Bytes         int64 `json:"bytes"`
	Drops         int64 `json:"drops"`
	BusyNS        int64 `json:"busy_ns"`
	WaitNS        int64 `json:"wait_ns"`
	WaitMaxNS     int64 `json:"wait_max_ns"`
	QueueMax      int64 `json:"queue_max"` // copies that waited at once
}

// ControlSummary is the part of everything that is not application traffic.
type ControlSummary struct {
	Envelopes     int64 `json:"envelopes"`
	Transmissions int64 `json:"transmissions"`
	Bytes         int64 `json:"bytes"`
	Drops         int64 `json:"drops"`
}

// Invariant is the account that a checker gives at the end of a run.
type Invariant struct {
	Name        string `json:"name"`
	Evaluations int64  `json:"evaluations"`
	Violations  int64  `json:"violations"`
	FirstSeq    uint64 `json:"first_seq"` // event of the first violation
	AtNS        int64  `json:"at_ns"`
	Verdict     string `json:"verdict"` // passed, failed
	Detail      string `json:"detail"`  // the first violation in words
}
