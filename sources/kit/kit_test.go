package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	rtrace "runtime/trace"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// rig is a kit whose telemetry is read back.
type rig struct {
	*Kit
	reader *sdkmetric.ManualReader
	spans  *tracetest.SpanRecorder
}

func newRig(t *testing.T) rig {
	t.Helper()
	r := rig{reader: sdkmetric.NewManualReader(), spans: tracetest.NewSpanRecorder()}
	k, err := New(Options{Meter: sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader)), Tracer: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(r.spans))})
	if err != nil {
		t.Fatal(err)
	}
	r.Kit = k
	return r
}

func (r rig) metric(t *testing.T, name string) metricdata.Aggregation {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := r.reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	for _, s := range all.ScopeMetrics {
		for _, m := range s.Metrics {
			if m.Name == name {
				return m.Data
			}
		}
	}
	return nil
}

// counted are the values of a counter by one of its attributes.
func (r rig) counted(t *testing.T, name, by string) map[string]int64 {
	out := map[string]int64{}
	if sum, ok := r.metric(t, name).(metricdata.Sum[int64]); ok {
		for _, p := range sum.DataPoints {
			if v, _ := p.Attributes.Value(attribute.Key(by)); p.Value > 0 {
				out[v.String()] += p.Value
			}
		}
	}
	return out
}

const (
	traceID = "7c1ea0b2c3d4e5f60718293a4b5c90af"
	parent  = "00-" + traceID + "-00f067aa0ba902b7-01"
)

func ask(h http.Handler, method, path string) *httptest.ResponseRecorder {
	q := httptest.NewRequest(method, path, nil)
	q.Header.Set("Traceparent", parent)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, q)
	return w
}

func TestARequestIsMeasuredNamedAndClassed(t *testing.T) {
	r := newRig(t)
	var labels []string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, q *http.Request) {
		pprof.ForLabels(q.Context(), func(k, v string) bool { labels = append(labels, k+"="+v); return true })
		Ready(q.Context())
		r.Milestone(q.Context(), "order_paid", true)
		fmt.Fprint(w, "ok")
	})
	mux.HandleFunc("POST /fail", func(w http.ResponseWriter, q *http.Request) {
		Fail(q.Context(), fmt.Errorf("ask stock: %w", context.DeadlineExceeded))
		http.Error(w, "no", http.StatusBadGateway)
	})
	mux.HandleFunc("GET /busy", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) })
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("x") })
	h := r.HTTP(mux)
	w := ask(h, "GET", "/orders/17")
	ask(h, "POST", "/fail")
	ask(h, "GET", "/busy")
	ask(h, "GET", "/nowhere")
	ask(h, "BREW", "/orders/1")
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a panic was swallowed")
			}
		}()
		ask(h, "GET", "/panic")
	}()
	if w.Header().Get(HeaderReady) != "true" || w.Body.String() != "ok" {
		t.Errorf("got %v %s", w.Header(), w.Body)
	}
	if got := r.counted(t, "errors", "class"); got["fatal"] != 2 || got["noisy"] != 1 || got["recoverable"] != 2 {
		t.Errorf("got errors by class %v, want fatal 2 (one panicked), noisy 1, recoverable 2", got)
	}
	if got := r.counted(t, "milestone", "milestone"); got["order_paid"] != 1 {
		t.Errorf("got milestones %v", got)
	}
	durations, _ := r.metric(t, "http.server.request.duration").(metricdata.Histogram[float64])
	routes := map[string]string{}
	for _, p := range durations.DataPoints {
		route, _ := p.Attributes.Value("http.route")
		method, _ := p.Attributes.Value("http.request.method")
		status, _ := p.Attributes.Value("http.response.status_code")
		routes[method.AsString()+" "+route.AsString()] = status.String()
		if len(p.Exemplars) == 0 || fmt.Sprintf("%x", p.Exemplars[0].TraceID) != traceID {
			t.Errorf("%s has the exemplars %+v, want one of the trace", route.AsString(), p.Exemplars)
		}
	}
	want := map[string]string{"GET /orders/{id}": "200", "POST /fail": "502", "GET /busy": "429", "GET unmatched": "404", "_OTHER unmatched": "405", "GET /panic": "500"}
	if fmt.Sprint(routes) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", routes, want)
	}
	spans := r.spans.Ended()
	if len(spans) != 6 || spans[0].Name() != "GET /orders/{id}" || spans[0].Parent().TraceID().String() != traceID {
		t.Errorf("got %d spans, the first %s", len(spans), spans[0].Name())
	}
	slices.Sort(labels)
	if want := []string{"span_id=" + spans[0].SpanContext().SpanID().String(), "trace_id=" + traceID}; !slices.Equal(labels, want) {
		t.Errorf("profiles are labelled %v, want %v", labels, want)
	}
}

