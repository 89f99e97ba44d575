package telemetry_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDecisionsAreVerifiedByMetricsThatExist holds the conditions of our own decision
// records to the metrics that this package registers: a condition without one is
// unknown for good, and looks as if it held.
func TestDecisionsAreVerifiedByMetricsThatExist(t *testing.T) {
	var code strings.Builder
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	records, err := filepath.Glob("../../../docs/decisions/*.md")
	if err != nil {
		t.Fatal(err)
	}
	condition, metric := regexp.MustCompile(`\{expr: '(.+)', op:`), regexp.MustCompile(`\b(wherefore|decision)_[a-z_]+`)
	asked := 0
	for _, f := range records {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range condition.FindAllStringSubmatch(string(text), -1) {
			for _, name := range metric.FindAllString(c[1], -1) {
				asked++
				if !strings.Contains(code.String(), `"`+name+`"`) {
					t.Errorf("%s is verified by %s, which nobody exports", filepath.Base(f), name)
				}
			}
		}
	}
	if asked < len(records)/10 {
		t.Errorf("%d metrics are named by the conditions of %d records", asked, len(records))
	}
}
