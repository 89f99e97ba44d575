package correlate

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestBinsHoldTheirInstant(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 7, 0, time.UTC)
	v := &investigation{span: evidence.Window{Start: end.Add(-time.Hour), End: end}}
	for _, offset := range []time.Duration{-time.Hour, -binWidth, -1, 0, 1, binWidth - 1, binWidth, 24 * time.Hour, 24*time.Hour + 1} {
		at := end.Add(offset)
		start := v.binStart(at)
		if at.Before(start) || !at.Before(start.Add(binWidth)) {
			t.Errorf("instant %v from the end: got a bin from %v to %v from it", offset, start.Sub(end), start.Add(binWidth).Sub(end))
		}
	}
}

func TestAnOnsetNeedsSomethingNormalBeforeIt(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	v := &investigation{span: evidence.Window{Start: end.Add(-10 * time.Minute), End: end}}
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
