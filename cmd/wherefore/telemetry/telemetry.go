// Package telemetry is what wherefore says about itself: Prometheus metrics
// and, when an endpoint is configured, OTLP traces of its own work.
package telemetry

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Metrics are wherefore's own, on a registry of their own.
type Metrics struct {
	registry       *prometheus.Registry
	alerts         *prometheus.CounterVec
	investigations *prometheus.CounterVec
	duration       prometheus.Histogram
	sourceUp       *prometheus.GaugeVec
	notifications  *prometheus.CounterVec
	actions        *prometheus.CounterVec
	bundles        *prometheus.CounterVec
	bundleBytes    prometheus.Gauge
}

// NewMetrics registers the metrics. waiting is asked at every scrape for the
// number of investigations that are due.
func NewMetrics(version string, waiting func() float64) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wherefore_alerts_total", Help: "Notifications received, by outcome."}, []string{"outcome"}),
		investigations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wherefore_investigations_total", Help: "Investigations ended, by verdict; failed ones as verdict=\"failed\"."}, []string{"verdict"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wherefore_investigation_duration_seconds", Help: "From taking an investigation up to its report.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30}}),
		sourceUp: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "wherefore_source_up", Help: "1 while a source answers in time."}, []string{"source"}),
	}
	m.notifications = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wherefore_notifications_total", Help: "Notifications of reports, by target and outcome: delivered, failed or dropped."}, []string{"target", "outcome"})
	m.actions = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wherefore_actions_total", Help: "Actions that came to stand somewhere, by kind and state."}, []string{"action", "state"})
	m.bundles = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wherefore_evidence_bundles_total", Help: "Evidence bundles of reports, by outcome: kept, dropped or failed."}, []string{"outcome"})
	m.bundleBytes = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "wherefore_evidence_bytes", Help: "Size of all evidence bundles that are kept."})
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "wherefore_build_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	queue := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "wherefore_queue_length", Help: "Investigations that are due or running."}, waiting)
	m.registry.MustRegister(m.alerts, m.investigations, m.duration, m.sourceUp, m.notifications, m.actions, m.bundles, m.bundleBytes, build, queue,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Unfiled is how many alerts are durable and not filed as incidents yet, read at
// every scrape.
func Unfiled(read func() int) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "wherefore_inbox_length", Help: "Alerts that were taken and are not filed as incidents yet."}, func() float64 { return float64(read()) })
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Register adds another package's collector.
func (m *Metrics) Register(c prometheus.Collector) error { return m.registry.Register(c) }

// Alert counts a notification: accepted, overloaded or failed.
func (m *Metrics) Alert(outcome string) { m.alerts.WithLabelValues(outcome).Inc() }

// Investigated counts the end of an investigation.
func (m *Metrics) Investigated(r report.Report, took time.Duration, err error) {
	verdict := "failed"
	if err == nil {
		verdict = string(r.Verdict.Word)
		m.duration.Observe(took.Seconds())
	}
	m.investigations.WithLabelValues(verdict).Inc()
}

// Notified counts the end of a notification.
func (m *Metrics) Notified(target, outcome string) {
	m.notifications.WithLabelValues(target, outcome).Inc()
}

// Acted counts where an action came to stand.
func (m *Metrics) Acted(kind casefile.ActionKind, state casefile.ActionState) {
	m.actions.WithLabelValues(string(kind), string(state)).Inc()
}

// Bundle counts what became of an evidence bundle.
func (m *Metrics) Bundle(outcome casefile.BundleState) {
	m.bundles.WithLabelValues(string(outcome)).Inc()
}

// BundleBytes notes the size of all evidence bundles that are kept.
func (m *Metrics) BundleBytes(n int64) { m.bundleBytes.Set(float64(n)) }

// Source notes whether a source answers.
func (m *Metrics) Source(name string, up bool) {
	v := 0.0
	if up {
		v = 1
	}
	m.sourceUp.WithLabelValues(name).Set(v)
}

// Tracing says where wherefore's own traces go.
type Tracing struct {
	// Endpoint is an OTLP/HTTP URL, as http://127.0.0.1:4318; empty for none.
	Endpoint string `yaml:"otlp_endpoint"`
	// Environment is reported as deployment.environment.name.
	Environment string `yaml:"environment"`
	// Sample is the share of traces kept, 1 when 0.
	Sample float64 `yaml:"sample"`
}

// Start returns a tracer provider and the function that flushes and ends it.
// Without an endpoint it records nothing.
func (t Tracing) Start(ctx context.Context, version string) (trace.TracerProvider, func(context.Context) error, error) {
	if t.Endpoint == "" {
		return noop.NewTracerProvider(), func(context.Context) error { return nil }, nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(t.Endpoint+"/v1/traces"))
	if err != nil {
		return nil, nil, fmt.Errorf("telemetry.otlp_endpoint %q: %w", t.Endpoint, err)
	}
	res, err := resource.Merge(resource.Default(), resource.NewSchemaless(
		attribute.String("service.name", "wherefore"),
		attribute.String("service.version", version),
		attribute.String("deployment.environment.name", t.Environment)))
	if err != nil {
		return nil, nil, fmt.Errorf("telemetry: %w", err)
	}
	share := t.Sample
	if share == 0 {
		share = 1
	}
	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(share))))
	return tp, tp.Shutdown, nil
}
