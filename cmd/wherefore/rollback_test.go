package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/correlate/rollback"
	"github.com/wherefore-dev/wherefore/correlate/rulefile"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

// TestLokiReadsItsRule has Loki's own parser read the query.
func TestLokiReadsItsRule(t *testing.T) {
	text, err := rollback.LokiRules()
	if err != nil {
		t.Fatal(err)
	}
	var f rulefile.File
	if err := yaml.Unmarshal(text, &f); err != nil || len(f.Groups) != 1 || len(f.Groups[0].Rules) != 1 {
		t.Fatalf("got %s, %v", text, err)
	}
	if _, err := syntax.ParseExpr(f.Groups[0].Rules[0].Expr); err != nil {
		t.Errorf("%s: %v", f.Groups[0].Rules[0].Expr, err)
	}
}

// TestLokisRulerFiresItsRule for a service whose lines tell of retries, and for no
// other: it lies where a real Loki finds it, and is looked at every second.
func TestLokisRulerFiresItsRule(t *testing.T) {
	text, stderr, code := runApp(t, "rollback", "rules", "--loki")
	if code != exitOK {
		t.Fatalf("rollback rules: %d %s", code, stderr)
	}
	printed := text
	text = strings.Replace(text, "- name: rollbacks\n", "- name: rollbacks\n    interval: 1s\n", 1)
	if text == printed {
		t.Fatalf("the group rollbacks does not stand in %s", text)
	}
	loki := servers.Start(t, func(ctx context.Context, dir string) (*servers.Server, error) {
		rules := filepath.Join(dir, "loki", "rules", "fake") // its tenant where it knows none
		if err := errors.Join(os.MkdirAll(rules, 0o700), os.WriteFile(filepath.Join(rules, "rules.yaml"), []byte(text), 0o600)); err != nil {
			return nil, err
		}
		return servers.Loki(ctx, dir)
	})
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct {
					Name, State, Health, LastError string
					Alerts                         []struct {
						State  string
						Labels map[string]string
					}
				}
			}
		}
	}
	firing := func() string {
		if !ask(t, loki.URL("http")+"/prometheus/api/v1/rules", &answer) || len(answer.Data.Groups) != 1 || len(answer.Data.Groups[0].Rules) != 1 {
			return ""
		}
		r := answer.Data.Groups[0].Rules[0]
		var fires []string
		for _, a := range r.Alerts {
			fires = append(fires, a.State+" "+a.Labels["service_name"])
		}
		return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Name, r.Health, r.LastError, strings.Join(fires, ", ")))
	}
	const want = "RollbackRetried ok  firing till"
	for end := time.Now().Add(patience); firing() != want; time.Sleep(time.Second) {
		if time.Now().After(end) {
			t.Fatalf("got %q, want %q", firing(), want)
		}
		pushLogs(t, loki.URL("http"), "till", time.Now(), []any{`{"msg":"rollback","idempotent":true}`}, []any{`msg="rollback of the settings" idempotent=true`})
		pushLogs(t, loki.URL("http"), "stock", time.Now(), []any{`{"msg":"rollback","idempotent":false}`}, []any{"order paid idempotent=true"})
	}
}
