package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

// clusterEnd is when the cluster's alert fired.
var clusterEnd = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sick reports whether a sample at this time is of the incident.
func sick(at time.Time) bool { return at.After(clusterEnd.Add(-5 * time.Minute)) }

// cluster is what Prometheus holds of a small Kubernetes cluster in the words
// of the usual exporters, and of nobody else: no service label names a service,
// as it is where cAdvisor and kube-state-metrics are scraped by an operator.
type cluster struct{ series []evidence.Series }

// add gives a metric a series with a value for each step of 15 s of 35 minutes.
func (c *cluster) add(name string, kind evidence.MetricKind, labels string, value func(step int, at time.Time) float64) {
	s := evidence.Series{Name: name, Kind: kind, Labels: map[string]string{}}
	for _, pair := range strings.Split(labels, ",") {
		k, v, _ := strings.Cut(pair, "=")
		s.Labels[k] = v
	}
	for step := range 140 {
		at := clusterEnd.Add(time.Duration(step-139) * 15 * time.Second)
		s.Samples = append(s.Samples, evidence.Sample{Time: at, Value: value(step, at)})
	}
	c.series = append(c.series, s)
}

// always is a constant; grown a counter that grows by so much each step.
func always(x float64) func(int, time.Time) float64 {
	return func(int, time.Time) float64 { return x }
}

func grown(well, ill float64) func(int, time.Time) float64 {
	sum := 0.0
	return func(step int, at time.Time) float64 {
		if sick(at) {
			sum += ill
		} else {
			sum += well * (1 + 0.02*float64(step%3))
		}
		return sum
	}
}

func steps(well, ill float64) func(int, time.Time) float64 {
	return func(step int, at time.Time) float64 {
		if sick(at) {
			return ill
		}
		return well * (1 + 0.01*float64(step%3))
	}
}

// newCluster has two deployments; hit is what goes wrong with checkout.
func newCluster(hit string) *cluster {
	c := &cluster{}
	when := func(what string, ill, well float64) float64 {
		if hit == what {
			return ill
		}
		return well
	}
	for _, name := range []string{"checkout", "catalog"} {
		is := func(what string, ill, well float64) float64 {
			if name == "checkout" {
				return when(what, ill, well)
			}
			return well
		}
		pod := fmt.Sprintf("namespace=shop,pod=%s-7d9f8c6b54-x2x4z", name)
		cadvisor := pod + ",container=app,service=kubelet,job=kubelet,instance=10.0.0.1:10250"
		state := pod + ",container=app,service=kube-state-metrics,job=kube-state-metrics,instance=10.0.0.9:8080"
		c.add("container_cpu_usage_seconds_total", evidence.MetricCounter, cadvisor, grown(3, is("cpu", 14.8, 3)))
		c.add("container_spec_cpu_quota", evidence.MetricGauge, cadvisor, always(100000))
		c.add("container_spec_cpu_period", evidence.MetricGauge, cadvisor, always(100000))
		c.add("container_cpu_cfs_periods_total", evidence.MetricCounter, cadvisor, grown(150, 150))
		c.add("container_cpu_cfs_throttled_periods_total", evidence.MetricCounter, cadvisor, grown(1, is("cpu", 140, 1)))
		c.add("container_memory_working_set_bytes", evidence.MetricGauge, cadvisor, steps(200e6, is("memory", 495e6, 200e6)))
		c.add("container_spec_memory_limit_bytes", evidence.MetricGauge, cadvisor, always(500e6))
		c.add("container_last_seen", evidence.MetricGauge, cadvisor, func(_ int, at time.Time) float64 { return float64(at.Unix()) })
		c.add("kube_pod_container_status_restarts_total", evidence.MetricCounter, state, grown(0, is("memory", 1, 0)))
		c.add("kube_pod_container_status_last_terminated_reason", evidence.MetricGauge, state+",reason=OOMKilled", steps(0, is("memory", 1, 0)))
		deployment := "namespace=shop,deployment=" + name + ",service=kube-state-metrics,job=kube-state-metrics"
		c.add("kube_deployment_status_replicas_unavailable", evidence.MetricGauge, deployment, steps(0, is("replicas", 2, 0)))
		c.add("kube_deployment_spec_replicas", evidence.MetricGauge, deployment, always(3))
		for code, rate := range map[string]float64{"200": 150, "500": is("errors", 60, 0)} {
			c.add("http_server_request_duration_seconds_count", evidence.MetricHistogram, "service_name="+name+",http_response_status_code="+code, grown(map[bool]float64{true: rate, false: 0}[code == "200"], rate))
		}
	}
	return c
}

