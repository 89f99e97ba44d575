package correlate

import (
	"context"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// slowCode is a code source that is busy: it takes longer than a backend may.
type slowCode struct{ *world }

func (s slowCode) Commits(ctx context.Context, q evidence.CommitQuery) ([]evidence.Commit, error) {
	select {
	case <-time.After(120 * time.Millisecond):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.world.Commits(ctx, q)
}

func TestABusyCodeSourceIsWaitedFor(t *testing.T) {
	w := newWorld()
	s := w.sources()
	s.Code = slowCode{w}
	r, err := New(s, Options{Deadline: 20 * time.Second, SourceDeadline: 40 * time.Millisecond}).Investigate(t.Context(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	if !covered(r, "code", evidence.CoverageAnswered) || covered(r, "code", evidence.CoverageFailed) {
		t.Errorf("got coverage %s, want the code answered", asJSON(t, r.Coverage))
	}
}
