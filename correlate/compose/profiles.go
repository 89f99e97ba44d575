package compose

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Bounds of what a report shows of profiles: of which causes, and how many.
const (
	shownCauses   = 3
	shownProfiles = 4
)

// profileViews are the profiles of the entities that the first causes blame, of each
// those that something grew in first. Where nothing did the tree is left out: it
// would show how the service works, and not what changed.
func profileViews(c *gathered.Evidence, causes []report.Cause) []report.ProfileView {
	var views []report.ProfileView
	seen := map[string]bool{}
	for _, cause := range causes[:min(len(causes), shownCauses)] {
		if seen[cause.Entity.Name] || cause.Score <= 0 {
			continue
		}
		seen[cause.Entity.Name] = true
		var own []report.ProfileView
		for _, p := range c.Profiles {
			if p.Service == cause.Entity.Name {
				own = append(own, p.ProfileView)
			}
		}
		slices.SortStableFunc(own, func(a, b report.ProfileView) int {
			return cmp.Compare(min(len(b.Places), 1), min(len(a.Places), 1))
		})
		views = append(views, own...)
	}
	views = views[:min(len(views), shownProfiles)]
	for i := range views {
		views[i].Notes = sayEach("profile/note", views[i].Notes)
		if len(views[i].Places) == 0 {
			views[i].Flame = nil
		}
	}
	return views
}