func TestACallIsMeasuredAndClassed(t *testing.T) {
	r := newRig(t)
	ctx := metadata.NewIncomingContext(context.Background(), metadata.Pairs("traceparent", parent))
	call := func(err error) error {
		_, got := r.Unary()(ctx, nil, &grpc.UnaryServerInfo{FullMethod: "/shop.Orders/Pay"}, func(ctx context.Context, _ any) (any, error) {
			if trace.SpanContextFromContext(ctx).TraceID().String() != traceID {
				t.Error("the call has another trace")
			}
			return nil, err
		})
		return got
	}
	for _, err := range []error{nil, status.Error(codes.NotFound, "no such order"), status.Error(codes.Unavailable, "x"), status.Error(codes.ResourceExhausted, "rate limit")} {
		if got := call(err); !errors.Is(got, err) {
			t.Errorf("got %v, want %v", got, err)
		}
	}
	if got := r.counted(t, "errors", "class"); got["fatal"] != 1 || got["noisy"] != 1 || got["recoverable"] != 1 {
		t.Errorf("got %v", got)
	}
	if h, ok := r.metric(t, "rpc.server.call.duration").(metricdata.Histogram[float64]); !ok || len(h.DataPoints) != 4 || len(h.DataPoints[0].Exemplars) == 0 {
		t.Errorf("got %+v", h)
	}
}

// TestWhatDidNotHappenIsCountedAsNone: a rate sees the first failure only where there
// was a 0 before it.
func TestWhatDidNotHappenIsCountedAsNone(t *testing.T) {
	r := newRig(t)
	r.Milestone(t.Context(), "order_paid", true)
	points := func(name, by string) (list []string) {
		sum, _ := r.metric(t, name).(metricdata.Sum[int64])
		for _, p := range sum.DataPoints {
			v, _ := p.Attributes.Value(attribute.Key(by))
			list = append(list, fmt.Sprint(v.String(), "=", p.Value))
		}
		slices.Sort(list)
		return list
	}
	if got := fmt.Sprint(points("errors", "class"), points("milestone", "good")); got != "[fatal=0 noisy=0 recoverable=0] [false=0 true=1]" {
		t.Errorf("got %s", got)
	}
}

func span(t *testing.T) context.Context {
	t.Helper()
	id, err := trace.TraceIDFromHex(traceID)
	if err != nil {
		t.Fatal(err)
	}
	return trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled}))
}

// line is what both kinds of logger write.
type line struct {
	Trace  string `json:"trace_id"`
	Span   string `json:"span_id"`
	Source struct {
		File string
		Line int
	}
	Order, Msg string
}

