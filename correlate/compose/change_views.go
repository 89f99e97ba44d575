package compose

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// shownChanges is how many changes a report lists, those nearest the onset.
const shownChanges = 40

// changeViews list the changes around the onset and say of each why it is, or
// is not, suspected.
func changeViews(c *gathered.Evidence, causes []report.Cause, untouched map[string]bool) []report.ChangeView {
	list := slices.Clone(c.Changes)
	slices.SortStableFunc(list, func(a, b evidence.Change) int {
		return cmp.Or(cmp.Compare(c.Onset.At.Sub(a.Time).Abs(), c.Onset.At.Sub(b.Time).Abs()), cmp.Compare(a.ID, b.ID))
	})
	list = gathered.SortedChanges(list[:min(len(list), shownChanges)])
	views := make([]report.ChangeView, 0, len(list))
	for _, ch := range list {
		w := report.ChangeView{Change: ch, BeforeOnset: c.Onset.At.Sub(ch.Time)}
		suspect, late, why := suspicion(c, ch, causes, untouched)
		w.Suspect, w.Late, w.Why = suspect, late, wording.Say("change/suspicion", why)
		views = append(views, w)
	}
	return views
}

// suspicion says whether a change is suspected, and why or why not: late is true
// where only for the time at which it came. In one repository for many services every
// deployment brings every commit: only that of a service whose code the blamed commit
// touches is suspected for it.
func suspicion(c *gathered.Evidence, ch evidence.Change, causes []report.Cause, untouched map[string]bool) (suspect, late bool, why string) {
	if len(causes) > 0 {
		first := &causes[0]
		if first.Change != "" && first.Change == ch.ID {
			return true, false, "it set the first cause off: " + first.Sentence
		}
		if len(first.Commits) > 0 && first.Trigger == report.TriggerCode && first.Commits[0].SHA != report.NoCommit && carries(c, ch, first.Commits[0].SHA) {
			if !untouched[ch.Service] {
				return true, false, fmt.Sprintf("it brought %s, %q", evidence.ShortRevision(first.Commits[0].SHA), first.Commits[0].Subject)
			}
			return false, false, fmt.Sprintf("it brought %s, which touches nothing of %s", evidence.ShortRevision(first.Commits[0].SHA), ch.Service)
		}
	}
	if !c.MayBeDueTo(ch.Time) {
		return false, true, "it came " + wording.Approximately(ch.Time.Sub(c.Onset.At)) + " after the onset"
	}
	if len(causes) == 0 {
		return false, false, "nothing shows that it does harm"
	}
	for i := range causes {
		if causes[i].Change == ch.ID && causes[i].Score > 0 {
			return false, false, fmt.Sprintf("it could explain what is seen at %s, but less evidence points there", causes[i].Entity.Name)
		}
	}
	if ch.Service != "" && ch.Service != causes[0].Entity.Name {
		at := causes[0].Entity.Name
		if at == evidence.Workload {
			at = "the traffic"
		}
		return false, false, fmt.Sprintf("it changed %s, and the evidence points at %s", ch.Service, at)
	}
	return false, false, "it was live before the onset, but nothing shows that it produces what is seen"
}

// carries reports whether a commit went live by a change.
func carries(c *gathered.Evidence, ch evidence.Change, sha string) bool {
	if evidence.SameRevision(ch.Commit, sha) || evidence.SameRevision(ch.To, sha) {
		return true
	}
	return slices.ContainsFunc(c.Deployments, func(d gathered.Deployment) bool {
		return d.Change.ID == ch.ID && d.Service == ch.Service && slices.ContainsFunc(d.Commits, func(k evidence.Commit) bool { return k.SHA == sha })
	})
}
