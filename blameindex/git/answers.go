package git

import (
	"context"
	"strings"
	"sync"
	"time"
)

// answers remembers what git printed about objects named by their full names:
// an investigation asks for the same few commits and files again and again, and
// starting a git costs more than most of its answers.
type answers struct {
	mu    sync.Mutex
	by    map[string]answered
	bytes int
}

type answered struct {
	out []byte
	at  time.Time
}

// An answer counts for answerFor: a fetch may bring what a shallow or damaged
// repository lacked. All are dropped when there are more than answerBytes.
const (
	answerFor   = 30 * time.Second
	answerBytes = 16 << 20
)

// ask is run for a question whose answer only depends on objects that args name
// in full. The answer is shared: read only. Failures are not remembered.
func (r *Repo) ask(ctx context.Context, limit time.Duration, args ...string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	key := strings.Join(args, "\x00")
	if out, ok := r.answers.get(key); ok {
		return out, nil
	}
	out, err := r.run(ctx, limit, nil, args...)
	if err == nil && len(out) < answerBytes/8 {
		r.answers.put(key, out)
	}
	return out, err
}

// askAt is ask when commit is the full name of an object, else run.
func (r *Repo) askAt(ctx context.Context, commit string, limit time.Duration, args ...string) ([]byte, error) {
	if len(commit) == r.HashLen && isHex([]byte(commit)) {
		return r.ask(ctx, limit, args...)
	}
	return r.run(ctx, limit, nil, args...)
}

func (a *answers) get(key string) ([]byte, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.by[key]
	return known.out, ok && time.Since(known.at) < answerFor
}

func (a *answers) put(key string, out []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.bytes += len(key) + len(out); a.by == nil || a.bytes > answerBytes {
		a.by, a.bytes = map[string]answered{}, len(key)+len(out)
	}
	a.by[key] = answered{out, time.Now()}
}
