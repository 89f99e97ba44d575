package suspect

import (
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// asking is a scorer with what it was asked about a failing ledger.
func asking(e *gathered.Evidence) (*Scorer, asked) {
	s := New(view.New(e))
	return s, s.ask(casetest.LedgerCause(report.MechanismError))
}

// deployedTo has one commit deployed to a service so long before the onset;
// negative is after it.
func deployedTo(service string, before time.Duration) *gathered.Evidence {
	e := casetest.DeployedCase()
	cm := casetest.SmallerPool()
	cm.SHA, cm.Time = casetest.Sha(1), e.Onset.At.Add(-before-time.Minute)
	casetest.Deploy(e, service, 0, cm)
	for i := range e.Changes {
		e.Changes[i].Time = e.Onset.At.Add(-before)
	}
	e.Deployments[0].Change.Time = e.Onset.At.Add(-before)
	e.Commits = []evidence.Commit{cm}
	return e
}

func TestWhatIsOldSpeaksForNone(t *testing.T) {
	for _, c := range []struct {
		name        string
		e           *gathered.Evidence
		least, most int
	}{
		{"nothing went live", casetest.DeployedCase(), 0, 0},
		{"a minute before", deployedTo("ledger", time.Minute), 1, 20},
		{"an hour before", deployedTo("ledger", time.Hour), 693, 693}, // the logarithm of two
		{"a week before", deployedTo("ledger", 168*time.Hour), 5120, 5140},
		{"after it", deployedTo("ledger", -3*time.Minute), 0, 0},
	} {
		s, a := asking(c.e)
		if got := s.agedFeature(a); got.value < c.least || got.value > c.most || (got.value > 0) != (got.why != "") {
			t.Errorf("%s: got %d (%q), want %d to %d", c.name, got.value, got.why, c.least, c.most)
		}
	}
}

func TestWhatBeganAsSomethingWentLiveSpeaksAgainstNone(t *testing.T) {
	far := bare(&gathered.Evidence{}).by.Commit.None.AtOnce
	for _, c := range []struct {
		name string
		e    *gathered.Evidence
		want int
	}{
		{"in the same instant", deployedTo("ledger", 0), 1000},
		{"half of the way", deployedTo("ledger", far/2), 500},
		{"far enough", deployedTo("ledger", far), 0},
		{"within the onset's own doubt, after it", deployedTo("ledger", -far/4), 750},
		{"on what it calls", deployedTo("rates", 0), 0},
		{"nothing went live", casetest.DeployedCase(), 0},
	} {
		s, a := asking(c.e)
		if got := s.atOnceFeature(a); got.value != c.want || (got.value > 0) != (len(got.refs) == 1) {
			t.Errorf("%s: got %d with %d references, want %d", c.name, got.value, len(got.refs), c.want)
		}
	}
}

func TestPlacesThatNoCommitTouchesSpeakForNone(t *testing.T) {
	frame := func(file string, rung evidence.LocationRung) gathered.Frame {
		return gathered.Frame{Service: "ledger", Failing: true, Seen: 3, Frame: evidence.Frame{File: file, Line: 12, Rung: rung}}
	}
	nobody := deployedTo("ledger", time.Hour)
	nobody.Commits[0].Files, nobody.Commits[0].Diff = nil, ""
	nobody.Deployments[0].Commits = nobody.Commits
	for _, c := range []struct {
		name   string
		e      *gathered.Evidence
		frames []gathered.Frame
		want   int
	}{
		{"no place is known", deployedTo("ledger", time.Hour), nil, 0},
		{"a place elsewhere", deployedTo("ledger", time.Hour), []gathered.Frame{frame("ledger/post.go", evidence.LocationStack)}, 1000},
		{"two of them count once", deployedTo("ledger", time.Hour), []gathered.Frame{frame("ledger/post.go", evidence.LocationStack), frame("ledger/get.go", evidence.LocationStack)}, 1000},
		{"one of them is touched", deployedTo("ledger", time.Hour), []gathered.Frame{frame("ledger/post.go", evidence.LocationStack), frame("/src/ledger/store/open.go", evidence.LocationStack)}, 0},
		{"a place that was guessed from words", deployedTo("ledger", time.Hour), []gathered.Frame{frame("ledger/post.go", evidence.LocationOperation)}, 0},
		{"a place in a library", deployedTo("ledger", time.Hour), []gathered.Frame{frame("/go/pkg/mod/example.org/sql@v1.2.0/conn.go", evidence.LocationStack)}, 0},
		{"nobody knows what was touched", nobody, []gathered.Frame{frame("ledger/post.go", evidence.LocationStack)}, 0},
	} {
		c.e.Frames = c.frames
		s, a := asking(c.e)
		if got := s.untouchedFeature(a); got.value != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got.value, c.want)
		}
	}
}

