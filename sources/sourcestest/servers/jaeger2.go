package servers

import "context"

// jaeger2Config names every port, since the defaults of the receivers and the
// query service are fixed, and leaves out what is not asked here.
const jaeger2Config = `service:
  extensions: [jaeger_storage, jaeger_query, healthcheckv2]
  pipelines: {traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}}
  telemetry: {metrics: {level: none}, logs: {level: warn}}
extensions:
  jaeger_storage: {backends: {memory: {memory: {max_traces: 100000}}}}
  jaeger_query: {storage: {traces: memory}, grpc: {endpoint: '{{.query}}'}, http: {endpoint: '{{.ui}}'}}
  healthcheckv2: {use_v2: true, http: {endpoint: '{{.admin}}'}}
receivers: {otlp: {protocols: {http: {endpoint: '{{.otlp}}'}, grpc: {endpoint: '{{index . "otlp-grpc"}}'}}}}
exporters: {jaeger_storage_exporter: {trace_storage: memory}}
`

// Jaeger2 starts Jaeger of the second generation, an OpenTelemetry collector,
// with its memory store. It has the addresses of Jaeger.
func Jaeger2(ctx context.Context, dir string) (*Server, error) {
	program, err := Find("jaeger")
	if err != nil {
		return nil, err
	}
	s, err := place("jaeger2", dir, "query", "ui", "otlp", "otlp-grpc", "admin")
	if err != nil {
		return nil, err
	}
	file, err := s.write("jaeger.yml", jaeger2Config, s.Addresses)
	if err != nil {
		return nil, err
	}
	return run(ctx, s, program, []string{"--config=" + file}, func(ctx context.Context) error { return Guard{}.get(ctx, s.URL("admin")+"/status") })
}
