package logline_test

import (
	"testing"

	"github.com/wherefore-dev/wherefore/sources/logline"
)

// TestWhoseALineIsByWhatItCameWith has resources as platforms and agents fill them.
func TestWhoseALineIsByWhatItCameWith(t *testing.T) {
	for name, c := range map[string]struct {
		resource map[string]string
		want     string
	}{
		"its own name":           {map[string]string{"service.name": "till", "k8s.deployment.name": "shop-till"}, "till"},
		"a name that is none":    {map[string]string{"service.name": "unknown_service:java", "k8s.deployment.name": "till"}, "till"},
		"a pod":                  {map[string]string{"k8s.pod.name": "till-6f7c9d8b54-q2wzk", "k8s.container.name": "app"}, "till"},
		"an application's label": {map[string]string{"app_kubernetes_io_name": "till", "container": "app"}, "till"},
		"an agent's job":         {map[string]string{"job": "shop/till", "pod": "till-6f7c9d8b54-q2wzk"}, "shop/till"},
		"compose":                {map[string]string{"container_name": "shop-till-1", "compose_service": "till"}, "till"},
		"a swarm":                {map[string]string{"swarm_service": "shop_till", "swarm_stack": "shop"}, "till"},
		"systemd":                {map[string]string{"unit": "till.service", "job": "systemd-journal"}, "till"},
		"ECS":                    {map[string]string{"ecs_task_definition": "till:7", "container_name": "app"}, "till"},
		"Nomad":                  {map[string]string{"nomad_job": "till", "job": "nomad"}, "till"},
		"nothing":                {map[string]string{"host": "h1"}, ""},
	} {
		if got := logline.ServiceOf(c.resource); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
