package report

import "github.com/wherefore-dev/wherefore/correlate/evidence"

// GoldenSignal names one of the four golden signals (Beyer et al., Site
// Reliability Engineering, chapter 6).
type GoldenSignal string

// The golden signals, in the order in which they are shown.
const (
	SignalTraffic    GoldenSignal = "traffic"
	SignalErrors     GoldenSignal = "errors"
	SignalLatency    GoldenSignal = "latency"
	SignalSaturation GoldenSignal = "saturation"
)

// ServiceSignals are the golden signals of one service, those that were measured.
type ServiceSignals struct {
	Service string `json:"service"`
	// Alerts is true for the service that the alert is about, Blamed for the first
	// cause; both for one that is its own cause.
	Alerts bool          `json:"alerts,omitempty"`
	Blamed bool          `json:"blamed,omitempty"`
	Charts []SignalChart `json:"charts"`
}

// SignalChart is one golden signal over time.
type SignalChart struct {
	Signal GoldenSignal `json:"signal"`
	Chart  Chart        `json:"chart"`
	// Query gives the chart again; Series is how many it brings together: the sum
	// of counts, the highest of durations.
	Query  string `json:"query"`
	Series int    `json:"series"`
	// Since is the level from the onset to the end and Usual that before, in the
	// chart's unit: of a rate the mean, of errors their share of all requests, of
	// everything else the median. Nil where there is no sample.
	Since *float64 `json:"since,omitempty"`
	Usual *float64 `json:"usual,omitempty"`
	// Calls are those that brought the samples, By names them while the coverage is
	// not settled.
	Calls []Call            `json:"calls,omitempty"`
	By    []evidence.CallID `json:"-"`
}
