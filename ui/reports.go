package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

// keptReports is how many decoded reports are kept: an incident is looked at
// by several people, and again and again.
const keptReports = 16

// decoded keeps reports that were decoded lately, found again by their bytes:
// the same bytes are the same report, so nothing here goes stale.
type decoded struct {
	mu   sync.Mutex
	kept []kept // oldest first
}

type kept struct {
	raw    []byte
	report *report.Report
}

// of decodes a report. What it returns is shared: read only.
func (d *decoded) of(raw []byte) (*report.Report, error) {
	d.mu.Lock()
	i := slices.IndexFunc(d.kept, func(k kept) bool { return bytes.Equal(k.raw, raw) })
	if i >= 0 {
		defer d.mu.Unlock()
		return d.kept[i].report, nil
	}
	d.mu.Unlock()
	rep := &report.Report{}
	if err := json.Unmarshal(raw, rep); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept = append(d.kept, kept{raw, rep}); len(d.kept) > keptReports {
		d.kept = slices.Delete(d.kept, 0, 1)
	}
	return rep, nil
}

// report reads one revision of an incident's report; 0 is the newest. What it
// returns is shared: read only.
func (s *server) report(ctx context.Context, id string, revision int) (*report.Report, []byte, error) {
	raw, err := s.Reports.Report(ctx, id, revision)
	if err != nil {
		return nil, nil, err
	}
	rep, err := s.decoded.of(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("read the report of %s: %w", id, err)
	}
	return rep, raw, nil
}
