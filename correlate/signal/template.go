package signal

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// novelTemplate finds entities that write log statements never or rarely seen
// before. A statement counts once per trace; its severity decides how much it
// says, and one that speaks of another entity's failure says little about the
// entity that wrote it: victims repeat errors louder than culprits raise them.
func novelTemplate(v *view.View) []Finding {
	var out []Finding
	for e := range v.Names {
		type scored struct {
			t        int
			strength float64
		}
		var all []scored
		for _, t := range v.Logs.ByEnt[e] {
			if s := novelty(v, t); s > 0 {
				all = append(all, scored{t, s})
			}
		}
		if len(all) == 0 {
			continue
		}
		slices.SortFunc(all, func(a, b scored) int {
			return cmp.Or(cmp.Compare(b.strength, a.strength), cmp.Compare(a.t, b.t))
		})
		top := &v.Logs.Templates[all[0].t]
		f := Finding{
			Entity: e, Mechanism: report.MechanismError, Strength: all[0].strength,
			Said: fmt.Sprintf("%s writes %q %s", v.Names[e], wording.Excerpt(v.Evidence.Logs[top.Line].Said()), seenIn(top.Saying[1], top.SayingAlone[1])),
			Why:  fmt.Sprintf("%s writes %q %s, %s", v.Names[e], wording.Excerpt(v.Evidence.Logs[top.Line].Said()), seenIn(top.Saying[1], top.SayingAlone[1]), before(top.Saying[0])),
			Seen: top.Saying[1], Total: top.Saying[0] + top.Saying[1], Counts: linesCounted, Elsewhere: tellsOfOthers(v, all[0].t), Plain: top.Severity < evidence.SeverityWarn,
		}
		for _, s := range all[:min(len(all), view.MaxRefs)] {
			if s.strength >= v.By.Signal.Template.Along*all[0].strength { // what merely came along proves nothing
				f.Refs = append(f.Refs, lineRef(v, v.Logs.Templates[s.t].Line))
			}
			f.Loci = append(f.Loci, templateLocus(v, s.t))
		}
		out = append(out, f)
	}
	return out
}

// tellsOfOthers reports whether a statement tells of a failure that is not its
// writer's: it says that the other side failed, or names another candidate.
func tellsOfOthers(v *view.View, t int) bool {
	f := &v.Logs.Templates[t]
	return f.Remote || f.Names >= 0
}

// upFrom compares a count with the one before, for a title; normal is how much of
// normal time was watched.
func upFrom(n, normal int) string {
	if normal == 0 {
		return uncompared
	}
	if n == 0 {
		return "none before"
	}
	return fmt.Sprintf("up from %d", n)
}

// upFromOf is upFrom where it is known of how many.
func upFromOf(n, of, normal int) string {
	if normal == 0 || n == 0 {
		return upFrom(n, normal)
	}
	return fmt.Sprintf("%d of %d before", n, of)
}

func before(n int) string {
	if n == 0 {
		return "never before"
	}
	return fmt.Sprintf("%d before", n)
}

// linesCounted is what the counts of a statement are.
const linesCounted = "requests or lines read that say it are of the incident"

// seenIn says of what a count is, of which some are lines of no request.
func seenIn(n, alone int) string { return wording.SeenIn(n-alone, alone) }

// novelty is how clearly a statement's rate rose, 0 to 1, weighed by severity
// and discounted for lines about others.
func novelty(v *view.View, t int) float64 {
	f, by := &v.Logs.Templates[t], &v.By.Signal.Template
	s := rateGain(v, t) * touched(v, t)
	switch {
	case f.Severity >= evidence.SeverityError:
	case f.Severity >= evidence.SeverityWarn:
		s *= by.Warning
	default:
		s *= by.Plain
	}
	if f.Names >= 0 || f.Remote {
		s *= by.Others
	}
	if j := v.Logs.Node[f.Line]; j >= 0 && v.Consequence[j] {
		s *= by.Excused
	}
	return s
}

// touched is how much of the symptom a statement goes with, 0 to 1: of the minutes
// of the incident, of which a share is as good as all, or of the failing requests.
func touched(v *view.View, t int) float64 {
	f := &v.Logs.Templates[t]
	share := float64(f.Minutes) / float64(max(1, v.Logs.Minutes[1])) / v.By.Signal.Template.Minutes
	failing := 0
	for _, r := range v.Traces.Ranges {
		if !r.Baseline && r.Fails {
			failing++
		}
	}
	if failing > 0 {
		share = max(share, float64(f.Count[1])/float64(failing))
	}
	return min(1, share)
}

// rateGain is how clearly a statement's rate rose, 0 to 1: one standard
// deviation and some lines more than the normal rate may be chance, and what is
// known from quiet times must rise far to say anything.
func rateGain(v *view.View, t int) float64 {
	f, by := &v.Logs.Templates[t], &v.By.Signal.Template
	if f.Count[1] == 0 || v.Logs.Minutes[0] == 0 {
		return 0
	}
	n := float64(f.Count[0])
	normal := float64(v.Logs.Minutes[1]) / float64(v.Logs.Minutes[0]) * (n + math.Sqrt(n) + by.Chance)
	clear := 1 - normal/float64(f.Count[1])
	if f.Count[0] == 0 {
		clear = 1 - by.Unseen/float64(f.Count[1])
	}
	return max(0, clear) * max(0, clear)
}
