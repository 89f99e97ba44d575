package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/wherefore-dev/wherefore/blameindex/publish"
)

// Decisions are the metrics of the decision logs, by repository.
type Decisions struct {
	records  *prometheus.GaugeVec
	response *prometheus.GaugeVec
	faults   *prometheus.GaugeVec
	events   *prometheus.CounterVec
}

// NewDecisions registers the metrics of the decision logs.
func NewDecisions(m *Metrics) *Decisions {
	d := &Decisions{
		records: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "decision_records", Help: "Decisions in the log by status."}, []string{"repository", "status"}),
		response: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "decision_response_seconds", Help: "From when a decision was logged to when it took effect."}, []string{"repository", "decision_id"}),
		faults: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "decision_faults", Help: "Decision records that are refused for their faults."}, []string{"repository"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "decision_events_total", Help: "Events of accepted and changed decisions, by whether the receiver took them."}, []string{"repository", "outcome"}),
	}
	m.registry.MustRegister(d.records, d.response, d.faults, d.events)
	return d
}

// Set replaces what is known of one repository's log.
func (d *Decisions) Set(repository string, s publish.State) {
	d.response.DeletePartialMatch(prometheus.Labels{"repository": repository})
	for _, status := range publish.Statuses {
		d.records.WithLabelValues(repository, status).Set(float64(s.ByStatus[status]))
	}
	for _, r := range s.Response {
		d.response.WithLabelValues(repository, r.DecisionID).Set(r.Took.Seconds())
	}
	d.faults.WithLabelValues(repository).Set(float64(s.Faults))
}

// Sent counts an event that was sent, or was not taken.
func (d *Decisions) Sent(repository string, err error) {
	outcome := "sent"
	if err != nil {
		outcome = "failed"
	}
	d.events.WithLabelValues(repository, outcome).Inc()
}
