package report

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestEveryKindOfChangeHasOneTrigger(t *testing.T) {
	for kind, want := range map[evidence.ChangeKind]Trigger{
		evidence.ChangeDeploy: TriggerCode, evidence.ChangeFlag: TriggerFlag, evidence.ChangeConfig: TriggerConfig,
		evidence.ChangeMigration: TriggerMigration, evidence.ChangeScale: TriggerInfra, evidence.ChangeDecision: TriggerNone, "": TriggerNone,
	} {
		if got := TriggerOf(kind); got != want {
			t.Errorf("%q: got %s, want %s", kind, got, want)
		}
	}
}
