package page

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// steps are the next steps of a report with the given verdict and causes.
func steps(w report.VerdictWord, change func(*report.Report), causes ...report.Cause) string {
	r := askedReport()
	r.Verdict.Word, r.Causes = w, causes
	if change != nil {
		change(&r)
	}
	var all []string
	for _, n := range built(r).Do.Next {
		all = append(all, n.Text)
	}
	return strings.Join(all, "\n")
}

func causeOf(name string, score int, kinds ...evidence.RefKind) report.Cause {
	c := report.Cause{Entity: evidence.Entity{Name: name}, Score: score}
	sources := map[evidence.RefKind]string{evidence.RefSpan: "traces", evidence.RefLog: "logs", evidence.RefSeries: "metrics"}
	for _, k := range kinds {
		c.Terms = append(c.Terms, report.Term{ID: "x/y", Points: score, Source: sources[k], Refs: []evidence.Ref{{Kind: k, Service: name}}})
	}
	return c
}

func TestAWeakVerdictSaysWhatWouldSettleIt(t *testing.T) {
	store, cart := causeOf("store", 600, evidence.RefSpan), causeOf("cart", 500, evidence.RefLog)
	calling := func(r *report.Report) {
		r.Trace = &report.TraceView{Trace: evidence.Trace{Spans: []evidence.Span{{SpanID: "a", Service: "cart"}, {SpanID: "b", ParentID: "a", Service: "store"}}}}
	}
	mapped := func(r *report.Report) {
		r.Map = &report.ServiceMap{Edges: []evidence.Edge{{Caller: "cart", Callee: "store"}}}
	}
	for _, c := range []struct {
		name string
		got  string
		want []string
	}{
		{"a callee and its caller", steps(report.LeadOnly, calling, store, cart), []string{"No other caller of store is known", "if it was well, look at cart", "only traces speak for it", "logs and metrics"}},
		{"no call between them", steps(report.LeadOnly, nil, store, cart), []string{"store or cart left its normal first", "Failures that came before the onset too tell nothing"}},
		{"a call that no trace shows", steps(report.LeadOnly, mapped, store, cart), []string{"No other caller of store is known"}},
		{"a surge", steps(report.LeadOnly, nil, causeOf(evidence.Workload, 900, evidence.RefSeries), cart), []string{"in trouble before 02:51:07 UTC, when the requests rose", "clients or routes"}},
		{"a source failed", steps(report.Inconclusive, func(r *report.Report) {
			r.Coverage = append(r.Coverage, evidence.Coverage{Source: "logs", Query: "x", Status: evidence.CoverageFailed})
		}, store), []string{"Ask again once logs can be read"}},
		{"no cause at all", steps(report.Inconclusive, nil), []string{"Widen the window"}},
	} {
		for _, want := range c.want {
			if !strings.Contains(c.got, want) {
				t.Errorf("%s: got\n%s\nwhich lacks %q", c.name, c.got, want)
			}
		}
	}
	if got := steps(report.Confirmed, calling, store, cart); got != "" {
		t.Errorf("a confirmed cause needs no further check, got %s", got)
	}
}

func TestAPlanInWordsIsNotDressedAsACommand(t *testing.T) {
	for plan, want := range map[string]bool{
		"deploy the previous revision of ad-server":         true,
		"restore flags/bidder.yaml of the previous release": true,
		"回滚到上一个版本":                                          true,
		"kubectl rollout undo deployment/ad-server":         false,
		"helm rollback ad-server 41 --wait":                 false,
		"git checkout the-branch && make -C of deploy":      false,
		"v1.8.1": false,
	} {
		r := askedReport()
		r.Actions = []report.Action{{Title: "Roll back", Command: plan, Source: "DEC-1"}}
		if c := built(r).Do; c.Words != want || c.Command == "" {
			t.Errorf("%q: got words %v with %q, want %v", plan, c.Words, c.Command, want)
		}
	}
}
