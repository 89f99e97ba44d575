package correlate

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// shownPlaces is how many places in code a report shows.
const shownPlaces = 5

// codeViews are the places in code that were resolved at the running revision,
// the blamed entity's first, with the lines marked that the suspect commit
// wrote.
func codeViews(c *Case, causes []Cause) []CodeView {
	var entity, commit string
	if len(causes) > 0 {
		entity, commit = causes[0].Entity.Name, suspectCommit(&causes[0])
	}
	frames := slices.Clone(c.Frames)
	slices.SortStableFunc(frames, func(a, b CaseFrame) int {
		return cmp.Or(-compareBool(a.Service == entity, b.Service == entity), -compareBool(wrote(a.Blame, commit), wrote(b.Blame, commit)))
	})
	var views []CodeView
	for _, f := range frames {
		if f.Blame == nil || len(f.Blame.Lines) == 0 || len(views) == shownPlaces || showsPlace(views, f.Blame.Ref) {
			continue
		}
		view := CodeView{Blame: *f.Blame, Service: f.Service}
		for _, l := range f.Blame.Lines {
			if commit != "" && l.Commit == commit {
				view.Suspect = append(view.Suspect, l.Line)
			}
		}
		if len(view.Suspect) == 0 && f.Service == entity && f.Blame.Ref.Line > 0 {
			view.Suspect = []int{f.Blame.Ref.Line}
		}
		views = append(views, view)
	}
	return views
}

// suspectCommit is the SHA of the commit blamed by a cause, empty for none.
func suspectCommit(c *Cause) string {
	if c.Trigger == TriggerCode && len(c.Commits) > 0 && c.Commits[0].SHA != NoCommit {
		return c.Commits[0].SHA
	}
	return ""
}

func wrote(b *evidence.Blame, commit string) bool {
	return b != nil && commit != "" && slices.ContainsFunc(b.Lines, func(l evidence.BlameLine) bool { return l.Commit == commit })
}

// showsPlace reports whether a view already shows the line.
func showsPlace(views []CodeView, ref evidence.CodeRef) bool {
	return slices.ContainsFunc(views, func(v CodeView) bool {
		return v.Ref.Repository == ref.Repository && v.Ref.Path == ref.Path &&
			slices.ContainsFunc(v.Lines, func(l evidence.BlameLine) bool { return l.Line == ref.Line })
	})
}
