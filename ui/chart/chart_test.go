package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/chart"
)

func drawn(t *testing.T, c chart.Chart) string {
	t.Helper()
	svg, err := c.SVG()
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return svg
		} else if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
	}
}

func TestAChartHasItsAxesMarksAndNoInlineStyle(t *testing.T) {
	from := time.Date(2026, 11, 25, 23, 12, 10, 0, time.UTC)
	var samples []evidence.Sample
	for i := range 2 { // with a gap of two minutes between
		for j := range 10 {
			samples = append(samples, evidence.Sample{Time: from.Add(time.Duration(i*300+j*20) * time.Second), Value: float64(j) / 5})
		}
	}
	words := func(v float64, unit string) string { return map[float64]string{0: "0", 1: "1" + unit, 2: "<2/s>"}[v] }
	c, ok := chart.Of(report.Chart{Unit: "1/s", Samples: samples}, chart.Marks{Onset: from.Add(5 * time.Minute), Changes: []time.Time{from.Add(4 * time.Minute), from.Add(-time.Hour)},
		Incident: evidence.Window{Start: from.Add(5 * time.Minute), End: from.Add(time.Hour)}}, words)
	if !ok {
		t.Fatal("got no chart")
	}
	if usual, ok := c.Usual(); !ok || usual != .9 {
		t.Errorf("got usual %v, %v, want 0.9", usual, ok)
	}
	svg := drawn(t, c)
	for what, want := range map[string]int{
		`class="line"`: 2, `class="onset`: 1, `class="change`: 1, `class="window`: 2, "style=": 0, ">23:14<": 1, ">23:18<": 1, "&lt;2/s&gt;": 1, "9223372036854775": 0,
	} {
		if got := strings.Count(svg, what); got != want {
			t.Errorf("%s: got %d, want %d in %s", what, got, want, svg)
		}
	}
}

func TestChartsOfAnyLengthHaveAFewRoundTimes(t *testing.T) {
	from := time.Date(2026, 11, 25, 23, 12, 10, 0, time.UTC)
	for _, span := range []time.Duration{2 * time.Second, 40 * time.Second, 7 * time.Minute, 26 * time.Minute, 3 * time.Hour, 30 * time.Hour, 40 * 24 * time.Hour} {
		svg := drawn(t, chart.Chart{From: from, To: from.Add(span), Words: func(float64) string { return "v" }, Samples: []evidence.Sample{{Time: from}, {Time: from.Add(span)}}})
		if n := strings.Count(svg, "<text") - 5; n < 1 || n > 5 {
			t.Errorf("%s: got %d times", span, n)
		}
	}
}

func TestWhatCannotBeDrawnIsNoChart(t *testing.T) {
	at := time.Date(2026, 11, 25, 23, 12, 10, 0, time.UTC)
	for name, samples := range map[string][]evidence.Sample{
		"nothing": nil, "one sample": {{Time: at, Value: 1}}, "one time": {{Time: at, Value: 1}, {Time: at, Value: 2}},
		"nothing finite": {{Time: at, Value: math.NaN()}, {Time: at.Add(time.Minute), Value: math.Inf(1)}},
	} {
		if c, ok := chart.Of(report.Chart{Samples: samples}, chart.Marks{}, nil); ok {
			t.Errorf("%s: got %+v", name, c)
		}
	}
}
