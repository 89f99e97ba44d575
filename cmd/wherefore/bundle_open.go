package main

import (
	"context"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// openBundle makes a bundle into everything that an engine reads from and the
// request that its alert makes. The engine sees nothing later than the end of
// the bundle's incident window, else than the alert. The caller ends it with
// done.
func openBundle(_ context.Context, path string) (s correlate.Sources, req correlate.Request, done func() error, err error) {
	b, err := bundle.Open(path)
	if err != nil {
		return s, req, nil, err
	}
	m := b.Manifest()
	req = correlate.Request{Alert: b.Alert(), Now: arrival(b), Revision: 1, Reference: m.Reference, Candidates: m.Entities}
	b.Until(req.Now)
	s = correlate.Sources{
		Traces: b, Graph: b, Logs: b, Metrics: b, Exemplars: b, Rules: b,
		Changes: []correlate.ChangeSource{b}, Code: b, Decisions: b,
	}
	return s, req, b.Close, nil
}

// arrival is the instant up to which a replay may look.
func arrival(b *bundle.Bundle) time.Time {
	if w, ok := b.Manifest().Windows["incident"]; ok && !w.End.IsZero() {
		return w.End
	}
	if fired := b.Alert().FiredAt(); !fired.IsZero() {
		return fired
	}
	return b.Manifest().Data().End
}
