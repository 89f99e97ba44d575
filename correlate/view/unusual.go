package view

import (
	"math"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// failureKind tells failing spans apart by whose they are and what they say.
type failureKind struct{ service, operation, message string }

func kindOfFailure(s *evidence.Span) failureKind {
	digits := func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '#'
		}
		return r
	}
	return failureKind{s.Service, s.Operation, strings.Map(digits, s.StatusMessage)}
}

// Unusual tells which failing spans of the incident say something: those of a
// kind that normal time does not have, or that come more often than in it, by
// more than one standard deviation and one may be chance. Shares are taken of
// traces that were not picked for failing, where both sides have enough of them.
func Unusual(c *gathered.Evidence) func(*evidence.Span) bool {
	by := &c.By().View
	var watched, sampled [2]int
	all, fair := map[failureKind][2]int{}, map[failureKind][2]int{}
	for i := range c.Traces {
		t, sd := &c.Traces[i], SideOf(c.Traces[i].Baseline)
		watched[sd]++
		if t.Sampled {
			sampled[sd]++
		}
		in := map[failureKind]bool{}
		for j := range t.Spans {
			if t.Spans[j].Failed {
				in[kindOfFailure(&t.Spans[j])] = true
			}
		}
		for k := range in {
			all[k] = counted(all[k], sd)
			if t.Sampled {
				fair[k] = counted(fair[k], sd)
			}
		}
	}
	counts, of := all, watched
	if sampled[0] >= by.FairTraces && sampled[1] >= by.FairTraces {
		counts, of = fair, sampled
	}
	return func(s *evidence.Span) bool {
		k := kindOfFailure(s)
		if all[k][0] == 0 {
			return true
		}
		n := float64(counts[k][0])
		return float64(counts[k][1]) > float64(of[1])/float64(max(1, of[0]))*(n+math.Sqrt(n)+by.Unusual.Chance)
	}
}

func counted(n [2]int, side int) [2]int {
	n[side]++
	return n
}
