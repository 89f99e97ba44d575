package bundle_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// TestLinesAreCountedStepByStep with a point's own lines in its own step, as Loki has
// it, and refuses to count what was not all recorded.
func TestLinesAreCountedStepByStep(t *testing.T) {
	s := newSample()
	s.logs = nil
	for _, seconds := range []float64{-1, -.5, 0, .5, 1, 5} {
		s.logs = append(s.logs, evidence.LogLine{Time: at(seconds), Service: "pay", Body: "order paid"})
	}
	s.logs = append(s.logs, evidence.LogLine{Time: at(.7), Service: "pay", Body: "order not paid"})
	dir := t.TempDir()
	s.write(t, dir, bundle.Manifest{}, bundle.WriterOptions{})
	b := open(t, dir)
	w := evidence.Window{Start: at(0), End: at(4)}
	got, err := b.CountLines(t.Context(), `{service_name="pay"} |= "order paid"`, w, time.Second)
	want := []evidence.Sample{{Time: at(0), Value: 2}, {Time: at(1), Value: 2}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v and %v, want %v", got, err, want)
	}
	if _, err := b.CountLines(t.Context(), `rate({a="b"}[1m])`, w, time.Second); !errors.Is(err, evidence.ErrUnsupported) {
		t.Errorf("got %v, want that it is no query of lines", err)
	}
}

// TestOnlyAWholeRecordingIsCounted: what the recorder missed cannot be counted. What an
// investigation asked of it besides, or was told by another clock, takes no line away.
func TestOnlyAWholeRecordingIsCounted(t *testing.T) {
	w := evidence.Window{Start: at(0), End: at(4)}
	elsewhere := evidence.Window{Start: at(60), End: at(90)}
	for name, c := range map[string]struct {
		row  evidence.Coverage
		kind error
	}{
		"all":                            {evidence.Coverage{Status: evidence.CoverageAnswered, Window: w}, nil},
		"cut":                            {evidence.Coverage{Status: evidence.CoverageTruncated, Window: w}, evidence.ErrUnsupported},
		"cut elsewhere":                  {evidence.Coverage{Status: evidence.CoverageTruncated, Window: elsewhere}, nil},
		"part failed":                    {evidence.Coverage{Status: evidence.CoverageFailed, Window: w}, evidence.ErrUnsupported},
		"a minute is missing":            {evidence.Coverage{Status: evidence.CoverageAnswered, Window: w, Missing: []evidence.Window{w}}, evidence.ErrUnsupported},
		"an investigation's lines, cut":  {evidence.Coverage{Key: evidence.TopicLines, Status: evidence.CoverageTruncated, Window: w}, nil},
		"another clock dated them":       {evidence.Coverage{Key: evidence.TopicServerClock, Status: evidence.CoverageTruncated, Window: w}, nil},
		"the count failed when recorded": {evidence.Coverage{Key: evidence.TopicMilestones, Status: evidence.CoverageFailed, Window: w}, evidence.ErrUnavailable},
	} {
		c.row.Source, c.row.Query = bundle.SourceLogs, "lines"
		rows, err := json.Marshal([]evidence.Coverage{{Source: bundle.SourceLogs, Query: "others", Status: evidence.CoverageAnswered}, c.row})
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf(`{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"pay"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"%d","body":{"stringValue":"order paid"}}]}]}]}`, at(.5).UnixNano())
		dir := folder(t, map[string]string{"logs.jsonl": line + "\n", "coverage.json": string(rows)})
		got, err := open(t, dir).CountLines(t.Context(), ` {service_name="pay"} |= "order paid"`, w, time.Second)
		if !errors.Is(err, c.kind) || (err == nil) != (len(got) == 1) {
			t.Errorf("%s: got %v and %v, want %v", name, got, err, c.kind)
		}
	}
}
