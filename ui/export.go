package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// report reads one revision of an incident's report; 0 is the newest.
func (s *server) report(ctx context.Context, id string, revision int) (correlate.Report, error) {
	var rep correlate.Report
	raw, err := s.Reports.Report(ctx, id, revision)
	if err != nil {
		return rep, err
	}
	if err := json.Unmarshal(raw, &rep); err != nil {
		return rep, fmt.Errorf("read the report of %s: %w", id, err)
	}
	return rep, nil
}

func (s *server) export(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, fmt.Errorf("export: %w", evidence.ErrUnsupported))
}
