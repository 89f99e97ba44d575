package main

import (
	"testing"

	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/correlate/rollback"
	"github.com/wherefore-dev/wherefore/correlate/rulefile"
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
