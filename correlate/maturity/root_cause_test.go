package maturity

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

var start = time.Date(2024, 8, 1, 2, 51, 0, 0, time.UTC)

const sha = "4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70"

func incident(id string, at time.Duration) casefile.Incident {
	return casefile.Incident{ID: id, Service: "checkout", StartedAt: start.Add(at), ReceivedAt: start.Add(at + 10*time.Second)}
}

func answer(revision int, after time.Duration, word report.VerdictWord, entity string) Answer {
	r := report.Report{Revision: revision, Sources: speaking, Verdict: report.Verdict{Word: word, Because: []string{"two sources failed"}}}
	if entity != "" {
		r.Causes = []report.Cause{{
			Entity: evidence.Entity{Name: entity}, Trigger: report.TriggerCode, Decision: "DEC-1",
			Sentence: entity + " broke", Commits: []report.CommitScore{{SHA: sha}},
		}}
	}
	return Answer{At: start.Add(10*time.Second + after), Report: r}
}

// speaking are sources of which each told something.
var speaking = []report.Standing{{Source: "traces", State: report.SourceSpeaks}, {Source: "logs", State: report.SourceSpeaks}, {Source: "metrics", State: report.SourceSpeaks}}

func check(r casefile.CheckRequest, cases []Case, now time.Time) casefile.CheckResult {
	return Run(&Input{Request: Request{CheckRequest: r}, Cases: cases, Now: now})[0]
}

func TestCheckJudgesTheFirstCause(t *testing.T) {
	right := answer(1, 4*time.Second, report.Confirmed, "bidder")
	noCommit := answer(1, 4*time.Second, report.Confirmed, "bidder")
	noCommit.Report.Causes[0].Commits = nil
	all := casefile.CheckExpect{Entity: "bidder", Trigger: "code", Commit: sha[:7], Decision: "DEC-1"}
	for _, c := range []struct {
		name    string
		expect  casefile.CheckExpect
		within  float64
		now     time.Duration
		answers []Answer
		want    string
		says    string
	}{
		{"right and in time", all, 60, 0, []Answer{right}, Pass, "Confirmed, 4 s after the alert: bidder broke"},
		{"nothing expected", casefile.CheckExpect{}, 60, 0, []Answer{right}, Pass, ""},
		{"too late", all, 3, 0, []Answer{right}, Fail, "the report came 4 s after the alert, 3 s were allowed"},
		{"another entity", casefile.CheckExpect{Entity: "etcd"}, 60, 0, []Answer{right}, Fail, "entity is bidder, expected etcd"},
		{"another trigger", casefile.CheckExpect{Trigger: "load"}, 0, 0, []Answer{right}, Fail, "trigger is code, expected load"},
		{"another commit", casefile.CheckExpect{Commit: "0000000"}, 0, 0, []Answer{right}, Fail, "commit is " + sha},
		{"too short a prefix", casefile.CheckExpect{Commit: sha[:6]}, 0, 0, []Answer{right}, Fail, "commit is"},
		{"another decision", casefile.CheckExpect{Decision: "DEC-2"}, 0, 0, []Answer{right}, Fail, "decision is DEC-1"},
		{"code without a commit", casefile.CheckExpect{}, 0, 0, []Answer{noCommit}, Warn, "no commit is named"},
		{"only a lead", all, 60, 0, []Answer{answer(1, time.Second, report.LeadOnly, "bidder")}, Warn, "only a lead"},
		{"abstained", all, 60, 0, []Answer{answer(1, time.Second, report.Inconclusive, "bidder")}, Inconclusive, "two sources failed"},
		{"not yet, in time", all, 60, 30 * time.Second, nil, Inconclusive, "still under investigation"},
		{"not yet, too late", all, 60, 90 * time.Second, nil, Fail, "no report 80 s after the alert"},
		{"corrected in time", all, 60, 0, []Answer{right, answer(2, 50*time.Second, report.Likely, "etcd")}, Fail, "entity is etcd"},
		{"changed after the time", all, 60, 0, []Answer{answer(2, 70*time.Second, report.Likely, "etcd"), right}, Pass, ""},
	} {
		r := casefile.CheckRequest{Level: 5, Incident: "INC-1", Expect: c.expect, Within: c.within}
		got := check(r, []Case{{Incident: incident("INC-1", 0), Answers: c.answers}}, start.Add(c.now))
		if got.Status != c.want || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s: got %s %q, want %s %q", c.name, got.Status, got.Message, c.want, c.says)
		}
		if got.Evidence != "/incidents/INC-1" {
			t.Errorf("%s: got evidence %q", c.name, got.Evidence)
		}
	}
}