func TestEveryLineCarriesItsTraceAndItsPlace(t *testing.T) {
	var b bytes.Buffer
	ctx := span(t)
	sl := slog.New(Slog(slog.NewJSONHandler(&b, nil)))
	encoder := zap.NewProductionEncoderConfig()
	encoder.CallerKey = zapcore.OmitKey
	zl := zap.New(Zap(zapcore.NewCore(zapcore.NewJSONEncoder(encoder), zapcore.AddSync(&b), zap.InfoLevel)), zap.AddCaller())
	for name, say := range map[string]func(){
		"slog":                         func() { sl.InfoContext(ctx, "paid", "order", "17") },
		"slog with a field of its own": func() { sl.With("order", "17").WarnContext(ctx, "paid") },
		"zap":                          func() { zl.Info("paid", In(ctx), zap.String("order", "17")) },
		"zap of one request":           func() { zl.With(In(ctx), zap.String("order", "17")).Info("paid") },
		"zap's sugar":                  func() { zl.With(In(ctx)).Sugar().Infow("paid", "order", "17") },
	} {
		b.Reset()
		say()
		var got line
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v: %s", name, err, b.String())
		}
		if got.Trace != traceID || got.Span != "0100000000000000" || !strings.HasSuffix(got.Source.File, "kit_test.go") || got.Source.Line == 0 || got.Order != "17" || got.Msg != "paid" {
			t.Errorf("%s: got %s", name, b.String())
		}
	}
	b.Reset()
	sl.Info("outside")
	zl.Info("outside")
	zl.Debug("too low")
	if strings.Contains(b.String(), "trace_id") || strings.Count(b.String(), "kit_test.go") != 2 {
		t.Errorf("outside of a trace: got %s", b.String())
	}
}

func whole(t *testing.T) Decision {
	t.Helper()
	h, err := Hash(map[string]any{"rate": 12, "errors": 0.5})
	if err != nil {
		t.Fatal(err)
	}
	sure := 0.
	return Decision{ID: NewID(), ContextHash: h, Confidence: &sure, At: time.Now(), Name: "shed load"}
}

func TestADecisionWithAMissingFieldIsRefusedAndNothingIsWritten(t *testing.T) {
	var b bytes.Buffer
	k := &Kit{decisions: slog.New(Slog(slog.NewJSONHandler(&b, nil)))}
	for want, spoil := range map[string]func(*Decision){
		"ID is no": func(d *Decision) { d.ID = "" }, "ID is no UUID": func(d *Decision) { d.ID = "00000000-0000-1000-8000-000000000000" }, "ContextHash": func(d *Decision) { d.ContextHash = "abc" },
		"Confidence": func(d *Decision) { d.Confidence = nil }, "Confidence is not": func(d *Decision) { x := math.NaN(); d.Confidence = &x }, "Confidence is not from": func(d *Decision) { x := 1.1; d.Confidence = &x },
		"At is no time": func(d *Decision) { d.At = time.Time{} },
	} {
		d := whole(t)
		spoil(&d)
		for _, err := range []error{k.Decide(t.Context(), d), k.Executed(t.Context(), d), d.Log(t.Context())} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		}
	}
	if b.Len() > 0 {
		t.Errorf("something was written: %s", b.String())
	}
	if err := k.Decide(span(t), whole(t)); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"event":"decision_made"`, `"trace_id":"` + traceID, `"confidence_score":0`, "kit_test.go"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("%s is not in %s", part, b.String())
		}
	}
	quiet := &Kit{decisions: slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelError}))}
	if err := quiet.Decide(t.Context(), whole(t)); err == nil {
		t.Error("a decision that is not written is no error")
	}
}

// TestWhatHangsIsAskedOnce: a check that never answers must not cost a goroutine for
// every time that somebody asks for health, and is asked again once it has answered.
func TestWhatHangsIsAskedOnce(t *testing.T) {
	var h Health
	asked, free := make(chan bool, 100), make(chan struct{})
	h.Add("etcd", false, time.Millisecond, func(context.Context) error { asked <- true; <-free; return nil })
	for range 20 {
		if s := h.State(t.Context()); fmt.Sprint(s.Reasons) != "[etcd_latency_high]" {
			t.Errorf("got %+v", s)
		}
	}
	if len(asked) != 1 {
		t.Errorf("it was asked %d times while it hung", len(asked))
	}
	close(free)
	eventually(t, func() bool { return h.State(t.Context()).Status == "ok" })
}

