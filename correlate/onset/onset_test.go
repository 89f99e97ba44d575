package onset

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func TestBinsHoldTheirInstant(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 7, 0, time.UTC)
	v := &Finder{Evidence: &gathered.Evidence{Survey: evidence.Window{Start: end.Add(-time.Hour), End: end}}}
	for _, offset := range []time.Duration{-time.Hour, -weights.Default().Onset.Bin, -1, 0, 1, weights.Default().Onset.Bin - 1, weights.Default().Onset.Bin, 24 * time.Hour, 24*time.Hour + 1} {
		at := end.Add(offset)
		start := v.binStart(at, weights.Default().Onset.Bin)
		if at.Before(start) || !at.Before(start.Add(weights.Default().Onset.Bin)) {
			t.Errorf("instant %v from the end: got a bin from %v to %v from it", offset, start.Sub(end), start.Add(weights.Default().Onset.Bin).Sub(end))
		}
	}
}

func TestAnOnsetNeedsSomethingNormalBeforeIt(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	v := &Finder{Evidence: &gathered.Evidence{Survey: evidence.Window{Start: end.Add(-10 * time.Minute), End: end}}}
	v.Suspect = v.Evidence.Survey
	var samples []evidence.Sample
	for at := end.Add(-8 * time.Minute); !at.After(end); at = at.Add(5 * time.Second) {
		value := 0.0 // a rate before its window is full
		switch since := at.Sub(end.Add(-8 * time.Minute)); {
		case at.After(end.Add(-time.Minute)):
			value = 49
		case since > 35*time.Second:
			value = 40 + 0.1*float64(at.Second()%3)
		}
		samples = append(samples, evidence.Sample{Time: at, Value: value})
	}
	got, ok := v.search(track{from: "alerting series", samples: samples})
	if want := end.Add(-time.Minute); !ok || got.at.Sub(want).Abs() > 10*time.Second {
		t.Errorf("got %v, %v; want about %v, a minute before the end", got.at, ok, want)
	}
}

// entries are requests that reach the gateway, a second apart, from ten minutes
// before the end on, each passed on to the service that to names.
func entries(end time.Time, to func(i int) (service string, took time.Duration)) *gathered.Evidence {
	c := &gathered.Evidence{Alerting: []string{"gateway"}}
	for i := range 600 {
		at := end.Add(-10*time.Minute + time.Duration(i)*time.Second)
		service, took := to(i)
		id := casetest.TraceID(i)
		c.Traces = append(c.Traces, gathered.Trace{Sampled: true, Trace: evidence.Trace{ID: id, Spans: []evidence.Span{
			{TraceID: id, SpanID: "1", Service: "gateway", Operation: "/*", Start: at, Duration: took},
			{TraceID: id, SpanID: "2", ParentID: "1", Service: service, Operation: "serve", Start: at, Duration: took},
		}}})
	}
	return c
}

func TestAChangedMixOfRequestsIsNoOnset(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	v := &Finder{Evidence: &gathered.Evidence{Survey: evidence.Window{Start: end.Add(-10 * time.Minute), End: end}}}
	v.Evidence.FiredAt, v.Suspect = end, v.Evidence.Survey
	mixed := entries(end, func(i int) (string, time.Duration) {
		if i > 450 || i%5 == 0 { // reports are slow, and of late nothing else is asked for
			return "reports", time.Duration(900+i%7) * time.Millisecond
		}
		return "cart", time.Duration(20+i%3) * time.Millisecond
	})
	if got, ok := v.strongest(v.traceTracks(mixed, mixed.Alerting)); ok {
		t.Errorf("got an onset at %v of requests that all take as long as ever", got.At)
	}
}

func TestAnOnsetShowsInTheSlowSharesOfRequests(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	v := &Finder{Evidence: &gathered.Evidence{Survey: evidence.Window{Start: end.Add(-10 * time.Minute), End: end}}}
	v.Evidence.FiredAt, v.Suspect = end, v.Evidence.Survey
	some := entries(end, func(i int) (string, time.Duration) {
		if i > 420 && i%3 == 0 { // a third of them; the median stays
			return "cart", 2 * time.Second
		}
		return "cart", time.Duration(20+i%3) * time.Millisecond
	})
	got, ok := v.strongest(v.traceTracks(some, some.Alerting))
	if want := end.Add(-3 * time.Minute); !ok || got.At.Sub(want).Abs() > 30*time.Second {
		t.Errorf("got %v, %v; want about %v", got.At, ok, want)
	}
}

func TestOfClearAndLastingDeparturesTheEarliestIsTheOnset(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	early, worst := shift{at: at, z: 8, lasting: true}, shift{at: at.Add(time.Minute), z: 80, lasting: true}
	if !early.outdoes(worst, 6) || worst.outdoes(early, 6) {
		t.Error("want the earlier of two clear ones")
	}
	if faint := (shift{at: at, z: 4, lasting: true}); faint.outdoes(worst, 6) || !worst.outdoes(faint, 6) {
		t.Error("want the clear one, not a faint one before it")
	}
	if passing := (shift{at: at, z: 80}); passing.outdoes(early, 6) {
		t.Error("want the one that lasts")
	}
}
