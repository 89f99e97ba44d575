package servers

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// Jaeger starts all-in-one with its memory store. Addresses: "query" (gRPC),
// "ui", "otlp" (HTTP).
func Jaeger(ctx context.Context, dir string) (*Server, error) { return Guard{}.Jaeger(ctx, dir) }

// Jaeger is Jaeger with its gRPC queries guarded.
func (g Guard) Jaeger(ctx context.Context, dir string) (*Server, error) {
	program, err := Find("jaeger-all-in-one")
	if err != nil {
		return nil, err
	}
	s, err := place("jaeger", dir, "query", "ui", "otlp", "otlp-grpc", "admin", "collector", "collector-http")
	if err != nil {
		return nil, err
	}
	// Every port is named, since the defaults listen on all interfaces.
	args := []string{"--collector.otlp.enabled=true"}
	for flag, use := range map[string]string{
		"query.grpc-server.host-port": "query", "query.http-server.host-port": "ui",
		"collector.otlp.http.host-port": "otlp", "collector.otlp.grpc.host-port": "otlp-grpc",
		"admin.http.host-port": "admin", "collector.grpc-server.host-port": "collector", "collector.http-server.host-port": "collector-http",
	} {
		args = append(args, "--"+flag+"="+s.Addresses[use])
	}
	if k := g.Keys; k != nil {
		args = append(args, "--query.grpc.tls.enabled=true", "--query.grpc.tls.cert="+k.ServerCert, "--query.grpc.tls.key="+k.ServerKey, "--query.grpc.tls.client-ca="+k.CA)
	}
	return run(ctx, s, program, args, func(ctx context.Context) error { return Guard{}.get(ctx, s.URL("admin")+"/") })
}

// lokiConfig keeps data of any age visible: query_store_max_look_back_period
// would otherwise hide old lines from queries, and max_chunk_age decides how
// far out of order a stream may be written. The look-ups of the frontend at 3 s
// halve the start; at 1 or 2 s queries were seen to hang.
const lokiConfig = `auth_enabled: {{if .Tenant}}true{{else}}false{{end}}
server: {{"{"}}{{with .Keys}}http_tls_config: {cert_file: {{.ServerCert}}, key_file: {{.ServerKey}}, client_ca_file: {{.CA}}, client_auth_type: RequireAndVerifyClientCert}, {{end}}http_listen_address: 127.0.0.1, http_listen_port: {{.HTTP}}, grpc_listen_address: 127.0.0.1, grpc_listen_port: {{.GRPC}}, log_level: warn}
common:
  instance_addr: 127.0.0.1
  path_prefix: {{.Dir}}
  replication_factor: 1
  ring: {kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: {{.Dir}}/chunks, rules_directory: {{.Dir}}/rules}}
schema_config: {configs: [{from: 2020-10-24, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]}
limits_config: {allow_structured_metadata: true, volume_enabled: true, reject_old_samples: false, max_query_length: 0, max_entries_limit_per_query: 50000, discover_log_levels: true}
ingester: {query_store_max_look_back_period: -1, max_chunk_age: 40000h, lifecycler: {min_ready_duration: 0s, final_sleep: 0s}}
frontend: {scheduler_dns_lookup_period: 3s}
frontend_worker: {dns_lookup_duration: 3s}
analytics: {reporting_enabled: false}
`

// Loki starts a single Loki on the file system. Address: "http".
func Loki(ctx context.Context, dir string) (*Server, error) { return Guard{}.Loki(ctx, dir) }

// Loki is Loki with all of its HTTP guarded.
func (g Guard) Loki(ctx context.Context, dir string) (*Server, error) {
	program, err := Find("loki")
	if err != nil {
		return nil, err
	}
	s, err := place("loki", dir, "http", "grpc")
	if err != nil {
		return nil, err
	}
	file, err := s.write("loki.yml", lokiConfig, map[string]any{"Dir": s.Dir, "HTTP": port(s.Addresses["http"]), "GRPC": port(s.Addresses["grpc"]), "Keys": g.Keys, "Tenant": g.Tenant})
	if err != nil {
		return nil, err
	}
	// /ready turns 200 before queries work, so a query is what tells.
	probe := g.URL(s.Addresses["http"]) + "/loki/api/v1/query_range?" + url.Values{"query": {`{service_name="probe"}`}, "limit": {"1"}}.Encode()
	return run(ctx, s, program, []string{"-config.file=" + file}, func(ctx context.Context) error { return g.get(ctx, probe) })
}

// PrometheusOptions say what a Prometheus is to do.
type PrometheusOptions struct {
	DataDir      string   // what promtool wrote blocks to; empty means a new one
	Rules        string   // a rule file's content, if any
	Targets      []string // host:port to scrape every second
	Alertmanager string   // host:port, if any
	Guard        Guard
}

