package casetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func At(minute int) time.Time { return time.Date(2026, 3, 4, 12, minute, 0, 0, time.UTC) }

func Sha(n int) string { return fmt.Sprintf("%040x", n+0xabc0000) }

// DeployedCase has a service "ledger" that is called by "till" and calls
// "rates"; trouble begins at minute 30. Commits are deployed to ledger at
// minutes 10 and 25, in the order given.
func DeployedCase(commits ...evidence.Commit) *gathered.Evidence {
	c := &gathered.Evidence{
		Onset:    report.Onset{At: At(30), Earliest: At(29), Latest: At(30)},
		Incident: evidence.Window{Start: At(30), End: At(36)},
		Alerting: []string{"ledger"},
		Entities: []evidence.Entity{{Name: "ledger", Kind: evidence.KindService}, {Name: "rates", Kind: evidence.KindService}, {Name: "till", Kind: evidence.KindService}},
		Edges:    []evidence.Edge{{Caller: "till", Callee: "ledger"}, {Caller: "ledger", Callee: "rates"}},
	}
	c.Request.Alert = evidence.Alert{Labels: map[string]string{"alertname": "LedgerErrors"}, Instances: []evidence.AlertInstance{{StartsAt: At(36)}}}
	for i := range commits {
		minute := 25 - 15*(len(commits)-1-i)
		commits[i].SHA, commits[i].Time = Sha(i), At(minute-5)
		Deploy(c, "ledger", minute, commits[i])
		c.Commits = append(c.Commits, commits[i])
	}
	return c
}

func Deploy(c *gathered.Evidence, service string, minute int, commits ...evidence.Commit) {
	ch := evidence.Change{ID: fmt.Sprintf("%s@%d", service, minute), Kind: evidence.ChangeDeploy, Service: service, Time: At(minute), To: fmt.Sprintf("v%d", minute), Commit: commits[0].SHA}
	c.Changes = append(c.Changes, ch)
	c.Deployments = append(c.Deployments, gathered.Deployment{Change: ch, Service: service, To: commits[0].SHA, Commits: commits, CommitsKnown: true})
}

func Fail(c *gathered.Evidence, service, text string) *gathered.Evidence {
	for m := 30; m < 36; m++ {
		c.Logs = append(c.Logs, gathered.Line{LogLine: evidence.LogLine{Time: At(m), Service: service, Severity: evidence.SeverityError, Body: text}, Template: text})
	}
	return c
}

func LedgerCause(m report.Mechanism) *report.Cause {
	return &report.Cause{Entity: evidence.Entity{Name: "ledger", Kind: evidence.KindService}, Mechanism: m}
}

func GoDiff(file string, lines ...string) evidence.Commit {
	return evidence.Commit{Message: "change " + file, Files: []string{file}, Diff: "--- a/" + file + "\n+++ b/" + file + "\n@@ -1,9 +1,9 @@ func f() {\n" + strings.Join(lines, "\n") + "\n"}
}

func SmallerPool() evidence.Commit {
	return GoDiff("ledger/store/open.go", "-\tdb.SetMaxOpenConns(40)", "+\tdb.SetMaxOpenConns(4)")
}

func LargerPool() evidence.Commit {
	return GoDiff("ledger/store/open.go", "-\tdb.SetMaxOpenConns(40)", "+\tdb.SetMaxOpenConns(50)")
}

func PoolHandler() evidence.Commit {
	return GoDiff("ledger/store/handler.go", "-\thttp.Error(w, \"connection pool exhausted\", 503)", "+\twriteError(w, 503, \"connection pool exhausted\")")
}

func Show(scores []report.CommitScore) string {
	var b strings.Builder
	for _, s := range scores {
		fmt.Fprintf(&b, "\n%5d %.10s %s", s.Score, s.SHA, s.Subject)
		for _, t := range s.Terms {
			fmt.Fprintf(&b, "\n        %5d %s: %s", t.Points, t.ID, t.Why)
		}
	}
	return b.String()
}

func Span(id, parent string, start, length int) evidence.Span {
	return evidence.Span{SpanID: id, ParentID: parent, Service: "s" + id, Operation: "op", Start: time.UnixMilli(int64(1000 + start)).UTC(), Duration: time.Duration(length) * time.Millisecond}
}

func AsJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TraceID(i int) string { return fmt.Sprintf("%032x", i+1) }

func WorkloadEntity() evidence.Entity {
	return evidence.Entity{Name: evidence.Workload, Kind: evidence.KindWorkload}
}

func EdgesOf(pairs ...string) []evidence.Edge {
	var es []evidence.Edge
	for _, p := range pairs {
		a, b, _ := strings.Cut(p, ">")
		es = append(es, evidence.Edge{Caller: a, Callee: b})
	}
	return es
}

