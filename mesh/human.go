package mesh

// HumanState is what is known of the human behind a node.
type HumanState struct {
	Presence Presence
	Affect   string // calm tense anxious energized neutral
	Clarity  int64  // 0–100
	Pressure int64  // 0–100
	Consent  string // granted limited revoked
}