// TestAnAnswerStreamsAndChangesProtocols as handlers ask for by type.
func TestAnAnswerStreamsAndChangesProtocols(t *testing.T) {
	r := newRig(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, q *http.Request) {
		fmt.Fprint(w, "one")
		w.(http.Flusher).Flush()
		<-q.Context().Done()
	})
	mux.HandleFunc("GET /socket", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\n\r\n"))
		_ = conn.Close()
	})
	s := httptest.NewServer(r.HTTP(mux))
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	part := make([]byte, 3) // comes while the handler still runs
	if _, err := io.ReadFull(resp.Body, part); err != nil || string(part) != "one" {
		t.Errorf("got %q, %v", part, err)
	}
	cancel()
	_ = resp.Body.Close()
	if resp, err := http.Get(s.URL + "/socket"); err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("got %v, %v", resp, err)
	}
	eventually(t, func() bool { return len(r.spans.Ended()) == 2 })
	if got := r.counted(t, "errors", "class"); len(got) != 0 {
		t.Errorf("got errors %v", got)
	}
}

func TestHealthDegradesWithReasons(t *testing.T) {
	forever := func(context.Context) error { select {} }
	fine := func(context.Context) error { return nil }
	broken := func(context.Context) error { return errors.New("x") }
	for _, c := range []struct {
		name   string
		fill   func(*Health)
		status string
		code   int
		why    string
	}{
		{"nothing to ask", func(*Health) {}, "ok", 200, "[]"},
		{"fine", func(h *Health) { h.Add("etcd", true, time.Second, fine) }, "ok", 200, "[]"},
		{"slow", func(h *Health) { h.Add("etcd", false, time.Millisecond, forever) }, "degraded", 200, "[etcd_latency_high]"},
		{"broken", func(h *Health) { h.Add("etcd", false, time.Minute, broken) }, "degraded", 200, "[etcd_unavailable]"},
		{"panicking", func(h *Health) { h.Add("etcd", false, time.Minute, func(context.Context) error { panic("no map") }) }, "degraded", 200, "[etcd_unavailable]"},
		{"known", func(h *Health) {
			h.Set("recommendations_off", true)
			h.Set("search_off", true)
			h.Set("search_off", false)
		}, "degraded", 200, "[recommendations_off]"},
		{"vital", func(h *Health) { h.Add("db", true, time.Minute, broken); h.Set("a", true) }, "down", 503, "[a db_unavailable]"},
	} {
		h := &Health{}
		c.fill(h)
		w := ask(h, "GET", "/health")
		var got State
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Status != c.status || w.Code != c.code || fmt.Sprint(got.Reasons) != c.why {
			t.Errorf("%s: got %d %s (%v)", c.name, w.Code, w.Body, err)
		}
	}
}

// TestARequestIsATaskOfAnExecutionTrace takes one of this process.
func TestARequestIsATaskOfAnExecutionTrace(t *testing.T) {
	if rtrace.IsEnabled() {
		t.Skip("this run is traced itself")
	}
	var out bytes.Buffer
	if err := rtrace.Start(&out); err != nil {
		t.Fatal(err)
	}
	ask(newRig(t).HTTP(http.NotFoundHandler()), "GET", "/")
	rtrace.Stop()
	if !bytes.Contains(out.Bytes(), []byte(traceID)) || !bytes.Contains(out.Bytes(), []byte("trace_id")) {
		t.Error("the execution trace has no task with the ID of the trace")
	}
}

