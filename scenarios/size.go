package scenarios

import "meshsim/scenarios/world"

// maxSize bounds the application bytes of a message: 1 GiB.
const maxSize = 1 << 30

// Size is the application bytes of a message: a distribution from which each
// message draws. Write Bytes(200), or a kind, Size{ExponentialSize{500}}.
type Size struct{ Kind SizeKind }

// SizeKind is a kind of size: FixedSize, UniformSize, ExponentialSize or EmpiricalSize.
type SizeKind interface {
	// model is the distribution as the world knows it. Files are read through the
	// reader, which reports what is wrong with them.
	model(f *sampleReader) world.Size
}

// Bytes is the size that is always n.
func Bytes(n int64) Size { return Size{FixedSize{n}} }

// usualSize is that of messages of which nothing is said.
func usualSize() int64 {
	return schemas[typeOfTraffic].byKey["size"].fallback.Interface().(Size).Kind.(FixedSize).Bytes
}

// mean is about the mean of a size that needs no file.
func (s Size) mean() (int64, bool) {
	switch k := s.Kind.(type) {
	case FixedSize:
		return k.Bytes, true
	case UniformSize:
		return k.Min + (k.Max-k.Min)/2, true
	case ExponentialSize:
		return k.Mean, true
	}
	return 0, false
}

// FixedSize is always the same.
type FixedSize struct {
	Bytes int64 `toml:"bytes" required:"true" min:"0" max:"1073741824" doc:"of every message"`
}

// UniformSize is uniform from Min to Max, both included.
type UniformSize struct {
	Min int64 `toml:"min" required:"true" min:"0" max:"1073741824" doc:"least bytes"`
	Max int64 `toml:"max" required:"true" min:"0" max:"1073741824" doc:"most bytes"`
}

// ExponentialSize is exponential; what is above 1 GiB becomes that.
type ExponentialSize struct {
	Mean int64 `toml:"mean" required:"true" min:"1" max:"1073741824" doc:"bytes"`
}

// EmpiricalSize is one of the values in a file.
type EmpiricalSize struct {
	File string `toml:"file" required:"true" doc:"CSV with the header size and, optional, weight (an integer, default 1)"`
}

func (k UniformSize) check(r *report, path string) {
	if k.Max < k.Min {
		r.add(path+".max", k.Max, "is below min; allowed: at least %d", k.Min)
	}
}

func (k FixedSize) model(*sampleReader) world.Size { return world.FixedSize(k.Bytes) }
func (k UniformSize) model(*sampleReader) world.Size {
	return world.UniformSize{Min: k.Min, Max: k.Max}
}

func (k ExponentialSize) model(*sampleReader) world.Size {
	return world.ExponentialSize{Mean: k.Mean, Max: maxSize}
}
