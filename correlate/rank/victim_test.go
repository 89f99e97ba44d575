package rank

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestWithoutTracesWhatTravelsIsOnlyALead(t *testing.T) {
	travelling := func() report.Cause {
		return casetest.CauseWith("edge", casetest.OfKind("error/metric", 700, evidence.RefSeries), casetest.OfKind("error/novel-template", 600, evidence.RefLog), casetest.OfKind("change/before-onset", 300, evidence.RefChange))
	}
	starved := travelling()
	starved.Add(casetest.OfKind("resource/usage", 300, evidence.RefSeries))
	coded := travelling()
	coded.Commits = []report.CommitScore{{SHA: strings.Repeat("a", 40), Score: 900}, {SHA: report.NoCommit, Score: 600}}
	surge := casetest.CauseWith(evidence.Workload, casetest.OfKind("error/metric", 900, evidence.RefSeries))
	surge.Entity.Kind = evidence.KindWorkload
	for _, c := range []struct {
		name  string
		cause report.Cause
		with  func(*gathered.Evidence)
		want  bool
	}{
		{"errors and their lines", travelling(), func(*gathered.Evidence) {}, true},
		{"with a trace", travelling(), func(c *gathered.Evidence) { c.Traces = []gathered.Trace{{}} }, false},
		{"its calls are known from elsewhere", travelling(), func(c *gathered.Evidence) { c.Edges = []evidence.Edge{{Caller: "edge", Callee: "stock"}} }, false},
		{"a resource of its own", starved, func(*gathered.Evidence) {}, false},
		{"a commit that produces it", coded, func(*gathered.Evidence) {}, false},
		{"the traffic calls nobody", surge, func(*gathered.Evidence) {}, false},
	} {
		cs := &gathered.Evidence{}
		c.with(cs)
		if got := mayBeVictim(cs, &c.cause); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	v := Verdict(&gathered.Evidence{}, []report.Cause{travelling()}, "")
	if v.Word != report.LeadOnly || !strings.Contains(strings.Join(v.Because, " "), "no traces") {
		t.Errorf("got %s because %q, want a lead, for there are no traces", v.Word, v.Because)
	}
}
