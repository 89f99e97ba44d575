package suspect

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// bare is a scorer of evidence in which no commit is known.
func bare(e *gathered.Evidence) *Scorer { return New(view.New(e)) }

func TestALineCountsByItsSeverityAndNovelty(t *testing.T) {
	s := bare(&gathered.Evidence{})
	by := &s.by.Commit.Reading
	for _, c := range []struct {
		severity evidence.Severity
		novel    bool
		want     weights.Said
	}{
		{evidence.SeverityFatal, true, by.NewError},
		{evidence.SeverityError, true, by.NewError},
		{evidence.SeverityError, false, by.Error},
		{evidence.SeverityWarn, true, by.NewWarning},
		{evidence.SeverityWarn, false, by.Warning},
		{evidence.SeverityInfo, true, by.New},
		{evidence.SeverityUnknown, true, by.New}, // nobody said how grave it is
		{evidence.SeverityDebug, true, weights.Said{}},
		{evidence.SeverityInfo, false, weights.Said{}},
	} {
		if got := s.lineStrength(&evidence.LogLine{Severity: c.severity}, c.novel); got != c.want {
			t.Errorf("severity %v, new %v: got %+v, want %+v", c.severity, c.novel, got, c.want)
		}
	}
}

func TestSignsKeepTheStrongestSightingAndThreeReferences(t *testing.T) {
	s := newSigns()
	for i, strength := range []int{300, 900, 500, 700} {
		s.add(mechanism.Timeout, strength, evidence.Ref{ID: string(rune('a' + i))})
	}
	if s.strength[mechanism.Timeout] != 900 || len(s.refs[mechanism.Timeout]) != 3 {
		t.Errorf("got strength %d with %d references, want 900 with 3", s.strength[mechanism.Timeout], len(s.refs[mechanism.Timeout]))
	}
	half := newSigns()
	half.merge(s, 500)
	if half.strength[mechanism.Timeout] != 450 {
		t.Errorf("half of it is %d, want 450", half.strength[mechanism.Timeout])
	}
	s.add(mechanism.Deadlock, 900)
	if got := s.inOrder(); got[0] != mechanism.Deadlock || got[1] != mechanism.Timeout {
		t.Errorf("got %v, want equal ones by name", got)
	}
}

func TestADiffFitsHowItShows(t *testing.T) {
	s := bare(&gathered.Evidence{})
	seen := func(sigs ...mechanism.Signature) signs {
		out := newSigns()
		for _, sig := range sigs {
			out.add(sig, 1000)
		}
		return out
	}
	for _, c := range []struct {
		name     string
		seen     signs
		produced mechanism.Signature
		at       mechanism.Signature
		least    int
		most     int
	}{
		{"the same", seen(mechanism.Deadlock), mechanism.Deadlock, mechanism.Deadlock, 1000, 1000},
		{"its consequence", seen(mechanism.PoolExhausted), mechanism.HandleLeak, mechanism.PoolExhausted, 500, 999},
		{"what any fault ends in tells less", seen(mechanism.Unhandled), mechanism.Unhandled, mechanism.Unhandled, 1, 999},
		{"the best of several", seen(mechanism.Unhandled, mechanism.Deadlock), mechanism.Deadlock, mechanism.Deadlock, 1000, 1000},
		{"nothing of it", seen(mechanism.CertExpired), mechanism.Deadlock, "", 0, 0},
		{"nothing seen", seen(), mechanism.Deadlock, "", 0, 0},
	} {
		if fit, at := s.fit(c.seen, c.produced); at != c.at || fit < c.least || fit > c.most {
			t.Errorf("%s: got %d at %q, want %d to %d at %q", c.name, fit, at, c.least, c.most, c.at)
		}
	}
}

func TestHowFarTheFirstIsAhead(t *testing.T) {
	by := weights.Default()
	for _, c := range []struct {
		ahead, share int
		want         string
	}{
		{1387, 800, report.SuspicionClear}, // four times, and most of the belief
		{1387, 600, report.SuspicionAhead}, // four times the next, but many share the rest
		{700, 500, report.SuspicionAhead},  // twice
		{600, 500, report.SuspicionOpen},
		{0, 500, report.SuspicionOpen},
	} {
		list := []report.CommitScore{{SHA: "a", Score: 1000 + c.ahead, Share: c.share}, {SHA: report.NoCommit, Score: 1000}}
		if got := suspicion(list, by); got.Word != c.want {
			t.Errorf("%d ahead with %d of the belief: got %s, want %s", c.ahead, c.share, got.Word, c.want)
		}
	}
	if got := suspicion([]report.CommitScore{{SHA: report.NoCommit}}, by); got != nil {
		t.Errorf("nothing was compared: got %+v", got)
	}
}