const prometheusWeb = `{{with .Keys}}tls_server_config: {cert_file: {{.ServerCert}}, key_file: {{.ServerKey}}, client_ca_file: {{.CA}}, client_auth_type: RequireAndVerifyClientCert}
{{end}}{{with .User}}basic_auth_users: {'{{.}}': '{{$.Hash}}'}
{{end}}`

const prometheusConfig = `global: {scrape_interval: 1s, evaluation_interval: 1s}
{{with .Rules}}rule_files: ['{{.}}']
{{end}}{{with .Targets}}scrape_configs: [{job_name: target, static_configs: [{targets: [{{range $i, $t := .}}{{if $i}}, {{end}}'{{$t}}'{{end}}]}]}]
{{end}}{{with .Alertmanager}}alerting: {alertmanagers: [{api_version: v2, static_configs: [{targets: ['{{.}}']}]}]}
{{end}}`

// Start is Prometheus with these options, in the shape of the others.
func (o PrometheusOptions) Start(ctx context.Context, dir string) (*Server, error) {
	return Prometheus(ctx, dir, o)
}

// Prometheus starts a Prometheus. Address: "http". Its retention is long, since
// the default deletes a year-old block within seconds.
func Prometheus(ctx context.Context, dir string, o PrometheusOptions) (*Server, error) {
	program, err := Find("prometheus")
	if err != nil {
		return nil, err
	}
	s, err := place("prometheus", dir, "http")
	if err != nil {
		return nil, err
	}
	if o.DataDir == "" {
		o.DataDir = filepath.Join(s.Dir, "data")
	}
	if o.Rules != "" {
		rules := filepath.Join(s.Dir, "rules.yml")
		if err := os.WriteFile(rules, []byte(o.Rules), 0o644); err != nil {
			return nil, err
		}
		o.Rules = rules
	}
	file, err := s.write("prometheus.yml", prometheusConfig, o)
	if err != nil {
		return nil, err
	}
	web, err := s.write("web.yml", prometheusWeb, o.Guard)
	if err != nil {
		return nil, err
	}
	base := o.Guard.URL(s.Addresses["http"])
	return run(ctx, s, program, []string{
		"--config.file=" + file, "--web.config.file=" + web, "--storage.tsdb.path=" + o.DataDir, "--storage.tsdb.retention.time=20y",
		"--web.listen-address=" + s.Addresses["http"], "--web.external-url=" + base, "--enable-feature=exemplar-storage",
	}, func(ctx context.Context) error { return o.Guard.get(ctx, base+"/api/v1/query?query=vector(1)") })
}

const alertmanagerConfig = `route: {receiver: webhook, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: webhook, webhook_configs: [{url: '{{.URL}}', send_resolved: true{{with .Token}}, http_config: {authorization: {type: Bearer, credentials: '{{.}}'}}{{end}}}]}]
`

// Alertmanager starts an Alertmanager that sends every alert to a webhook, at
// once, with a bearer token when there is one. Address: "http".
func Alertmanager(ctx context.Context, dir, webhook, token string) (*Server, error) {
	program, err := Find("prometheus-alertmanager", "alertmanager")
	if err != nil {
		return nil, err
	}
	s, err := place("alertmanager", dir, "http")
	if err != nil {
		return nil, err
	}
	file, err := s.write("alertmanager.yml", alertmanagerConfig, map[string]string{"URL": webhook, "Token": token})
	if err != nil {
		return nil, err
	}
	return run(ctx, s, program, []string{
		"--config.file=" + file, "--storage.path=" + filepath.Join(s.Dir, "data"),
		"--web.listen-address=" + s.Addresses["http"], "--cluster.listen-address=", // no cluster, no port for one
	}, func(ctx context.Context) error { return Guard{}.get(ctx, s.URL("http")+"/-/ready") })
}

// write renders a configuration into the server's folder.
func (s *Server) write(name, text string, values any) (string, error) {
	t, err := template.New(name).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, values); err != nil {
		return "", err
	}
	path := filepath.Join(s.Dir, name)
	return path, os.WriteFile(path, []byte(b.String()), 0o600)
}

func port(address string) string {
	_, p, _ := net.SplitHostPort(address) // we made it
	return p
}

// AlertmanagerFor is Alertmanager with a webhook, in the shape of the others.
func AlertmanagerFor(webhook, token string) func(context.Context, string) (*Server, error) {
	return func(ctx context.Context, dir string) (*Server, error) { return Alertmanager(ctx, dir, webhook, token) }
}
