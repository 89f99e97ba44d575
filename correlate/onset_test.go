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
