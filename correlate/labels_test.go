package correlate

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/fixtures/testenv"
)

// labelled are some names that stand in the answers of the development data: what
// the test below knows where those are not asked for.
var labelled = []string{
	"NetworkP90(ms)", "network_p90_milliseconds", "CpuUsageRate(%)", "cpu_contention", "network_delay", "ts-order-service", "ts-travel-service", "recommendationservice",
	"ai-agent-svc", "ai-memory-svc", "thread-title-determiner", "registerPredefinedAgents", "goroutine_stack", "PetSearch_AWS::ECS::Fargate", "searcherrorpercent", "hotrod",
}

// known are names that stand in answers and are the vocabulary of everybody, or of
// the report, which the answers took over.
var known = map[string]bool{
	"roll-forward": true, "config-revert": true, "purge-bad-data": true, "escalate-upstream": true, "rotate-cert": true, "feature-flag-disable": true, // kinds of remedy
	"coredns": true, "name-resolution": true, // Kubernetes' resolver, and what it does
	"go.mod": true, "sync.mutex": true, "maxconns": true, // Go's, and what pools call their size
	"minversion": true, "notafter": true, // TLS and X.509
}

// TestTheEngineKnowsNoWordOfAnAnswer looks for the names of the data sets' answers,
// of services, faults, places and records, in the text that the engine holds.
func TestTheEngineKnowsNoWordOfAnAnswer(t *testing.T) {
	words := map[string]bool{}
	for _, w := range labelled {
		words[strings.ToLower(w)] = true
	}
	t.Run("data", func(t *testing.T) { // skipped where they are not asked for
		for w := range labelWords(t, testenv.Data(t)) {
			words[w] = true
		}
	})
	texts := engineTexts(t)
	if len(texts) < 1000 {
		t.Fatalf("found %d texts in the engine, want all", len(texts))
	}
	for text, where := range texts {
		for _, token := range whole.FindAllString(strings.ToLower(text), -1) {
			if words[token] && !known[token] {
				t.Errorf("%s: %q is a word of a data set's answer", where, token)
			}
		}
	}
}

// whole is a name with all that belongs to it.
var whole = regexp.MustCompile(`[a-z0-9_][a-z0-9_./:-]*[a-z0-9_]`)

// madeUp is a name that somebody made up, as opposed to a word of the language: it
// has a joint, a hump or a digit inside.
var madeUp = regexp.MustCompile(`^[A-Za-z][a-z0-9]*([-_./:][A-Za-z0-9]|[a-z][A-Z]|[a-z][0-9]+[a-z]).*$`)

// labelWords are the made-up names in the answers of the data sets.
func labelWords(t *testing.T, dir string) map[string]bool {
	t.Helper()
	words := map[string]bool{}
	var take func(v any)
	take = func(v any) {
		switch v := v.(type) {
		case string:
			for _, w := range strings.Fields(v) {
				if w = strings.Trim(w, `.,;:()[]{}'"`+"`"); len(w) > 5 && madeUp.MatchString(w) {
					words[strings.ToLower(w)] = true
				}
			}
		case []any:
			for _, x := range v {
				take(x)
			}
		case map[string]any:
			for _, x := range v {
				take(x)
			}
		}
	}
	for _, pattern := range []string{"rootcausebench/*/ground_truth.json", "petshop/*/*/*/target.json", "foreign/*.label.json", "nezha/construct_data/root_cause_*.json"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var label any
			if err := json.Unmarshal(b, &label); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			take(label)
		}
	}
	if len(words) < 50 {
		t.Fatalf("found %d names in the answers of %s", len(words), dir)
	}
	return words
}

// engineTexts are the texts in the engine's source, tests and imports left out, each
// with a place where it stands.
func engineTexts(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "testdata" || path == "casebook" || path == "casetest") {
			if err == nil {
				return filepath.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if _, ok := n.(*ast.ImportSpec); ok {
				return false
			}
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if text, err := strconv.Unquote(l.Value); err == nil {
					texts[text] = set.Position(l.Pos()).String()
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}
