package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// Calibration counts what people said of reports, at every scrape.
type Calibration struct {
	// Read asks the casebook.
	Read func(ctx context.Context) ([]casefile.Judged, error)
}

var (
	judgedDesc = prometheus.NewDesc("wherefore_judged_reports", "Reports that a person judged, by their verdict.", []string{"verdict"}, nil)
	rightDesc  = prometheus.NewDesc("wherefore_judged_right_reports", "Judged reports whose first cause was confirmed, by their verdict.", []string{"verdict"}, nil)
)

// Describe implements prometheus.Collector.
func (c Calibration) Describe(out chan<- *prometheus.Desc) { out <- judgedDesc; out <- rightDesc }

// Collect implements prometheus.Collector.
func (c Calibration) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	list, err := c.Read(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(judgedDesc, err)
		return
	}
	for _, v := range list {
		out <- prometheus.MustNewConstMetric(judgedDesc, prometheus.GaugeValue, float64(v.Judged), string(v.Verdict))
		out <- prometheus.MustNewConstMetric(rightDesc, prometheus.GaugeValue, float64(v.Right), string(v.Verdict))
	}
}
