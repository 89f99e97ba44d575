package bundle

import (
	"context"
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// CountLines counts the recorded lines of a query as Loki does: at each point of the
// grid those since one step before it. A recording that was cut cannot be counted.
func (b *Bundle) CountLines(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Sample, error) {
	if w.Duration() <= 0 || step <= 0 {
		return nil, fmt.Errorf("count lines: the window is empty: %w", evidence.ErrInvalid)
	}
	if err := b.replay(ctx, SourceLogs, expr); err != nil {
		return nil, err
	}
	for _, c := range b.coverage {
		if c.Source == SourceLogs && c.Status == evidence.CoverageTruncated {
			return nil, fmt.Errorf("count lines: the recording holds not all of them: %w", evidence.ErrUnsupported)
		}
	}
	all, err := b.logLines()
	if err != nil {
		return nil, err
	}
	keep, err := parseLogQL(expr)
	if err != nil {
		return nil, err
	}
	var list []evidence.Sample
	for i := range all { // in order of time
		since := all[i].Time.Sub(w.Start.Add(-step))
		if since <= 0 || all[i].Time.After(w.End) || !keep(&all[i]) {
			continue
		}
		at := w.Start.Add((since - 1) / step * step) // a point's own lines are its
		if n := len(list); n > 0 && list[n-1].Time.Equal(at) {
			list[n-1].Value++
			continue
		}
		list = append(list, evidence.Sample{Time: at, Value: 1})
	}
	return list, ctx.Err()
}
