package correlate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ofAMethod are the fractions that stand in the code of the rooms that decide:
// what makes a quantile range a standard deviation, quartiles and their kind, half
// an event where a share is smoothed, and what keeps a division
// from zero, and what makes milliseconds seconds.
var ofAMethod = map[string]bool{
	"0.0": true, "1.0": true, "0.5": true, ".5": true, "1e-9": true, "1e3": true,
	"1.35": true, "2.07": true, "2.56": true, "1.25": true,
	"0.25": true, "0.75": true, "0.9": true, "0.1": true, "0.15": true, "0.85": true,
}

// ofASize are names of constants that bound how much is shown, read or kept, and of
// events, which are only numbered.
var ofASize = regexp.MustCompile(`^(?i:max|most|shown|enough|event)`)

// TestNumbersThatDecideStandInTheWeights reads the source of the rooms that decide:
// a fraction, or a number with a name, is a weight or a threshold and belongs where
// the version knows of it.
func TestNumbersThatDecideStandInTheWeights(t *testing.T) {
	for _, room := range []string{"onset", "view", "signal", "rank", "suspect", "verdict"} {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no source: %v", room, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, what := range numbersOf(t, file) {
				t.Errorf("%s: put it into correlate/weights, or say here of which method it is", what)
			}
		}
	}
}

// numbersOf are the fractions and named numbers of a file that are neither of a
// method nor of a size. What only words an answer, as "one and a half times", is
// compared in functions that return text.
func numbersOf(t *testing.T, file string) []string {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	note := func(n ast.Node, text string) { out = append(out, set.Position(n.Pos()).String()+": "+text) }
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return !givesText(n)
		case *ast.BasicLit:
			if n.Kind == token.FLOAT && !ofAMethod[n.Value] {
				note(n, n.Value)
			}
		case *ast.GenDecl:
			for _, spec := range n.Specs {
				v, ok := spec.(*ast.ValueSpec)
				if n.Tok != token.CONST || !ok || v.Type != nil {
					continue
				}
				for i, value := range v.Values {
					if hasNumber(value) && !ofASize.MatchString(v.Names[i].Name) {
						note(v, v.Names[i].Name)
					}
				}
			}
		}
		return true
	})
	return out
}

// givesText reports whether a function's only result is text.
func givesText(f *ast.FuncDecl) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return false
	}
	id, ok := f.Type.Results.List[0].Type.(*ast.Ident)
	return ok && id.Name == "string"
}

func hasNumber(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		l, ok := n.(*ast.BasicLit)
		found = found || ok && (l.Kind == token.INT || l.Kind == token.FLOAT)
		return true
	})
	return found
}
