package loki

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/grafana/loki/v3/pkg/loghttp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// anyLimit is a limit of lines, which Loki asks for and heeds for no count.
const anyLimit = 1

// CountLines lets Loki count the lines of a query.
func (c *Client) CountLines(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Sample, error) {
	call := fmt.Sprintf("loki count of %.80q", expr)
	if w.Duration() <= 0 || step <= 0 {
		return nil, fmt.Errorf("%s: the window is empty: %w", call, evidence.ErrInvalid)
	}
	data, err := c.ranged(ctx, call, counted(expr, step), w, anyLimit, step)
	if err != nil {
		return nil, err
	}
	matrix, ok := data.Result.(loghttp.Matrix)
	if !ok {
		return nil, endpoint.Failure(ctx, call, fmt.Errorf("%w: the query gives no counts", evidence.ErrInvalid))
	}
	var list []evidence.Sample
	for _, s := range matrix {
		for _, v := range s.Values {
			if f := float64(v.Value); math.IsNaN(f) || math.IsInf(f, 0) || f < 0 {
				evidence.Lose(ctx, evidence.LostNumbers, "")
				continue
			}
			list = append(list, evidence.Sample{Time: v.Timestamp.Time().UTC(), Value: float64(v.Value)})
		}
	}
	slices.SortFunc(list, func(a, b evidence.Sample) int { return a.Time.Compare(b.Time) })
	return list, nil
}

// counted is the LogQL of how many lines a query gives in each step. A parser's
// error on a line would fail the whole of it, where the query for lines has the line.
// The query may end in a comment, which its line ends.
func counted(expr string, step time.Duration) string {
	return fmt.Sprintf("sum(count_over_time(%s\n| drop __error__, __error_details__ [%dms]))", expr, step.Milliseconds())
}
