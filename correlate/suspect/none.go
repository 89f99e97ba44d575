package suspect

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// prior is what "none" has before anything is held against it: its weight, and
// what makes it independent of how many commits there are to choose from.
func (s *Scorer) prior(a asked) report.Term {
	n := len(a.possible)
	likely := 0.0 // so many of them as one another
	for _, i := range a.possible {
		likely += math.Exp(float64(s.scored(s.doubt(&s.candidates[i])).Points) / 1000)
	}
	return report.Term{ID: "commit/none", Points: s.by.OfCommit("commit/none") + int(math.Log(max(float64(s.by.Commit.None.Handful), likely))*1000+.5), Why: wording.Say("commit/none", fmt.Sprintf("being recent is not enough to blame a commit: before the evidence, none against each of the %d that had gone live", n))}
}

// noneFeatures are what speaks for and against the answer that none of the
// commits produces what is seen. Points are those of the commits that nothing
// excludes, in any order.
func (s *Scorer) noneFeatures(a asked, points []int) []feature {
	var list []feature
	if sig, strength := s.Operational(a.cause, a.seen); strength > 0 {
		id := "commit/operational"
		if !s.witnessed(sig, a) {
			id = "commit/operational-said"
		}
		list = append(list, feature{id: id, term: "commit/operational", value: strength, why: "an operational fault is seen, which no diff produces: " + string(sig), refs: a.seen.refs[sig]})
		if left := unexplained(sig, a.seen, s.by.Commit.None.Clear); left != "" {
			list = append(list, feature{id: "commit/unexplained", value: strength, why: string(sig) + " does not bring about " + string(left) + ", which is seen", refs: a.seen.refs[left]})
		}
	}
	return append(list, s.agedFeature(a), s.atOnceFeature(a), s.untouchedFeature(a), s.elsewhereFeature(a), s.quietFeature(a), s.chanceFeature(points), s.defectFeature(a))
}

// witnessed reports whether an operational fault is seen on something that no
// commit can have brought about, rather than read in a message that any program
// may write: by a measure, by the platform, by several entities, or by what the
// cause itself is.
func (s *Scorer) witnessed(sig mechanism.Signature, a asked) bool {
	switch a.cause.Mechanism {
	case report.MechanismData, report.MechanismSurge, report.MechanismExternal:
		return true
	}
	switch a.cause.Entity.Kind {
	case evidence.KindNode, evidence.KindExternal:
		return true
	}
	if sig == mechanism.Surge && s.Surging(a.cause) > 0 || s.entitiesWith(sig) > 1 {
		return true
	}
	if slices.ContainsFunc(a.seen.refs[sig], func(r evidence.Ref) bool { return r.Kind == evidence.RefSeries }) {
		return true
	}
	return slices.ContainsFunc(s.failure.said, func(e entitySigns) bool { return isPlatform(e.entity) && e.signs.strength[sig] > 0 })
}

// agedFeature is how long before the onset the newest possible commit went live,
// as the logarithm of one more than the hours.
func (s *Scorer) agedFeature(a asked) feature {
	out := feature{id: "commit/aged"}
	newest := time.Time{}
	for _, i := range a.possible {
		if l, ok := s.wentLive(&s.candidates[i], a.cause); ok && l.Change.Time.After(newest) {
			newest = l.Change.Time
		}
	}
	if age := s.Evidence.Onset.At.Sub(newest); !newest.IsZero() && age > 0 {
		out.value = int(math.Log1p(age.Hours())*1000 + .5)
		out.why = fmt.Sprintf("the last of them went live %s before the onset", wording.Approximately(age))
	}
	return out
}

// atOnceFeature speaks against "none" where the trouble began as something went
// live on the very entity that fails: 1000 in the same instant, nothing far
// from it.
func (s *Scorer) atOnceFeature(a asked) feature {
	far := s.by.Commit.None.AtOnce
	out := feature{id: "commit/at-once"}
	if a.nearest < s.by.Commit.Live.Shared {
		return out
	}
	for _, i := range a.possible {
		l, ok := s.wentLive(&s.candidates[i], a.cause)
		if !ok || l.Service != a.cause.Entity.Name {
			continue
		}
		age := s.Evidence.Onset.At.Sub(l.Change.Time)
		if age < 0 {
			age = -age // the onset is an estimate
		}
		if age >= far {
			continue // maybe nobody knows when
		}
		if v := int(1000 * (far - age) / far); v > out.value {
			out.value, out.why, out.refs = v, "the trouble began as something went live on "+l.Service, []evidence.Ref{changeRef(l.Change)}
		}
	}
	return out
}

// untouchedFeature speaks for "none" where failing places in code are known and
// no commit touches any of their files.
func (s *Scorer) untouchedFeature(a asked) feature {
	places := 0
	if !slices.ContainsFunc(a.possible, func(i int) bool { return len(s.candidates[i].Commit.Files) > 0 }) {
		return feature{id: "commit/untouched"} // nobody knows what any of them touches
	}
	for _, f := range a.frames {
		if f.Frame.File == "" || f.Frame.Rung != evidence.LocationStack {
			continue
		}
		for _, i := range a.possible {
			if touchesFile(s.candidates[i].Commit, f.Frame.File) {
				return feature{id: "commit/untouched"}
			}
		}
		if !f.Frame.Foreign() {
			places++
		}
	}
	return feature{id: "commit/untouched", value: min(1000, places*1000), why: "no commit touches a file that the failure names"}
}

