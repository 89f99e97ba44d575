package logline

import (
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/kube"
)

// unknown is what OpenTelemetry's SDKs and Loki call a service that was not named,
// with a process behind it or without.
const unknown = "unknown_service"

// whose are the attributes and labels that tell whose a line is where no
// service.name does, the surest first: an application's label, the workload of the
// platform that ran it, the job of whoever read it, its pod, its container. How
// they are spelled makes no difference.
var whose = strings.Fields(`
	service app.kubernetes.io/name app application
	k8s.deployment.name k8s.statefulset.name k8s.daemonset.name k8s.cronjob.name k8s.job.name deployment statefulset daemonset
	compose_service com.docker.compose.service com.docker.swarm.service.name swarm_service nomad.job.name nomad_job aws.ecs.task.family ecs_task_definition
	faas.name cloudfoundry.app.name systemd.unit unit job
	k8s.pod.name pod kubernetes.pod_name k8s.container.name container container_name container.name`)

// ServiceOf is whose a line is by the resource or the labels that it came with,
// empty where they do not say. A pod is its workload, a unit of systemd and a
// task's revision lose their ends, a swarm's service the name of its stack.
func ServiceOf(resource map[string]string) string {
	if name := resource["service.name"]; name != "" && !strings.HasPrefix(name, unknown) {
		return name
	}
	plain := make(map[string]string, len(resource))
	for k, v := range resource {
		if name := string(plainKey(nil, k)); v != "" && (plain[name] == "" || v < plain[name]) {
			plain[name] = v
		}
	}
	for _, key := range whose {
		name := plain[string(plainKey(nil, key))]
		if name == "" || strings.HasPrefix(name, unknown) {
			continue
		}
		switch {
		case strings.Contains(key, "pod"):
			name = kube.WorkloadOf(name)
		case strings.Contains(key, "unit"):
			name = strings.TrimSuffix(name, ".service")
		case key == "ecs_task_definition":
			name, _, _ = strings.Cut(name, ":")
		case strings.Contains(key, "swarm"):
			name = strings.TrimPrefix(name, plain["swarmstack"]+"_")
		}
		return name
	}
	return ""
}
