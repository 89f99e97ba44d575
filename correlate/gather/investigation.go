package gather

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/frames"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/topology"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// Investigation is one request on its way through the steps.
type Investigation struct {
	*ask.Asker
	sources port.Sources
	options Options
	req     gathered.Request
	names   *topology.Namer

	symptom  symptom
	span     evidence.Window // everything that is asked about: look-back and incident
	answers  answers
	warnings []string
	stacks   frames.Stacks // that the evidence holds
	// nodes are those in trouble, residents the workloads on them.
	nodes     map[string]bool
	residents []evidence.Edge
}

func New(s port.Sources, o Options, req gathered.Request) *Investigation {
	short := req.Waiting > 0
	if short {
		o = o.Short()
	}
	v := &Investigation{
		Asker: o.Asker(), sources: s, options: o, req: req,
		names: topology.NewNamer(o.Names.Aliases, req.Candidates),
	}
	if short {
		v.warn("This first look asked for little, for %s at most, since %d first reports waited; another look follows", o.Deadline, req.Waiting)
	}
	return v
}

// by is how evidence is chosen.
func (v *Investigation) by() *weights.Gather { return &weights.Or(v.options.Weights).Gather }

// progress tells the caller how far the investigation is.
func (v *Investigation) progress(p gathered.Progress) {
	if v.req.Progress != nil {
		v.req.Progress(p)
	}
}

func (v *Investigation) warn(format string, args ...any) {
	v.warnings = append(v.warnings, fmt.Sprintf(format, args...))
}

// Collect runs every step that asks the world. Its error is the caller's
// context's: its own deadline only ends the asking.
func (v *Investigation) Collect(parent context.Context) (*gathered.Evidence, error) {
	ctx, cancel := context.WithTimeout(parent, v.options.Deadline)
	defer cancel()
	v.Within(ctx)
	telemetry, done := context.WithTimeout(ctx, v.options.Deadline*time.Duration(v.by().Telemetry)/1000)
	defer done()
	v.progress(gathered.Progress{Stage: "resolve"})
	v.resolve(telemetry)
	v.progress(gathered.Progress{Stage: "window"})
	v.span = v.surveyWindow()
	v.progress(gathered.Progress{Stage: "gather"})
	v.survey(telemetry)
	v.keepHome()
	c := v.newCase()
	v.progress(gathered.Progress{Stage: "join"})
	v.join(c)
	v.progress(gathered.Progress{Stage: "changes"})
	addDays := func() {}
	v.Together(
		func() { addDays = v.earlierDays(telemetry, c) },
		func() {
			v.changes(ctx, c)
			v.profiles(ctx, c)
			v.code(ctx, c)
		},
	)
	addDays()
	// Last: what an incident costs must not take the time of what it comes from.
	c.Milestones = v.milestones(telemetry)
	sayWhatFailed(c)
	c.Coverage = v.Ledger.Coverage(v.sources.Recorded)
	c.Sources, c.Unknown, c.Flaws = v.standings(c), v.unknownNames(c), slices.Concat(flaws(c), v.unusable(), v.apart())
	c.Warnings = v.warnings
	if len(v.answers.traces) > 0 {
		c.WithoutTraces = v.withoutTraces(c)
	}
	return c, parent.Err()
}
