package loki

import (
	"strings"

	"github.com/grafana/loki/v3/pkg/loghttp"
)

// Loki puts underscores for the dots in OpenTelemetry's attribute names and
// mixes a line's own attributes with its resource's. The semantic conventions'
// names can be told again from a list; a name of somebody's own cannot, and
// keeps its underscores.
//
// Source: OpenTelemetry semantic conventions 1.44.0, resource and log attribute
// registries.
const (
	resourceNames = `service.name service.namespace service.version service.instance.id
deployment.environment deployment.environment.name deployment.id deployment.name
vcs.ref.head.revision vcs.ref.head.name vcs.ref.type vcs.repository.url.full vcs.repository.name vcs.change.id
telemetry.sdk.name telemetry.sdk.language telemetry.sdk.version telemetry.distro.name telemetry.distro.version
host.name host.id host.arch host.type host.ip os.type os.name os.version os.description
process.pid process.executable.name process.executable.path process.command process.command_args process.command_line
process.owner process.runtime.name process.runtime.version process.runtime.description process.parent_pid
container.id container.name container.image.name container.image.tag container.image.tags container.image.id container.runtime
k8s.cluster.name k8s.namespace.name k8s.node.name k8s.pod.name k8s.pod.uid k8s.pod.ip k8s.container.name k8s.container.restart_count
k8s.deployment.name k8s.replicaset.name k8s.statefulset.name k8s.daemonset.name k8s.job.name k8s.cronjob.name
k8s.object.kind k8s.object.name k8s.object.uid k8s.object.fieldpath k8s.object.api_version k8s.object.resource_version
cloud.provider cloud.region cloud.availability_zone cloud.account.id cloud.platform cloud.resource_id
cicd.pipeline.name cicd.pipeline.run.id`
	attributeNames = `code.file.path code.line.number code.function.name code.column.number code.stacktrace
code.filepath code.lineno code.function code.namespace code.column
exception.type exception.message exception.stacktrace exception.escaped
http.request.method http.response.status_code http.route http.method http.status_code http.target http.url http.user_agent
url.full url.path url.query url.scheme server.address server.port client.address client.port user_agent.original
network.peer.address network.peer.port network.protocol.name net.peer.name net.peer.port peer.service
db.system db.system.name db.namespace db.operation.name db.query.text db.collection.name db.statement db.operation db.name
db.response.status_code rpc.system rpc.service rpc.method rpc.grpc.status_code
messaging.system messaging.destination.name messaging.operation.name messaging.operation.type
feature_flag.key feature_flag.result.variant feature_flag.provider.name error.type error.message event.name
k8s.event.reason k8s.event.action k8s.event.start_time k8s.event.name k8s.event.uid k8s.event.count
log.file.name log.file.path log.iostream log.record.uid thread.id thread.name enduser.id session.id user.id`
)

// names tells dotted names from the underscored ones that Loki stores.
type names struct {
	resources, attributes map[string]string // underscored to dotted
}

func newNames() names {
	dotted := func(list string) map[string]string {
		m := map[string]string{}
		for _, n := range strings.Fields(list) {
			m[strings.ReplaceAll(n, ".", "_")] = n
		}
		return m
	}
	return names{resources: dotted(resourceNames), attributes: dotted(attributeNames)}
}

func (n names) attribute(name string) string {
	if dotted, ok := n.attributes[name]; ok {
		return dotted
	}
	return name
}

// resource gives a stream's labels under the names they had.
func (n names) resource(labels loghttp.LabelSet) map[string]string {
	m := make(map[string]string, len(labels))
	for k, v := range labels {
		if dotted, ok := n.resources[k]; ok {
			k = dotted
		}
		m[k] = v
	}
	return m
}
