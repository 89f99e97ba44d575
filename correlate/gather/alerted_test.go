package gather

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// TestWhomAnAlertIsAbout reads label sets as public rules and exporters leave
// them on their alerts.
func TestWhomAnAlertIsAbout(t *testing.T) {
	type labels = map[string]string
	with := func(base, more labels) labels {
		out := labels{}
		for k, v := range base {
			out[k] = v
		}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	ksm := labels{"job": "kube-state-metrics", "service": "mon-kube-state-metrics", "instance": "10.1.0.9:8080", "namespace": "shop"}
	exporter := func(name string, more labels) labels {
		return with(labels{"job": name, "service": "mon-" + name, "pod": "mon-" + name + "-6f7c9d8b54-q2wzk", "container": name, "namespace": "mon"}, more)
	}
	for name, c := range map[string]struct {
		expr   string
		labels labels
		rule   labels
		known  []string
		want   string
	}{
		"pod of a deployment":                      {`max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m]) >= 1`, with(ksm, labels{"pod": "basket-6f7c9d8b54-q2wzk", "container": "server"}), nil, nil, "basket"},
		"container that is known":                  {`rate(kube_pod_container_status_restarts_total[5m]) > 0`, with(ksm, labels{"pod": "basket-6f7c9d8b54-q2wzk", "container": "basket-api"}), nil, []string{"basket-api"}, "basket-api"},
		"pod that is known":                        {`rate(kube_pod_container_status_restarts_total[5m]) > 0`, with(ksm, labels{"pod": "basket-6f7c9d8b54-q2wzk", "container": "proxy"}), nil, []string{"basket"}, "basket"},
		"deployment":                               {`(kube_deployment_spec_replicas > kube_deployment_status_replicas_available) and changes(kube_deployment_status_replicas_updated[10m]) == 0`, with(ksm, labels{"deployment": "basket"}), nil, nil, "basket"},
		"honor_labels off":                         {`kube_pod_status_phase{phase="Pending"} > 0`, with(ksm, labels{"pod": "mon-kube-state-metrics-0", "exported_pod": "basket-0"}), nil, nil, "basket"},
		"no rule known":                            {``, with(ksm, labels{"pod": "basket-6f7c9d8b54-q2wzk"}), nil, nil, "basket"},
		"quota names nobody but its namespace":     {`kube_resourcequota{type="used"} / ignoring (type) kube_resourcequota{type="hard"} > 0.9`, with(ksm, labels{"resourcequota": "q"}), nil, []string{"shop"}, "shop"},
		"node of kube-state-metrics":               {`kube_node_status_condition{condition="Ready",status="true"} == 0`, with(ksm, labels{"node": "w3"}), nil, nil, "w3"},
		"node by its address":                      {`node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1`, exporter("node-exporter", labels{"instance": "10.1.0.3:9100"}), nil, nil, "10.1.0.3"},
		"node by a recorded rule":                  {`instance:node_cpu_utilisation:rate5m > 0.9`, exporter("node-exporter", labels{"instance": "w3:9100"}), nil, nil, "w3"},
		"volume of a stateful set":                 {`kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.03`, labels{"job": "kubelet", "service": "mon-kubelet", "node": "w3", "persistentvolumeclaim": "data-ledger-db-0"}, nil, []string{"ledger-db"}, "ledger-db"},
		"container of the kubelet":                 {`container_memory_working_set_bytes / container_spec_memory_limit_bytes > 0.9`, labels{"job": "kubelet", "service": "mon-kubelet", "pod": "basket-6f7c9d8b54-q2wzk", "container": "basket"}, nil, nil, "basket"},
		"probe of a page":                          {`probe_success == 0`, exporter("blackbox-exporter", labels{"instance": "https://www.shop.example/health"}), nil, nil, "www.shop.example"},
		"probe of a known service":                 {`probe_success == 0`, exporter("blackbox-exporter", labels{"instance": "http://basket.shop.svc:8080/health"}), nil, []string{"basket"}, "basket.shop.svc"},
		"database by its server":                   {`pg_stat_activity_count > 90`, exporter("postgres-exporter", labels{"instance": "10.1.0.5:9187", "server": "ledger-db:5432"}), nil, nil, "ledger-db"},
		"database by where its exporter looks":     {`mysql_global_status_threads_connected > 100`, exporter("mysqld-exporter", labels{"instance": "ledger-my:3306"}), nil, nil, "ledger-my"},
		"database by what its exporter stands by":  {`pg_up == 0`, labels{"job": "ledger-postgres-exporter", "instance": "10.1.0.5:9187"}, nil, []string{"ledger-postgres"}, "ledger-postgres"},
		"database that names itself":               {`redis_memory_used_bytes > 1e9`, labels{"job": "sessions", "service": "sessions", "instance": "10.1.0.5:9121"}, nil, nil, "sessions"},
		"consumer group":                           {`kafka_consumergroup_lag > 1000`, exporter("kafka-exporter", labels{"consumergroup": "invoices", "topic": "orders"}), nil, nil, "invoices"},
		"exporter that is gone":                    {`up{job="redis-exporter"} == 0`, exporter("redis-exporter", labels{"instance": "10.1.0.5:9121"}), nil, nil, "mon-redis-exporter"},
		"exporter that is gone, no rule known":     {``, exporter("redis-exporter", labels{"instance": "10.1.0.5:9121"}), nil, nil, "mon-redis-exporter"},
		"own metric":                               {`basket_unsent > 100`, labels{"job": "basket", "service": "basket", "pod": "basket-6f7c9d8b54-q2wzk", "container": "app"}, nil, nil, "basket"},
		"what the rule's author wrote":             {`kube_deployment_status_replicas_available < 1`, with(ksm, labels{"deployment": "basket-v2", "service": "basket"}), labels{"service": "basket"}, nil, "basket"},
		"what a template fills in is no such word": {`kube_deployment_status_replicas_available < 1`, with(ksm, labels{"deployment": "basket-v2", "service": "x"}), labels{"service": "{{ $labels.exported_service }}"}, nil, "basket-v2"},
		"OpenTelemetry's names":                    {``, labels{"service.name": "basket", "service.namespace": "shop"}, nil, nil, "basket"},
		"Kubernetes' recommended labels":           {``, labels{"app.kubernetes.io/name": "basket"}, nil, nil, "basket"},
		"OpenTelemetry's workload":                 {``, labels{"k8s.deployment.name": "basket", "k8s.pod.name": "basket-1"}, nil, nil, "basket"},
		"Spring's name":                            {`jvm_memory_used_bytes > 1e9`, labels{"job": "kubernetes-pods", "application": "basket", "instance": "10.1.0.9:8080"}, nil, nil, "basket"},
		"unit of systemd":                          {`node_systemd_unit_state{state="failed"} == 1`, exporter("node-exporter", labels{"instance": "w3:9100", "name": "basket.service"}), nil, nil, "basket"},
		"nothing":                                  {`vector(1)`, labels{"severity": "none"}, nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := &Investigation{options: Options{}.WithDefaults(), names: topology.NewNamer(nil, nil),
				req: gathered.Request{Alert: evidence.Alert{Instances: []evidence.AlertInstance{{Labels: c.labels}}}}}
			for _, n := range c.known {
				v.names.Add(n)
			}
			var rule *evidence.Rule
			if c.rule != nil {
				rule = &evidence.Rule{Labels: c.rule, Expr: c.expr}
			}
			e, err := expressions{}.read(c.expr)
			if err != nil && c.expr != "" {
				t.Fatal(err)
			}
			v.symptom.alerted = []alerted{v.alertedBy(v.req.Alert.Instances[0], rule, e.Metrics())}
			v.settleSymptom()
			if got := v.symptom.named[0]; got != c.want {
				t.Errorf("got %q, want %q of %q", got, c.want, v.symptom.alerted[0].names)
			}
		})
	}
}

