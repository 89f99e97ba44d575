// Package sourcestest holds the contract of the engine's ports as tests: the
// same questions with the same answers for the live adapters, for recordings of
// the servers behind them, and for the bundle replayer.
package sourcestest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// Dataset is what every implementation under test holds: a small shop's ten
// minutes, long ago, so that a store which hides old data is found out.
type Dataset struct {
	Window evidence.Window // holds all spans and lines, and the samples but one series
	Spans  []evidence.Span // but for those in RawSpans
	Logs   []evidence.LogLine
	Series []evidence.Series
	Rules  []evidence.Rule
	Edges  []evidence.Edge
}

// Instants and sizes that the questions of the suite refer to.
const (
	traceCount = 30
	traceEvery = 20 * time.Second
	scrape     = 15 * time.Second
	failsEvery = 5 // every fifth trace fails
)

// PageSize is small so that an answer of Loki's needs several pages.
const PageSize = 25

// RecordedWindow is what the recordings of the servers hold for a recorder: a
// day more than the data set's, for the metric that stopped a day before.
func RecordedWindow() evidence.Window {
	w := NewDataset().Window
	return evidence.Window{Start: w.Start.AddDate(0, 0, -1), End: w.End.Add(time.Second)}
}

func start() time.Time { return time.Date(2025, 11, 20, 10, 0, 0, 0, time.UTC) }

// NewDataset makes the data set, the same each time.
func NewDataset() Dataset {
	d := Dataset{Window: evidence.Window{Start: start(), End: start().Add(traceCount * traceEvery)}}
	for i := range traceCount {
		d.Spans = append(d.Spans, traceSpans(i)...)
		d.Logs = append(d.Logs, traceLogs(i)...)
	}
	for _, service := range []string{"cart", "gateway", "store"} {
		d.Logs = append(d.Logs, tiedLogs(service)...)
	}
	d.Series = series(d.Window)
	d.Rules = []evidence.Rule{
		{Group: "cart", Name: "CartErrors", Expr: `rate(http_requests_total{code="500"}[1m]) > 0.1`, For: 90 * time.Second, Labels: map[string]string{"severity": "page", "service": "cart"}},
		{Group: "cart", Name: "CartSlow", Expr: "histogram_quantile(0.99, rate(http_request_duration_seconds_bucket[5m])) > 2"},
		{Group: "store", Name: "StoreQueue", Expr: "queue_depth > 100", For: time.Minute, Labels: map[string]string{"severity": "ticket"}},
	}
	d.Edges = []evidence.Edge{{Caller: "cart", Callee: "store", Calls: traceCount}, {Caller: "gateway", Callee: "cart", Calls: traceCount}}
	return d
}

func traceIDOf(i int) string { return fmt.Sprintf("5ca1ab1e%08x0000000000%06x", i+1, i*7+1) }

func spanIDOf(trace, n int) string { return fmt.Sprintf("%08x%08x", trace+1, n+1) }

func resource(service string) map[string]string {
	return map[string]string{"service.name": service, "service.version": "1.4." + fmt.Sprint(len(service)), "vcs.ref.head.revision": strings.Repeat("ab12", 10)}
}

// traceSpans is one request: gateway calls cart, cart calls store.
func traceSpans(i int) []evidence.Span {
	at := start().Add(time.Duration(i) * traceEvery)
	took := time.Duration(40+i) * time.Millisecond
	failed := i%failsEvery == failsEvery-1
	span := func(n int, parent, service, operation string, kind evidence.SpanKind, after, took time.Duration) evidence.Span {
		return evidence.Span{
			TraceID: traceIDOf(i), SpanID: spanIDOf(i, n), ParentID: parent, Service: service, Operation: operation, Kind: kind,
			Start: at.Add(after), Duration: took, Resource: resource(service),
		}
	}
	root := span(0, "", "gateway", "GET /cart", evidence.SpanServer, 0, took)
	root.Attributes = map[string]string{"http.route": "/cart", "http.response.status_code": "200"}
	call := span(1, root.SpanID, "gateway", "cart.Get", evidence.SpanClient, time.Millisecond, took-2*time.Millisecond)
	cart := span(2, call.SpanID, "cart", "cart.Get", evidence.SpanServer, 2*time.Millisecond, took-4*time.Millisecond)
	cart.Attributes = map[string]string{"code.file.path": "internal/cart/get.go", "code.line.number": "42"}
	query := span(3, cart.SpanID, "store", "SELECT", evidence.SpanClient, 3*time.Millisecond+123, took-6*time.Millisecond-321)
	if failed {
		root.Failed, cart.Failed, cart.StatusMessage = true, true, "store timed out"
		root.Attributes["http.response.status_code"] = "500"
		cart.Events = []evidence.SpanEvent{
			{Name: "retry", Time: cart.Start.Add(5 * time.Millisecond)},
			{Name: "exception", Time: cart.Start.Add(10 * time.Millisecond), Attributes: map[string]string{
				"exception.type": "*store.TimeoutError", "exception.message": "store timed out", "exception.stacktrace": "cart.(*Server).Get\n\tinternal/cart/get.go:42",
			}},
		}
	}
	return []evidence.Span{root, call, cart, query}
}

