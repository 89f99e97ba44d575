package eval_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/eval"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// TestKubernetesScores scores incidents that Kubernetes' own state alone tells:
// nothing was recorded before the fault, so that nobody can say what is normal.
// Each set was written down with its answers before the engine saw it. A wrong
// answer is never confirmed, and at least six in ten are right.
func TestKubernetesScores(t *testing.T) {
	for _, set := range []string{"first", "second"} {
		t.Run(set, func(t *testing.T) {
			dir := t.TempDir()
			archive, err := txtar.ParseFile(filepath.Join("testdata", "kubernetes", set+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range archive.Files {
				writeIncident(t, filepath.Join(dir, f.Name), "kubernetes-"+set, string(f.Data))
			}
			results, err := eval.Run(context.Background(), []string{dir}, eval.Options{Open: replay, Investigate: engine, Timeout: 10 * time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			r := results[0]
			for _, c := range r.Cases {
				if c.Verdict == string(report.Confirmed) && c.Rank != 1 {
					t.Errorf("%s: confirmed and wrong: %s", c.ID, c.Miss)
				}
				if c.Rank != 1 {
					t.Logf("%s: %s", c.ID, c.Miss)
				}
			}
			const bar = 0.60
			if got := r.AC1.Value(); got < bar {
				t.Errorf("AC@1 is %.2f, want at least %.2f", got, bar)
			}
			sameAsGolden(t, "kubernetes-"+set, results)
		})
	}
}

// sameAsGolden compares scores with what is checked in.
func sameAsGolden(t *testing.T, name string, results []eval.Result) {
	t.Helper()
	var got bytes.Buffer
	if err := eval.WriteText(&got, results); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("the scores changed; run with -update when that is meant (-want +got):\n%s", d)
	}
}

// writeIncident makes a labelled bundle of an incident's lines.
func writeIncident(t *testing.T, dir, dataset, text string) {
	t.Helper()
	c := newCluster()
	for n, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if err := c.fact(line); err != nil {
			t.Fatalf("%s, line %d: %v", filepath.Base(dir), n+1, err)
		}
	}
	w, err := bundle.NewWriter(dir, bundle.Manifest{ID: filepath.Base(dir), Dataset: dataset, Entities: c.candidates(),
		NotConfigured: []string{bundle.SourceTraces, bundle.SourceChanges, bundle.SourceCode}}, bundle.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(w.Alert(c.alert), w.Edges(c.edges...), w.Logs(c.lines...))
	if len(c.rules) > 0 {
		err = errors.Join(err, w.Rules(c.rules))
	}
	for _, s := range c.series {
		err = errors.Join(err, w.Series(s))
	}
	if err := errors.Join(err, w.Close(), bundle.WriteLabel(dir, c.label)); err != nil {
		t.Fatal(err)
	}
}
