package rank

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// explainBySurge takes back part of what speaks for entities that are busy,
// slow or full while the traffic itself rose: under a surge they are where it
// hurts, not why. Failures that load does not explain keep their points, and so
// does everything when the surge itself is in doubt.
func explainBySurge(v *view.View, terms [][]scoredTerm) {
	w, surge, source := -1, 0, ""
	var by []evidence.CallID
	for e := range terms {
		for _, t := range terms[e] {
			if t.mechanism == report.MechanismSurge {
				w, source = e, t.term.Source
				surge += t.term.Points
				by = append(by, t.term.By...)
			}
		}
	}
	if w < 0 || surge <= 0 {
		doubtWithoutArrivals(v, terms)
		return
	}
	sure := float64(surge) / float64(v.By.Of("surge/entry-rate"))
	share, rest := loadsDoing(v, sure)
	if signal.MeasuresMissing(v) {
		rest = max(rest, v.By.Rank.Surge-share)
	}
	if more := surer(v, source); more > 1 {
		is, may := loadsDoing(v, sure*more)
		rest = max(rest, is+may-share)
	}
	doubt(v, terms, rest)
	for e := range terms {
		if e == w {
			continue
		}
		terms[e] = takeBack(terms[e], share, []report.Mechanism{report.MechanismResource, report.MechanismSaturation, report.MechanismLatency, report.MechanismError}, func(m report.Mechanism) report.Term {
			return report.Term{ID: "explain/surge", By: calls(nil, by), Why: fmt.Sprintf("the traffic rose, which explains part of the %s at %s", m, v.Names[e])}
		})
	}
}

// loadsDoing is the share of what load brings about that a surge takes back, by how sure
// it is, and the share of which nobody can tell whether it is the load's doing as well.
func loadsDoing(v *view.View, sure float64) (share, rest float64) {
	share = min(v.By.Rank.Surge, sure)
	return share, (1 - share) * min(1, sure/v.By.Rank.Surge)
}

// surer is how many times as sure a surge might be that one source told of: as what told
// nothing would have made it, of which each is trusted further than the next, measures of
// requests, lines and traces.
func surer(v *view.View, source string) float64 {
	by := &v.By.Signal.Surge
	told := map[string]float64{"logs": by.Alone, "traces": by.Traces}[source]
	switch {
	case told == 0:
		return 1
	case signal.MeasuresMissing(v):
		return 1 / told
	}
	return by.Alone / told
}

// doubtWithoutArrivals marks as unchecked what a surge would explain, where no
// measure tells how many requests came and nothing else rules a surge out: the word
// may not rest on it.
func doubtWithoutArrivals(v *view.View, terms [][]scoredTerm) {
	if signal.MayBeSurge(v) {
		doubt(v, terms, v.By.Rank.Surge)
	}
}

// doubt marks a share of what load brings about, busy, slow and full entities, as
// unchecked, and failing ones where measures that would tell of load are missing.
func doubt(v *view.View, terms [][]scoredTerm, share float64) {
	for e := range terms {
		for i := range terms[e] {
			t := &terms[e][i]
			switch t.mechanism {
			case report.MechanismError:
				if !signal.MeasuresMissing(v) {
					continue
				}
				fallthrough
			case report.MechanismResource, report.MechanismSaturation, report.MechanismLatency:
				t.term.Unchecked = max(t.term.Unchecked, milli(share*float64(max(0, t.term.Points))/1000))
			}
		}
	}
}

// explainByState takes back part of what speaks for entities that call one of
// which the platform says that it does not run: their failures are how that
// shows. What does not run itself keeps its points.
func explainByState(v *view.View, terms [][]scoredTerm) {
	full := float64(v.By.Of(notRunning))
	strength, by := make([]float64, len(terms)), make([][]evidence.CallID, len(terms))
	for e := range terms {
		for _, t := range terms[e] {
			if t.term.ID == notRunning {
				strength[e], by[e] = float64(t.term.Points)/full, t.term.By
			}
		}
	}
	for e := range terms {
		down, share := -1, 0.0
		for o := range terms {
			if o != e && strength[o] > max(share, strength[e]) && (!v.Linked || v.Reaches(e, o)) {
				down, share = o, strength[o]
			}
		}
		if down < 0 {
			continue
		}
		terms[e] = takeBack(terms[e], v.By.Rank.State*share, []report.Mechanism{report.MechanismLatency, report.MechanismError, report.MechanismBehaviour, report.MechanismAbsence, report.MechanismExternal, report.MechanismSaturation}, func(m report.Mechanism) report.Term {
			return report.Term{ID: "explain/not-running", By: by[down], Why: fmt.Sprintf("%s, which %s needs, does not run, which explains part of the %s at %s", v.Names[down], v.Names[e], m, v.Names[e])}
		})
	}
}

// leaveStrangersOut takes back what speaks for entities of another system: those
// that call and are called, but that no way of calls in either direction joins
// to anything that alerts. Two systems often share one backend, and what goes on
// in the other is its own incident. What has no call at all, as a node, may be
// behind anybody's trouble.
func leaveStrangersOut(v *view.View, terms [][]scoredTerm) {
	near := v.Joined()
	for e := range terms {
		if near == nil || near[e] || len(v.Callees[e])+len(v.Callers[e]) == 0 {
			continue
		}
		terms[e] = takeBack(terms[e], v.By.Rank.Stranger, mechanismsInOrder(), func(m report.Mechanism) report.Term {
			return report.Term{ID: "explain/stranger", By: []evidence.CallID{signal.WhoCallsWhom}, Why: fmt.Sprintf("no call path connects %s to what alerts: its %s belongs to another system", v.Names[e], m)}
		})
	}
}

const notRunning = "absence/not-running"

// takeBack adds a negative term for each of some mechanisms that has points: a
// share of them, 0 to 1, which something else explains; explained words it.
func takeBack(terms []scoredTerm, share float64, mechanisms []report.Mechanism, explained func(report.Mechanism) report.Term) []scoredTerm {
	for _, m := range mechanisms {
		sum := 0
		for _, t := range terms {
			if t.mechanism == m {
				sum += t.term.Points
			}
		}
		if points := milli(-share * float64(sum) / 1000); points < 0 {
			t := explained(m)
			t.Points, t.Why = points, wording.Say(t.ID, t.Why)
			terms = append(terms, scoredTerm{mechanism: m, term: t})
		}
	}
	return terms
}