func TestWhereNothingOrSomethingElseWentLive(t *testing.T) {
	comment := casetest.DeployedCase(casetest.GoDiff("ledger/store/open.go", "-\t// forty", "+\t// four"))
	apart := deployedTo("report", time.Hour)
	apart.Entities = append(apart.Entities, evidence.Entity{Name: "report", Kind: evidence.KindService})
	for _, c := range []struct {
		name             string
		e                *gathered.Evidence
		elsewhere, quiet int
	}{
		{"on the entity", deployedTo("ledger", time.Hour), 0, 0},
		{"on what it calls", deployedTo("rates", time.Hour), 0, 0},
		{"on what has nothing to do with it", apart, 1000, 0},
		{"only after the onset", deployedTo("ledger", -3*time.Minute), 0, 1000},
		{"only a comment", comment, 0, 1000},
	} {
		s, a := asking(c.e)
		if e, q := s.elsewhereFeature(a).value, s.quietFeature(a).value; e != c.elsewhere || q != c.quiet {
			t.Errorf("%s: got elsewhere %d and quiet %d, want %d and %d", c.name, e, q, c.elsewhere, c.quiet)
		}
	}
}

func TestAFaultIsSeenRatherThanRead(t *testing.T) {
	const expired = "x509: certificate has expired or is not yet valid"
	said := func(services ...string) *gathered.Evidence {
		e := casetest.DeployedCase()
		for _, s := range services {
			casetest.Fail(e, s, expired)
		}
		return e
	}
	measured := said("ledger")
	measured.Metrics = []gathered.Series{moving("ledger", "tls_handshake_errors_total", 1, 90, 1)}
	for _, c := range []struct {
		name  string
		e     *gathered.Evidence
		cause *report.Cause
		sig   mechanism.Signature
		want  bool
	}{
		{"one program's message", said("ledger"), casetest.LedgerCause(report.MechanismError), mechanism.CertExpired, false},
		{"the same of two", said("ledger", "rates"), casetest.LedgerCause(report.MechanismError), mechanism.CertExpired, true},
		{"the platform's word", said("kubelet"), casetest.LedgerCause(report.MechanismError), mechanism.CertExpired, true},
		{"a measure", measured, casetest.LedgerCause(report.MechanismError), mechanism.TLSFailure, true},
		{"what the cause itself is", said("ledger"), casetest.LedgerCause(report.MechanismExternal), mechanism.CertExpired, true},
		{"where no commit of ours runs", said("ledger"), &report.Cause{Entity: evidence.Entity{Name: "ledger", Kind: evidence.KindNode}, Mechanism: report.MechanismError}, mechanism.CertExpired, true},
	} {
		s := New(view.New(c.e))
		if got := s.witnessed(c.sig, s.ask(c.cause)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhatAFaultDoesNotBringAbout(t *testing.T) {
	seen := func(sigs ...mechanism.Signature) signs {
		out := newSigns()
		for _, sig := range sigs {
			out.add(sig, 900)
		}
		return out
	}
	faint := newSigns()
	faint.add(mechanism.Deadlock, 300)
	for _, c := range []struct {
		name string
		seen signs
		want mechanism.Signature
	}{
		{"nothing else is seen", seen(mechanism.Surge), ""},
		{"another fault of operation", seen(mechanism.Surge, mechanism.CertExpired), ""},
		{"its consequence", seen(mechanism.Surge, mechanism.Overload), ""},
		{"a fault of code", seen(mechanism.Surge, mechanism.NilDeref), mechanism.NilDeref},
		{"a faint sign", faint, ""},
	} {
		if got := unexplained(mechanism.Surge, c.seen, 700); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhatTheOthersHaveByChanceSpeaksForNone(t *testing.T) {
	s := bare(&gathered.Evidence{})
	for _, c := range []struct {
		name   string
		points []int
		want   int
	}{
		{"nobody", nil, 0},
		{"too few to tell", []int{3000, 2000, 2000}, 0},
		{"the best does not count", []int{9000, 0, 0, 0, 0}, 0},
		{"wherever it stands", []int{0, 0, 9000, 0, 0}, 0},
		{"all but it", []int{9000, 2000, 2000, 2000}, 2000},
		{"what speaks against them is no chance", []int{2000, -1500, -1500, -1500}, 0},
		{"their mean odds", []int{4000, 3000, 0, 0, 0}, 1753}, // log((e^3 + 3) / 4)
	} {
		if got := s.chanceFeature(c.points); got.value != c.want || (got.value > 0) != (got.why != "") {
			t.Errorf("%s: got %d (%q), want %d", c.name, got.value, got.why, c.want)
		}
	}
}

func TestAFaultInCodeThatNobodyTouchedWasThereBefore(t *testing.T) {
	for _, c := range []struct {
		file string
		want bool
	}{{"/src/ledger/store/open.go", true}, {"/src/ledger/post.go", false}} {
		e := deployedTo("ledger", time.Hour)
		casetest.Fail(e, "ledger", "panic: runtime error: index out of range [3] with length 3")
		e.Frames = []gathered.Frame{{Service: "ledger", Failing: true, Seen: 3, Frame: evidence.Frame{File: c.file, Line: 12, Rung: evidence.LocationStack}}}
		s, a := asking(e)
		if got := s.defectFeature(a); (got.value > 0) != c.want {
			t.Errorf("%s: got %d, want it to count: %v", c.file, got.value, c.want)
		}
	}
}

func TestWhatAProgramDoesByItselfSpeaksAgainstNone(t *testing.T) {
	for _, c := range []struct {
		said  string
		cause report.Mechanism
		want  bool
	}{
		{"panic: runtime error: invalid memory address or nil pointer dereference", report.MechanismError, true},
		{"fatal error: concurrent map writes", report.MechanismError, true},
		{"TypeError: store.settle is not a function", report.MechanismError, true},
		{"column paid_at does not exist", report.MechanismError, true},
		{"panic: runtime error: invalid memory address or nil pointer dereference", report.MechanismData, false}, // a record may bring it about
		{"dial tcp 10.0.0.7:5432: connect: connection refused", report.MechanismError, false},
		{"context deadline exceeded", report.MechanismError, false},
	} {
		e := casetest.DeployedCase()
		casetest.Fail(e, "ledger", c.said)
		s := New(view.New(e))
		got := s.defectFeature(s.ask(casetest.LedgerCause(c.cause)))
		if (got.value > 0) != c.want || (got.value > 0) != (got.why != "") {
			t.Errorf("%s, %s: got %d (%q)", c.said, c.cause, got.value, got.why)
		}
	}
}

// TestANameThatIsMissedIsShownByItsLine and by none that tells of another fault.
func TestANameThatIsMissedIsShownByItsLine(t *testing.T) {
	e := casetest.DeployedCase()
	casetest.Fail(e, "ledger", "panic: runtime error: invalid memory address or nil pointer dereference")
	first := len(e.Logs)
	casetest.Fail(e, "ledger", "TypeError: store.settle is not a function")
	s := New(view.New(e))
	got := s.defectFeature(s.ask(casetest.LedgerCause(report.MechanismError)))
	if len(got.refs) == 0 {
		t.Fatal("no line is shown")
	}
	for _, r := range got.refs {
		if !slices.ContainsFunc(e.Logs[first:], func(l gathered.Line) bool { return lineRef(&l) == r }) {
			t.Errorf("%q: got %+v, want a line that misses the name", got.why, r)
		}
	}
}