// elsewhereFeature speaks for "none" where all commits are live on entities that
// have nothing to do with the one that fails.
func (s *Scorer) elsewhereFeature(a asked) feature {
	if len(a.possible) == 0 || a.nearest >= 0 {
		return feature{id: "commit/elsewhere"}
	}
	return feature{id: "commit/elsewhere", value: 1000, why: "no commit is live on " + a.cause.Entity.Name + " or on what it depends on"}
}

// Operational is the strongest operational fault among the signs, with its
// strength in thousandths.
func (s *Scorer) Operational(cause *report.Cause, seen signs) (mechanism.Signature, int) {
	by := &s.by.Commit.None
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
			consider(sig, seen.strength[sig]*by.Disk/1000) // unless a diff fills it, see LogVolume
		case sig == mechanism.NameFailure:
			// One service may ask for a wrong name; several at once may not.
			if n := s.entitiesWith(sig); n > 1 {
				consider(sig, seen.strength[sig])
			} else {
				consider(sig, seen.strength[sig]*by.OneName/1000)
			}
		}
	}
	if strength := s.Surging(cause); strength > 0 {
		consider(mechanism.Surge, strength)
	}
	switch cause.Mechanism {
	case report.MechanismData:
		consider(mechanism.PoisonRecord, by.Data)
	case report.MechanismSurge:
		consider(mechanism.Surge, by.Surge)
	case report.MechanismExternal:
		consider(mechanism.Provider, by.External)
	}
	if cause.Entity.Kind == evidence.KindNode {
		consider(mechanism.NodePressure, by.Node)
	}
	if cause.Entity.Kind == evidence.KindExternal {
		consider(mechanism.Provider, by.Outside)
	}
	return at, best
}

// unexplained is the strongest sign that an operational fault does not bring
// about, empty when it accounts for all that is clear: more traffic shows a race
// that was there before, but makes none.
func unexplained(fault mechanism.Signature, seen signs, clear int) mechanism.Signature {
	for _, sig := range seen.inOrder() {
		if seen.strength[sig] >= clear && !mechanism.Operational(sig) && sig != fault && !mechanism.FaultShowsAs(fault, sig) {
			return sig
		}
	}
	return ""
}

// entitiesWith counts the entities that show a signature clearly.
func (s *Scorer) entitiesWith(sig mechanism.Signature) int {
	n := 0
	for _, e := range s.failure.said {
		if e.entity != "" && e.signs.strength[sig] >= s.by.Commit.None.Shown {
			n++
		}
	}
	return n
}

// quietFeature speaks for "none" when no candidate that changes anything was live
// before the onset.
func (s *Scorer) quietFeature(a asked) feature {
	if len(a.possible) > 0 {
		return feature{id: "commit/quiet"}
	}
	return feature{id: "commit/quiet", value: 1000, why: fmt.Sprintf("of %d commits none that changes anything had gone live before the onset", len(s.candidates))}
}

// chanceFeature speaks for "none" by how much the commits share with the failure by
// chance. Whoever did it, all of them but the best are innocent, so that what those
// have is what the evidence of this case gives to innocent commits: the logarithm of
// their mean odds, which would be 0 if each ratio were what it says. The best of so
// many has it as well.
func (s *Scorer) chanceFeature(points []int) feature {
	out := feature{id: "commit/chance"}
	if len(points) <= s.by.Commit.None.Others {
		return out // of a few nothing is learnt
	}
	others := slices.Sorted(slices.Values(points))[:len(points)-1]
	odds := 0.0
	for _, p := range others {
		odds += math.Exp(float64(p) / 1000)
	}
	if v := math.Log(odds / float64(len(others))); v > 0 {
		out.value = int(v*1000 + .5)
		out.why = fmt.Sprintf("by chance the other %d commits have up to %d points as well", len(others), others[len(others)-1])
	}
	return out
}

// defectFeature speaks against "none" where what is seen is a fault that a program
// makes by itself: it misses a name that code defines, reads what is not there or
// writes what another goroutine writes. Where records are at fault they bring that
// about, and where no commit touches the place that fails something else set off what was
// there before; a name is missed by its callers, whoever took it away.
func (s *Scorer) defectFeature(a asked) feature {
	out := feature{id: "commit/defect"}
	if a.cause.Mechanism == report.MechanismData {
		return out
	}
	elsewhere := s.untouchedFeature(a).value > 0
	for _, sig := range a.seen.inOrder() {
		if !elsewhere && mechanism.Defect(sig) && a.seen.strength[sig] > out.value {
			out.value, out.why, out.refs = a.seen.strength[sig], string(sig)+" is seen, which a program brings about by itself", a.seen.refs[sig]
		}
	}
	if names := slices.Sorted(maps.Keys(s.names.missed)); len(names) > 0 {
		out.value, out.why, out.refs = 1000, "what fails misses "+names[0]+", a name that code gives", s.names.missed[names[0]]
	}
	return out
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
