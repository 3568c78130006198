package scenarios

// SetPresence changes what an agent says of its attention.
type SetPresence struct {
	Presence string `toml:"presence" required:"true" enum:"focused diffuse overloaded engaged" doc:"how it attends; focused at the start"`
	LRI      int64  `toml:"lri" default:"50" min:"0" max:"100" doc:"its load, which it tells and by which nothing is decided yet"`
}

// Override has a node forgive a peer.
type Override struct {
	Peer string `toml:"peer" required:"true" doc:"who is forgiven"`
}

// Introduce has a node introduce one peer to another.
type Introduce struct {
	Peer    string `toml:"peer" required:"true" doc:"to whom"`
	Subject string `toml:"subject" required:"true" doc:"who is introduced"`
}

// Warn has a node warn one peer of another.
type Warn struct {
	Peer    string `toml:"peer" required:"true" doc:"who is warned"`
	Subject string `toml:"subject" required:"true" doc:"of whom"`
}

// SetHuman changes the state of the human behind a node.
type SetHuman struct {
	Presence string `toml:"presence" default:"focused" enum:"focused diffuse overloaded engaged" doc:"how the human attends"`
	Affect   string `toml:"affect" default:"neutral" enum:"calm tense anxious energized neutral" doc:"mood; anxious or tense: a check-in comes first"`
	Clarity  int64  `toml:"clarity" default:"100" zero:"kept" min:"0" max:"100" doc:"how clear things are to the human; up to 30: the node defers"`
	Pressure int64  `toml:"pressure" default:"0" min:"0" max:"100" doc:"how pressed the human is; from 80 on: the node defers"`
	Consent  string `toml:"consent" default:"granted" enum:"granted limited revoked" doc:"what the human agrees to; revoked: the node refuses"`
}

// Claim has a node make a claim to a peer.
type Claim struct {
	Peer   string `toml:"peer" required:"true" doc:"to whom"`
	Fact   string `toml:"fact" required:"true" doc:"id of the fact that it is about; nothing is claimed of one that the node knows nothing of"`
	Source string `toml:"source" doc:"uri of the source that it cites, whether that says so or not; absent: none"`
}

// Submit has a node's application submit a message.
type Submit struct {
	Peer    string `toml:"peer" required:"true" doc:"destination"`
	Type    string `toml:"type" default:"MESSAGE" doc:"message type"`
	Size    *int64 `toml:"size" min:"0" max:"1073741824" doc:"application bytes; absent: those of the payload in canonical JSON, or 200 without one"`
	Payload string `toml:"payload" doc:"a JSON object, as text; absent: {}"`
}

// Disconnect closes a session of a node.
type Disconnect struct {
	Peer string `toml:"peer" required:"true" doc:"with whom"`
}

// Reconnect opens a session of a node.
type Reconnect struct {
	Peer string `toml:"peer" required:"true" doc:"with whom"`
}

func (SetPresence) others() []namedNode  { return nil }
func (SetHuman) others() []namedNode     { return nil }
func (k Override) others() []namedNode   { return []namedNode{{"peer", k.Peer}} }
func (k Disconnect) others() []namedNode { return []namedNode{{"peer", k.Peer}} }
func (k Reconnect) others() []namedNode  { return []namedNode{{"peer", k.Peer}} }
func (k Claim) others() []namedNode      { return []namedNode{{"peer", k.Peer}} }
func (k Submit) others() []namedNode     { return []namedNode{{"peer", k.Peer}} }
func (k Introduce) others() []namedNode {
	return []namedNode{{"peer", k.Peer}, {"subject", k.Subject}}
}
func (k Warn) others() []namedNode { return []namedNode{{"peer", k.Peer}, {"subject", k.Subject}} }

// names reports whether the action names a node.
func (a *Action) names(id string) bool {
	if a.Node == id {
		return true
	}
	for _, other := range a.Kind.others() {
		if other.id == id {
			return true
		}
	}
	return false
}

// checkOn refuses nodes that the action names and that there are not, or that it names
// twice.
func (a *Action) checkOn(r *report, path string, m *Mesh) {
	seen := map[string]string{}
	if key := path + ".node"; !r.touches(key) {
		m.checkIDs(r, key, []string{a.Node})
		seen[a.Node] = "node"
	}
	if a.Kind == nil {
		return
	}
	for _, other := range a.Kind.others() {
		key := joinKey(path, other.key)
		if r.touches(key) {
			continue
		}
		m.checkIDs(r, key, []string{other.id})
		if before, taken := seen[other.id]; taken {
			r.add(key, other.id, "is %s too; allowed: another node", before)
		}
		seen[other.id] = other.key
	}
}
