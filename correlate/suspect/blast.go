package suspect

import (
	"cmp"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// hit is an entity that shows symptoms in the incident, since when.
type hit struct {
	entity string
	since  time.Time
}

// HitBy are the names of the entities that show symptoms, in the order in which
// they began.
func (s *Scorer) HitBy() []string {
	var out []string
	for _, h := range s.servicesHit() {
		out = append(out, h.entity)
	}
	return out
}

// Sufferers leaves out of those with symptoms what the first cause itself calls
// and what does not call it back: under a failing caller a callee works
// differently, but nobody is hit by that.
func (s *Scorer) Sufferers(causes []report.Cause, hit []string) []string {
	// What feeds a consumer that is stuck on one record backs up behind it.
	if len(causes) == 0 || causes[0].Mechanism == report.MechanismData || s.reachesOthers(&causes[0]) {
		return hit
	}
	at := causes[0].Entity
	return slices.DeleteFunc(slices.Clone(hit), func(e string) bool {
		return at.Kind == evidence.KindService && s.calls.Reaches(at.Name, e) && !s.calls.Reaches(e, at.Name)
	})
}

// reachesOthers reports whether what set a cause off works on others besides the
// entity: the infrastructure, or a commit to code that is shared.
func (s *Scorer) reachesOthers(cause *report.Cause) bool {
	if cause.Trigger == report.TriggerInfra {
		return true
	}
	if cause.Trigger != report.TriggerCode || len(cause.Commits) == 0 {
		return false
	}
	cd := s.CandidateOf(cause.Commits[0].SHA)
	if cd == nil {
		return false
	}
	own, shared := s.Reach.touches(cd.Commit, cause.Entity.Name)
	return shared && !own
}

// servicesHit are the entities that show symptoms which normal operation does
// not, in the order in which they began, then by name: new warnings and errors,
// failing calls, and measures of failure or delay that moved. An entity without
// any symptom of its own is not counted, however near it stands in the graph.
func (s *Scorer) servicesHit() []hit {
	since := map[string]time.Time{}
	note := func(entity string, t time.Time) {
		if first, ok := since[entity]; entity != "" && !isPlatform(entity) && (!ok || t.Before(first)) {
			since[entity] = t
		}
	}
	for _, l := range s.newLines() {
		// A warning that is known from normal operation does not count.
		if l.strength >= s.by.Commit.Signs.HitLine {
			note(l.service, l.ref.Time)
		}
	}
	for _, e := range s.failure.said {
		for _, sig := range e.signs.inOrder() {
			if !harms(sig) || e.signs.strength[sig] < s.by.Commit.Signs.HitMeasure {
				continue
			}
			for _, r := range e.signs.refs[sig] {
				if r.Kind == evidence.RefSeries {
					note(e.entity, r.Time)
				}
			}
		}
	}
	out := make([]hit, 0, len(since))
	for e, t := range since {
		out = append(out, hit{e, t})
	}
	slices.SortFunc(out, func(a, b hit) int { return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.entity, b.entity)) })
	return out
}

// harms reports whether a metric's sign means that users of the entity notice,
// rather than that it works harder.
func harms(sig mechanism.Signature) bool {
	switch sig {
	case mechanism.Slow, mechanism.Unhandled, mechanism.Timeout, mechanism.Rejected, mechanism.RateLimited, mechanism.ConsumerLag, mechanism.PoolExhausted, mechanism.Decode, mechanism.SlowQuery, mechanism.NameFailure, mechanism.TLSFailure, mechanism.OutOfMemory, mechanism.CrashLoop:
		return true
	}
	return false
}
