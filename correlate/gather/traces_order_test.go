package gather

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// counting answers so many questions for traces, then none, and notes them all.
type counting struct {
	*casetest.World
	answers int
	mu      sync.Mutex
	asked   []string
}

func (c *counting) FindTraces(ctx context.Context, q evidence.TraceQuery) ([]evidence.Trace, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kind, side := "sample", "suspect"
	switch {
	case q.Tags["error"] != "":
		kind = "failing"
	case q.MinDuration > 0:
		kind = "slow"
	}
	if q.Window.Start.Before(casetest.WorldNow.Add(-Options{}.WithDefaults().OnsetBefore)) {
		side = "normal"
	}
	c.asked = append(c.asked, fmt.Sprintf("%s %s %s", q.Service, kind, side))
	if len(c.asked) > c.answers {
		return nil, false, fmt.Errorf("too many: %w", evidence.ErrUnavailable)
	}
	return c.World.FindTraces(ctx, q)
}

func (c *counting) Services(context.Context) ([]string, error) {
	return []string{"archive", "billing", "shop", "stock", "ware"}, nil
}

func (c *counting) Dependencies(context.Context, evidence.Window) ([]evidence.Edge, error) {
	return casetest.EdgesOf("shop>stock", "stock>ware", "billing>archive"), nil
}

// TestTheMostTellingTracesAreAskedForFirst stops answering after some questions: what
// is lost then is always the end of one and the same order.
func TestTheMostTellingTracesAreAskedForFirst(t *testing.T) {
	ask := func(answers int) (*counting, *Investigation) {
		c := &counting{World: casetest.NewWorld(), answers: answers}
		s := c.Sources()
		s.Traces, s.Graph = c, c
		o := Options{Concurrency: 1}.WithDefaults()
		v := New(s, o, c.Request())
		if _, err := v.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		return c, v
	}
	whole, _ := ask(1 << 20)
	want := []string{"shop failing suspect", "shop sample normal", "shop slow suspect", "shop sample suspect", "shop sample normal", "shop sample suspect"}
	if got := whole.asked[:len(want)]; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	first := func(service string) int {
		return slices.IndexFunc(whole.asked, func(q string) bool { return strings.HasPrefix(q, service+" ") })
	}
	last := func(service string) int {
		n := -1
		for i, q := range whole.asked {
			if strings.HasPrefix(q, service+" ") {
				n = i
			}
		}
		return n
	}
	if last("shop") > first("ware") || first("ware") < 0 || last("ware") > first("archive") || first("archive") < 0 {
		t.Errorf("got %q, want the alerting service, then whom calls join to it, then strangers", whole.asked)
	}
	for _, n := range []int{1, 3, 6} {
		cut, v := ask(n)
		if !slices.Equal(cut.asked[:n], whole.asked[:n]) {
			t.Errorf("after %d answers: got %q, want those of before, %q", n, cut.asked[:n], whole.asked[:n])
		}
		failed := slices.ContainsFunc(v.answers.traces, func(t sampledTrace) bool {
			return slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return s.Service == "shop" && s.Failed })
		})
		if !failed {
			t.Errorf("after %d answers no failing trace of the alerting service is known", n)
		}
	}
}
