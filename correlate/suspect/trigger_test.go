package suspect

import (
	"slices"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

func TestTheTriggerWhereEveryCommitIsCleared(t *testing.T) {
	for _, c := range []struct {
		kind  evidence.EntityKind
		m     report.Mechanism
		known report.Trigger
		want  report.Trigger
	}{
		{evidence.KindService, report.MechanismError, report.TriggerCode, report.TriggerNone},
		{evidence.KindService, report.MechanismLatency, report.TriggerFlag, report.TriggerNone},
		{evidence.KindService, report.MechanismError, report.TriggerLoad, report.TriggerLoad},
		{evidence.KindService, report.MechanismResource, report.TriggerNone, report.TriggerInfra},
		{evidence.KindService, report.MechanismAbsence, report.TriggerNone, report.TriggerInfra},
		{evidence.KindService, report.MechanismSurge, report.TriggerNone, report.TriggerLoad},
		{evidence.KindService, report.MechanismData, report.TriggerNone, report.TriggerLoad},
		{evidence.KindDatabase, report.MechanismError, report.TriggerNone, report.TriggerInfra},
		{evidence.KindExternal, report.MechanismLatency, report.TriggerNone, report.TriggerInfra},
	} {
		cause := &report.Cause{Entity: evidence.Entity{Name: "x", Kind: c.kind}, Mechanism: c.m, Trigger: c.known}
		if got := triggerWithoutCommit(cause); got != c.want {
			t.Errorf("%s of a %s, thought to be %q: got %q, want %q", c.m, c.kind, c.known, got, c.want)
		}
	}
	for sig, want := range map[mechanism.Signature]report.Trigger{"": report.TriggerNone, mechanism.Surge: report.TriggerLoad, mechanism.PoisonRecord: report.TriggerLoad, mechanism.CertExpired: report.TriggerInfra} {
		if got := triggerOf(sig); got != want {
			t.Errorf("%q: got %q, want %q", sig, got, want)
		}
	}
}

func TestAShortListKeepsNone(t *testing.T) {
	var ranked []report.CommitScore
	for i := range 15 {
		ranked = append(ranked, report.CommitScore{SHA: casetest.Sha(i)})
	}
	ranked[12].SHA = report.NoCommit
	got := shortened(ranked)
	if len(got) != mostCommits || got[0].SHA != casetest.Sha(0) || got[mostCommits-1].SHA != report.NoCommit {
		t.Errorf("got %d ending with %s, want %d ending with none", len(got), got[len(got)-1].SHA, mostCommits)
	}
	if ranked[mostCommits-1].SHA != casetest.Sha(mostCommits-1) {
		t.Error("the whole list, of which more is said, was changed")
	}
}

// TestWhatTheReportNeedsOfTheCommits ranks the commits of a whole case and looks at what is
// handed on.
func TestWhatTheReportNeedsOfTheCommits(t *testing.T) {
	e := casetest.Fail(casetest.DeployedCase(casetest.SmallerPool()), "ledger", "connection pool exhausted")
	casetest.Fail(e, "till", "ledger did not answer")
	e.Changes = append(e.Changes, evidence.Change{ID: "rates-flag", Kind: evidence.ChangeFlag, Service: "rates", Time: casetest.At(28)})
	e.Alerting = []string{"till"}
	s := New(view.New(e))
	causes := []report.Cause{{Entity: evidence.Entity{Name: "till", Kind: evidence.KindService}, Mechanism: report.MechanismError, Score: 100}, *casetest.LedgerCause(report.MechanismSaturation)}
	s.SetTriggers(causes)
	if causes[0].Entity.Name != "ledger" || !slices.ContainsFunc(causes[0].Terms, func(t report.Term) bool { return t.ID == "change/produces" && t.Points > 0 }) {
		t.Errorf("got %s first, want ledger, on which a commit is live that produces what is seen", causes[0].Entity.Name)
	}
	// What the diff does is the whole of what its rule says, whatever stands in that.
	cd := s.CandidateOf(casetest.Sha(0))
	for i := range cd.matches {
		cd.matches[i].Why = "one; two: three"
	}
	cause := casetest.LedgerCause(report.MechanismSaturation)
	s.setTrigger(cause)
	if s.addProduced(cause); !slices.ContainsFunc(cause.Terms, func(t report.Term) bool {
		return t.ID == "change/produces" && t.Said == wording.Say("change/produces", "in ledger one; two: three")
	}) {
		t.Errorf("got %+v, want what the commit does", cause.Terms)
	}
	got := s.Summary(causes)
	if !slices.Equal(got.Hit, []string{"ledger", "till"}) || !slices.Equal(got.Suffering, got.Hit) {
		t.Errorf("got %v hit and %v suffering, want ledger and till", got.Hit, got.Suffering)
	}
	if !slices.Equal(got.Way, []string{"ledger", "till"}) {
		t.Errorf("got the way %v, want from ledger up to till", got.Way)
	}
	if got.Commit == nil || got.Commit.SHA != casetest.Sha(0) || got.Release.ID != "ledger@25" {
		t.Errorf("got commit %v by %q, want the first by ledger@25", got.Commit, got.Release.ID)
	}
	if !got.Untouched["rates"] || got.Untouched["ledger"] {
		t.Errorf("got untouched %v, want rates alone", got.Untouched)
	}
	if empty := s.Summary(nil); empty.Commit != nil || empty.Way != nil {
		t.Errorf("got %+v for no cause", empty)
	}
}
