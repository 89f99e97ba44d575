package correlate

import (
	"context"
	"fmt"
	"sync"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// investigation is one request on its way through the steps.
type investigation struct {
	*asker
	sources Sources
	options Options
	req     Request
	names   *namer

	said sync.Mutex // one progress call at a time

	symptom  symptom
	span     evidence.Window // everything that is asked about: look-back and incident
	gathered gathered
	warnings []string
}

func newInvestigation(s Sources, o Options, req Request) *investigation {
	return &investigation{
		asker: o.asker(), sources: s, options: o, req: req,
		names: newNamer(o.Names.Aliases, req.Candidates),
	}
}

// progress tells the caller how far the investigation is.
func (v *investigation) progress(p Progress) {
	if v.req.Progress == nil {
		return
	}
	v.said.Lock()
	defer v.said.Unlock()
	v.req.Progress(p)
}

func (v *investigation) warn(format string, args ...any) {
	v.warnings = append(v.warnings, fmt.Sprintf(format, args...))
}

// collect runs every step that asks the world. Its error is the caller's
// context's: its own deadline only ends the asking.
func (v *investigation) collect(parent context.Context) (*Case, error) {
	ctx, cancel := context.WithTimeout(parent, v.options.Deadline)
	defer cancel()
	// What is behind the suspects is on this machine and quick, and must not go
	// unasked because a backend hangs.
	telemetry, done := context.WithTimeout(ctx, v.options.Deadline*3/4)
	defer done()
	v.progress(Progress{Stage: "resolve"})
	v.resolve(telemetry)
	v.progress(Progress{Stage: "window"})
	v.span = v.surveyWindow()
	v.progress(Progress{Stage: "gather"})
	v.survey(telemetry)
	c := v.newCase()
	v.progress(Progress{Stage: "join"})
	v.join(c)
	v.progress(Progress{Stage: "changes"})
	remember := func() {}
	v.together(
		func() { remember = v.earlierDays(telemetry, c) },
		func() {
			v.changes(ctx, c)
			v.code(ctx, c)
		},
	)
	remember()
	c.Coverage = v.ledger.coverage(v.sources.Recorded)
	c.Warnings = v.warnings
	if len(v.gathered.traces) > 0 {
		c.WithoutTraces = v.withoutTraces(c)
	}
	return c, parent.Err()
}
