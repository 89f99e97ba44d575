package rank

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// trigger says what set a cause off, and by which change. Load is the trigger
// of a surge and of a poisonous input, infrastructure that of a boundary, of a
// starved machine and of a process that is gone with nothing changed. Else it
// is the newest change of the entity before the onset; the ranking of commits
// may later find that none of them produces what is seen.
func trigger(v *view.View, e int, m report.Mechanism) (report.Trigger, string) {
	switch m {
	case report.MechanismSurge, report.MechanismData:
		return report.TriggerLoad, ""
	case report.MechanismExternal:
		return report.TriggerInfra, ""
	}
	if starved(v, e) {
		return report.TriggerInfra, ""
	}
	if ch := lastChange(v, e); ch != nil {
		return report.TriggerOf(ch.Kind), ch.ID
	}
	if m == report.MechanismAbsence {
		return report.TriggerInfra, ""
	}
	return report.TriggerNone, ""
}

// lastChange is the change of an entity that ranks highest as what set it off:
// a deployment before anything else, the newest of each kind.
func lastChange(v *view.View, e int) *evidence.Change {
	var best *evidence.Change
	for i := range v.Evidence.Changes {
		ch := &v.Evidence.Changes[i]
		if ch.Service != v.Names[e] || !v.Evidence.MayBeDueTo(ch.Time) || ch.Kind == evidence.ChangeDecision {
			continue
		}
		if best == nil || rankOfKind(ch.Kind) < rankOfKind(best.Kind) || rankOfKind(ch.Kind) == rankOfKind(best.Kind) && !ch.Time.Before(best.Time) {
			best = ch
		}
	}
	return best
}

// rankOfKind orders the kinds of change by how often they set off incidents:
// deployments first (Google SRE and the post-mortem surveys put binary and
// configuration pushes at two thirds of outages), flags last since most flip
// without any effect.
func rankOfKind(k evidence.ChangeKind) int {
	kinds := []evidence.ChangeKind{evidence.ChangeDeploy, evidence.ChangeMigration, evidence.ChangeConfig, evidence.ChangeScale}
	if i := slices.Index(kinds, k); i >= 0 {
		return i
	}
	return len(kinds)
}

// starved reports whether an entity is starved by others on its machine: it is
// throttled or slow while a measure of a node, or of an entity that nothing
// calls, uses far more than before and the entity's own use does not explain it.
func starved(v *view.View, e int) bool {
	throttled := len(signal.Worst(v, e, func(f *view.Metric) bool { return f.Class == metric.ClassThrottle && !f.Node })) > 0
	if !throttled {
		return false
	}
	for i := range v.Metrics {
		f := &v.Metrics[i]
		if f.Usable && f.Entity != e && f.Up > v.By.Scale.Noise && (f.Node && f.Class.Internal() || v.Kinds[f.Entity] == evidence.KindNode && f.Class.Internal()) {
			return true
		}
	}
	return false
}
