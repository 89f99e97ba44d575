package artefact

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// maxSources bounds how many files of source are read.
const maxSources = 50_000

// Source reads what the Go source of a module shows. Tests, testdata, vendored,
// hidden and generated files are left out, and so is what no build of the module
// takes in: modules below it, and programs that are only there to be run by hand.
func Source(dir string) (*maturity.Source, error) {
	r := sourceReader{dir: dir, fset: token.NewFileSet(), packages: map[string]bool{}, mains: map[string]*mainFacts{}}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != dir && (isLeftOut(name) || slices.Contains([]string{"testdata", "vendor", "node_modules"}, name) || isModule(path)) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || isLeftOut(name) {
			return nil
		}
		if r.files++; r.files > maxSources {
			return fmt.Errorf("%s: more than %d files of Go, name a smaller folder", dir, maxSources)
		}
		return r.file(path)
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // names the file
	}
	r.settleMains()
	r.out.Packages = len(r.packages)
	return &r.out, nil
}

// isLeftOut tells a name that the go command passes over.
func isLeftOut(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// isByHand tells a file that no build takes in: its constraint asks for the tag
// ignore, which nobody sets.
func isByHand(src []byte) bool {
	for line := range bytes.Lines(src) {
		text := strings.TrimSpace(string(line))
		if strings.HasPrefix(text, "package ") {
			return false
		}
		if !constraint.IsGoBuild(text) {
			continue
		}
		x, err := constraint.Parse(text)
		without := func(tag string) bool { return tag != "ignore" }
		return err == nil && !x.Eval(without) && x.Eval(func(string) bool { return true })
	}
	return false
}

type sourceReader struct {
	dir      string
	fset     *token.FileSet
	files    int
	out      maturity.Source
	packages map[string]bool
	mains    map[string]*mainFacts // by folder
}

// mainFacts is what a package main does.
type mainFacts struct {
	at            casefile.CheckPlace
	signals, rest bool
}

func (r *sourceReader) file(path string) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err //nolint:wrapcheck // names the file
	}
	if generated.Match(src) || isByHand(src) {
		return nil
	}
	f, err := parser.ParseFile(r.fset, path, src, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("no Go source: %w", err)
	}
	folder := filepath.Dir(path)
	r.packages[folder] = true
	var m *mainFacts
	if f.Name.Name == "main" {
		if m = r.mains[folder]; m == nil {
			m = &mainFacts{}
			r.mains[folder] = m
		}
	}
	names := imported(f)
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if m != nil && n.Recv == nil && n.Name.Name == "main" {
				m.at = r.place(n.Pos(), "")
			}
		case *ast.CallExpr:
			r.call(n, names, m)
		case *ast.CompositeLit:
			r.server(n, names)
		}
		return true
	})
	return nil
}

func (r *sourceReader) place(pos token.Pos, message string) casefile.CheckPlace {
	p := r.fset.Position(pos)
	path := p.Filename
	if rel, err := filepath.Rel(r.dir, path); err == nil {
		path = rel
	}
	return casefile.CheckPlace{Path: filepath.ToSlash(path), Line: p.Line, Message: message}
}

// imported are the packages of a file by the names that it gives them.
func imported(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, i := range f.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if i.Name != nil {
			name = i.Name.Name
		}
		if name == "." { // there may be several
			name += path
		}
		names[name] = path
	}
	return names
}

// called is the package and the function of a call, "" for a builtin.
func called(e ast.Expr, names map[string]string) (path, name string) {
	switch e := e.(type) {
	case *ast.Ident:
		for _, path := range []string{"fmt", "log"} {
			if names["."+path] != "" && slices.Contains(prints[path], e.Name) {
				return path, e.Name
			}
		}
		return "", e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok && names[x.Name] != "" {
			return names[x.Name], e.Sel.Name
		}
	}
	return "-", ""
}

// prints are the functions that write to the terminal by hand.
var prints = map[string][]string{
	"":    {"print", "println"},
	"fmt": {"Print", "Printf", "Println"},
	"log": {"Print", "Printf", "Println"},
}

func (r *sourceReader) call(n *ast.CallExpr, names map[string]string, m *mainFacts) {
	path, name := called(n.Fun, names)
	if slices.Contains(prints[path], name) {
		add(&r.out.Prints, r.place(n.Pos(), strings.TrimPrefix(path+"."+name, ".")+" prints by hand"))
	}
	if m == nil {
		return
	}
	switch {
	case path == "os/signal" && (name == "NotifyContext" || name == "Notify"):
		m.signals = true
	case path == "time" && name == "Sleep":
		m.rest = true
	}
}

func (r *sourceReader) settleMains() {
	for _, folder := range slices.Sorted(maps.Keys(r.mains)) {
		m := r.mains[folder]
		if m.at.Path == "" {
			continue
		}
		r.out.MainCount++
		switch {
		case !m.signals:
			m.at.Message = "main ends at no signal: hand signal.NotifyContext's context on"
		case m.rest:
			m.at.Message = "package main sleeps instead of waiting for its context"
		default:
			continue
		}
		add(&r.out.Mains, m.at)
	}
}
