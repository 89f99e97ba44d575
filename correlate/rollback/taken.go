package rollback

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// sameBack is how near to each other two tellings of one rollback are: what is
// announced before and after it was carried out, by the tool and by the pipeline,
// or seen in telemetry.
const sameBack = 5 * time.Minute

// Taken is the first rollback that was taken after an instant: a change of a
// service, flag or key to what an earlier change took it away from, one that is
// announced as a rollback, or one of seen, which telemetry tells. Changes are in
// order of time; nil when none was. Told twice it is one, as it was announced.
func Taken(changes, seen []evidence.Change, after time.Time) *evidence.Change {
	var list []evidence.Change
	for i := range changes {
		c := &changes[i]
		if !c.Time.After(after) || c.Kind == evidence.ChangeDecision || c.Kind == evidence.ChangeScale || c.Kind == evidence.ChangeExperiment {
			continue
		}
		if back, ok := returning(c, changes[:i]); ok {
			list = append(list, back)
		}
	}
	for _, s := range seen {
		if s.Time.After(after) {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(a, b evidence.Change) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID)) })
	first := list[0]
	for _, other := range list[1:] {
		if other.Service == first.Service && Part(&other) == Part(&first) && other.Time.Sub(first.Time) <= sameBack && first.Inferred != "" && other.Inferred == "" {
			first = other // what is announced says more
			break
		}
	}
	return &first
}

// returning tells whether a change takes an earlier one back, and completes what
// it does not say from that.
func returning(c *evidence.Change, earlier []evidence.Change) (evidence.Change, bool) {
	out := *c
	for i := len(earlier) - 1; i >= 0; i-- {
		e := &earlier[i]
		if e.Kind != c.Kind || e.Service != c.Service || Part(e) != Part(c) || e.From == "" {
			continue
		}
		if same(c.To, e.From) && !same(e.From, e.To) && (c.From == "" || same(c.From, e.To) || i < len(earlier)-1) {
			out.From = cmp.Or(c.From, e.To)
			return out, true
		}
	}
	return out, c.Attributes["action"] == "rollback"
}

// Part is what of a service a change is about, empty for the service as a whole.
func Part(c *evidence.Change) string {
	return cmp.Or(c.Attributes["flag"], c.Attributes["key"], c.Attributes["name"])
}

// shortestSHA is how few digits git itself abbreviates a commit's name to.
const shortestSHA = 7

// same tells whether two revisions or values are the same; of a revision seven
// digits will do.
func same(a, b string) bool {
	if a == b {
		return a != ""
	}
	short, long := a, b
	if len(short) > len(long) {
		short, long = long, short
	}
	return len(short) >= shortestSHA && evidence.WholeSHA(strings.ToLower(long)) && strings.HasPrefix(strings.ToLower(long), strings.ToLower(short))
}
