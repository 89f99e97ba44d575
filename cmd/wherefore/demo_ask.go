package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// of is the recording that an incident is answered from.
func (r *recordings) of(incident string) (recording, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x, known := r.byIncident[incident]
	return x, known
}

// accepts takes an alert or a question that one of the recordings can answer,
// and refuses others with evidence.ErrInvalid and what could be asked instead.
func (r *recordings) accepts(ctx context.Context, a evidence.Alert) error {
	id := a.IncidentID()
	if _, known := r.of(id); known {
		return nil
	}
	x, err := r.about(ctx, a)
	if err != nil {
		return err
	}
	x.request.Alert, x.request.Now = a, backend.AsOf(a, evidence.Window{}, x.request.Now)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byIncident[id] = x
	return nil
}

// about finds the recording that has a trace, or was made when one of a group's
// alerts started.
func (r *recordings) about(ctx context.Context, a evidence.Alert) (recording, error) {
	if a.TraceID != "" {
		for _, id := range r.order {
			x, _ := r.of(id)
			if _, err := x.sources.Traces.Trace(ctx, a.TraceID); err == nil {
				return x, nil
			}
		}
		return recording{}, fmt.Errorf("the demonstration has no sources but its recordings, and none has the trace %s: %w", a.TraceID, evidence.ErrInvalid)
	}
	var nearest recording
	least := time.Duration(math.MaxInt64)
	for _, id := range r.order {
		x, _ := r.of(id)
		w := x.recorded()
		for _, i := range a.Instances {
			if away := max(w.Start.Sub(i.StartsAt), i.StartsAt.Sub(w.End)); away < least {
				nearest, least = x, away
			}
		}
	}
	if least < 0 {
		return nearest, nil
	}
	w := nearest.recorded()
	return recording{}, fmt.Errorf("the demonstration has no sources but its recordings, and the one nearest to that time is of %s to %s: %w",
		w.Start.UTC().Format(time.RFC3339), w.End.UTC().Format(time.RFC3339), evidence.ErrInvalid)
}

// recorded is the time that a recording is of.
func (x recording) recorded() evidence.Window {
	if b, ok := x.sources.Recorded.(*bundle.Bundle); ok {
		return b.Manifest().Data()
	}
	return evidence.Window{}
}
