package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios/rerun"
)

// Without a name three stories are told: of a partition that heals, of a liar who is
// found out, and of a reader who slows the writer.
func TestThreeStories(t *testing.T) {
	got := meshsim("demo")
	require.Equal(t, 0, got.status, got.stderr)
	rest := got.stdout
	for _, part := range []string{
		"abilene-partition\n\n  The Abilene", `
From 10s to 20s: partition "west-cut-off".
  2,155 messages set out, 1,048 arrive (48.63 %).
  On average they travel 7.656ms over 1.75 links.
  Lost on the way: 1 by loss, 1,106 by partition.
`, "\nabilene-partition: passed  (seed 42,", "The same in numbers: meshsim run abilene-partition --seed 42\n", `
From 0s to 8s: all is well.
  Among peers: 90 × handshake_started, 90 × handshake_completed, 180 × trust_updated.
  n1 is the first to come to trust a peer, n0, at 1.01s: what n0 says agrees with what n1 knows at first hand.
  Trust is gained 81 times, last by n8 in n9, at 1.01s.
  Since 1.01s every honest node trusts every other node.

From 8s to 1m0s: adversary n9 (lie).
  Among peers: 18 × trust_updated.
  n0 is the first to doubt n9, an adversary, at 10.01s: what n9 says contradicts what n0 knows at first hand.
  n0 is the first to block n9, at 10.02s: what n9 says contradicts what n0 knows at first hand.
  n0, n1, n2, n3 warn of n9: the first of 32 warnings comes at 10.03s, from n0 to n1.
  n8 is the last to block n9, at 10.03s: n2, n3, whom n8 trusts, warn of n9.
  n9 is blocked 9 times: 4 by contradiction, 5 by warnings; in the end 9 of 9 honest nodes block it.
`, "\none-liar: passed  (seed 8,", `
From 0s to 12s: all is well.
  200 messages are offered to sessions, 200 are read (100.00 %).
  From the offer until they are read takes 4.011s on average, 7.991s at most.
  Sessions open at 2 ends.
  A message finds the queue of its session full 152 times, so its writer has to wait: from 480ms to 1.99s.
  At most 160 messages are in sessions at once, at 1.98s.
  200 messages are read from 30.6ms to 9.981s: 160 kbit/s of goodput.
  No segment is lost on the way, and none is sent again.
`, "\nslow-reader: passed  (seed 4,", "The same in numbers: meshsim run slow-reader --seed 4\n",
	} {
		_, after, found := strings.Cut(rest, part)
		require.True(t, found, "not there, or out of order:\n%s\nin\n%s", part, rest)
		rest = after
	}
	for _, story := range strings.Split(got.stdout, "─\n") {
		assert.LessOrEqual(t, strings.Count(story, "\n"), 37, "a story is for one screen")
	}
}

func TestDocumentOfThreeStories(t *testing.T) {
	stories := document(t, meshsim("demo", "--json").stdout)["stories"].([]any)
	require.Len(t, stories, len(threeDemos))
	for i, name := range threeDemos {
		story := stories[i].(map[string]any)
		one := document(t, meshsim("demo", name, "--json").stdout)
		assert.Equal(t, name, story["scenario"])
		assert.Equal(t, one["digest"], story["digest"])
		assert.Equal(t, one["reproduce"], story["reproduce"])
	}
}

// The status is the gravest of all stories, wherever it comes.
func TestStatusOfThreeStories(t *testing.T) {
	for _, args := range [][]string{
		{"--set", "link.loss=100%"}, // Abilene fails to deliver, and nobody meets anybody
		{"--set", "session.read_interval=1s"},
	} {
		got := meshsim(append([]string{"demo"}, args...)...)
		assert.Equal(t, 1, got.status, args)
		assert.Contains(t, got.stdout, "\nslow-reader: ", "the others are told all the same")
		assert.Contains(t, got.stdout, ": failed  (seed ")
		assert.Contains(t, got.stdout, "meshsim run slow-reader "+strings.Join(args, " ")+" --seed 4\n")
		v := document(t, meshsim(append([]string{"demo", "--json"}, args...)...).stdout)
		assert.Len(t, v["stories"], 3)
	}
	assert.Equal(t, 2, meshsim("demo", "--set", "link.loss=2").status)
}

