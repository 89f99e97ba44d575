package kit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/pprof"
	rtrace "runtime/trace"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Options of a kit; what is left out is OpenTelemetry's global one.
type Options struct {
	Meter      metric.MeterProvider
	Tracer     trace.TracerProvider
	Propagator propagation.TextMapPropagator // W3C's trace context when nil
	// Decisions is where decisions are logged; slog's default when nil.
	Decisions *slog.Logger
	// Classes are asked before the built-in rules, in their order.
	Classes []Rule
}

// Kit measures and names what a service does.
type Kit struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	decisions  *slog.Logger
	classes    []Rule

	http, rpc, asked, called, reached, undone metric.Float64Histogram // seconds
	errors, milestones, rollbacks, retried    metric.Int64Counter

	known sync.Map // names of milestones
}

const scope = "github.com/wherefore-dev/wherefore/sources/kit"

// buckets are in seconds, as OpenTelemetry's conventions advise for requests.
var buckets = []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10}

// New makes a kit; its error says which instrument or rule cannot be had.
func New(o Options) (*Kit, error) {
	if o.Meter == nil {
		o.Meter = otel.GetMeterProvider()
	}
	if o.Tracer == nil {
		o.Tracer = otel.GetTracerProvider()
	}
	if o.Propagator == nil {
		o.Propagator = propagation.TraceContext{}
	}
	k := &Kit{tracer: o.Tracer.Tracer(scope), propagator: o.Propagator, decisions: o.Decisions, classes: o.Classes}
	for i, r := range o.Classes {
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("class rule %d: %w", i+1, err)
		}
	}
	m := o.Meter.Meter(scope)
	var faults []error
	timed := func(name, about string, buckets []float64) metric.Float64Histogram {
		h, err := m.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(about), metric.WithExplicitBucketBoundaries(buckets...))
		faults = append(faults, err)
		return h
	}
	histogram := func(name, about string) metric.Float64Histogram { return timed(name, about, buckets) }
	counter := func(name, about string) metric.Int64Counter {
		c, err := m.Int64Counter(name, metric.WithDescription(about))
		faults = append(faults, err)
		return c
	}
	k.http = histogram("http.server.request.duration", "How long requests took.")
	k.rpc = histogram("rpc.server.call.duration", "How long calls took.")
	k.asked = histogram("http.client.request.duration", "How long others took to answer requests.")
	k.called = histogram("rpc.client.call.duration", "How long others took to answer calls.")
	k.reached = histogram("milestone.duration", "From the request to the milestone.")
	k.undone = timed("rollback.duration", "How long rollbacks took.", rollbackBuckets)
	k.errors = counter("errors", "Errors of requests, by what they mean for the promise: fatal, recoverable or noisy.")
	k.milestones = counter("milestone", "Business milestones, reached as promised or not.")
	k.rollbacks = counter("rollback", "Rollbacks by result: success or failure.")
	k.retried = counter("rollback.retried", "Rollbacks that found everything back already.")
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	// A rate sees the first error of a class only where there was a 0 before.
	for _, c := range []Class{Fatal, Recoverable, Noisy} {
		k.errors.Add(context.Background(), 0, errorSet(c, false))
	}
	return k, nil
}

// request is what is known of a request while it is answered. Its handlers may
// be many goroutines.
type request struct {
	kit   *Kit
	what  string // it is: overHTTP, else the method that is called
	start time.Time

	mu    sync.Mutex
	err   error  // the last one that was told
	ready func() // sets the header, nil where there is none
	route string // as Routes found it
}

type requestKey struct{}

func requestOf(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	return r
}

// measures reports whether a request is measured by this kit already.
func (k *Kit) measures(ctx context.Context, what string) bool {
	r := requestOf(ctx)
	return r != nil && r.kit == k && r.what == what
}

// Fail tells why a request fails, so that its error has a class by more than its
// status. The last one told counts; outside of a request it does nothing.
func Fail(ctx context.Context, err error) {
	if r := requestOf(ctx); r != nil && err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.err = err
	}
}

func (r *request) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// fail counts an error.
func (k *Kit) fail(ctx context.Context, status string, err error) Class {
	c := k.Classify(status, err)
	k.errors.Add(ctx, 1, errorSet(c.Class, c.Unclassified))
	return c.Class
}

func errorSet(c Class, unclassified bool) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("class", string(c)), attribute.Bool("unclassified", unclassified))
}

// Milestone tells that a request came as far as the business counts, as an order
// that was paid: counted, and timed from the request's beginning. Outside of a
// request it is counted alone.
func (k *Kit) Milestone(ctx context.Context, name string, good bool) {
	outcome := func(good bool) metric.MeasurementOption {
		return metric.WithAttributes(attribute.String("milestone", name), attribute.Bool("good", good))
	}
	set := outcome(good)
	if _, known := k.known.LoadOrStore(name, true); !known {
		k.milestones.Add(ctx, 0, outcome(!good)) // so that a rate sees the first that goes otherwise
	}
	k.milestones.Add(ctx, 1, set)
	trace.SpanFromContext(ctx).AddEvent("milestone", trace.WithAttributes(attribute.String("milestone", name), attribute.Bool("good", good)))
	if r := requestOf(ctx); r != nil {
		k.reached.Record(ctx, time.Since(r.start).Seconds(), set)
	}
}

// HeaderReady tells a browser's measurement that what follows is what the reader
// came for.
const HeaderReady = "X-SLI-Ready"

// Ready marks an HTTP answer as the one that the reader came for. It has to be
// called before the answer's first byte.
func Ready(ctx context.Context) {
	r := requestOf(ctx)
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ready != nil {
		r.ready()
	}
}

// Labels of profiles.
const (
	LabelTrace = "trace_id"
	LabelSpan  = "span_id"
)

// labelled runs f with the trace in the labels of its profiles, goroutines that
// it starts included, and as a task of an execution trace while one is taken.
func labelled(ctx context.Context, f func(context.Context)) {
	s := trace.SpanContextFromContext(ctx)
	if !s.IsValid() {
		f(ctx)
		return
	}
	if rtrace.IsEnabled() {
		var task *rtrace.Task
		ctx, task = rtrace.NewTask(ctx, "request")
		defer task.End()
		rtrace.Log(ctx, LabelTrace, s.TraceID().String())
	}
	pprof.Do(ctx, pprof.Labels(LabelTrace, s.TraceID().String(), LabelSpan, s.SpanID().String()), f)
}
