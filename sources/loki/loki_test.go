package loki_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
)

func window() evidence.Window {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	return evidence.Window{Start: at, End: at.Add(time.Hour)}
}

func open(t *testing.T, c loki.Config) *loki.Client {
	t.Helper()
	l, err := loki.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestFailuresAreThePorts(t *testing.T) {
	sourcestest.HTTPFailures(t, func(t *testing.T, c endpoint.Config) sourcestest.Calls {
		l := open(t, loki.Config{Config: c})
		return sourcestest.Calls{
			"ping": l.Ping,
			"logs": func(ctx context.Context) error {
				_, _, err := l.Logs(ctx, evidence.LogQuery{Services: []string{"a"}, Window: window(), Limit: 5})
				return err
			},
			"logs of a trace": func(ctx context.Context) error {
				_, _, err := l.Logs(ctx, evidence.LogQuery{TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", Window: window(), Limit: 5})
				return err
			},
		}
	})
}

// answering is a Loki that answers every query with f's lines, and notes the
// queries.
func answering(t *testing.T, f func(q url.Values) string) (address string, asked func() []string) {
	t.Helper()
	var mu sync.Mutex
	var queries []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if label, ok := strings.CutPrefix(r.URL.Path, "/loki/api/v1/label/"); ok {
			fmt.Fprint(w, labelValues(strings.TrimSuffix(label, "/values")))
			return
		}
		mu.Lock()
		queries = append(queries, r.URL.Query().Get("query"))
		mu.Unlock()
		if r.Header.Get("X-Loki-Response-Encoding-Flags") != "categorize-labels" {
			http.Error(w, "no flags", http.StatusTeapot)
			return
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"streams","result":[%s]}}`, f(r.URL.Query()))
	}))
	t.Cleanup(s.Close)
	return s.URL, func() []string { mu.Lock(); defer mu.Unlock(); slices.Sort(queries); return queries }
}

// labelValues is Loki's answer: some streams have a service_name, others a job
// alone.
func labelValues(label string) string {
	values := map[string]string{"service_name": `["cart","a","shop/pay","unknown_service"]`, "job": `["shop/driver","shop/cart"]`}[label]
	return `{"status":"success","data":[` + strings.Trim(values, "[]") + "]}"
}

const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

func TestQuestionsBecomeLogQL(t *testing.T) {
	const fatal = `"(?i)(?:alert|crit|critical|crt|dpanic|emerg|emergency|fata|fatal|ftl|pani|panic|pnc)"`
	const ids = `"(?i)(?:(?:4bf92f3577b34da6|0{16})?a3ce929d0e0e4736|(?:0000000000000000|0{16})?a3ce929d0e0e4737)"`
	for name, tc := range map[string]struct {
		config loki.Queries
		q      evidence.LogQuery
		want   []string
	}{
		"services, under the labels and names that Loki has": {q: evidence.LogQuery{Services: []string{"cart", "pay", "driver", "nobody"}}, want: []string{
			`{job=~"shop/driver"}`, `{service_name=~"cart|shop/pay"}`}},
		"nobody's lines":                 {q: evidence.LogQuery{Services: []string{"nobody"}}},
		"a service's name is no pattern": {config: loki.Queries{Services: `{app=~{{.Services}}}`}, q: evidence.LogQuery{Services: []string{"cart", `a.b"c`}}, want: []string{`{app=~"cart|a\\.b\"c"}`}},
		"traces are asked for both ways, all in one": {q: evidence.LogQuery{TraceIDs: []string{traceID, "0000000000000000a3ce929d0e0e4737"}}, want: []string{
			`{service_name=~".+"} | trace_id=~` + ids + ` or traceid=~` + ids + ` or traceID=~` + ids + ` or traceId=~` + ids + ` or TraceID=~` + ids,
			`{service_name=~".+"} |~ "(?i)(?:a3ce929d0e0e4736|11803532876627986230|100985939111033328018442752961257817910|a3ce929d0e0e4737|11803532876627986231)"`}},
		"severity": {q: evidence.LogQuery{Services: []string{"a"}, MinSeverity: evidence.SeverityFatal}, want: []string{
			`{service_name=~"a"} | severity_number >= 21 or detected_level=~` + fatal + ` or level=~` + fatal}},
		"an expression stands as it is": {q: evidence.LogQuery{Expr: `{a="b"} | json`, Services: []string{"x"}, MinSeverity: evidence.SeverityError}, want: []string{`{a="b"} | json`}},
		"other words": {
			config: loki.Queries{Services: `{app=~{{.Services}}}`, Traces: []string{`{{.Selector}} | json | traceID={{.TraceID}}`}},
			q:      evidence.LogQuery{Services: []string{"cart"}, TraceID: traceID},
			want:   []string{`{app=~"cart"} | json | traceID="` + traceID + `"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			address, asked := answering(t, func(url.Values) string { return "" })
			l := open(t, loki.Config{Config: endpoint.Config{Address: address}, Queries: tc.config})
			tc.q.Window, tc.q.Limit = window(), 5
			if _, _, err := l.Logs(t.Context(), tc.q); err != nil {
				t.Fatal(err)
			}
			slices.Sort(tc.want)
			if d := cmp.Diff(tc.want, asked()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestWhatLokiMakesOfALineIsUndone(t *testing.T) {
	at := window().Start.UnixNano()
	address, _ := answering(t, func(url.Values) string {
		return fmt.Sprintf(`{"stream":{"service_name":"cart","k8s_pod_name":"cart-1","custom_label":"x"},"values":[
["%d","boom",{"structuredMetadata":{"trace_id":"4BF92F3577B34DA6A3CE929D0E0E4736","span_id":"00F067AA0BA902B7","severity_number":"17","severity_text":"ERROR","detected_level":"info","code_file_path":"a.go","code_line_number":"7","service_version":"1.2","user_tier":"gold","observed_timestamp":"1","flags":"1","scope_name":"s"}}],
["%d","level=warn x",{"structuredMetadata":{"detected_level":"warn","trace_id":"nonsense","span_id":"0000000000000000"}}],
["%d","plain"]]}`, at, at+1, at+2)
	})
	l := open(t, loki.Config{Config: endpoint.Config{Address: address}})
	got, _, err := l.Logs(t.Context(), evidence.LogQuery{Services: []string{"cart"}, Window: window(), Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	stream := map[string]string{"service.name": "cart", "k8s.pod.name": "cart-1", "custom_label": "x"}
	want := []evidence.LogLine{
		{
			Time: window().Start, Service: "cart", Severity: evidence.SeverityError, Body: "boom", TraceID: traceID, SpanID: "00f067aa0ba902b7",
			Caller:     evidence.Frame{File: "a.go", Line: 7, Rung: evidence.LocationCaller},
			Attributes: map[string]string{"code.file.path": "a.go", "code.line.number": "7", "user_tier": "gold"},
			Resource:   map[string]string{"service.name": "cart", "k8s.pod.name": "cart-1", "custom_label": "x", "service.version": "1.2"},
		},
		{Time: window().Start.Add(1), Service: "cart", Severity: evidence.SeverityWarn, Body: "level=warn x", Resource: stream},
		{Time: window().Start.Add(2), Service: "cart", Body: "plain", Resource: stream},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestLinesComeUnderTheNameThatWasAskedFor, and say so where no stream has it.
func TestLinesComeUnderTheNameThatWasAskedFor(t *testing.T) {
	at := window().Start.UnixNano()
	address, _ := answering(t, func(q url.Values) string {
		if !strings.Contains(q.Get("query"), "job") {
			return ""
		}
		return fmt.Sprintf(`{"stream":{"job":"shop/driver"},"values":[["%d","ERROR plan failed"],["%d","KeyError: 7"],["%d","  File \"/a.py\", line 3, in f"],["%d","saved trace_id=%s"]]}`, at, at+1, at+2, at+3, strings.ToUpper(traceID))
	})
	l := open(t, loki.Config{Config: endpoint.Config{Address: address}})
	got, _, err := l.Logs(t.Context(), evidence.LogQuery{Services: []string{"driver"}, Window: window(), Limit: 5})
	if err != nil || len(got) != 2 {
		t.Fatalf("got %+v, %v; want the stack as one line, and another", got, err)
	}
	if got[0].Service != "driver" || got[0].Severity != evidence.SeverityError || got[0].Message != "plan failed" || !strings.HasPrefix(got[0].Stack, "KeyError: 7") || got[1].TraceID != traceID {
		t.Errorf("got %+v", got)
	}
	words, err := l.Unnamed(t.Context(), []string{"driver", "pays", "cart"}, window())
	want := map[string]string{"pays": `no stream goes by the name "pays"; Loki has service_name="shop/pay", service_name="a", service_name="cart", job="shop/cart", job="shop/driver"`}
	if d := cmp.Diff(want, words); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
}

// TestALineFoundByIDBearsIt, in whatever form it has the ID, and one with
// another ID that only ends like it is left out.
func TestALineFoundByIDBearsIt(t *testing.T) {
	at := window().Start.UnixNano()
	address, _ := answering(t, func(q url.Values) string {
		if !strings.Contains(q.Get("query"), "|~") {
			return ""
		}
		return fmt.Sprintf(`{"stream":{"service_name":"a"},"values":[["%d","charge %s went wrong"],["%d","half a3ce929d0e0e4736"],["%d","other 11112222333344445555666677778888a3ce929d0e0e4736"],["%d","id 11112222333344445555666677778888, see %s"]]}`,
			at, traceID, at+1, at+2, at+3, traceID)
	})
	l := open(t, loki.Config{Config: endpoint.Config{Address: address}})
	got, _, err := l.Logs(t.Context(), evidence.LogQuery{TraceID: traceID, Window: window(), Limit: 5})
	if err != nil || len(got) != 3 || got[0].TraceID != traceID || got[1].TraceID != traceID {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestAnInstantThatFillsAPageIsPassed: the rest of that instant cannot be had,
// but what comes after it can, and the loop ends.
func TestAnInstantThatFillsAPageIsPassed(t *testing.T) {
	at := window().Start.UnixNano()
	address, asked := answering(t, func(q url.Values) string {
		from, _ := strconv.ParseInt(q.Get("start"), 10, 64)
		limit, _ := strconv.Atoi(q.Get("limit"))
		var values []string
		for i := range 20 { // twenty lines at one instant, then one each nanosecond
			if ts := at + int64(max(0, i-9)); ts >= from && len(values) < limit {
				values = append(values, fmt.Sprintf(`["%d","line %02d"]`, ts, i))
			}
		}
		return `{"stream":{"service_name":"a"},"values":[` + strings.Join(values, ",") + `]}`
	})
	l := open(t, loki.Config{Config: endpoint.Config{Address: address}, PageSize: 4})
	got, truncated, err := l.Logs(t.Context(), evidence.LogQuery{Services: []string{"a"}, Window: window(), Limit: 100})
	if err != nil || !truncated {
		t.Fatalf("truncated %v, %v; want it said", truncated, err)
	}
	if len(got) != 4+10 || got[13].Body != "line 19" {
		t.Errorf("got %d lines, want a page of the instant and the ten after it", len(got))
	}
	if n := len(asked()); n > 10 {
		t.Errorf("asked %d times", n)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	good := endpoint.Config{Address: "http://127.0.0.1:1"}
	for say, c := range map[string]loki.Config{
		"address is empty":  {},
		"services":          {Config: good, Queries: loki.Queries{Services: "{{.Nothing}}"}},
		"traces[1]":         {Config: good, Queries: loki.Queries{Traces: []string{"a", "{{"}}},
		"must not be negat": {Config: good, PageSize: -1},
	} {
		if _, err := loki.New(c); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("got %v, want it to say %q", err, say)
		}
	}
}

func TestAMetricQueryIsNoLogQuery(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1700000000,"1"]]}]}}`)
	}))
	defer s.Close()
	l := open(t, loki.Config{Config: endpoint.Config{Address: s.URL}})
	if _, _, err := l.Logs(t.Context(), evidence.LogQuery{Expr: `rate({a="b"}[1m])`, Window: window(), Limit: 5}); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

// TestCallsLeaveNoGoroutinesBehind: a client per call must not be a transport
// per call.
func TestCallsLeaveNoGoroutinesBehind(t *testing.T) {
	address, _ := answering(t, func(url.Values) string { return "" })
	l := open(t, loki.Config{Config: endpoint.Config{Address: address}})
	q := evidence.LogQuery{Services: []string{"a"}, Window: window(), Limit: 5}
	if _, _, err := l.Logs(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for range 50 {
		if _, _, err := l.Logs(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if after := runtime.NumGoroutine(); after > before+10 {
		t.Errorf("got %d goroutines after 50 calls, %d before", after, before)
	}
}