// TestWhichRuleRaisedAnAlert has rules that share a name, as generators of SLOs
// write them.
func TestWhichRuleRaisedAnAlert(t *testing.T) {
	type labels = map[string]string
	link := func(expr string) string { return "http://prometheus.example/graph?g0.expr=" + expr }
	pyrra := func(slo, short string) evidence.Rule {
		return evidence.Rule{Name: "ErrorBudgetBurn", Expr: `requests:burnrate` + short + `{job="` + slo + `"} > (14 * (1-0.99))`, Labels: labels{"slo": slo, "short": short, "severity": "critical"}}
	}
	rules := []evidence.Rule{
		pyrra("a", "5m"), pyrra("a", "30m"), pyrra("b", "5m"), pyrra("b", "30m"),
		{Name: "Lag", Expr: `lag{queue="x"} > 5`}, {Name: "Lag", Expr: `lag{queue=~"y|z"} > 5`},
		{Name: "Sum", Expr: `sum by (team) (q{queue="x"}) > 5`, Labels: labels{"queue": "all"}},
		{Name: "Tier", Expr: `e > 1`}, {Name: "Tier", Expr: `e > 2`},
		{Name: "Other", Expr: `o > 1`, Labels: labels{"severity": "page"}},
		{Name: "Templated", Expr: `t > 1`, Labels: labels{"service": "{{ $labels.job }}"}},
	}
	for name, c := range map[string]struct {
		labels labels
		link   string
		want   string
	}{
		"by the rule's labels":           {labels{"alertname": "ErrorBudgetBurn", "job": "b", "slo": "b", "short": "30m", "severity": "critical"}, "", rules[3].Expr},
		"by the expression's matchers":   {labels{"alertname": "Lag", "queue": "z"}, "", rules[5].Expr},
		"by a label that a rule sets":    {labels{"alertname": "Sum", "queue": "all", "team": "x"}, "", rules[6].Expr},
		"by the alert's own expression":  {labels{"alertname": "Tier"}, link("e+%3E2"), rules[8].Expr},
		"the alert's own is another":     {labels{"alertname": "Tier"}, link("e+%3E+3"), ""},
		"the labels contradict":          {labels{"alertname": "Other", "severity": "ticket"}, "", ""},
		"a template contradicts nothing": {labels{"alertname": "Templated", "service": "a"}, "", rules[10].Expr},
		"Grafana found no data":          {labels{"alertname": "DatasourceNoData", "rulename": "Other"}, "", rules[9].Expr},
		"Rancher's label":                {labels{"alert_name": "Other"}, "", rules[9].Expr},
		"nothing of the name":            {labels{"alertname": "Unknown"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if r := (expressions{}).ruleOf(evidence.AlertInstance{Labels: c.labels, GeneratorURL: c.link}, nil, rules); r != nil {
				got = r.Expr
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
