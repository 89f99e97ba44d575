package report

import "github.com/wherefore-dev/wherefore/correlate/evidence"

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
