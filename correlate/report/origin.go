package report

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// onsetSlack is by how much a change may seem to come after the latest estimate
// of the onset and still have come before: clocks of deployers and of telemetry
// differ, and a scrape sees a change up to a minute late.
const onsetSlack = time.Minute

// OnsetBasis is what an onset rests on.
type OnsetBasis string

// The bases.
const (
	OnsetGiven    OnsetBasis = "given" // by whoever asked
	OnsetAlerting OnsetBasis = "alerting series"
	OnsetMetrics  OnsetBasis = "metrics" // of which several changed together
	OnsetTraces   OnsetBasis = "traces"
	OnsetLogs     OnsetBasis = "logs"
	OnsetAlert    OnsetBasis = "alert" // guessed from when it fired: nothing tells
)

// MayBeDueTo reports whether what began at the onset may be due to a change at
// an instant. Ranking, the commits, the running revision and the page ask here.
func (o Onset) MayBeDueTo(at time.Time) bool { return !at.After(o.LastCause()) }

// LastCause is the last instant at which a change can have caused what began.
func (o Onset) LastCause() time.Time {
	latest := o.Latest
	if latest.IsZero() {
		latest = o.At
	}
	return latest.Add(onsetSlack)
}

// TriggerOf is what a change of a kind sets off, as ranking, the commits and the
// page call it. Scaling is infrastructure: what it changes is how much there is
// of the same program under the same configuration; so is an experiment, which
// breaks what the program stands on. A decision taken at run time
// triggers nothing by itself.
func TriggerOf(k evidence.ChangeKind) Trigger {
	switch k {
	case evidence.ChangeDeploy:
		return TriggerCode
	case evidence.ChangeFlag:
		return TriggerFlag
	case evidence.ChangeConfig:
		return TriggerConfig
	case evidence.ChangeMigration:
		return TriggerMigration
	case evidence.ChangeScale, evidence.ChangeExperiment:
		return TriggerInfra
	}
	return TriggerNone
}
