package compose

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// shownLater is how many later commits a plan names.
const shownLater = 3

// planPart is a part of a plan by its name in a record.
type planPart struct{ part, kind, title string }

// planParts are the parts of a rollback plan in the order in which they are
// carried out, with the remediation that each is.
var planParts = []planPart{
	{"config", remedyConfig, "Take the configuration back"},
	{"binary", remedyRollback, "Roll the binary back"},
	{"command", remedyRollback, "Roll back"},
	{"steps", remedyRollback, "Roll back"},
	{"database", remedyRollback, "Take the migration back"},
	{"down", remedyRollback, "Take the migration back"},
	{"reverse", remedyRollback, "Take the migration back"},
	{"migration", remedyRollForward, "Repair the migration"},
}

// plannedActions are the rollback plans of the decisions behind the first
// cause, with what speaks for or against their still fitting.
func plannedActions(c *gathered.Evidence, causes []report.Cause) []report.Action {
	if len(causes) == 0 {
		return nil
	}
	first := &causes[0]
	d := planOf(c, first)
	if d == nil {
		return nil
	}
	var list []report.Action
	for _, p := range planParts {
		if text := d.How.Rollback[p.part]; text != "" {
			command, words := carriedOut(text)
			title := fmt.Sprintf("%s on %s", p.title, first.Entity.Name)
			if words != "" {
				title += ": " + words
			}
			notes := freshness(c, d, first)
			if where := goesBackTo(command, lastGood(c, first)); where != "" {
				notes = append(notes, where)
			}
			list = append(list, report.Action{Kind: p.kind, Title: wording.Say("action/"+p.kind, title), Command: command, Plan: words, Source: d.ID, Freshness: notes})
		}
	}
	return list
}

// planOf is the decision whose plan is followed: the one that the blamed change
// names, else the most particular one behind the cause that has any; nil for none.
func planOf(c *gathered.Evidence, first *report.Cause) *evidence.Decision {
	var ids []string
	for i := range c.Changes {
		if ch := &c.Changes[i]; ch.ID == first.Change && ch.Attributes["decision_id"] != "" {
			ids = append(ids, ch.Attributes["decision_id"])
		}
	}
	for _, l := range c.Links[report.SuspectCommit(first)] { // strongest link first
		ids = append(ids, l.DecisionID)
	}
	for _, id := range append(ids, first.Decision) {
		at := slices.IndexFunc(c.Decisions, func(d evidence.Decision) bool { return d.ID == id })
		if id == "" || at < 0 {
			continue
		}
		d := &c.Decisions[at]
		if slices.ContainsFunc(planParts, func(p planPart) bool { return d.How.Rollback[p.part] != "" }) || rollback.Reverses(d.How.Rollback) {
			return d
		}
	}
	return nil
}

// freshness says what speaks for or against a plan's still fitting: its record's
// standing, later commits to the same files, migrations since.
func freshness(c *gathered.Evidence, d *evidence.Decision, first *report.Cause) []string {
	var notes []string
	note := func(text string) { notes = append(notes, wording.Say("action/fresh", text)) }
	newest := *d
	if n, ok := c.Newest[d.ID]; ok { // what explains the fault may be out of date by now
		newest = n
	}
	if why := WhyNotCurrent(&newest); why != "" {
		note(why)
	} else {
		note("the record stands")
	}
	since := d.When.EffectiveAt
	sha := report.SuspectCommit(first)
	if at := slices.IndexFunc(c.Commits, func(k evidence.Commit) bool { return k.SHA == sha }); at >= 0 {
		since = c.Commits[at].Time
		if later := laterCommits(c, &c.Commits[at], releaseOf(c, first)); len(later) > 0 {
			note(fmt.Sprintf("%s touched the same files since: %s", wording.Counted(len(later), "later commit"), wording.Listed(later, shownLater)))
		} else {
			note("no later commit touched the same files")
		}
	}
	migrated := ""
	for _, ch := range c.Changes {
		if ch.Kind == evidence.ChangeMigration && ch.ID != first.Change && ch.Time.After(since) && (ch.Service == "" || ch.Service == first.Entity.Name) {
			migrated = cmp.Or(ch.Summary, ch.ID)
		}
	}
	if migrated != "" {
		note("a database migration ran since: " + migrated)
	} else if !since.IsZero() {
		note("no database migration since " + since.UTC().Format("2 January"))
	}
	return notes
}

// WhyNotCurrent says why a plan's record stands no more; empty for one that stands.
func WhyNotCurrent(d *evidence.Decision) string {
	switch {
	case d.SupersededBy != "":
		return "superseded by " + d.SupersededBy + ": do not use it unread"
	case d.Status == "superseded" || d.Status == "deprecated" || d.Status == "rejected":
		return "the record is " + d.Status + " by now: do not use it unread"
	case d.Deleted:
		return "the record has been deleted since"
	}
	return ""
}

// laterCommits are the candidate commits after one that touched its files and that
// its release did not bring: those go back with it.
func laterCommits(c *gathered.Evidence, of *evidence.Commit, release *gathered.Deployment) []string {
	var list []string
	for i := range c.Commits {
		k := &c.Commits[i]
		if release != nil && (evidence.SameRevision(k.SHA, release.To) || slices.ContainsFunc(release.Commits, func(r evidence.Commit) bool { return r.SHA == k.SHA })) {
			continue
		}
		if k.Time.After(of.Time) && slices.ContainsFunc(k.Files, func(f string) bool { return slices.Contains(of.Files, f) }) {
			list = append(list, evidence.ShortRevision(k.SHA))
		}
	}
	return list
}
