package bundle

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// CountLines counts the recorded lines of a query as Loki does: at each point of the
// grid those since one step before it. A recording that is not whole cannot be counted,
// and a count that failed when it was recorded is no count.
func (b *Bundle) CountLines(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Sample, error) {
	if w.Duration() <= 0 || step <= 0 {
		return nil, fmt.Errorf("count lines: the window is empty: %w", evidence.ErrInvalid)
	}
	if err := b.replay(ctx, SourceLogs, expr); err != nil {
		return nil, err
	}
	if err := b.wholeLogs(w); err != nil {
		return nil, err
	}
	all, err := b.logLines()
	if err != nil {
		return nil, err
	}
	keep, err := parseLogQL(strings.TrimSpace(expr))
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

// wholeLogs fails where not all lines of a window were recorded. What the recorder
// says of its own questions has no topic; what an investigation asked besides may have
// been cut, and its lines are there all the same.
func (b *Bundle) wholeLogs(w evidence.Window) error {
	for _, c := range b.coverage {
		if c.Source != SourceLogs {
			continue
		}
		if c.Key == evidence.TopicMilestones && c.Status == evidence.CoverageFailed {
			return unavailable(SourceLogs, c.Detail)
		}
		within := c.Window.Duration() <= 0 || c.Window.Start.Before(w.End) && w.Start.Before(c.Window.End)
		short := c.Status == evidence.CoverageTruncated || c.Status == evidence.CoverageFailed ||
			slices.ContainsFunc(c.Missing, func(m evidence.Window) bool { return m.Start.Before(w.End) && w.Start.Before(m.End) })
		if c.Key == "" && within && short {
			return fmt.Errorf("count lines: the recording holds not all of them: %w", evidence.ErrUnsupported)
		}
	}
	return nil
}
