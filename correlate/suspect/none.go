package suspect

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// scoreNone is the answer that none of the commits produces what is seen. It
// starts with the doubt that any commit has to overcome and gains by every
// operational fault that is seen and by nothing having gone live.
func (s *Scorer) scoreNone(cause *report.Cause, seen signs) report.CommitScore {
	out := report.CommitScore{SHA: report.NoCommit, Subject: "none of the commits produces this"}
	add := func(t report.Term) {
		if t.Points != 0 {
			out.Terms = append(out.Terms, t)
			out.Score += t.Points
		}
	}
	add(report.Term{ID: "commit/none", Points: s.weights.none, Why: "being recent, near and alike in words is not enough to blame a commit"})
	if sig, strength := s.Operational(cause, seen); strength > 0 {
		points := s.weights.operation * strength / 1000
		if left := unexplained(sig, seen); left != "" {
			// Less than half stays: it may still be what was needed besides.
			add(report.Term{ID: "commit/unexplained", Points: -points * 3 / 5, Why: string(sig) + " does not bring about " + string(left) + ", which is seen", Refs: seen.refs[left]})
		}
		add(report.Term{ID: "commit/operational", Points: points, Why: "an operational fault is seen, which no diff produces: " + string(sig), Refs: seen.refs[sig]})
	}
	add(s.quietTerm())
	return out
}

// Operational is the strongest operational fault among the signs, with its
// strength in thousandths.
func (s *Scorer) Operational(cause *report.Cause, seen signs) (mechanism.Signature, int) {
	best, at := 0, mechanism.Signature("")
	consider := func(sig mechanism.Signature, strength int) {
		if strength > best {
			best, at = strength, sig
		}
	}
	for _, sig := range seen.inOrder() {
		switch {
		case mechanism.Operational(sig):
			consider(sig, seen.strength[sig])
		case sig == mechanism.DiskFull:
			consider(sig, seen.strength[sig]*7/10) // unless a diff fills it, see LogVolume
		case sig == mechanism.NameFailure:
			// One service may ask for a wrong name; several at once may not.
			if n := s.entitiesWith(sig); n > 1 {
				consider(sig, seen.strength[sig])
			} else {
				consider(sig, seen.strength[sig]/2)
			}
		}
	}
	if strength := s.Surging(cause); strength > 0 {
		consider(mechanism.Surge, strength)
	}
	switch cause.Mechanism {
	case report.MechanismData:
		consider(mechanism.PoisonRecord, 900)
	case report.MechanismSurge:
		consider(mechanism.Surge, 800)
	case report.MechanismExternal:
		consider(mechanism.Provider, 700)
	}
	if cause.Entity.Kind == evidence.KindNode {
		consider(mechanism.NodePressure, 900)
	}
	if cause.Entity.Kind == evidence.KindExternal {
		consider(mechanism.Provider, 900)
	}
	return at, best
}

// unexplained is the strongest sign that an operational fault does not bring
// about, empty when it accounts for all that is clear: more traffic shows a race
// that was there before, but makes none.
func unexplained(fault mechanism.Signature, seen signs) mechanism.Signature {
	const clear = 700
	for _, sig := range seen.inOrder() {
		if seen.strength[sig] >= clear && !mechanism.Operational(sig) && sig != fault && !mechanism.BringsAbout(fault, sig) {
			return sig
		}
	}
	return ""
}

// entitiesWith counts the entities that show a signature clearly.
func (s *Scorer) entitiesWith(sig mechanism.Signature) int {
	n := 0
	for _, e := range s.failure.said {
		if e.entity != "" && e.signs.strength[sig] >= 500 {
			n++
		}
	}
	return n
}

// quietTerm speaks for "none" when no candidate was live before the onset.
func (s *Scorer) quietTerm() report.Term {
	until := s.Evidence.Onset.LastCause()
	for i := range s.candidates {
		if s.candidates[i].liveBefore(until) && !s.candidates[i].innocuous {
			return report.Term{}
		}
	}
	return report.Term{ID: "commit/quiet", Points: s.weights.quiet, Why: fmt.Sprintf("of %d commits none that changes anything had gone live before the onset", len(s.candidates))}
}

// triggerOf is what set a cause off when no commit did, by the operational fault
// that is seen: TriggerNone, that is unknown, when none is.
func triggerOf(sig mechanism.Signature) report.Trigger {
	switch sig {
	case "":
		return report.TriggerNone
	case mechanism.Surge, mechanism.PoisonRecord:
		return report.TriggerLoad // what came in is at fault
	default:
		return report.TriggerInfra
	}
}
