package evidence

import "time"

// MetricKind is the type of a metric, as its metadata or its suffix says.
type MetricKind string

// The kinds of metric.
const (
	MetricUnknown   MetricKind = ""
	MetricGauge     MetricKind = "gauge"
	MetricCounter   MetricKind = "counter"
	MetricHistogram MetricKind = "histogram" // its _bucket, _count and _sum series
	MetricSummary   MetricKind = "summary"
)

// Sample is one measured value.
type Sample struct {
	Time  time.Time `json:"t"`
	Value float64   `json:"v"` // never NaN or infinite once past an adapter
}

// Series is a metric's samples under one set of labels, in time order.
type Series struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"` // without __name__
	Kind   MetricKind        `json:"kind,omitempty"`
	// Expr is the query that gave this series, empty for a bare listing.
	Expr    string   `json:"expr,omitempty"`
	Samples []Sample `json:"samples,omitempty"`
}

// Exemplar is one measured value that names the trace it came from.
type Exemplar struct {
	Series  string            `json:"series"`
	Labels  map[string]string `json:"labels,omitempty"`
	TraceID string            `json:"traceID"`
	SpanID  string            `json:"spanID,omitempty"`
	Value   float64           `json:"value"`
	Time    time.Time         `json:"time"`
}

// Rule is one alerting rule.
type Rule struct {
	Name   string            `json:"name"`
	Group  string            `json:"group,omitempty"`
	Expr   string            `json:"expr"`
	For    time.Duration     `json:"for,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
}
