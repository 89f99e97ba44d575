package correlate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// novelTemplate finds entities that write log statements never or rarely seen
// before. A statement counts once per trace; its severity decides how much it
// says, and one that speaks of another entity's failure says little about the
// entity that wrote it: victims repeat errors louder than culprits raise them.
func novelTemplate(v *view) []finding {
	var out []finding
	for e := range v.names {
		type scored struct {
			t        int
			strength float64
		}
		var all []scored
		for _, t := range v.logs.byEnt[e] {
			if s := v.novelty(t); s > 0 {
				all = append(all, scored{t, s})
			}
		}
		if len(all) == 0 {
			continue
		}
		slices.SortFunc(all, func(a, b scored) int {
			return cmp.Or(cmp.Compare(b.strength, a.strength), cmp.Compare(a.t, b.t))
		})
		top := &v.logs.templates[all[0].t]
		f := finding{
			entity: e, mechanism: MechanismError, strength: all[0].strength,
			why:  fmt.Sprintf("%s writes %q %d times, %s", v.names[e], shorten(v.c.Logs[top.line].Body), top.count[1], before(top.count[0])),
			seen: top.count[1], total: top.count[0] + top.count[1],
		}
		for _, s := range all[:min(len(all), maxRefs)] {
			if 2*s.strength >= all[0].strength { // what merely came along proves nothing
				f.refs = append(f.refs, v.lineRef(v.logs.templates[s.t].line))
			}
			f.loci = append(f.loci, v.templateLocus(s.t))
		}
		out = append(out, f)
	}
	return out
}

// upFrom compares a count with the one before, for a title.
func upFrom(n int) string {
	if n == 0 {
		return "none before"
	}
	return fmt.Sprintf("up from %d", n)
}

func before(n int) string {
	if n == 0 {
		return "never before"
	}
	return fmt.Sprintf("%d times before", n)
}

// novelty is how clearly a statement's rate rose, 0 to 1, weighed by severity
// and discounted for lines about others.
func (v *view) novelty(t int) float64 {
	f := &v.logs.templates[t]
	s := v.rateGain(t)
	switch {
	case f.severity >= evidence.SeverityError:
	case f.severity >= evidence.SeverityWarn:
		s *= 0.6
	default:
		s *= 0.15
	}
	if f.names >= 0 || f.remote {
		s *= 0.4
	}
	if j := v.logs.node[f.line]; j >= 0 && v.excused[j] {
		s *= 0.3
	}
	return s
}

// rateGain is how clearly a statement's rate rose, 0 to 1: one standard
// deviation and one line more than the normal rate may be chance, and what is
// known from quiet times must rise far to say anything.
func (v *view) rateGain(t int) float64 {
	f := &v.logs.templates[t]
	if f.count[1] == 0 || v.logs.minutes[0] == 0 {
		return 0
	}
	n := float64(f.count[0])
	normal := float64(v.logs.minutes[1]) / float64(v.logs.minutes[0]) * (n + math.Sqrt(n) + 1)
	clear := 1 - normal/float64(f.count[1])
	if f.count[0] == 0 {
		clear = 1 - 0.5/float64(f.count[1])
	}
	return max(0, clear) * max(0, clear)
}
