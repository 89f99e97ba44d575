package loki_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/wherefore-dev/wherefore/correlate/gather"
)

// TestTheDefaultTemplatesFindFailedRequestsInEveryShape puts each template to
// Loki's own engine: of every way in which an access line is shipped some
// template finds the failed request, and none finds one that went well, nor a
// line that is about no request.
func TestTheDefaultTemplatesFindFailedRequestsInEveryShape(t *testing.T) {
	otlp := func(code string) labels.Labels { return labels.FromStrings("http_response_status_code", code) }
	streams := map[string]labels.Labels{"service_name": labels.FromStrings("service_name", "pay"), "job": labels.FromStrings("job", "pay"), "app": labels.FromStrings("app", "pay")}
	for name, c := range map[string]struct {
		line string // %s is the status
		meta func(string) labels.Labels
	}{
		"combined log":     {line: `10.0.0.1 - - [01/Mar/2026:12:00:00 +0000] "GET /order HTTP/1.1" %s 5123 "-" "curl/8"`},
		"envoy":            {line: `[2026-03-01T12:00:00.000Z] "POST /order HTTP/2" %s - 12 34 7 6 "-"`},
		"JSON":             {line: `{"level":"info","msg":"request","status":%s,"bytes":500}`},
		"JSON, spaced":     {line: `{"msg": "request", "http.response.status_code": "%s", "took": 412}`},
		"JSON, camel case": {line: `{"req":{"url":"/a"},"res":{"statusCode":%s},"responseTime":503}`},
		"logfmt":           {line: `level=info msg="request done" status=%s duration=500ms`},
		"logfmt, quoted":   {line: `msg=done http_status="%s" port=5000`},
		"OTLP":             {line: "request done", meta: otlp},
	} {
		for label, stream := range streams {
			if c.meta != nil && label != "service_name" {
				continue // what comes by OTLP has that label
			}
			for status, want := range map[string]bool{"200": false, "302": false, "404": true, "503": true} {
				line, meta := c.line, labels.EmptyLabels()
				if c.meta != nil {
					meta = c.meta(status)
				} else {
					line = fmt.Sprintf(line, status)
				}
				if got := found(t, stream, line, meta); got != want {
					t.Errorf("%s in a stream by %s, status %s: found %v, want %v", name, label, status, got, want)
				}
			}
		}
	}
	for _, line := range []string{"", "plain", "ERROR 500 tries", `{"level":"error","msg":"status of 5001"}`, "status: 5000 rows", `{"port":503}`, `took=500 status=ok`, "exit status 404x"} {
		if found(t, streams["service_name"], line, labels.EmptyLabels()) {
			t.Errorf("%q is no failed request", line)
		}
	}
}

// found reports whether any template finds a line.
func found(t *testing.T, stream labels.Labels, line string, meta labels.Labels) bool {
	t.Helper()
	for _, template := range gather.DefaultLogQL {
		expr, err := syntax.ParseLogSelector(strings.ReplaceAll(template, "{entity}", "pay"), true)
		if err != nil {
			t.Fatalf("%s: %v", template, err)
		}
		selected := true
		for _, m := range expr.Matchers() {
			selected = selected && m.Matches(stream.Get(m.Name))
		}
		pipeline, err := expr.Pipeline()
		if err != nil {
			t.Fatalf("%s: %v", template, err)
		}
		if _, _, ok := pipeline.ForStream(stream).Process(0, []byte(line), meta); ok && selected {
			return true
		}
	}
	return false
}
