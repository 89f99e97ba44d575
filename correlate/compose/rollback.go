package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// shownOthers is how many commits that would go back too are named.
const shownOthers = 2

// rollbackOf chooses the rollback from the first cause; nil without a cause.
func rollbackOf(b *Basis) *report.Rollback {
	if len(b.Causes) == 0 {
		return nil
	}
	first, c := &b.Causes[0], b.Evidence
	k := rollback.Case{Service: first.Entity.Name, Trigger: first.Trigger, Decisions: c.Links}
	for i := range c.Changes {
		ch := &c.Changes[i]
		if ch.Service == "" || ch.Service == first.Entity.Name {
			k.Changes = append(k.Changes, *ch)
		}
		if ch.ID == first.Change && first.Change != "" {
			k.Change = ch
		}
	}
	if _, blamed := first.Commit(); blamed && b.Suspects.Commit != nil {
		k.Commit, k.Switch = b.Suspects.Commit, first.Commits[0].RuleID() == "feature-default"
		k.Shipped = releasedWithOthers(b)
	}
	if d := releaseOf(c, first); d != nil {
		k.Good, k.Now, k.Between, k.Counted, k.Since = d.From, d.To, d.Commits, d.CommitsKnown, d.Change.Time
	}
	if d := planOf(c, first); d != nil {
		k.Plan, k.Verify, k.Source = d.How.Rollback, d.How.Verify, d.ID
	}
	r := rollback.Choose(k)
	r.Readiness = readiness(c, &r)
	r.Reason, r.Refused = wording.Say("rollback/reason", r.Reason), wording.Say("rollback/refused", r.Refused)
	for i := range r.RuledOut {
		r.RuledOut[i].Why = wording.Say("rollback/ruled-out", r.RuledOut[i].Why)
	}
	if r.Target != nil {
		r.Target.Unknown = wording.Say("rollback/unknown", r.Target.Unknown)
		r.Target.Compacted = wording.Say("rollback/compacted", r.Target.Compacted)
	}
	return &r
}

// readiness is how far a recorded plan can be trusted, by the trials in the newest
// version of its record, and by the incident's own where it was taken; nil without a
// plan. A record that does not stand any more has none: its plan is not to be used.
func readiness(c *gathered.Evidence, r *report.Rollback) *report.Readiness {
	if r.Source == "" {
		return nil
	}
	d, ok := c.Newest[r.Source]
	if !ok {
		at := slices.IndexFunc(c.Decisions, func(d evidence.Decision) bool { return d.ID == r.Source })
		if at < 0 {
			return nil
		}
		d = c.Decisions[at]
	}
	if d.Deleted || d.SupersededBy != "" || slices.Contains([]string{"superseded", "deprecated", "rejected"}, d.Status) {
		return nil
	}
	trials := rollback.Trials(d.How.Drills)
	if b := recovery(c); b != nil && r.Target != nil && b.Service == r.Target.Service && b.Verdict != report.RecoveryOpen {
		trials = append(trials, rollback.Trial{At: b.Started, Seconds: b.Seconds, Failed: b.Verdict == report.NotRecovered, Real: true})
	}
	seen := rollback.Telemetry{}
	if t, ok := c.Tried[d.ID]; ok {
		if seen = rollback.Seen(t.Metrics, t.Window, t.Kept); t.Failed != "" {
			seen = rollback.Telemetry{Detail: t.Failed}
		}
		seen.Span = t.Operation
	}
	out := rollback.Ready(trials, d.How.Rollback["idempotency_guard"], seen, c.Incident.End)
	for _, a := range []*report.Answer{&out.Timely, &out.Idempotent, &out.Observable} {
		a.Because = wording.Say("rollback/ready", a.Because)
	}
	return &out
}

// releaseOf is the deployment of the blamed service that brought the blamed
// commit, else its newest one before the incident's end; nil for none.
func releaseOf(c *gathered.Evidence, first *report.Cause) *gathered.Deployment {
	sha := report.SuspectCommit(first)
	var newest *gathered.Deployment
	for i := range c.Deployments {
		d := &c.Deployments[i]
		if d.Service != first.Entity.Name || d.Change.Time.After(c.Incident.End) {
			continue
		}
		if sha != "" && slices.ContainsFunc(d.Commits, func(k evidence.Commit) bool { return k.SHA == sha }) {
			return d
		}
		if newest == nil || d.Change.Time.After(newest.Change.Time) {
			newest = d
		}
	}
	return newest
}

// carriedOut splits a part of a plan into what can be copied and run and what a
// person reads.
func carriedOut(text string) (command, words string) {
	var commands, rest []string
	for _, s := range rollback.Steps(text) {
		if s.Kind == report.StepCommand {
			commands = append(commands, s.Text)
		} else {
			rest = append(rest, s.Text)
		}
	}
	return strings.Join(commands, "\n"), strings.Join(rest, "; ")
}

// sayWayBack says the first move that goes back by where it goes, which a plan in
// words leaves open, and adds what else goes with it and what forbids it.
func sayWayBack(actions []report.Action, r *report.Rollback) {
	if r == nil {
		return
	}
	kind := map[string]string{report.RollbackBinary: remedyRollback, report.RollbackConfig: remedyConfig}[r.Kind]
	at := slices.IndexFunc(actions, func(a report.Action) bool { return a.Kind == kind })
	if kind == "" || at < 0 {
		return
	}
	var notes []string
	note := func(text string) { notes = append(notes, wording.Say("action/back", text)) }
	if title := backTo(r); title != "" {
		if actions[at].Plan != "" {
			note("the plan says: " + actions[at].Plan)
		}
		actions[at].Title = wording.Say("action/"+kind, title)
	}
	if len(r.With) > 0 {
		var list []string
		for _, k := range r.With {
			list = append(list, "“"+k.Subject+"”")
		}
		note(wording.Counted(len(list), "other commit") + " of the release would go back with it: " + wording.Listed(list, shownOthers))
	}
	if r.Refused != "" {
		note("not as it stands: " + r.Refused)
	}
	actions[at].Freshness = append(actions[at].Freshness, notes...)
}

// backTo is a move back by its target; empty where that is not known.
func backTo(r *report.Rollback) string {
	t := r.Target
	switch {
	case t == nil || t.To == "" || t.Service == "":
		return ""
	case r.Kind == report.RollbackBinary && t.From != "":
		return fmt.Sprintf("Roll %s back from %s to %s", t.Service, evidence.ShortRevision(t.From), evidence.ShortRevision(t.To))
	case r.Kind == report.RollbackBinary:
		return fmt.Sprintf("Roll %s back to %s", t.Service, evidence.ShortRevision(t.To))
	case r.Kind == report.RollbackConfig && t.Of != "" && t.From != "":
		return fmt.Sprintf("Set %s of %s back to %s, from %s", t.Of, t.Service, t.To, t.From) // a phone cuts the end
	}
	return ""
}
