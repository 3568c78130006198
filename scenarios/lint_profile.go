package scenarios

// lintProfiles warns of a loss or bandwidth that stands beside a recorded latency
// whose file has the same: the file's holds.
func (b *builder) lintProfiles(r *report) {
	s := b.scenario
	b.lintProfile(r, "link", s.Link, s.Link.Loss != 0, s.Link.Bandwidth != 0)
	for i := range s.Links {
		entry, merged := &s.Links[i], s.Link
		entry.apply(&merged)
		b.lintProfile(r, elementPath("links", i), merged, entry.Loss != nil && *entry.Loss != 0, entry.Bandwidth != nil && *entry.Bandwidth != 0)
	}
}

func (b *builder) lintProfile(r *report, place string, l Link, loss, bandwidth bool) {
	if !loss && !bandwidth {
		return
	}
	latency, err := b.mesh.latency(&MeshLink{Link: l})
	if err != nil {
		return
	}
	recordsLoss, recordsBandwidth := latency.Records()
	if loss && recordsLoss {
		r.warn(place+".loss", l.Loss, "is not used: the profile of its latency has a column loss")
	}
	if bandwidth && recordsBandwidth {
		r.warn(place+".bandwidth", l.Bandwidth, "is not used: the profile of its latency has a column bandwidth")
	}
}
