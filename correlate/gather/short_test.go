package gather_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

// allowed notes the longest time that a question was given, and answers none.
type allowed struct{ longest atomic.Int64 }

func (a *allowed) Logs(ctx context.Context, _ evidence.LogQuery) ([]evidence.LogLine, bool, error) {
	if end, ok := ctx.Deadline(); ok {
		for d := int64(time.Until(end)); ; {
			was := a.longest.Load()
			if d <= was || a.longest.CompareAndSwap(was, d) {
				break
			}
		}
	}
	return nil, false, nil
}

func TestManyWaitingGiveEachQuestionLessTime(t *testing.T) {
	fired := time.Date(2026, 3, 1, 2, 51, 7, 0, time.UTC)
	alert := evidence.Alert{Status: evidence.StatusFiring, Labels: map[string]string{"service": "shop"}, Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: fired, Labels: map[string]string{"service": "shop"}}}}
	for waiting, c := range map[int]struct {
		most, least time.Duration
		said        bool
	}{0: {4 * time.Second, time.Second, false}, 40: {time.Second, 0, true}} {
		a := &allowed{}
		got, err := gather.New(port.Sources{Logs: a}, gather.Options{}.WithDefaults(), gathered.Request{Alert: alert, Now: fired.Add(time.Minute), Waiting: waiting}).Collect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		longest := time.Duration(a.longest.Load())
		if longest > c.most || longest <= c.least {
			t.Errorf("%d waiting: a question was given %s, want more than %s and at most %s", waiting, longest, c.least, c.most)
		}
		if said := strings.Contains(strings.Join(got.Warnings, "\n"), "40 first reports waited"); said != c.said {
			t.Errorf("%d waiting: got warnings %q", waiting, got.Warnings)
		}
	}
}

func TestTheShortPlanIsNeverTheLonger(t *testing.T) {
	strict := gather.Options{Deadline: time.Second, SourceDeadline: time.Millisecond, Caps: gather.Caps{TracesPerService: 1, LinesPerService: 1, Series: 1, Services: 1, Frames: 1, Commits: 1}}.WithDefaults()
	if got := strict.Short(); got.Deadline != strict.Deadline || got.SourceDeadline != strict.SourceDeadline || got.Caps != strict.Caps {
		t.Errorf("got %+v, want no limit above %+v", got, strict)
	}
}
