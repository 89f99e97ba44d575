package correlate

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
)

// slowCode is a code source that is busy: it takes longer than a backend may.
type slowCode struct{ *casetest.World }

func (s slowCode) Commits(ctx context.Context, q evidence.CommitQuery) ([]evidence.Commit, error) {
	select {
	case <-time.After(120 * time.Millisecond):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.World.Commits(ctx, q)
}

func TestABusyCodeSourceIsWaitedFor(t *testing.T) {
	synctest.Test(t, busyCode)
}

func busyCode(t *testing.T) {
	w := casetest.NewWorld()
	s := w.Sources()
	s.Code = slowCode{w}
	r, err := New(s, gather.Options{Deadline: 20 * time.Second, SourceDeadline: 40 * time.Millisecond}).Investigate(t.Context(), w.Request())
	if err != nil {
		t.Fatal(err)
	}
	if !covered(r, "code", evidence.CoverageAnswered) || covered(r, "code", evidence.CoverageFailed) {
		t.Errorf("got coverage %s, want the code answered", casetest.AsJSON(t, r.Coverage))
	}
}
