package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
)

// patience is for how long a test lets the program ask: longer than the busiest
// machine takes, and who is answered at once waits for none of it.
const patience = 2 * time.Minute

// patientOptions are the engine's options with that patience.
func patientOptions(cfg config.Config) correlate.Options {
	o := backend.EngineOptions(cfg, "test")
	o.Deadline, o.SourceDeadline = patience, patience
	return o
}

// patiently adds that patience to a configuration that sets no limits of its own. One
// that sets others of a group says how long it waits, too: nothing that a test starts
// may hang on the limits that the product has by itself.
func patiently(t *testing.T, text string) string {
	t.Helper()
	var set struct{ Investigate, Engine map[string]any }
	if err := yaml.Unmarshal([]byte(text), &set); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []struct {
		given map[string]any
		key   string
		line  string
	}{
		{set.Investigate, "timeout", fmt.Sprintf("investigate: {timeout: %s}\n", 2*patience)},
		{set.Engine, "source_deadline", fmt.Sprintf("engine: {deadline: %s, source_deadline: %s}\n", patience, patience)},
	} {
		if limit.given == nil {
			text += limit.line
		} else if limit.given[limit.key] == nil {
			t.Fatalf("%v has no %s, without which the test hangs on how fast the machine is; write all of %s", limit.given, limit.key, limit.line)
		}
	}
	return text
}

// TestNoTestHangsOnTheProductsLimits reads the tests of this package: engines come from
// patientOptions, or say themselves how long they wait.
func TestNoTestHangsOnTheProductsLimits(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	if err != nil || len(files) < 20 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "EngineOptions(config."+"Default()") {
			t.Errorf("%s: an engine with the limits that the product has by itself; take patientOptions", f)
		}
	}
}
