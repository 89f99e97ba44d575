package correlate_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// cuts are the functions that look for a text in another or divide it there.
var cuts = []string{"Contains", "HasPrefix", "HasSuffix", "Cut", "CutPrefix", "CutSuffix", "Index", "LastIndex", "Split", "SplitN", "SplitSeq", "Replace", "ReplaceAll", "Count", "EqualFold"}

// phrase is what a sentence has and no name does: two words, or what divides two.
var phrase = regexp.MustCompile(`[a-z] [a-z]|^ ?[a-z]+ $|^ [a-z]+|^[;,:] $`)

// ofOthers are the phrases that are looked for in texts that others wrote, and the one by
// which the grammar of a title is told.
var ofOthers = map[string]bool{
	"Traceback (most recent call last)": true, "Caused by: ": true, "This reverts commit ": true, // Python, Java, git
	"import ": true, "package ": true, "using ": true, "use ": true, // statements of languages
	"rollout undo": true, // kubectl
	" instead of ": true, // a title goes on after a comma where it has one
	" cores":       true, // a unit
	"rpc error: ":  true, // gRPC for Go
	": ":           true, // in what an error says
}

// ofNoSentence are texts that divide what is no sentence, by file: a table of phrases,
// the words of a metric's name.
var ofNoSentence = map[string]string{"suspect/raised.go": ", ", "wording/quantities.go": "next garbage collection"}

// TestNoLogicLooksForASentence reads the source of what decides and of what shows it:
// what one part wants to know of another stands in a field, so that any sentence of ours
// can be reworded.
func TestNoLogicLooksForASentence(t *testing.T) {
	read := 0
	for _, room := range []string{"onset", "signal", "view", "rank", "suspect", "verdict", "promise", "compose", "report", "wording", "maturity", "../ui/page", "../ui/export"} {
		err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
				return err
			}
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			read++
			ast.Inspect(f, func(n ast.Node) bool {
				if text, ok := lookedFor(n); ok && phrase.MatchString(text) && !ofOthers[text] && ofNoSentence[filepath.ToSlash(path)] != text {
					t.Errorf("%s looks for %q: give what it wants to know a field", set.Position(n.Pos()), text)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 150 {
		t.Errorf("read %d files, want all", read)
	}
}

// lookedFor is the literal that a call looks for in a text.
func lookedFor(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) < 2 {
		return "", false
	}
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains(cuts, fun.Sel.Name) {
		return "", false
	}
	if of, ok := fun.X.(*ast.Ident); !ok || of.Name != "strings" {
		return "", false
	}
	lit, ok := call.Args[1].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}
