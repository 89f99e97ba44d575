package correlate

import (
	"context"
	"sync"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// investigation is one request on its way through the steps.
type investigation struct {
	sources Sources
	options Options
	req     Request

	mu       sync.Mutex // guards what follows while gathering
	coverage []evidence.Coverage
}

func newInvestigation(e *Engine, req Request) *investigation {
	return &investigation{sources: e.sources, options: e.options, req: req}
}

// progress tells the caller how far the investigation is.
func (v *investigation) progress(p Progress) {
	if v.req.Progress == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.req.Progress(p)
}

// collect runs every step that asks the world: resolve, window, gather, join,
// changes. Its error is the context's.
func (v *investigation) collect(ctx context.Context) (*Case, error) {
	c := &Case{Request: v.req}
	v.progress(Progress{Stage: "resolve"})
	return c, ctx.Err()
}
