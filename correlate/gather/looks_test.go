package gather

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestWhatIsAbsentWhileNothingFails(t *testing.T) {
	for expr, want := range map[string]bool{
		`sum(rate(http_requests_total{status=~"5.."}[1m])) / sum(rate(http_requests_total[1m]))`:                                   true,
		`sum(rate(calls{outcome="error"}[1m]))`:                                                                                    true,
		`sum(rate(calls{code!~"2..|OK"}[1m]))`:                                                                                     true,
		`sum(rate(calls{code="200"}[1m]))`:                                                                                         false,
		`rate(payment_errors_total[5m])`:                                                                                           true,
		`histogram_quantile(0.95, rate(latency_seconds_bucket[1m]))`:                                                               false,
		`rate(latency_sum[1m]) / rate(latency_count[1m])`:                                                                          false,
		`1 - sum(rate(http_requests_total{status=~"5.."}[1m])) / sum(rate(http_requests_total[1m]))`:                               false,
		`(1 - sum(rate(calls{code="500"}[1m])) / sum(rate(calls[1m])))`:                                                            false,
		`sum(rate(calls[1m])) / sum(rate(call_errors_total[1m]))`:                                                                  false,
		`(sum(rate(calls[1m])) - sum(rate(calls{code="500"}[1m]))) / sum(rate(calls[1m]))`:                                         false,
		`sum(rate(http_duration_seconds_sum{code="500"}[1m])) / sum(rate(http_duration_seconds_count{code="500"}[1m]))`:            false,
		`sum by (job) (rate(http_duration_seconds_count{code=~"5.."}[1m])) / sum by (job) (rate(http_duration_seconds_count[1m]))`: true,
		`errors`: false,
		`rate(`:  false,
	} {
		if got := countsFailures(expr); got != want {
			t.Errorf("%s: got %v, want %v", expr, got, want)
		}
	}
}

func TestFailuresThatWereNotCountedYetAreZero(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	collected := []time.Time{at(0), at(5), at(10), at(15)}
	late := []evidence.Sample{{Time: at(10), Value: 3}}
	for _, c := range []struct {
		name string
		m    measuredSeries
		want int
	}{
		{"a rate of failures", measuredSeries{name: "payment_errors_total", stat: "rate", samples: late}, 3},
		{"a rate of requests that failed", measuredSeries{name: "http_requests_total", labels: map[string]string{"code": "503"}, stat: "rate", samples: late}, 3},
		{"a rate of requests that went well", measuredSeries{name: "http_requests_total", labels: map[string]string{"code": "200"}, stat: "rate", samples: late}, 1},
		{"a level", measuredSeries{name: "error_budget", samples: late}, 1},
	} {
		got := zeroFilled(c.m, collected)
		if len(got) != c.want || got[len(got)-1].Value != 3 {
			t.Errorf("%s: got %v, want %d samples", c.name, got, c.want)
		}
	}
}
