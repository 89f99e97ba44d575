package gather

import "testing"

func TestAnotherEnvironmentIsAnotherSystem(t *testing.T) {
	type labels = map[string]string
	for _, c := range []struct {
		name  string
		alert labels
		seen  map[string]labels // by what runs there
		of    string
		at    labels
		want  bool
	}{
		{"the same environment", labels{"environment": "prod"}, map[string]labels{"api": {"deployment.environment.name": "prod"}}, "api", labels{"deployment.environment.name": "PROD"}, false},
		{"another one", labels{"environment": "prod"}, map[string]labels{"api": {"deployment.environment.name": "prod"}}, "api", labels{"deployment.environment.name": "blue"}, true},
		{"also of a service that is only there", labels{"env": "prod"}, map[string]labels{"api": {"env": "prod"}}, "stock", labels{"env": "blue"}, true},
		{"environments that are called otherwise in the telemetry", labels{"environment": "eu1"}, map[string]labels{"api": {"deployment.environment": "production"}}, "api", labels{"deployment.environment": "production"}, false},
		{"two spellings", labels{"environment": "prod"}, nil, "api", labels{"deployment.environment": "production"}, false},
		{"usual names, and nothing seen of the alert's", labels{"environment": "prod"}, nil, "api", labels{"deployment.environment": "staging"}, true},
		{"an alert that does not say", labels{}, map[string]labels{"api": {"env": "prod"}}, "api", labels{"env": "staging"}, false},
		{"a namesake in another namespace", labels{"namespace": "shop"}, map[string]labels{"api": {"k8s.namespace.name": "shop"}}, "api", labels{"namespace": "dev"}, true},
		{"a callee in another namespace", labels{"namespace": "shop"}, map[string]labels{"api": {"k8s.namespace.name": "shop"}}, "stock", labels{"namespace": "stock"}, false},
		{"a service's own name of its namespace", labels{"namespace": "shop"}, map[string]labels{"api": {"k8s.namespace.name": "prod-7", "service.namespace": "shop"}}, "api", labels{"k8s.namespace.name": "prod-7", "service.namespace": "shop"}, false},
		{"a namesake in another cluster", labels{"cluster": "eu"}, map[string]labels{"api": {"k8s.cluster.name": "eu"}}, "api", labels{"cluster": "us"}, true},
		{"what says nothing", labels{"namespace": "shop", "environment": "prod"}, map[string]labels{"api": {"namespace": "shop"}}, "api", labels{}, false},
	} {
		h := &home{at: whereabouts(c.alert), names: [2]map[string]bool{{}, {}}}
		for name, l := range c.seen {
			h.sees(name, whereabouts(l))
		}
		if got := h.elsewhere(c.of, whereabouts(c.at)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestTheNamespaceOfAnExporterIsNotThatOfWhatItMeasures(t *testing.T) {
	for name, want := range map[string]int{"redis_up": 0, "probe_success": 0, "kube_pod_status_ready": 1, "container_memory_working_set_bytes": 1, "http_requests_total": 1} {
		at := seriesPlace(name, map[string]string{"namespace": "monitoring", "instance": "sessions:6379", "pod": "api-0"})
		if len(at.within[0]) != want {
			t.Errorf("%s: got namespaces %v, want %d", name, at.within[0], want)
		}
	}
}
