package kit

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// methods may be labels; what else a caller sends is _OTHER.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// HTTP measures what a handler answers, usually a whole http.ServeMux, whose
// patterns become the routes: one span, one duration with the trace as its
// exemplar, an error by its class, and the trace in the labels of profiles. A
// panic counts as 500 and goes on; an answer that is broken off by
// http.ErrAbortHandler counts as one that failed, unless whoever asked has gone. What
// is wrapped twice is measured once. What copies the request on its way to the mux, as
// http.TimeoutHandler does, hides the route from it: see Routes.
func (k *Kit) HTTP(next http.Handler) http.Handler {
	if next == nil {
		next = http.DefaultServeMux // as a server has it
	}
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if k.measures(q.Context(), overHTTP) {
			next.ServeHTTP(w, q)
			return
		}
		method := q.Method
		if !slices.Contains(methods, method) {
			method = "_OTHER"
		}
		ctx, span := k.tracer.Start(k.propagator.Extract(q.Context(), propagation.HeaderCarrier(q.Header)), method, trace.WithSpanKind(trace.SpanKindServer))
		a := &answer{ResponseWriter: w, status: http.StatusOK}
		r := &request{kit: k, what: overHTTP, start: time.Now(), ready: func() { a.Header().Set(HeaderReady, "true") }}
		q = q.WithContext(context.WithValue(ctx, requestKey{}, r))
		whole := false
		defer func() {
			var p any
			if !whole {
				p = recover()
				a.ended(q, r, p)
			}
			k.answered(ctx, span, q, method, a.status, r)
			if p != nil {
				panic(p)
			}
		}()
		labelled(q.Context(), func(ctx context.Context) {
			inner := q.WithContext(ctx)
			defer func() { q.Pattern = inner.Pattern }() // as the mux found it
			next.ServeHTTP(a, inner)
		})
		whole = true
	})
}

// Routes is a mux that tells HTTP which of its patterns a request has, from below
// handlers that copy requests: k.HTTP(http.TimeoutHandler(kit.Routes(mux), …)). It is
// known before the mux answers, and so for requests that take too long.
func Routes(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if r := requestOf(q.Context()); r != nil {
			_, pattern := mux.Handler(q)
			r.mu.Lock()
			r.route = pattern
			r.mu.Unlock()
		}
		mux.ServeHTTP(w, q)
	})
}

// pattern is the route of a request, empty where nobody found one.
func (r *request) pattern(q *http.Request) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return cmp.Or(r.route, q.Pattern)
}

// answered ends the span and measures.
func (k *Kit) answered(ctx context.Context, span trace.Span, q *http.Request, method string, status int, r *request) {
	route := r.pattern(q)
	if _, path, found := strings.Cut(route, " "); found {
		route = path
	}
	if route == "" {
		route = "unmatched"
	}
	set := []attribute.KeyValue{attribute.String("http.request.method", method), attribute.String("http.route", route), attribute.Int("http.response.status_code", status)}
	span.SetName(method + " " + route)
	span.SetAttributes(set...)
	k.http.Record(ctx, time.Since(r.start).Seconds(), metric.WithAttributes(set...))
	err := r.failure()
	if status >= 400 || err != nil {
		shown := ""
		if status >= 400 {
			shown = strconv.Itoa(status)
		}
		class := k.fail(ctx, shown, err)
		span.SetAttributes(attribute.String("error.class", string(class)))
		if err != nil {
			span.RecordError(err)
		}
		if class == Fatal {
			span.SetStatus(codes.Error, http.StatusText(status))
		}
	}
	span.End()
}

// overHTTP is what a request is that came over HTTP.
const overHTTP = "http"

// ended notes what an answer came to that ended by a panic.
func (a *answer) ended(q *http.Request, r *request, p any) {
	if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
		a.status = http.StatusInternalServerError
		Fail(q.Context(), fmt.Errorf("panic in %s", q.Pattern))
		return
	}
	// The server sends no more, and has logged nothing.
	gone := q.Context().Err()
	switch {
	case !a.begun && gone != nil:
		a.status = statusGone
	case !a.begun:
		a.status = http.StatusInternalServerError
	}
	if r.failure() == nil {
		Fail(q.Context(), cmp.Or(gone, errBrokenOff))
	}
}

// statusGone is how nginx logs that whoever asked has gone; HTTP has none.
const statusGone = 499

var errBrokenOff = errors.New("the answer was broken off")

// answer notes the status.
type answer struct {
	http.ResponseWriter
	status int
	begun  bool
}

func (a *answer) WriteHeader(status int) {
	if !a.begun && status >= 200 {
		a.status, a.begun = status, true
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	a.begun = true
	return a.ResponseWriter.Write(p)
}

// Flush and Hijack are those of what is below, for handlers that ask for them by type.
func (a *answer) Flush() {
	if http.NewResponseController(a.ResponseWriter).Flush() == nil { // who cannot does not
		a.begun = true
	}
}

// Hijack implements http.Hijacker; the connection is another protocol's from then on.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err == nil && !a.begun {
		a.status, a.begun = http.StatusSwitchingProtocols, true
	}
	return conn, rw, err //nolint:wrapcheck // the server's own
}

// Unwrap gives http.ResponseController what is below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
