package kit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestHowAnAnswerEndsIsMeasuredAsItWasSent goes through the ends that are no plain
// return after one status.
func TestHowAnAnswerEndsIsMeasuredAsItWasSent(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, c := range []struct {
		name   string
		ctx    context.Context
		answer http.HandlerFunc
		status string
		class  string // empty for no error
	}{
		{"broken off halfway", t.Context(), func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "half")
			panic(http.ErrAbortHandler)
		}, "200", "fatal"},
		{"broken off, the caller gone", gone, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "half")
			panic(http.ErrAbortHandler)
		}, "200", "recoverable"},
		{"broken off before it began", t.Context(), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "500", "fatal"},
		{"the same, the caller gone", gone, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "499", "recoverable"},
		{"broken off for a reason", t.Context(), func(w http.ResponseWriter, q *http.Request) {
			fmt.Fprint(w, "half")
			Fail(q.Context(), status.Error(codes.ResourceExhausted, "rate limit"))
			panic(fmt.Errorf("copy: %w", http.ErrAbortHandler))
		}, "200", "noisy"},
		{"a panic halfway", gone, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "half")
			panic(errors.New("x"))
		}, "500", "fatal"},
		{"status twice", t.Context(), func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			w.WriteHeader(http.StatusInternalServerError)
		}, "404", "recoverable"},
		{"status after the body", t.Context(), func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "ok")
			w.WriteHeader(http.StatusInternalServerError)
		}, "200", ""},
		{"status after a flush", t.Context(), func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			w.WriteHeader(http.StatusInternalServerError)
		}, "200", ""},
		{"status after a hint", t.Context(), func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusServiceUnavailable)
		}, "503", "fatal"},
	} {
		r := newRig(t)
		func() {
			defer func() { _ = recover() }()
			r.HTTP(c.answer).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(c.ctx))
		}()
		status := ""
		if d, _ := r.metric(t, "http.server.request.duration").(metricdata.Histogram[float64]); len(d.DataPoints) == 1 {
			v, _ := d.DataPoints[0].Attributes.Value("http.response.status_code")
			status = v.String()
		}
		want := map[string]int64{}
		if c.class != "" {
			want[c.class] = 1
		}
		if got := r.counted(t, "errors", "class"); status != c.status || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %s and %v, want %s and %v", c.name, status, got, c.status, want)
		}
	}
}

func TestAPanicGoesOnAsItWas(t *testing.T) {
	for _, p := range []any{http.ErrAbortHandler, "x", errors.New("y")} {
		func() {
			defer func() {
				if got := recover(); got != p {
					t.Errorf("got %v, want %v", got, p)
				}
			}()
			ask(newRig(t).HTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(p) })), "GET", "/")
		}()
	}
}

// TestWhatIsWrappedTwiceIsSaidOnce is of services in which two hands put the kit in.
func TestWhatIsWrappedTwiceIsSaidOnce(t *testing.T) {
	r := newRig(t)
	mux := http.NewServeMux()
	mux.Handle("GET /orders/{id}", r.HTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })))
	ask(r.HTTP(r.HTTP(mux)), "GET", "/orders/1")
	if got := r.durations(t, "http.server.request.duration", attribute.Key("http.route")); fmt.Sprint(got) != "map[/orders/{id}:1]" {
		t.Errorf("got the requests %v", got)
	}
	unary := func(ctx context.Context, in any) (any, error) {
		return r.Unary()(ctx, in, &grpc.UnaryServerInfo{FullMethod: "/shop/Get"}, func(context.Context, any) (any, error) { return nil, status.Error(codes.NotFound, "none") })
	}
	if _, err := r.Unary()(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: "/shop/Get"}, unary); status.Code(err) != codes.NotFound {
		t.Errorf("got %v", err)
	}
	if got := r.counted(t, "errors", "class"); got["fatal"] != 1 || got["recoverable"] != 1 || len(r.spans.Ended()) != 2 {
		t.Errorf("got the errors %v and %d spans", got, len(r.spans.Ended()))
	}
	if a := r.Transport(nil); r.Transport(a) != a {
		t.Error("a transport measures twice")
	}
	ctx, span := r.tracer.Start(t.Context(), "x")
	defer span.End()
	var out bytes.Buffer
	slog.New(Slog(Slog(slog.NewJSONHandler(&out, nil)))).InfoContext(ctx, "x")
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(&out), zap.InfoLevel)
	zap.New(Zap(Zap(core))).Info("x", In(ctx))
	if n := strings.Count(out.String(), `"trace_id"`); n != 2 {
		t.Errorf("the trace stands %d times in two lines:\n%s", n, out.String())
	}
}

// TestTheDefaultLoggerMayBeWrapped is of what waits for itself forever where it is
// wrapped as it is.
func TestTheDefaultLoggerMayBeWrapped(t *testing.T) {
	before, flags, to := slog.Default(), log.Flags(), log.Writer()
	var out bytes.Buffer
	log.SetOutput(&out)
	t.Cleanup(func() {
		slog.SetDefault(before)
		log.SetFlags(flags)
		log.SetOutput(to)
	})
	r := newRig(t)
	ctx, span := r.tracer.Start(t.Context(), "x")
	defer span.End()
	for _, h := range []slog.Handler{before.Handler(), nil} {
		out.Reset()
		written := make(chan struct{})
		go func() {
			defer close(written)
			slog.SetDefault(slog.New(Slog(h)))
			slog.InfoContext(ctx, "sold")
		}()
		select {
		case <-written:
		case <-time.After(2 * time.Minute):
			t.Fatal("the line is not written")
		}
		if line := out.String(); !strings.Contains(line, "sold") || !strings.Contains(line, "trace_id="+span.SpanContext().TraceID().String()) {
			t.Errorf("got %q", line)
		}
		slog.SetDefault(before)
		log.SetOutput(&out)
	}
	if w := ask(r.HTTP(nil), "GET", "/none"); w.Code != http.StatusNotFound {
		t.Errorf("got %d of no handler, want the default mux's 404", w.Code)
	}
}
