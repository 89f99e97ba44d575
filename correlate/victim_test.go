package correlate

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestWithoutTracesWhatTravelsIsOnlyALead(t *testing.T) {
	travelling := func() Cause {
		return causeWith("edge", ofKind("error/metric", 700, evidence.RefSeries), ofKind("error/novel-template", 600, evidence.RefLog), ofKind("change/before-onset", 300, evidence.RefChange))
	}
	starved := travelling()
	starved.add(ofKind("resource/usage", 300, evidence.RefSeries))
	coded := travelling()
	coded.Commits = []CommitScore{{SHA: strings.Repeat("a", 40), Score: 900}, {SHA: NoCommit, Score: 600}}
	surge := causeWith(evidence.Workload, ofKind("error/metric", 900, evidence.RefSeries))
	surge.Entity.Kind = evidence.KindWorkload
	for _, c := range []struct {
		name  string
		cause Cause
		with  func(*Case)
		want  bool
	}{
		{"errors and their lines", travelling(), func(*Case) {}, true},
		{"with a trace", travelling(), func(c *Case) { c.Traces = []CaseTrace{{}} }, false},
		{"its calls are known from elsewhere", travelling(), func(c *Case) { c.Edges = []evidence.Edge{{Caller: "edge", Callee: "stock"}} }, false},
		{"a resource of its own", starved, func(*Case) {}, false},
		{"a commit that produces it", coded, func(*Case) {}, false},
		{"the traffic calls nobody", surge, func(*Case) {}, false},
	} {
		cs := &Case{}
		c.with(cs)
		if got := cs.mayBeVictim(&c.cause); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	v := verdict(&Case{}, []Cause{travelling()}, "")
	if v.Word != LeadOnly || !strings.Contains(strings.Join(v.Because, " "), "no traces") {
		t.Errorf("got %s because %q, want a lead, for there are no traces", v.Word, v.Because)
	}
}

// TestSensitivityToTracesIsWhatHappens takes the tracing backend away for real
// and compares with what the whole report says of it.
func TestSensitivityToTracesIsWhatHappens(t *testing.T) {
	w := newWorld()
	whole, err := New(w.sources(), Options{}).Investigate(t.Context(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	s := w.sources()
	s.Traces, s.Graph = nil, nil
	blind, err := New(s, Options{}).Investigate(t.Context(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	foreseen := whole.Causes[0].Entity.Name
	for _, line := range whole.Verdict.Sensitivity {
		if name, ok := strings.CutPrefix(line, "without traces "); ok {
			foreseen = strings.TrimSuffix(name, " would be first")
		}
	}
	if really := blind.Causes[0].Entity.Name; foreseen != really {
		t.Errorf("foreseen %s, and really %s is first", foreseen, really)
	}
}
