package correlate_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/wherefore-dev/wherefore"

// words are the rooms that hold what the others share.
const words = "correlate/evidence correlate/stat correlate/weights correlate/wording correlate/report correlate/metric correlate/gathered correlate/kube correlate/slo"

// law says which packages of this module a package may import, by the longest
// matching prefix. cmd may import everything and is not listed.
var law = []struct{ prefix, allow string }{
	{"ui", "ui correlate"},
	{"correlate/evidence", ""},

	// The rooms of the engine, from the ground up; correlate/doc.go is their tour.
	{"correlate/stat", ""},
	{"correlate/promql", ""},
	{"correlate/kube", "correlate/evidence"},
	{"correlate/rulefile", ""},
	{"correlate/slo", "correlate/evidence correlate/promql correlate/rulefile correlate/wording"},
	{"correlate/weights", "correlate/stat"}, // whose bars it holds
	{"correlate/drain", ""},
	{"correlate/spoken", ""},
	{"correlate/errorclass", "correlate/spoken"},
	{"correlate/stacktrace", "correlate/evidence"},
	{"correlate/mechanism", "correlate/evidence correlate/metric correlate/spoken correlate/weights"},
	{"correlate/wording", "correlate/evidence correlate/stat"},
	{"correlate/report", "correlate/evidence correlate/kube"},
	{"correlate/metric", "correlate/evidence correlate/stat correlate/weights"},
	{"correlate/outcome", "correlate/evidence"},
	{"correlate/profile", "correlate/evidence correlate/report correlate/weights"},
	{"correlate/port", "correlate/evidence"},
	{"correlate/rollback", "correlate/evidence correlate/report correlate/mechanism correlate/rulefile"},
	{"correlate/ask", "correlate/evidence correlate/port correlate/wording"},
	{"correlate/gathered", "correlate/evidence correlate/kube correlate/metric correlate/promql correlate/report correlate/slo correlate/weights correlate/wording"},
	{"correlate/topology", "correlate/evidence correlate/gathered correlate/kube correlate/wording"},
	{"correlate/frames", "correlate/evidence correlate/gathered correlate/stacktrace correlate/wording"},
	{"correlate/onset", "correlate/evidence correlate/gathered correlate/metric correlate/report correlate/stat correlate/weights correlate/wording"},
	{"correlate/view", words + " correlate/topology correlate/drain correlate/spoken"},
	{"correlate/signal", words + " correlate/view correlate/topology correlate/drain correlate/spoken"},
	{"correlate/suspect", words + " correlate/view correlate/topology correlate/mechanism correlate/stacktrace correlate/spoken correlate/drain"},
	{"correlate/rank", words + " correlate/topology correlate/view correlate/signal"},
	{"correlate/verdict", words + " correlate/topology correlate/signal"},
	{"correlate/promise", words + " correlate/ask correlate/port"},
	{"correlate/gather", words + " correlate/profile correlate/promql correlate/rollback correlate/ask correlate/port correlate/outcome correlate/topology correlate/onset correlate/view correlate/drain correlate/frames correlate/errorclass"},
	{"correlate/compose", words + " correlate/errorclass correlate/topology correlate/view correlate/suspect correlate/mechanism correlate/rollback correlate/drain correlate/stacktrace correlate/spoken"},

	// What stands beside the engine: what is kept of incidents, and who judges it.
	{"correlate/casefile", "correlate/evidence correlate/report"},
	{"correlate/casebook", "correlate/casebook correlate/casefile correlate/evidence correlate/kube correlate/report correlate/metric correlate/schema correlate/wording"},
	{"correlate/action", "correlate/casefile correlate/evidence correlate/report correlate/wording"},
	{"correlate/maturity", "correlate/casefile correlate/evidence correlate/report correlate/wording"},
	{"correlate", "correlate"},
	{"sources/logline", "sources correlate/evidence correlate/kube"}, // which workload a pod belongs to is asked once
	{"sources", "sources correlate/evidence"},
	{"blameindex", "blameindex correlate/evidence correlate/schema"},
	{"correlate/schema", ""},
	{"fixtures/importers", "fixtures/importers sources/bundle sources/logline correlate/evidence"},
	{"fixtures/bench/fit", "correlate sources/bundle fixtures/importers cmd/wherefore/backend cmd/wherefore/config cmd/wherefore/eval"}, // weights are fitted and scored on what the product itself sees
	{"fixtures", "correlate/evidence"},
}

// owners says who alone may import a foreign module.
var owners = map[string]string{
	"github.com/google/pprof":                  "sources/pprof",
	"github.com/grafana/loki/v3":               "sources/loki",
	"github.com/jaegertracing/jaeger-idl":      "sources/jaeger",
	"github.com/prometheus/client_golang/api":  "sources/prometheus",
	"github.com/prometheus/prometheus/promql":  "sources/bundle correlate/promql",
	"github.com/prometheus/prometheus/storage": "sources/bundle",
	"github.com/prometheus/prometheus/tsdb":    "sources/bundle",
	"github.com/mattn/go-sqlite3":              "blameindex correlate/casebook correlate/schema",
	"github.com/jackc/pgx/v5":                  "correlate/casebook",
	"github.com/minio/minio-go/v7":             "cmd/wherefore/keep",
	"github.com/pressly/goose/v3":              "correlate/schema blameindex correlate/casebook",
	"github.com/a-h/templ":                     "ui",
	"github.com/modelcontextprotocol/go-sdk":   "ui",
}

type goPackage struct {
	ImportPath string
	Doc        string
	Imports    []string
	GoFiles    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Doc,Imports,GoFiles", module+"/...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var ps []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return ps
		} else if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
}

func under(pkg, prefixes string) bool {
	for _, p := range strings.Fields(prefixes) {
		if pkg == p || strings.HasPrefix(pkg, p+"/") {
			return true
		}
	}
	return false
}

// TestImportLaw holds the tree to the one direction in which imports point.
func TestImportLaw(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module+"/")
		allow, bound := "", false
		for _, l := range law {
			if under(from, l.prefix) {
				allow, bound = l.allow, true
				break
			}
		}
		for _, imp := range p.Imports {
			if to, own := strings.CutPrefix(imp, module+"/"); own {
				if to == "fixtures/testenv" {
					continue // tests' helpers ask it what they may use
				}
				if bound && (!under(to, allow) || !under(from, "correlate/casebook") && under(to, "correlate/casebook")) {
					t.Errorf("%s imports %s; it may import only: %q", from, to, allow)
				}
				continue
			}
			if from == "correlate/evidence" && strings.Contains(imp, ".") {
				t.Errorf("%s imports %s; it may import the standard library only", from, imp)
			}
			for foreign, owner := range owners {
				if under(imp, foreign) && !under(from, owner) {
					t.Errorf("%s imports %s; only %s may", from, imp, owner)
				}
			}
		}
	}
}

// TestEveryPackageSaysWhatItIsFor also keeps drawers out of the tree.
func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
		switch base := path.Base(p.ImportPath); base {
		case "util", "utils", "common", "helper", "helpers", "misc", "base":
			t.Errorf("%s: %q names a drawer, not a thing", p.ImportPath, base)
		}
	}
}

// TestTheTopLevelStaysAsItIs holds the tree to the folders that a newcomer is told
// of: a package finds its place in one of them.
func TestTheTopLevelStaysAsItIs(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if known := []string{"cmd", "correlate", "sources", "ui", "blameindex", "fixtures", "docs"}; e.IsDir() && e.Name()[0] != '.' && !slices.Contains(known, e.Name()) {
			t.Errorf("%s stands at the top level", e.Name())
		}
	}
}
