package access_test

import (
	"context"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// none is a store without an incident.
type none struct{}

func (none) Incidents(context.Context, casefile.IncidentFilter) ([]casefile.Incident, string, error) {
	return nil, "", nil
}

func (none) Facets(context.Context, casefile.IncidentFilter) ([]casefile.Facet, error) {
	return nil, nil
}

func (none) Incident(_ context.Context, id string) (casefile.Incident, error) {
	return casefile.Incident{}, fmt.Errorf("there is no incident %s: %w", id, evidence.ErrNotFound)
}

func (none) Report(_ context.Context, id string, _ int) ([]byte, error) {
	return nil, fmt.Errorf("there is no report of %s: %w", id, evidence.ErrNotFound)
}

func (none) Revisions(context.Context, string) ([]casefile.Revision, error) { return nil, nil }
