package server

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock" // advisory locks between processes, on every system
)

// ClaimFolder makes the data folder this process's own for as long as it lives: two
// servers would hand the same investigations out twice. The kernel keeps the
// lock, so that a process that was killed leaves none behind.
func ClaimFolder(dir string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("data_dir: %w; name a folder that can be made", err)
	}
	lock := flock.New(filepath.Join(dir, "wherefore.lock"))
	held, err := lock.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("data_dir: %w; name a folder that can be written to", err)
	case !held:
		return nil, fmt.Errorf("data_dir %s is in use by another wherefore; stop that one, or give this one a folder of its own with data_dir or --data-dir", dir)
	}
	return lock, nil
}
