//go:build !planted

package planted

// Bug is the bug that is in the program: none.
const Bug = None
