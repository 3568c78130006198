//go:build !planted

package planted

// That Bug is a constant is what makes hooks cost nothing: this compiles for no other.
const _ = Bug