// traceLogs are the lines of one request. Of the last service's, the text alone
// has the trace ID.
func traceLogs(i int) []evidence.LogLine {
	at := start().Add(time.Duration(i) * traceEvery)
	id := traceIDOf(i)
	lines := []evidence.LogLine{
		{Time: at.Add(time.Millisecond), Service: "gateway", Severity: evidence.SeverityInfo, Body: "GET /cart", TraceID: id, SpanID: spanIDOf(i, 0), Resource: resource("gateway")},
		{Time: at.Add(20*time.Millisecond + 7), Service: "cart", Severity: evidence.SeverityInfo, Body: `{"msg":"got cart","n":3}`, TraceID: id, SpanID: spanIDOf(i, 2), Resource: resource("cart"),
			Attributes: map[string]string{"code.file.path": "internal/cart/get.go", "code.line.number": "47", "tier": "gold"}},
		{Time: at.Add(30 * time.Millisecond), Service: "store", Severity: evidence.SeverityDebug, Body: "done trace=" + id + " rows=3", Resource: resource("store")},
	}
	if i%failsEvery == failsEvery-1 {
		lines = append(lines, evidence.LogLine{
			Time: at.Add(35 * time.Millisecond), Service: "cart", Severity: evidence.SeverityError, Body: "get cart: store timed out \"after\" 30ms\n\tretries=3 é", TraceID: id, SpanID: spanIDOf(i, 2), Resource: resource("cart"),
		})
	}
	return lines
}

// tiedAt is an instant at which every service wrote several lines.
func tiedAt() time.Time { return start().Add(95 * time.Second) }

func tiedLogs(service string) []evidence.LogLine {
	lines := make([]evidence.LogLine, 4)
	for i := range lines {
		lines[i] = evidence.LogLine{Time: tiedAt(), Service: service, Severity: evidence.SeverityWarn, Body: fmt.Sprintf("tick %d", i), Resource: resource(service)}
	}
	return lines
}

// series are counters, a histogram and a gauge, and one metric that stopped a
// day before.
func series(w evidence.Window) []evidence.Series {
	var out []evidence.Series
	add := func(kind evidence.MetricKind, name string, labels map[string]string, from time.Time, value func(n int) float64) {
		s := evidence.Series{Name: name, Labels: labels, Kind: kind}
		for n := 0; n <= int(w.Duration()/scrape); n++ {
			s.Samples = append(s.Samples, evidence.Sample{Time: from.Add(time.Duration(n)*scrape + 250*time.Millisecond), Value: value(n)})
		}
		out = append(out, s)
	}
	for i, service := range []string{"cart", "gateway", "store"} {
		for j, code := range []string{"200", "500"} {
			add(evidence.MetricCounter, "http_requests_total", map[string]string{"service": service, "code": code, "job": "shop"}, w.Start, func(n int) float64 { return float64(n * (10 + i - 5*j)) })
		}
		for j, le := range []string{"0.1", "1.0", "+Inf"} {
			add(evidence.MetricHistogram, "http_request_duration_seconds_bucket", map[string]string{"service": service, "le": le}, w.Start, func(n int) float64 { return float64(n * (8 + j)) })
		}
		add(evidence.MetricHistogram, "http_request_duration_seconds_count", map[string]string{"service": service}, w.Start, func(n int) float64 { return float64(n * 10) })
		add(evidence.MetricHistogram, "http_request_duration_seconds_sum", map[string]string{"service": service}, w.Start, func(n int) float64 { return float64(n) * 2.5 })
	}
	add(evidence.MetricUnknown, "queue_depth", map[string]string{"queue": `a "quoted" \ name`}, w.Start, func(n int) float64 { return float64(n%7) - 0.5 })
	add(evidence.MetricUnknown, "retired", map[string]string{"service": "cart"}, w.Start.Add(-24*time.Hour), func(n int) float64 { return float64(n) })
	return out
}

// rawTraceID is a trace that is written as a sender would, with what
// evidence.Span has no place for: typed attributes, a span sent twice, an ID of
// 64 bits. It links into its own trace and to one that another service began.
const rawTraceID = "0000000000000000deadbeef00c0ffee"

