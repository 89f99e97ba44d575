package correlate_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ownWords are words of our own making that have stood in what people read, with
// what the field says instead. Nobody can search for one that only we use.
var ownWords = []struct {
	word  *regexp.Regexp
	field string
}{
	{regexp.MustCompile(`(?i)\bways? back\b`), "rollback"},
	{regexp.MustCompile(`(?i)\bmade on purpose\b`), "injected"},
	{regexp.MustCompile(`(?i)\banew\b`), "again"},
	{regexp.MustCompile(`(?i)\b(unhurt|unharmed)\b`), "healthy"},
	{regexp.MustCompile(`(?i)\b(felt|owes?|owed|strays?|chokes?)\b`), "what is measured"},
	{regexp.MustCompile(`(?i)\banother way through\b`), "another code path"},
	{regexp.MustCompile(`(?i)\bused up something\b`), "exhausted"},
	{regexp.MustCompile(`(?i)\bit cannot be (noted|read|told|known)\b`), "the subject first: X cannot be recorded"},
	{regexp.MustCompile(`(?i)\bno second look\b`), "not investigated again"},
	{regexp.MustCompile(`(?i)\b(configured|known|asked|told) no more\b`), "no longer"},
	{regexp.MustCompile(`(?i)\b(thereof|hither|whither|hence|amiss|in vain)\b`), "plain words"},
}

// TestNoWordOfOurOwnStandsInWhatPeopleRead walks every text in the source that is
// not a test's: sentences of reports, errors, log messages, pages, commands, the
// documentation and what the API describes.
func TestNoWordOfOurOwnStandsInWhatPeopleRead(t *testing.T) {
	read := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		switch {
		case d.IsDir() && path != ".." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "decisions" || path == "../fixtures"):
			return filepath.SkipDir
		case d.IsDir(), strings.HasSuffix(name, "_test.go"), strings.HasSuffix(name, "_templ.go"), strings.Contains(path, "casebooktest"), name == "CHANGELOG.md":
			return nil
		}
		switch filepath.Ext(name) {
		case ".go":
			for at, text := range textsOf(t, path) {
				read++
				unsaid(t, at, text)
			}
		case ".templ", ".md", ".json":
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			read++
			unsaid(t, path, string(b))
		}
		return nil
	})
	if err != nil || read < 5000 {
		t.Fatalf("%d texts were read: %v", read, err)
	}
}

func unsaid(t *testing.T, at, text string) {
	t.Helper()
	for _, w := range ownWords {
		if found := w.word.FindString(text); found != "" {
			t.Errorf("%s says %q; people look for %q", at, found, w.field)
		}
	}
}

// textsOf are the texts in a file's strings, by their place.
func textsOf(t *testing.T, path string) map[string]string {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			texts[set.Position(l.Pos()).String()] = l.Value
		}
		return true
	})
	return texts
}
