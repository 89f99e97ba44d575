package main

import (
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/setup"
	"github.com/wherefore-dev/wherefore/ui"
)

// demoConfig is what a team that runs the recorded shop would have configured:
// who owns what, what the conditions in its decisions mean in PromQL, and where
// its backends are. The links are those of docker-compose.yml.
func demoConfig(cfg config.Config, listen string) config.Config {
	p99 := func(job string) string {
		return `histogram_quantile(0.99, sum by (le) (rate(http_server_request_duration_seconds_bucket{job="` + job + `"}[1m])))`
	}
	share := func(milestone string) map[string]string {
		return map[string]string{"": `sum(rate(milestone_total{milestone="` + milestone + `",good="false"}[1m])) / sum(rate(milestone_total{milestone="` + milestone + `"}[1m]))`}
	}
	cfg.ExternalURL = "http://" + listen
	cfg.Engine.Conditions = map[string]map[string]string{
		"latency_p99":         {"": p99("{entity}")},
		"bid_latency_p99":     {"": p99("bidder")},
		"profile_latency_p99": {"": p99("profile")},
		"pool_in_use":         {"": `max(etcd_client_pool_in_use{job="{entity}"})`},
		"heap_live":           {"": `max(go_memstats_heap_inuse_bytes{job="ad-server"}) / 1048576`},
		"cpu_bidder":          {"": `sum(rate(process_cpu_seconds_total{job="bidder"}[1m]))`},
		"ad_failure_rate":     share("ad_served"),
		"bid_failure_rate":    share("bid_placed"),
	}
	cfg.Owners = map[string]string{"edge": "team-edge", "gateway": "team-edge", "ad-server": "team-ads", "bidder": "team-bidding",
		"profile": "team-profiles", "profile-db": "team-profiles", "etcd": "team-platform", "workload": "team-edge"}
	cfg.Links = ui.Links{
		Trace:   "http://127.0.0.1:16686/trace/{trace:path}?uiFind={span}",
		Search:  "http://127.0.0.1:16686/search",
		Explore: `http://127.0.0.1:3000/explore?schemaVersion=1&panes={"a":{"datasource":"loki","queries":[{"refId":"A","expr":"{query:json}"}],"range":{"from":"{from}","to":"{to}"}}}`,
		Metrics: setup.MetricsLink("http://127.0.0.1:9090"),
		Silence: "http://127.0.0.1:9093/#/silences/new?filter={matchers}",
		Line:    "http://" + listen + "/api/v1/why?repo={repository}&file={path}&line={line}&rev={revision}",
		Note:    "They lead to the servers of docker-compose.yml, which “wherefore bundle push” fills.",
	}
	return cfg
}