func rawSpans() string {
	at := start().Add(7*time.Minute + 3*time.Second).UnixNano()
	span := fmt.Sprintf(`{"traceId":%q,"spanId":"00000000000000a1","name":"consume é","kind":5,"startTimeUnixNano":"%d","endTimeUnixNano":"%d",
"links":[{"traceId":%q,"spanId":"00000000000000a2"},{"traceId":%q,"spanId":%q}],"traceState":"a=b","flags":257,
"events":[{"timeUnixNano":"%d","name":"second"},{"timeUnixNano":"%d","name":"first","attributes":[{"key":"n","value":{"intValue":"7"}}]}],
"attributes":[{"key":"int","value":{"intValue":"9007199254740993"}},{"key":"neg","value":{"intValue":"-4"}},{"key":"float","value":{"doubleValue":0.1}},{"key":"big","value":{"doubleValue":1e21}},{"key":"whole","value":{"doubleValue":3}},
{"key":"yes","value":{"boolValue":true}},{"key":"list","value":{"arrayValue":{"values":[{"stringValue":"a"},{"intValue":"2"}]}}},{"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}}},
{"key":"bytes","value":{"bytesValue":"AQID"}}],"status":{"code":1}}`, rawTraceID, at, at+5e6, rawTraceID, traceIDOf(3), spanIDOf(3, 2), at+3e6, at+1e6)
	child := fmt.Sprintf(`{"traceId":%q,"spanId":"00000000000000a2","parentSpanId":"00000000000000a1","name":"handle","kind":1,"startTimeUnixNano":"%d","endTimeUnixNano":"%d"}`, rawTraceID, at+1e6, at+1e6)
	line := fmt.Sprintf(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"worker"}},{"key":"process.pid","value":{"intValue":"12"}}]},"scopeSpans":[{"scope":{"name":"lib","version":"2"},"spans":[%s,%s,%s]}]}]}`, child, span, child)
	return strings.ReplaceAll(line, "\n", "") + "\n"
}

// rawTrace is what an adapter makes of rawSpans.
func rawTrace() evidence.Trace {
	at := start().Add(7*time.Minute + 3*time.Second)
	res := map[string]string{"service.name": "worker", "process.pid": "12"}
	return evidence.Trace{ID: rawTraceID, Spans: []evidence.Span{
		{
			TraceID: rawTraceID, SpanID: "00000000000000a1", Service: "worker", Operation: "consume é", Kind: evidence.SpanConsumer,
			Start: at, Duration: 5 * time.Millisecond, Resource: res,
			Attributes: map[string]string{"int": "9007199254740993", "neg": "-4", "float": "0.1", "big": "1e+21", "whole": "3", "yes": "true", "list": `["a",2]`, "map": `{"k":"v"}`, "bytes": "AQID"},
			Events: []evidence.SpanEvent{
				{Name: "first", Time: at.Add(time.Millisecond), Attributes: map[string]string{"n": "7"}},
				{Name: "second", Time: at.Add(3 * time.Millisecond)},
			},
			Links: []evidence.SpanLink{{TraceID: rawTraceID, SpanID: "00000000000000a2"}, {TraceID: traceIDOf(3), SpanID: spanIDOf(3, 2)}},
		},
		{
			TraceID: rawTraceID, SpanID: "00000000000000a2", ParentID: "00000000000000a1", Service: "worker", Operation: "handle", Kind: evidence.SpanInternal,
			Start: at.Add(time.Millisecond), Resource: res,
		},
	}}
}

// ByTrace takes the data set's spans apart, one trace each, in order of start.
func (d Dataset) ByTrace() []Dataset {
	parts := make([]Dataset, traceCount)
	for i := range parts {
		parts[i] = Dataset{Window: d.Window, Spans: d.trace(i).Spans}
	}
	return parts
}

// WriteBundle writes the data set as a bundle into an empty directory.
func (d Dataset) WriteBundle(dir string) error {
	w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "sourcestest", Windows: map[string]evidence.Window{"data": d.Window}}, bundle.WriterOptions{})
	if err != nil {
		return err
	}
	// A bundle's writer keeps its first error.
	_ = w.File(bundle.SpansFile, strings.NewReader(rawSpans()))
	_ = w.Alert(evidence.Alert{Status: evidence.StatusFiring, GroupKey: "{}", Labels: map[string]string{"alertname": "CartErrors"}, Instances: []evidence.AlertInstance{{
		Status: evidence.StatusFiring, Labels: map[string]string{"alertname": "CartErrors", "service": "cart"}, StartsAt: d.Window.End,
	}}})
	_ = w.Spans(d.Spans...)
	_ = w.Logs(d.Logs...)
	_ = w.Edges(d.Edges...)
	_ = w.Rules(d.Rules)
	for _, s := range d.Series {
		_ = w.Series(s)
	}
	return w.Close()
}

// RulesYAML is the rules as a rule file for Prometheus.
func (d Dataset) RulesYAML() string {
	var b strings.Builder
	b.WriteString("groups:\n")
	group := ""
	for _, r := range d.Rules {
		if r.Group != group {
			group = r.Group
			fmt.Fprintf(&b, "- name: %s\n  rules:\n  - {record: 'ignored:%s', expr: vector(1)}\n", group, group)
		}
		fmt.Fprintf(&b, "  - alert: %s\n    expr: %q\n    for: %ds\n    labels: {", r.Name, r.Expr, int(r.For.Seconds()))
		for i, k := range slices.Sorted(maps.Keys(r.Labels)) {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%s: %q", k, r.Labels[k])
		}
		b.WriteString("}\n")
	}
	return b.String()
}
