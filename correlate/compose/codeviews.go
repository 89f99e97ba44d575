package compose

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// shownPlaces is how many places in code a report shows.
const shownPlaces = 5

// codeViews are the places in code that were resolved at the running revision,
// the blamed entity's first, with the lines marked that the suspect commit
// wrote.
func codeViews(c *gathered.Evidence, causes []report.Cause) []report.CodeView {
	var entity, commit string
	if len(causes) > 0 {
		entity, commit = causes[0].Entity.Name, report.SuspectCommit(&causes[0])
	}
	frames := slices.Concat(c.Frames, profiledFrames(c, entity))
	slices.SortStableFunc(frames, func(a, b gathered.Frame) int {
		return cmp.Or(-gathered.CompareBool(a.Service == entity, b.Service == entity), -gathered.CompareBool(wrote(a.Blame, commit), wrote(b.Blame, commit)))
	})
	var views []report.CodeView
	for _, f := range frames {
		if f.Blame == nil || len(f.Blame.Lines) == 0 || len(views) == shownPlaces || showsPlace(views, f.Blame.Ref) {
			continue
		}
		view := report.CodeView{Blame: *f.Blame, Service: f.Service}
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

// profiledFrames are the lines that profiles of an entity saw grow.
func profiledFrames(c *gathered.Evidence, entity string) []gathered.Frame {
	var list []gathered.Frame
	for _, p := range c.Profiles {
		for _, place := range p.Places {
			if p.Service == entity && place.Blame != nil {
				list = append(list, gathered.Frame{Service: p.Service, Frame: place.Frame, Blame: place.Blame})
			}
		}
	}
	return list
}

func wrote(b *evidence.Blame, commit string) bool {
	return b != nil && commit != "" && slices.ContainsFunc(b.Lines, func(l evidence.BlameLine) bool { return l.Commit == commit })
}

// showsPlace reports whether a view already shows the line.
func showsPlace(views []report.CodeView, ref evidence.CodeRef) bool {
	return slices.ContainsFunc(views, func(v report.CodeView) bool {
		return v.Ref.Repository == ref.Repository && v.Ref.Path == ref.Path &&
			slices.ContainsFunc(v.Lines, func(l evidence.BlameLine) bool { return l.Line == ref.Line })
	})
}
