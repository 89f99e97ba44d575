package gather

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

// producers answers for any trace but one that was not sampled.
type producers struct {
	port.TraceSource
	mu    sync.Mutex
	asked []string
}

func (p *producers) Trace(_ context.Context, id string) (evidence.Trace, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, id)
	if id == casetest.TraceID(900) {
		return evidence.Trace{}, evidence.ErrNotFound
	}
	return evidence.Trace{ID: id, Spans: []evidence.Span{{TraceID: id, SpanID: "p", Service: "shop", Start: casetest.WorldNow, Kind: evidence.SpanProducer}}}, nil
}

// TestWhoProducedIsFetched has consumers that link to traces of which no sample
// holds any: a few of each are fetched, those behind failures first.
func TestWhoProducedIsFetched(t *testing.T) {
	source := &producers{}
	v := New(port.Sources{Traces: source}, Options{}.WithDefaults(), casetest.NewWorld().Request())
	v.span = v.surveyWindow()
	pool := &tracePool{byID: map[string]*sampledTrace{}}
	consume := func(n int, service string, failed bool, links ...int) {
		s := evidence.Span{TraceID: casetest.TraceID(n), SpanID: "c", Service: service, Kind: evidence.SpanConsumer, Start: casetest.WorldNow.Add(-time.Minute), Failed: failed}
		for _, l := range links {
			s.Links = append(s.Links, evidence.SpanLink{TraceID: casetest.TraceID(l), SpanID: "p"})
		}
		pool.byID[s.TraceID] = &sampledTrace{Trace: evidence.Trace{ID: s.TraceID, Spans: []evidence.Span{s}}, unbiased: true}
	}
	for n := range 20 {
		consume(n, "mailer", false, 100+n)
	}
	consume(30, "ledger", true, 200, 900, 30)
	for n := range 6 {
		consume(40+n, fmt.Sprint("worker", n), false, 300+2*n, 301+2*n)
	}
	v.tracesBehindLinks(t.Context(), pool)
	of := func(from, to int) (n int) {
		for i := from; i < to; i++ {
			if slices.Contains(source.asked, casetest.TraceID(i)) {
				n++
			}
		}
		return n
	}
	if len(source.asked) != mostNamed || of(200, 201) != 1 || of(900, 901) != 1 || of(30, 31) != 0 || of(100, 120) > mostLinked {
		t.Errorf("asked for %d traces: %d of the mailer's, the failing ones' %d", len(source.asked), of(100, 120), of(200, 201))
	}
	if got := pool.byID[casetest.TraceID(200)]; got == nil || got.unbiased || got.wanted {
		t.Errorf("the producer's trace: got %+v, want one that is counted into no share", got)
	}
	if pool.byID[casetest.TraceID(900)] != nil {
		t.Error("a trace that was never sampled is among those read")
	}
}
