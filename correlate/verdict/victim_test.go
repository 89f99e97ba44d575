package verdict

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

func TestWithoutTracesWhatTravelsIsOnlyALead(t *testing.T) {
	travelling := func() report.Cause {
		return casetest.CauseWith("edge", casetest.OfKind("error/metric", 700, evidence.RefSeries), casetest.OfKind("error/novel-template", 600, evidence.RefLog), casetest.OfKind("change/before-onset", 300, evidence.RefChange))
	}
	starved := travelling()
	starved.Add(casetest.OfKind("resource/usage", 300, evidence.RefSeries))
	coded := travelling()
	coded.Commits = []report.CommitScore{{SHA: strings.Repeat("a", 40), Score: 2900, Share: 820, Terms: []report.Term{{ID: "commit/mechanism-lock", Points: 2450}}}, {SHA: report.NoCommit, Score: 1300}}
	remote := casetest.CauseWith("edge", casetest.OfKind("error/innermost", 900, evidence.RefLog))
	remote.Terms[0].Elsewhere = true
	loud := casetest.CauseWith("edge", remote.Terms[0], casetest.OfKind("error/metric", 600, evidence.RefSeries))
	slow := casetest.CauseWith("edge", casetest.OfKind("latency/metric", 600, evidence.RefSeries), casetest.OfKind("topology/correlation", 300, evidence.RefSeries))
	foreign := coded
	foreign.Terms = coded.Terms[:2] // no change of its own
	elsewhere := coded
	elsewhere.Change = "a change of what it calls" // its own change did not bring the commit
	surge := casetest.CauseWith(evidence.Workload, casetest.OfKind("error/metric", 900, evidence.RefSeries))
	surge.Entity.Kind = evidence.KindWorkload
	graph := func(c *gathered.Evidence) { c.Edges = []evidence.Edge{{Caller: "edge", Callee: "stock"}} }
	spans := func(service string) func(*gathered.Evidence) {
		return func(c *gathered.Evidence) {
			span := evidence.Span{Service: service}
			c.Traces = []gathered.Trace{{Trace: evidence.Trace{Spans: []evidence.Span{span}}}}
		}
	}
	measured := func(sides ...bool) func(*gathered.Evidence) {
		return func(c *gathered.Evidence) {
			graph(c)
			for _, baseline := range sides {
				c.Logs = append(c.Logs, gathered.Line{LogLine: evidence.LogLine{Service: "stock"}, Baseline: baseline})
			}
		}
	}
	for _, c := range []struct {
		name  string
		cause report.Cause
		with  func(*gathered.Evidence)
		want  bool
	}{
		{"errors and their lines", travelling(), func(*gathered.Evidence) {}, true},
		{"with its own spans", travelling(), spans("edge"), false},
		{"with its own spans, of which none shows a call that it is known to make", travelling(), func(c *gathered.Evidence) { spans("edge")(c); graph(c) }, true},
		{"with its own spans, and lines of what it calls", travelling(), func(c *gathered.Evidence) { spans("edge")(c); measured(true)(c) }, false},
		{"with the spans of another", travelling(), spans("till"), true},
		{"what it calls is known and was never measured", travelling(), graph, true},
		{"what it calls was measured during the incident alone", travelling(), measured(false), true},
		{"what it calls was measured before and during", travelling(), measured(true, false), false},
		{"its lines tell of the other side", remote, measured(true, false), true},
		{"its lines tell of the other side, whatever its spans", remote, spans("edge"), true},
		{"its lines tell of the other side, and a measure says no more than that it fails", loud, measured(true, false), true},
		{"it is slow by a measure, and what it calls is as ever", slow, measured(true, false), true},
		{"it is slow by a measure, and calls nobody", slow, func(c *gathered.Evidence) { c.Edges = casetest.EdgesOf("front>edge") }, false},
		{"a commit that is not known to have gone live there", foreign, graph, true},
		{"a commit that a change of another brought", elsewhere, graph, true},
		{"a resource of its own", starved, func(*gathered.Evidence) {}, false},
		{"a commit that produces it", coded, func(*gathered.Evidence) {}, false},
		{"the traffic calls nobody", surge, func(*gathered.Evidence) {}, false},
	} {
		cs := &gathered.Evidence{}
		c.with(cs)
		if got := mayBeVictim(cs, &c.cause, topology.MeasuredOf(cs)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	v := Settle(&gathered.Evidence{}, []report.Cause{travelling()}, "")
	if v.Word != report.LeadOnly || !strings.Contains(strings.Join(v.Because, " "), "nothing measured") {
		t.Errorf("got %s because %q, want a lead, for nothing was measured", v.Word, v.Because)
	}
}
