package correlate

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var writeWords = flag.String("words", "", "write docs/words.md with examples from the reports in this folder, JSON as exported; - keeps those that are there")

// sentence is a template of what a report says, and where it stands.
type sentence struct{ room, file, text string }

// rooms of the engine whose sentences people read.
var wordedRooms = []string{"signal", "view", "rank", "suspect", "verdict", "promise", "compose"}

var verb = regexp.MustCompile(`%[-+#0 ]*\d*(?:\.\d+)?[a-zA-Z]`)

// sentences are the templates of all formatted sentences, and those that go to
// wording.Say as they are, in order of room, file and place.
func sentences(t *testing.T) []sentence {
	t.Helper()
	var out []sentence
	for _, room := range wordedRooms {
		files, err := filepath.Glob(room + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatal(room, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				fun, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				arg := map[string]int{"Sprintf": 1, "Say": 2}[fun.Sel.Name]
				if arg == 0 || len(call.Args) < arg {
					return true
				}
				lit, ok := call.Args[arg-1].(*ast.BasicLit)
				if !ok {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				s := sentence{room, filepath.Base(file), text}
				if err == nil && len(strings.Fields(verb.ReplaceAllString(strings.ReplaceAll(text, "%%", ""), ""))) > 1 && !slices.Contains(out, s) {
					out = append(out, s)
				}
				return true
			})
		}
	}
	return out
}

// shape is what an example of a template looks like.
func (s sentence) shape() *regexp.Regexp {
	text := verb.ReplaceAllString(strings.ReplaceAll(s.text, "%%", "\x01"), "\x00")
	text = strings.ReplaceAll(regexp.QuoteMeta(text), "\x01", "%")
	return regexp.MustCompile("(?s)" + strings.ReplaceAll(text, "\x00", ".*?"))
}

// shown is a template as the page of words shows it.
func (s sentence) shown() string {
	text := strings.ReplaceAll(s.text, "%%", "\x01")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "%q", "“…”"), "\n", " ")
	return strings.ReplaceAll(strings.ReplaceAll(verb.ReplaceAllString(text, "…"), "\x01", "%"), "|", `\|`)
}

// TestThePageOfWordsHoldsEverySentence: go test ./correlate -run PageOfWords -words DIR
// writes it anew. Examples are of recorded incidents, and each is held to its template.
// TestCountsInSentencesSayOfWhatTheyAre: what was read is a part of what there was, and
// a request counts once whatever is written of it.
func TestCountsInSentencesSayOfWhatTheyAre(t *testing.T) {
	of := regexp.MustCompile(`%d (?:times|failures|of the failures)\b`)
	for _, s := range sentences(t) {
		if of.MatchString(s.text) {
			t.Errorf("%s/%s: %q does not say whether it counts requests read, lines or spans", s.room, s.file, s.text)
		}
	}
	files, err := filepath.Glob("signal/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(text), "\n") {
			if strings.Contains(line, " Total: ") && !strings.Contains(line, " Counts: ") {
				t.Errorf("%s:%d: a finding has seen something of a total, and does not say of what", file, n+1)
			}
		}
	}
}

func TestThePageOfWordsHoldsEverySentence(t *testing.T) {
	const page = "../docs/words.md"
	all := sentences(t)
	if *writeWords != "" {
		if err := os.WriteFile(page, []byte(wordsPage(all, saidIn(t, *writeWords, page))), 0o644); err != nil { //nolint:gosec // everybody may read documentation
			t.Fatal(err)
		}
	}
	examples := examplesOn(t, page)
	known := map[string]bool{"Sentence": true, "---": true}
	for _, s := range all {
		known[s.shown()] = true
		example, ok := examples[s.shown()]
		if !ok {
			t.Errorf("docs/words.md lacks %s/%s: %q; go test ./correlate -run PageOfWords -words - writes it", s.room, s.file, s.shown())
		} else if example != "" && !s.shape().MatchString(strings.ReplaceAll(example, `\|`, "|")) {
			t.Errorf("docs/words.md: %q is no example of %q", example, s.shown())
		}
	}
	for shown := range examples {
		if !known[shown] {
			t.Errorf("docs/words.md has %q, which nothing says any more", shown)
		}
	}
}

// examplesOn are the examples of a page of words, by the sentence as it is shown.
func examplesOn(t *testing.T, page string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	examples := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		if cells := strings.Split(strings.TrimSpace(line), " | "); strings.HasPrefix(line, "| ") && len(cells) == 2 {
			examples[strings.TrimPrefix(cells[0], "| ")] = strings.TrimSpace(strings.TrimSuffix(cells[1], "|"))
		}
	}
	return examples
}

// saidIn are the sentences of some reports, or with "-" those of the page as it is, the
// shortest first.
func saidIn(t *testing.T, folder, page string) []string {
	t.Helper()
	shorter := func(a, b string) int { return (len(a)-len(b))*2 + strings.Compare(a, b) }
	if folder == "-" {
		return slices.SortedFunc(maps.Values(examplesOn(t, page)), shorter)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no reports in ", folder, err)
	}
	said := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch x := v.(type) {
		case string:
			if len(x) < 240 && strings.Contains(x, " ") && !strings.ContainsAny(x, "\n{") {
				said[x] = true
			}
		case []any:
			for _, y := range x {
				walk(y)
			}
		case map[string]any:
			for _, y := range x {
				walk(y)
			}
		}
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var v struct {
			Report any `json:"report"`
		}
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(f, err)
		}
		walk(v.Report)
	}
	return slices.SortedFunc(maps.Keys(said), shorter)
}

// wordsPage is the page of words.
func wordsPage(all []sentence, said []string) string {
	var b strings.Builder
	b.WriteString("# What reports say\n\nEvery sentence of the engine, as it stands in the sources, where … is filled in, with an\nexample from the recorded incidents of the lab where one of them says it. Generated; a test\nholds it to the sources (`go test ./correlate -run PageOfWords -words DIR` writes it).\n")
	at := ""
	seen := map[string]bool{}
	for _, s := range all {
		if here := s.room + "/" + s.file; here != at {
			at = here
			fmt.Fprintf(&b, "\n## %s\n\n| Sentence | Example |\n| --- | --- |\n", at)
		}
		if seen[s.shown()] {
			continue
		}
		seen[s.shown()] = true
		shape, example := s.shape(), ""
		whole := regexp.MustCompile("^" + shape.String() + "$")
		for _, re := range []*regexp.Regexp{whole, shape} {
			for _, x := range said {
				if example == "" && re.MatchString(x) {
					example = strings.ReplaceAll(x, "|", `\|`)
				}
			}
		}
		fmt.Fprintf(&b, "| %s | %s |\n", s.shown(), example)
	}
	return b.String()
}
