package compose

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/errorclass"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/suspect"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Basis is what a report is made of.
type Basis struct {
	Evidence *gathered.Evidence
	// Group is the whole notification, of which the evidence holds what is present.
	Group evidence.Alert
	// Causes are ranked, each with its commits, what set it off and how sure that is.
	Causes   []report.Cause
	Suspects suspect.Summary
	Verdict  report.Verdict
	// Outweighed are the candidates that more speaks against than for.
	Outweighed []report.Finding
	Decisions  []report.DecisionView
	// Engine is the engine's version, Weights that of the weights.
	Engine, Weights string
	// Owners name who is responsible, by entity.
	Owners map[string]string
	// Classes says what errors mean for the promises.
	Classes *errorclass.Classifier
}

// Report says what the case and its causes amount to.
func Report(b Basis) report.Report {
	c, causes, a := b.Evidence, b.Causes, b.Evidence.Request.Alert
	r := report.Report{
		Version: report.ReportVersion, Engine: b.Engine, Weights: b.Weights, Revision: c.Request.Revision,
		Incident: b.Group.IncidentID(), Alert: b.Group, State: cmp.Or(a.Status, evidence.StatusFiring), FiredAt: c.FiredAt.UTC(),
		Severity: a.Label("severity"), Service: c.Service, Onset: c.Onset, Window: c.Incident, Baseline: c.Lookback(),
		Causes: causes, Ranked: ranked(causes), Warnings: sayEach("warning", c.Warnings),
		Verdict: b.Verdict, Decisions: b.Decisions, Coverage: c.Coverage, Sources: c.Sources, Unknown: c.Unknown,
	}
	r.Owner = owner(b.Owners, a, r.Service, causes)
	r.Impact = impact(c, b.Suspects.Hit)
	r.Impact.Services = b.Suspects.Suffering
	r.Impact.Path = failurePath(c, causes, r.Service)
	blamed := ""
	if len(causes) > 0 {
		blamed = causes[0].Entity.Name
	}
	r.Impact.Milestones = milestones(c, blamed)
	sayMilestones(&r.Impact)
	r.Signals = goldenSignals(c, causes)
	r.Trace = traceView(c, causes)
	r.Failures, r.Impact.Errors = failures(c, causes, r.Trace, b.Classes)
	r.Impact.Facts = append(r.Impact.Facts, classFacts(r.Impact.Errors)...)
	r.Map = serviceMap(c, b.Suspects.Way, causes, r.Impact.Services)
	r.Changes = changeViews(c, causes, b.Suspects.Untouched)
	r.Actions = append(plannedActions(c, causes), actionsFor(&b)...)
	r.Rollback = rollbackOf(&b)
	sayWayBack(r.Actions, r.Rollback)
	r.Recovery = recovery(c)
	r.Code = codeViews(c, causes)
	r.Profiles = profileViews(c, causes)
	r.Timeline = timeline(c, causes, r.Recovery)
	r.Gaps = gaps(c, causes)
	r.RuledOut = ruledOut(c, causes, b.Outweighed, b.Suspects.Untouched)
	r.NotChecked = notChecked(c)
	r.Title = wording.Say("title", title(&r, c))
	settleCalls(r.Coverage, r.Causes, r.Signals)
	return r
}

// ranked is every candidate once, by its best cause, in the causes' order.
func ranked(causes []report.Cause) []report.EntityScore {
	var list []report.EntityScore
	seen := map[string]bool{}
	for _, c := range causes {
		if !seen[c.Entity.Name] {
			seen[c.Entity.Name] = true
			list = append(list, report.EntityScore{Entity: c.Entity.Name, Score: c.Score})
		}
	}
	slices.SortStableFunc(list, func(a, b report.EntityScore) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Entity, b.Entity))
	})
	return list
}

// owner is who is responsible: for the blamed entity, else for the alerting
// one, by configuration or by the alert's own labels.
func owner(owners map[string]string, a evidence.Alert, service string, causes []report.Cause) string {
	if len(causes) > 0 {
		if o := owners[causes[0].Entity.Name]; o != "" {
			return o
		}
	}
	return cmp.Or(owners[service], a.Label("owner"), a.Label("team"))
}

// sayEach gives sentences of one kind as a report says them, in a list of their own.
func sayEach(id string, sentences []string) []string {
	var list []string
	for _, s := range sentences {
		list = append(list, wording.Say(id, s))
	}
	return list
}
