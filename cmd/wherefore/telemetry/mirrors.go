package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/wherefore-dev/wherefore/blameindex"
)

// Mirrors counts the fetches of repositories, at every scrape.
type Mirrors struct {
	// Read says how the repositories are kept up.
	Read func() []blameindex.Mirror
}

var (
	fetchesDesc = prometheus.NewDesc("wherefore_repository_fetches_total", "Fetches of a repository's mirror since it was configured, by outcome: succeeded or failed.", []string{"repository", "outcome"}, nil)
	fetchedDesc = prometheus.NewDesc("wherefore_repository_fetched_timestamp_seconds", "When a repository was last fetched; absent before the first success.", []string{"repository"}, nil)
)

// Describe implements prometheus.Collector.
func (Mirrors) Describe(out chan<- *prometheus.Desc) { out <- fetchesDesc; out <- fetchedDesc }

// Collect implements prometheus.Collector.
func (m Mirrors) Collect(out chan<- prometheus.Metric) {
	for _, x := range m.Read() {
		out <- prometheus.MustNewConstMetric(fetchesDesc, prometheus.CounterValue, float64(x.Succeeded), x.Name, "succeeded")
		out <- prometheus.MustNewConstMetric(fetchesDesc, prometheus.CounterValue, float64(x.Bad), x.Name, "failed")
		if !x.Fetched.IsZero() {
			out <- prometheus.MustNewConstMetric(fetchedDesc, prometheus.GaugeValue, float64(x.Fetched.UnixMilli())/1000, x.Name)
		}
	}
}
