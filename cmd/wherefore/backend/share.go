package backend

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const (
	// sharedFor is how long an answer is given to who asks the same: longer than a
	// storm's first reports take, shorter than what a later look is for.
	sharedFor = time.Minute
	// mostShared bounds what is kept of all answers together, in spans, lines and
	// samples, and largestShared what of one.
	mostShared    = 200_000
	largestShared = 50_000
)

// shelf has the answers of one set of sources, which are one tenant's: the same
// question to the same source about the same window, asked again within sharedFor,
// is answered from it, and asked by two at once it is put once. A question that
// failed, and one whose answer left records out, is not answered for others. What is
// given out is a copy.
type shelf struct {
	now func() time.Time

	mu      sync.Mutex
	answers map[string]*answer
	order   []string // of those that are kept, oldest first
	size    int
}

// answer is one that is under way, until done is closed, or kept.
type answer struct {
	done  chan struct{}
	value any // nil when it is not for others
	size  int
	until time.Time
}

func newShelf(now func() time.Time) *shelf { return &shelf{now: now, answers: map[string]*answer{}} }

type uncachedKey struct{}

// Uncached has the questions of a context put whatever was answered before: somebody
// asked to look again.
func Uncached(ctx context.Context) context.Context {
	return context.WithValue(ctx, uncachedKey{}, true)
}

// kind says how answers of one type are copied and measured.
type kind[T any] struct {
	copied func(T) T
	size   func(T) int
}

// asked answers a question from the shelf, or has it put.
func asked[T any](ctx context.Context, s *shelf, k kind[T], question []any, put func(context.Context) (T, error)) (T, error) {
	key, err := json.Marshal(question)
	if err != nil || ctx.Value(uncachedKey{}) != nil {
		return put(ctx)
	}
	for {
		a, mine := s.take(string(key))
		if mine {
			return answered(ctx, s, k, string(key), a, put)
		}
		select {
		case <-a.done:
		case <-ctx.Done():
			return *new(T), ctx.Err()
		}
		if v, ok := a.value.(T); ok {
			return k.copied(v), nil
		}
		if ctx.Err() != nil {
			return *new(T), ctx.Err()
		}
	}
}

// answered puts a question and leaves the answer for others.
func answered[T any](ctx context.Context, s *shelf, k kind[T], key string, a *answer, put func(context.Context) (T, error)) (T, error) {
	defer s.leave(key, a) // also where it panics: nobody may wait for good
	ctx, lost := evidence.OverhearLosses(ctx)
	v, err := put(ctx)
	losses, _ := evidence.Clocks(lost.List()) // a clock that is off is said of every answer, and loses none
	if err == nil && len(losses) == 0 {
		a.value, a.size = k.copied(v), 1+k.size(v)
	}
	return v, err
}

// take gives the answer to a question, which is mine to put where there is none.
func (s *shelf) take(key string) (a *answer, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(func(a *answer) bool { return !s.now().Before(a.until) })
	if a = s.answers[key]; a != nil {
		return a, false
	}
	a = &answer{done: make(chan struct{})}
	s.answers[key] = a
	return a, true
}

// leave keeps an answer, makes room for it, and lets those go on who wait for it.
func (s *shelf) leave(key string, a *answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer close(a.done)
	if a.value == nil || a.size > largestShared {
		delete(s.answers, key)
		return
	}
	a.until = s.now().Add(sharedFor)
	s.order, s.size = append(s.order, key), s.size+a.size
	s.drop(func(*answer) bool { return s.size > mostShared })
}

// drop lets kept answers go, the oldest first, while a condition holds.
func (s *shelf) drop(while func(*answer) bool) {
	for len(s.order) > 0 && while(s.answers[s.order[0]]) {
		s.size -= s.answers[s.order[0]].size
		delete(s.answers, s.order[0])
		s.order = s.order[1:]
	}
}