func TestRecencyHalvesInHoursAndAtOnceInMinutes(t *testing.T) {
	s := bare(&gathered.Evidence{Onset: report.Onset{At: casetest.Onset0}})
	at := func(kind evidence.ChangeKind, age time.Duration) int {
		return s.recency(live{Service: "till", Change: evidence.Change{Kind: kind, Time: casetest.Onset0.Add(-age)}})
	}
	if now, half := at(evidence.ChangeDeploy, 0), at(evidence.ChangeDeploy, s.by.Commit.Live.HalfLife); now != 1000 || half != 500 {
		t.Errorf("a deployment has %d at the onset and %d after its half-life, want 1000 and 500", now, half)
	}
	if flag, deploy := at(evidence.ChangeFlag, time.Minute), at(evidence.ChangeDeploy, time.Minute); flag <= deploy {
		t.Errorf("a minute before, a flag has %d and a deployment %d: what takes effect at once has no excuse for a delay", flag, deploy)
	}
	if flag, deploy := at(evidence.ChangeFlag, 10*time.Hour), at(evidence.ChangeDeploy, 10*time.Hour); flag-deploy > 20 {
		t.Errorf("ten hours before, a flag has %d and a deployment %d, want about the same", flag, deploy)
	}
	if after := at(evidence.ChangeDeploy, -time.Minute); after != 1000 {
		t.Errorf("within the onset's own doubt: got %d, want 1000", after)
	}
}

// requests is a series of requests a second of an entity.
func requests(entity string, before, during float64) gathered.Series {
	return gathered.Series{Entity: entity, Name: "http_requests_total", Stat: "rate", Kind: evidence.MetricCounter,
		Baseline: casetest.Sampled(false, before, before, before, before), Incident: casetest.Sampled(true, during, during, during, during)}
}

func TestASurgeBeginsAtTheEntry(t *testing.T) {
	for _, c := range []struct {
		name       string
		front, own float64
		want       bool
	}{
		{"the entry and the entity rise", 300, 300, true},
		{"the entry rises and nothing is measured inside", 300, 0, true},
		{"only the entity rises: retries", 100, 300, false},
		{"the entry rises and the entity does not", 300, 100, false},
		{"the entity rises far more than the entry", 160, 900, false},
		{"a little more than usual", 130, 130, false},
	} {
		e := &gathered.Evidence{Entities: casetest.Entities("front", "till"), Edges: []evidence.Edge{{Caller: "front", Callee: "till"}}, Metrics: []gathered.Series{requests("front", 100, c.front)}}
		if c.own > 0 {
			e.Metrics = append(e.Metrics, requests("till", 100, c.own))
		}
		cause := report.Cause{Entity: evidence.Entity{Name: "till", Kind: evidence.KindService}, Mechanism: report.MechanismLatency}
		if got := bare(e).Surging(&cause); (got > 0) != c.want || got > 1000 {
			t.Errorf("%s: got %d, want one: %v", c.name, got, c.want)
		}
	}
}

func TestWhatIsOperational(t *testing.T) {
	s := bare(&gathered.Evidence{})
	cause := func(m report.Mechanism, k evidence.EntityKind) *report.Cause {
		return &report.Cause{Entity: evidence.Entity{Name: "till", Kind: k}, Mechanism: m}
	}
	seen := func(sig mechanism.Signature, strength int) signs {
		out := newSigns()
		out.add(sig, strength)
		return out
	}
	for _, c := range []struct {
		name  string
		cause *report.Cause
		seen  signs
		want  mechanism.Signature
	}{
		{"an expired certificate", cause(report.MechanismExternal, evidence.KindService), seen(mechanism.CertExpired, 1000), mechanism.CertExpired},
		{"a deadlock is code's", cause(report.MechanismSaturation, evidence.KindService), seen(mechanism.Deadlock, 1000), ""},
		{"a record that fails again and again", cause(report.MechanismData, evidence.KindService), seen(mechanism.Decode, 900), mechanism.PoisonRecord},
		{"a full disk, which a diff may fill", cause(report.MechanismError, evidence.KindService), seen(mechanism.DiskFull, 1000), mechanism.DiskFull},
		{"a node", cause(report.MechanismResource, evidence.KindNode), seen(mechanism.CPUBurn, 900), mechanism.NodePressure},
		{"a provider", cause(report.MechanismError, evidence.KindExternal), seen(mechanism.Timeout, 900), mechanism.Provider},
		{"more traffic", cause(report.MechanismSurge, evidence.KindWorkload), newSigns(), mechanism.Surge},
		{"nothing", cause(report.MechanismError, evidence.KindService), newSigns(), ""},
	} {
		if got, strength := s.Operational(c.cause, c.seen); got != c.want || (strength > 0) != (c.want != "") {
			t.Errorf("%s: got %q at %d, want %q", c.name, got, strength, c.want)
		}
	}
}

func TestWhoIsHitShowsASymptom(t *testing.T) {
	at := casetest.Onset0
	line := func(service string, severity evidence.Severity, body string, s int) gathered.Line {
		return gathered.Line{Template: body, LogLine: evidence.LogLine{Time: at.Add(time.Duration(s) * time.Second), Service: service, Severity: severity, Body: body}}
	}
	known := line("stock", evidence.SeverityWarn, "slow disk", -600)
	known.Baseline = true
	e := &gathered.Evidence{Entities: casetest.Entities("front", "stock", "till"), Onset: report.Onset{At: at, Earliest: at, Latest: at}, Logs: []gathered.Line{
		known, line("stock", evidence.SeverityWarn, "slow disk", 5), // as always
		line("till", evidence.SeverityError, "cannot book", 10), line("front", evidence.SeverityError, "till failed", 12),
		line("kubelet", evidence.SeverityError, "back-off restarting failed container", 1), line("stock", evidence.SeverityInfo, "counted", 3),
	}}
	got := bare(e).HitBy()
	if len(got) != 2 || got[0] != "till" || got[1] != "front" {
		t.Errorf("got %v, want till and front in the order in which they began: no platform, nothing usual, nothing harmless", got)
	}
}