// phaseText is what is said of a phase.
func phaseText(phase *rerun.Phase) string {
	var text strings.Builder
	(&printer{w: &text}).phase(phase)
	return text.String()
}

func TestStoriesOfOthers(t *testing.T) {
	for name, parts := range map[string][]string{
		"claim-partition": {
			"From 10s to 20s: partition \"cut\".\n  n1 → n0: operator: claim fact bridge-open\n  at 10.02s n0 hears the claim n1/n0/1 of n1: bridge-open holds\n  Claims: 1 claim received, in the end 1 waits.\n",
			"  at 20.06s the claim n1/n0/1 is accepted at n0, on the word of n2, n3\n  Claims: 1 accepted, in the end none waits.\n",
			"From 5s to 10s: partition \"cut\".\n  No application sends anything.\n",
		},
		"slander-relayed": {
			"From 10s to 1m0s: adversaries n8, n9 (slander).\n", "n8, n9, n0, n2, … and 5 more warn of n1, who is honest: the first of 56 warnings comes at 10.01s, from n8 to n0.\n",
		},
		"forgetful-claims": {"  Claims: 1 forgotten, in the end 1 waits.\n", "  In the end nodes trust in 19 of 20 ordered pairs.\n"},
		"bottleneck-sessions": {
			"  23,929 messages are offered to sessions, 10,601 are read (44.30 %).\n", "full 12,627 times, so it is dropped: from 855.4ms to 29.99s.\n",
			"  Not taken by their session, or lost with it: 12,627 by drop_newest.\n  Segments lost on the way: 1,112 by queue_full; 1,081 segments are sent again.\n",
		},
		"sybils":           {"From 20s to 30s: adversaries n7, n7+1, n7+2 (sybil).\n"},
		"session-replay":   {"  Segments refused where they arrive: 184 by replay, 942 by identity_conflict.\n"},
		"flapping-session": {"  Sessions open at 20 ends, 20 of them again; hear nothing of the peer for too long 20 times; close: 20 by heartbeat_timeout.\n"},
		"decay":            {"  Trust fades 4 times, where nothing was heard.\n"},
	} {
		told := meshsim("demo", name).stdout
		for _, part := range parts {
			assert.Contains(t, told, part, name)
		}
	}
}

// A suspect's story is in order of time, and says once who it is.
func TestSuspectsInOrderOfTime(t *testing.T) {
	s := rerun.Suspect{
		Name: "eve", Doubts: 1, FirstDoubt: rerun.Turn{T: 4e9, Node: "ann", Why: "so"}, Blocks: 1, First: rerun.Turn{T: 3e9, Node: "bob", Why: "thus"},
		By: []rerun.Count{{What: "warnings", N: 1}}, Warnings: 1, FirstWarning: rerun.Turn{T: 2e9, Node: "bob", Peer: "cy"}, Warners: []string{"cy"}, Blockers: 1, Of: 3,
	}
	text := phaseText(&rerun.Phase{To: 9e9, Trust: rerun.TrustTale{Suspects: []rerun.Suspect{s, s, s, s}}})
	assert.Contains(t, text, `
  cy warns of eve, an adversary: the first of 1 warning comes at 2s, from cy to bob.
  bob is the first to block eve, at 3s: thus.
  ann is the first to doubt eve, at 4s: so.
  eve is blocked once: 1 by warnings; in the end 1 of 3 honest nodes block it.
`)
	assert.Contains(t, text, "  … and 1 more, suspected or warned of.\n")
	assert.Equal(t, mostSuspects, strings.Count(text, "an adversary"))
}
