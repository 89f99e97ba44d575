package casetest

import (
	"fmt"
	rand "math/rand/v2"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// faults are what goes wrong in generated evidence.
var faults = []string{"slow", "wire", "fails", "starved", "leaks", "surge", "gone", "lines"}

// generator draws one system and one fault from a seed.
type generator struct {
	*rand.Rand
	c       *gathered.Evidence
	names   []string
	callees [][]int
	fault   string
	moved   bool // a measure has moved for no reason
	at      int  // whose fault it is; the entry for a surge
}

// Generated is the evidence of a small system that calls downwards from its entry,
// which alerts, with one fault, noise, and here and there a measure that moves for no
// reason or is missing; and the entity whose fault it is. One seed gives one case.
func Generated(seed uint64) (*gathered.Evidence, string) {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 13))}
	g.fault = faults[g.IntN(len(faults))]
	n := 2 + g.IntN(5)
	for i := range n {
		g.names = append(g.names, fmt.Sprintf("svc-%c", 'a'+i))
	}
	g.at = g.IntN(n)
	culprit := g.names[g.at]
	if g.fault == "surge" {
		g.at, culprit = 0, evidence.Workload
	}
	g.callees = make([][]int, n)
	g.c = &gathered.Evidence{
		Entities: append(Entities(g.names...), WorkloadEntity()), Alerting: g.names[:1],
		Onset:     report.Onset{At: Onset0, Earliest: Onset0.Add(-15 * time.Second), Latest: Onset0.Add(15 * time.Second)},
		Incident:  evidence.Window{Start: Onset0, End: Onset0.Add(6 * time.Minute)},
		Baselines: []evidence.Window{{Start: Onset0.Add(-21 * time.Minute), End: Onset0.Add(-time.Minute)}},
		FiredAt:   Onset0.Add(2 * time.Minute), Step: time.Minute,
		Sources: []report.Standing{{Source: "traces", State: report.SourceSpeaks}, {Source: "logs", State: report.SourceSpeaks}, {Source: "metrics", State: report.SourceSpeaks}},
	}
	for i := 1; i < n; i++ {
		caller := g.IntN(i)
		g.callees[caller] = append(g.callees[caller], i)
		g.c.Edges = append(g.c.Edges, evidence.Edge{Caller: g.names[caller], Callee: g.names[i]})
	}
	g.requests()
	for i := range g.names {
		g.measures(i)
	}
	return g.c, culprit
}

// near is a value with a tenth of noise around it.
func (g *generator) near(x float64) float64 { return x * (0.9 + 0.2*g.Float64()) }

// below reports whether the fault lies at an entity or below it.
func (g *generator) below(i int) bool {
	if i == g.at {
		return true
	}
	for _, c := range g.callees[i] {
		if g.below(c) {
			return true
		}
	}
	return false
}

// requests are the traces and lines of both sides, a few a minute.
func (g *generator) requests() {
	perMinute := 2 + g.IntN(3)
	id := 0
	for minute := -20; minute < 6; minute++ {
		n := perMinute
		if minute >= 0 && g.fault == "surge" {
			n *= 4
		}
		for range n {
			id++
			g.request(id, minute)
		}
	}
}

func (g *generator) request(id, minute int) {
	bad := minute >= 0
	from := len(g.c.Logs)
	root := g.call(0, bad)
	place(&root, 0)
	AddTrace(g.c, TraceID(id), !bad, root)
	t := &g.c.Traces[len(g.c.Traces)-1]
	t.Sampled = true
	shift := Onset0.Add(time.Duration(minute)*time.Minute + time.Duration(g.IntN(60))*time.Second).Sub(t.Spans[0].Start)
	for i := range t.Spans {
		t.Spans[i].Start = t.Spans[i].Start.Add(shift)
	}
	for i := range g.c.Logs[from:] {
		l := &g.c.Logs[from+i]
		l.Time, l.Severity = l.Time.Add(shift), levelOf(l.Body)
	}
}

// place moves a call, whose parts are placed within it, to its time in the trace.
func place(k *Call, at float64) {
	k.At += at
	for i := range k.Calls {
		place(&k.Calls[i], k.At)
	}
}

// call is one service's part of a request, what it calls placed within it.
func (g *generator) call(i int, bad bool) Call {
	hit := bad && i == g.at
	k := Call{Service: g.names[i], Op: "handle", Ms: g.near(5), Kind: evidence.SpanServer, Logs: []string{"INFO handled"}}
	switch {
	case hit && (g.fault == "slow" || g.fault == "starved" || g.fault == "leaks" || g.fault == "surge"):
		k.Ms += g.near(200)
	case hit && g.fault == "fails" && g.IntN(3) > 0:
		k.Failed, k.Text = true, "cannot read the ledger"
		k.Logs = append(k.Logs, "ERROR cannot read the ledger")
	case hit && g.fault == "lines" && g.IntN(3) > 0:
		k.Logs = append(k.Logs, "ERROR the ledger is out of order")
	}
	for _, callee := range g.callees[i] {
		sub := g.call(callee, bad)
		out := Call{Service: g.names[i], Op: "call " + g.names[callee], At: k.Ms - 1, Ms: sub.Ms + 0.5, Kind: evidence.SpanClient, Peer: g.names[callee], Calls: []Call{sub}}
		switch {
		case bad && callee == g.at && g.fault == "wire":
			out.Ms += g.near(200)
		case bad && callee == g.at && g.fault == "gone":
			out.Calls, out.Failed, out.Text = nil, true, "connection refused"
		}
		for j := range out.Calls {
			out.Calls[j].At = 0.2
		}
		if sub.Failed || out.Failed {
			out.Failed, k.Failed = true, true
			k.Logs = append(k.Logs, "ERROR call to "+g.names[callee]+" failed: connection refused")
		}
		k.Ms += out.Ms
		k.Calls = append(k.Calls, out)
	}
	return k
}

// measures are the series of one entity; each may be missing.
func (g *generator) measures(i int) {
	hit, upstream := i == g.at, g.below(i)
	slow := g.fault == "slow" || g.fault == "starved" || g.fault == "leaks" || g.fault == "surge" || g.fault == "wire" && !hit
	failing := g.fault == "fails" || g.fault == "gone" && !hit
	series := func(name string, around float64, moves bool, to float64) {
		if g.IntN(10) < 2 {
			return
		}
		if !moves && !g.moved && g.IntN(12) == 0 {
			g.moved, moves, to = true, true, around*(1.5+3*g.Float64()) // for no reason
		}
		if !moves {
			to = around
		}
		var during []float64
		for range 6 {
			during = append(during, g.near(to))
		}
		m := MetricOf(g.names[i], name, around, during...)
		if hit && g.fault == "gone" {
			m.Incident = m.Incident[:1]
		}
		g.c.Metrics = append(g.c.Metrics, m)
	}
	series("http_requests_per_second", 10, g.fault == "surge", 40)
	series("http_errors_ratio", 0.01, failing && upstream, 0.6)
	series("latency_p99_ms", 8*float64(1+len(g.names)-i), slow && upstream, 260)
	series("cpu_usage_ratio", 0.2, hit && (g.fault == "starved" || g.fault == "surge"), 0.95)
	series("memory_usage_bytes", 1e8, hit && g.fault == "leaks", 4e8)
}