func TestAServicesIncidentsAreThoseItRaisedAndThoseBlamedOnIt(t *testing.T) {
	blamed := incident("INC-1", 0)
	blamed.Entity = "bidder"
	cases := []Case{{blamed, []Answer{answer(1, time.Second, report.Confirmed, "bidder")}}}
	for service, want := range map[string]string{"checkout": Pass, "bidder": Pass, "cart": Inconclusive} {
		for _, r := range []casefile.CheckRequest{{Level: 5, Service: service, Incident: "INC-1"}, {Level: 5, Service: service, From: start, To: start.Add(time.Hour)}} {
			got := check(r, cases, start)
			if got.Status != want {
				t.Errorf("%s: got %s %q, want %s", service, got.Status, got.Message, want)
			}
			if want == Inconclusive && r.Incident != "" && got.Message != "INC-1 is an incident of checkout and not of cart" {
				t.Errorf("got %q, want whose incident it is", got.Message)
			}
		}
	}
}

func TestCheckAnswersWithTheWorstIncidentOfAWindow(t *testing.T) {
	r := casefile.CheckRequest{Level: 5, Service: "checkout", From: start, To: start.Add(time.Hour), Expect: casefile.CheckExpect{Entity: "bidder"}}
	wrong := answer(1, time.Second, report.Likely, "etcd")
	other := incident("INC-4", 0)
	other.Service = "cart"
	got := check(r, []Case{
		{incident("INC-3", 2*time.Hour), []Answer{wrong}}, // after the window
		{other, []Answer{wrong}},
		{incident("INC-2", time.Minute), []Answer{wrong}},
		{incident("INC-1", 0), []Answer{answer(1, time.Second, report.Likely, "bidder")}},
	}, start.Add(time.Hour))
	if got.Status != Fail || got.Evidence != "/incidents/INC-2" || !strings.HasPrefix(got.Message, "1 of 2 incidents passed") {
		t.Errorf("got %+v", got)
	}
}

func TestCheckOfNothingIsInconclusive(t *testing.T) {
	got := check(casefile.CheckRequest{Level: 5, Service: "cart", From: start, To: start.Add(time.Hour)}, nil, start)
	if got.Status != Inconclusive || got.Evidence != "" {
		t.Errorf("got %+v, want INCONCLUSIVE without evidence", got)
	}
}

func TestValidateNamesWhatIsWrong(t *testing.T) {
	ok := casefile.CheckRequest{Level: 5, Service: "cart", From: start, To: start.Add(time.Hour)}
	if err := Validate(&Request{CheckRequest: ok}); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	for name, spoil := range map[string]func(*casefile.CheckRequest){
		"level":     func(r *casefile.CheckRequest) { r.Level = 6 },
		"no window": func(r *casefile.CheckRequest) { r.To = time.Time{} },
		"reversed":  func(r *casefile.CheckRequest) { r.From, r.To = r.To, r.From },
		"negative":  func(r *casefile.CheckRequest) { r.Within = -1 },
	} {
		r := ok
		spoil(&r)
		if err := Validate(&Request{CheckRequest: r}); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
}