// record writes the cluster and an alert on the deployment into a bundle.
func (c *cluster) record(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "b")
	w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "cluster", Dataset: "test", Tool: "test", Windows: map[string]evidence.Window{"data": {Start: clusterEnd.Add(-time.Hour), End: clusterEnd}}}, bundle.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{"alertname": "CheckoutBurns", "deployment": "checkout", "namespace": "shop"}
	if err := w.Alert(evidence.Alert{Receiver: "r", GroupKey: "g", Status: evidence.StatusFiring, Labels: labels,
		Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, Labels: labels, StartsAt: clusterEnd}}}); err != nil {
		t.Fatal(err)
	}
	for _, s := range c.series {
		if err := w.Series(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// reported is the report of investigate with these arguments.
func reported(t *testing.T, args ...string) report.Report {
	t.Helper()
	out, errs, code := runApp(t, append([]string{"investigate", "--format", "json"}, args...)...)
	var r report.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("exit code %d, %s: %v", code, errs, err)
	}
	return r
}

// TestExportersSpeakOfWorkloads holds discovery and templates to what cAdvisor,
// kube-state-metrics and HTTP metrics say, through Prometheus' own engine.
func TestExportersSpeakOfWorkloads(t *testing.T) {
	for hit, want := range map[string]struct {
		mechanism string
		metrics   []string // named by the terms of the first cause
	}{
		"cpu":      {"resource", []string{"container_cpu_utilization_ratio", "container_cpu_cfs_throttled_ratio"}},
		"memory":   {"resource", []string{"container_memory_utilization_ratio", "kube_pod_container_status_last_terminated_reason"}},
		"replicas": {"resource", []string{"kube_deployment_status_replicas_unavailable"}},
		"errors":   {"error", []string{"http_server_request_error_ratio"}},
	} {
		t.Run(hit, func(t *testing.T) {
			r := reported(t, "--bundle", newCluster(hit).record(t))
			if len(r.Causes) == 0 || r.Causes[0].Entity.Name != "checkout" {
				t.Fatalf("got %v, want checkout first", r.Ranked)
			}
			if slices.ContainsFunc(r.Ranked, func(x report.EntityScore) bool { return strings.Contains(x.Entity, "kube") }) {
				t.Errorf("got %v, want no exporter among the causes", r.Ranked)
			}
			said, err := json.Marshal(r.Causes)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range want.metrics {
				if !strings.Contains(string(said), m) {
					t.Errorf("no cause rests on %s; the first is %s with %v", m, r.Causes[0].Mechanism, r.Causes[0].Loci)
				}
			}
			if strings.Contains(string(said), "container_last_seen") {
				t.Error("an instant was taken for a measure")
			}
			if string(r.Causes[0].Mechanism) != want.mechanism {
				t.Errorf("got %s, want %s", r.Causes[0].Mechanism, want.mechanism)
			}
		})
	}
}

// TestExportersSpeakOfWorkloadsLive pushes the clusters into a real Prometheus,
// which knows of no series' type or help, and investigates the alert there: what
// is blamed, for what and on which metrics, is what the replay says.
func TestExportersSpeakOfWorkloadsLive(t *testing.T) {
	if _, err := servers.Find("prometheus"); err != nil {
		t.Skip(err)
	}
	for _, hit := range []string{"cpu", "memory", "replicas", "errors"} {
		t.Run(hit, func(t *testing.T) {
			t.Parallel()
			dir, blocks := newCluster(hit).record(t), t.TempDir()
			if stdout, stderr, code := runApp(t, "bundle", "push", dir, "--prometheus-dir", blocks); code != exitOK {
				t.Fatalf("push: exit code %d, %s%s", code, stdout, stderr)
			}
			p := servers.Start(t, servers.PrometheusOptions{DataDir: blocks}.Start)
			cfg := written(t, "sources: {prometheus: {address: '"+p.URL("http")+"'}}\n")
			live := causesOf(reported(t, "--alert", filepath.Join(dir, "alert.json"), "--config", cfg))
			if d := cmp.Diff(causesOf(reported(t, "--bundle", dir)), live); d != "" || len(live) == 0 {
				t.Errorf("%d causes (-replayed +live):\n%s", len(live), d)
			}
		})
	}
}

// causesOf says of each cause whom it blames, for what, and by which terms.
func causesOf(r report.Report) (said []string) {
	for _, c := range r.Causes {
		said = append(said, fmt.Sprintf("%s %s %s", c.Entity.Name, c.Mechanism, c.Trigger))
		for _, term := range c.Terms {
			said = append(said, fmt.Sprintf("  %s %d %s", term.ID, term.Points, term.Why))
		}
	}
	return said
}
