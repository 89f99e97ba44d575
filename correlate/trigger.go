package correlate

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// trigger says what set a cause off, and by which change. Load is the trigger
// of a surge and of a poisonous input, infrastructure that of a boundary, of a
// starved machine and of a process that is gone with nothing changed. Else it
// is the newest change of the entity before the onset; the ranking of commits
// may later find that none of them produces what is seen.
func (v *view) trigger(e int, m Mechanism) (Trigger, string) {
	switch m {
	case MechanismSurge, MechanismData:
		return TriggerLoad, ""
	case MechanismExternal:
		return TriggerInfra, ""
	}
	if v.starved(e) {
		return TriggerInfra, ""
	}
	if ch := v.lastChange(e); ch != nil {
		switch ch.Kind {
		case evidence.ChangeDeploy:
			return TriggerCode, ch.ID
		case evidence.ChangeFlag:
			return TriggerFlag, ch.ID
		case evidence.ChangeConfig, evidence.ChangeScale:
			return TriggerConfig, ch.ID
		case evidence.ChangeMigration:
			return TriggerMigration, ch.ID
		}
	}
	if m == MechanismAbsence {
		return TriggerInfra, ""
	}
	return TriggerNone, ""
}

// lastChange is the change of an entity that ranks highest as what set it off:
// a deployment before anything else, the newest of each kind.
func (v *view) lastChange(e int) *evidence.Change {
	var best *evidence.Change
	for i := range v.c.Changes {
		ch := &v.c.Changes[i]
		if ch.Service != v.names[e] || !v.precedes(ch.Time) || ch.Kind == evidence.ChangeDecision {
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
	switch k {
	case evidence.ChangeDeploy:
		return 0
	case evidence.ChangeMigration:
		return 1
	case evidence.ChangeConfig:
		return 2
	case evidence.ChangeScale:
		return 3
	}
	return 4
}

// starved reports whether an entity is starved by others on its machine: it is
// throttled or slow while a measure of a node, or of an entity that nothing
// calls, uses far more than before and the entity's own use does not explain it.
func (v *view) starved(e int) bool {
	throttled := len(v.worst(e, func(f *metricFact) bool { return f.class == classThrottle && !f.node })) > 0
	if !throttled {
		return false
	}
	for i := range v.metrics {
		f := &v.metrics[i]
		if f.usable && f.entity != e && f.up > noiseZ && (f.node && f.class.internal() || v.kinds[f.entity] == evidence.KindNode && f.class.internal()) {
			return true
		}
	}
	return false
}