func TestARouteIsKnownBehindATimeout(t *testing.T) {
	k := newRig(t)
	mux := http.NewServeMux()
	held := make(chan struct{})
	t.Cleanup(func() { close(held) })
	mux.HandleFunc("GET /orders/{id}", func(_ http.ResponseWriter, q *http.Request) {
		if q.PathValue("id") == "slow" {
			<-held
		}
	})
	h := k.HTTP(http.TimeoutHandler(Routes(mux), 50*time.Millisecond, "too late"))
	for path, want := range map[string]int{"/orders/7": 200, "/orders/slow": 503, "/none": 404} {
		if got := ask(h, http.MethodGet, path).Code; got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	if got, want := k.durations(t, "http.server.request.duration", "http.route", "http.response.status_code"),
		map[string]uint64{"/orders/{id} 200": 1, "/orders/{id} 503": 1, "unmatched 404": 1}; !same(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWhatALoggerBelowLeavesOutStaysOut(t *testing.T) {
	var all, severe, hooked bytes.Buffer
	core := func(b *bytes.Buffer, l zapcore.Level) zapcore.Core {
		return zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(b), l)
	}
	hooks := 0
	below := zapcore.NewTee(core(&all, zap.InfoLevel), core(&severe, zap.ErrorLevel),
		zapcore.RegisterHooks(core(&hooked, zap.InfoLevel), func(zapcore.Entry) error { hooks++; return nil }))
	log := zap.New(Zap(zapcore.NewSamplerWithOptions(below, time.Hour, 2, 0)), zap.AddCaller())
	ctx := span(t)
	for range 5 {
		log.Info("paid", In(ctx))
	}
	log.Error("broken", In(ctx))
	for name, c := range map[string]struct {
		got  *bytes.Buffer
		want int
	}{"all": {&all, 3}, "only errors": {&severe, 1}, "with a hook": {&hooked, 3}} {
		text := c.got.String()
		if n := strings.Count(text, "\n"); n != c.want || strings.Count(text, `"trace_id"`) != n || strings.Count(text, `"source"`) != n {
			t.Errorf("%s: want %d lines with their trace and source, got\n%s", name, c.want, text)
		}
	}
	if hooks != 3 {
		t.Errorf("a hook ran %d times, want 3", hooks)
	}
	var said bytes.Buffer
	broken := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(failing{}), zap.InfoLevel)
	zap.New(Zap(broken), zap.ErrorOutput(zapcore.AddSync(&said))).Info("paid")
	if !strings.Contains(said.String(), "no space") {
		t.Errorf("got %q, want why the line was not written", said.String())
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestATraceAndADecisionStandOutsideOfGroups(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(Slog(slog.NewJSONHandler(&b, nil))).With("a", 1).WithGroup("app").With("b", 2).WithGroup("inner")
	k, err := New(Options{Decisions: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx := span(t)
	log.InfoContext(ctx, "paid", "order", "17")
	if err := k.Decide(ctx, whole(t)); err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for d := json.NewDecoder(&b); d.More(); {
		var line map[string]any
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if len(lines) != 2 {
		t.Fatalf("got %d lines", len(lines))
	}
	app, _ := lines[0]["app"].(map[string]any)
	inner, _ := app["inner"].(map[string]any)
	if lines[0]["trace_id"] == nil || lines[0]["source"] == nil || lines[0]["a"] != 1.0 || app["b"] != 2.0 || inner["order"] != "17" || len(inner) != 1 {
		t.Errorf("got %v", lines[0])
	}
	if lines[1]["decision_id"] == nil || lines[1]["trace_id"] == nil || lines[1]["a"] != 1.0 {
		t.Errorf("got %v, want the decision outside of the groups", lines[1])
	}
}

func TestACallsErrorIsAsTheCallerSeesIt(t *testing.T) {
	k := newRig(t)
	for want, err := range map[string]error{
		"DEADLINE_EXCEEDED": fmt.Errorf("stock: %w", context.DeadlineExceeded), "CANCELLED": context.Canceled, "UNKNOWN": errors.New("x"),
		"NOT_FOUND": fmt.Errorf("stock: %w", status.Error(codes.NotFound, "none")),
	} {
		_, _ = k.Unary()(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: "/shop/Pay"}, func(context.Context, any) (any, error) { return nil, err })
		ended := k.spans.Ended()
		got := map[attribute.Key]string{}
		for _, a := range ended[len(ended)-1].Attributes() {
			got[a.Key] = a.Value.String()
		}
		if got["rpc.response.status_code"] != want || got["error.class"] == "" || len(ended[len(ended)-1].Events()) != 1 {
			t.Errorf("%v: got %v, want %s and a class", err, got, want)
		}
	}
}
