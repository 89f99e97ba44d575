package compose

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestADeploymentIsSuspectForCommitsThatTouchItsService deploys three services of
// one repository at one commit, which touches the first of them.
func TestADeploymentIsSuspectForCommitsThatTouchItsService(t *testing.T) {
	sha := casetest.Sha(1)
	c := &gathered.Evidence{Onset: report.Onset{At: casetest.Onset0, Earliest: casetest.Onset0, Latest: casetest.Onset0}}
	for _, service := range []string{"ads", "gateway", "shared"} {
		c.Changes = append(c.Changes, evidence.Change{ID: service, Kind: evidence.ChangeDeploy, Service: service, To: sha, Commit: sha, Time: casetest.Onset0.Add(-time.Minute)})
	}
	cause := casetest.CauseWith("ads")
	cause.Trigger, cause.Commits = report.TriggerCode, []report.CommitScore{{SHA: sha, Subject: "Try again"}}
	for _, v := range changeViews(c, []report.Cause{cause}, map[string]bool{"gateway": true}) {
		if want := v.Service != "gateway"; v.Suspect != want {
			t.Errorf("%s: got suspect %v, want %v: %s", v.Service, v.Suspect, want, v.Why)
		}
	}
}
