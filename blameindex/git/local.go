package git

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"
)

// localObjects remembers which objects a partial clone has. git would try to
// fetch one that it has not, and end where it must not.
type localObjects struct {
	mu    sync.Mutex
	sizes map[string]int64 // by object name
	read  time.Time
}

// localFor is how long what was read counts: somebody may fetch meanwhile.
const localFor = 30 * time.Second

// Local gives the size in bytes of every object that a partial clone has; nil
// for a clone that is not partial. The map is shared: read only.
func (r *Repo) Local(ctx context.Context) (map[string]int64, error) {
	if !r.Partial {
		return nil, nil
	}
	r.local.mu.Lock()
	known, fresh := r.local.sizes, time.Since(r.local.read) < localFor
	r.local.mu.Unlock() // not held while git runs: the next caller's context may end first
	if known != nil && fresh {
		return known, nil
	}
	out, err := r.run(ctx, longCall, nil, "cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch-check=%(objectname) %(objectsize)")
	if err != nil {
		return nil, err
	}
	sizes := map[string]int64{}
	for line := range strings.Lines(string(out)) {
		oid, size, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if n, err := strconv.ParseInt(size, 10, 64); err == nil {
			sizes[oid] = n
		}
	}
	r.local.mu.Lock()
	defer r.local.mu.Unlock()
	r.local.sizes, r.local.read = sizes, time.Now()
	return sizes, nil
}
