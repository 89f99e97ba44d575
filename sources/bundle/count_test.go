package bundle_test

import (
	"errors"
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