// AddLines appends lines a few seconds apart on one side. A line that begins
// with its level bears it, as the reader of lines gives it.
func AddLines(c *gathered.Evidence, service string, baseline bool, n int, body string) {
	for i := range n {
		at := Onset0.Add(time.Duration(i+1) * 5 * time.Second)
		if baseline {
			at = Onset0.Add(-time.Duration(n-i) * 5 * time.Second)
		}
		c.Logs = append(c.Logs, gathered.Line{LogLine: evidence.LogLine{Time: at, Service: service, Body: body, Severity: levelOf(body)}, Baseline: baseline, Template: body})
	}
}

func levelOf(body string) evidence.Severity {
	level, _, _ := strings.Cut(body, " ")
	return map[string]evidence.Severity{"INFO": evidence.SeverityInfo, "WARN": evidence.SeverityWarn, "ERROR": evidence.SeverityError, "FATAL": evidence.SeverityFatal}[level]
}

func SamplesEvery(step time.Duration, xs ...float64) []evidence.Sample {
	var list []evidence.Sample
	for i, x := range xs {
		list = append(list, evidence.Sample{Time: time.Unix(1000, 0).UTC().Add(time.Duration(i) * step), Value: x})
	}
	return list
}

// Onset0 is the onset of hand-built cases.
var Onset0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Sampled makes samples a minute apart ending before, or starting at, onset0.
func Sampled(after bool, xs ...float64) []evidence.Sample {
	out := make([]evidence.Sample, len(xs))
	for i, x := range xs {
		at := Onset0.Add(time.Duration(i-len(xs)) * time.Minute)
		if after {
			at = Onset0.Add(time.Duration(i) * time.Minute)
		}
		out[i] = evidence.Sample{Time: at, Value: x}
	}
	return out
}

// MetricOf is a series with a steady baseline around a value.
func MetricOf(entity, name string, around float64, incident ...float64) gathered.Series {
	var base []float64
	for i := range 20 {
		base = append(base, around*(1+0.02*float64(i%5-2)))
	}
	return gathered.Series{Entity: entity, Name: name, Baseline: Sampled(false, base...), Incident: Sampled(true, incident...)}
}

func Entities(names ...string) []evidence.Entity {
	var es []evidence.Entity
	for _, n := range names {
		es = append(es, evidence.Entity{Name: n, Kind: evidence.KindService})
	}
	return es
}

// Call is one span of a hand-built trace.
type Call struct {
	Service, Op string
	At, Ms      float64
	Failed      bool
	Calls       []Call
	Logs        []string
	Kind        evidence.SpanKind
	Peer, Text  string // callee of a client span; what a failed one says
}

// AddTrace appends a trace built from a tree of calls, and its log lines.
func AddTrace(c *gathered.Evidence, id string, baseline bool, root Call) {
	start := Onset0.Add(time.Minute)
	if baseline {
		start = Onset0.Add(-10 * time.Minute)
	}
	tr := gathered.Trace{Baseline: baseline}
	tr.ID = id
	n := 0
	var walk func(parent string, k Call)
	walk = func(parent string, k Call) {
		n++
		span := fmt.Sprintf("%s-%03d", id, n)
		at := start.Add(time.Duration(k.At * float64(time.Millisecond)))
		tr.Spans = append(tr.Spans, evidence.Span{TraceID: id, SpanID: span, ParentID: parent, Service: k.Service, Operation: k.Op, Kind: k.Kind,
			Start: at, Duration: time.Duration(k.Ms * float64(time.Millisecond)), Failed: k.Failed, StatusMessage: k.Text})
		if k.Peer != "" {
			tr.Spans[len(tr.Spans)-1].Attributes = map[string]string{"peer.service": k.Peer}
		}
		for i, l := range k.Logs {
			c.Logs = append(c.Logs, gathered.Line{LogLine: evidence.LogLine{Time: at.Add(time.Duration(i+1) * time.Microsecond), Service: k.Service, Body: l, TraceID: id, SpanID: span}, Baseline: baseline, Template: l})
		}
		for _, x := range k.Calls {
			walk(span, x)
		}
	}
	walk("", root)
	c.Traces = append(c.Traces, tr)
}

func CauseWith(entity string, terms ...report.Term) report.Cause {
	c := report.Cause{Entity: evidence.Entity{Name: entity}, Mechanism: report.MechanismError, Trigger: report.TriggerNone}
	for _, t := range terms {
		c.Add(t)
	}
	return c
}

func OfKind(id string, points int, kind evidence.RefKind) report.Term {
	return report.Term{ID: id, Points: points, Why: id, Refs: []evidence.Ref{{Kind: kind}}}
}
