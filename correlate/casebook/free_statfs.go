//go:build linux || darwin

package casebook

import (
	"math"
	"syscall"
)

// freeOn is how many bytes are free on the disk of a folder, for who is not root.
func freeOn(dir string) (bytes int64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil || s.Bsize <= 0 {
		return 0, false
	}
	blocks, size := uint64(s.Bavail), uint64(s.Bsize) //nolint:unconvert // their types are each system's own
	if blocks > math.MaxInt64/size {
		return math.MaxInt64, true
	}
	return int64(blocks * size), true
}
