package correlate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// mostFloors and mostFiles keep the engine walkable: how many packages stand on
// each other's shoulders, and how many files one of them has.
const (
	mostFloors = 9
	mostFiles  = 40
)

// TestTheEngineStaysWalkable counts floors (a package stands one above the
// highest that it imports) and files.
func TestTheEngineStaysWalkable(t *testing.T) {
	imports := map[string][]string{}
	for _, p := range packages(t) {
		if !under(p.ImportPath, module+"/correlate") {
			continue
		}
		imports[p.ImportPath] = p.Imports
		if n := len(p.GoFiles); n > mostFiles {
			t.Errorf("%s has %d files; more than %d nobody oversees", p.ImportPath, n, mostFiles)
		}
	}
	floors := map[string]int{}
	var floor func(string) int
	floor = func(p string) int {
		if floors[p] == 0 {
			floors[p] = 1
			for _, imp := range imports[p] {
				if under(imp, module+"/correlate") {
					floors[p] = max(floors[p], 1+floor(imp))
				}
			}
		}
		return floors[p]
	}
	for p := range imports {
		if n := floor(p); n > mostFloors {
			t.Errorf("%s stands on floor %d of at most %d", p, n, mostFloors)
		}
	}
}

// steps are the rooms that the evidence goes through, as doc.go has them.
var steps = []string{"gather", "rank", "suspect", "verdict", "promise", "compose"}

// TestTheEvidenceEntersNoRoomTwice walks the calls of Investigate in the order in
// which they are made, a function of this package once however many sets of
// evidence it is called for, and looks into each step for calls of another.
func TestTheEvidenceEntersNoRoomTwice(t *testing.T) {
	var got []string
	for _, room := range calledRooms(t, ".", "Investigate") {
		if slices.Contains(steps, room) && (len(got) == 0 || got[len(got)-1] != room) {
			got = append(got, room)
		}
	}
	if !slices.Equal(got, steps) {
		t.Errorf("the evidence goes through %v, want %v", got, steps)
	}
	for _, step := range steps {
		for _, room := range calledRooms(t, step, "") {
			if slices.Contains(steps, room) && room != step {
				t.Errorf("%s calls %s: what it needs of it is to be handed over", step, room)
			}
		}
	}
}

// calledRooms are the rooms of the functions that one function calls, itself or
// through others of its package, in order; those that the whole package calls
// when the function is "".
func calledRooms(t *testing.T, folder, function string) []string {
	t.Helper()
	files, info := typed(t, folder)
	bodies := map[types.Object]*ast.FuncDecl{}
	var rooms []string
	var walk func(ast.Node)
	walk = func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for _, arg := range call.Args { // they are worked out before the call
				walk(arg)
			}
			walk(call.Fun)
			if f := called(info, call); f != nil && f.Pkg() != nil {
				if room, ok := strings.CutPrefix(f.Pkg().Path(), module+"/correlate/"); ok {
					rooms = append(rooms, room)
				}
				if decl := bodies[f]; decl != nil {
					delete(bodies, f)
					walk(decl.Body)
				}
			}
			return false
		})
	}
	for _, f := range files {
		for _, d := range f.Decls {
			if decl, ok := d.(*ast.FuncDecl); ok && decl.Body != nil {
				bodies[info.Defs[decl.Name]] = decl
			}
		}
	}
	for _, f := range files {
		for _, d := range f.Decls {
			if decl, ok := d.(*ast.FuncDecl); ok && (decl.Name.Name == function || function == "") {
				walk(d)
			}
		}
	}
	return rooms
}

// called is the function that a call calls, nil for a conversion, a value and
// what is built in.
func called(info *types.Info, call *ast.CallExpr) *types.Func {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		f, _ := info.Uses[fun.Sel].(*types.Func)
		return f
	case *ast.Ident:
		f, _ := info.Uses[fun].(*types.Func)
		return f
	}
	return nil
}

// typed is a package of the engine with its types.
func typed(t *testing.T, folder string) ([]*ast.File, *types.Info) {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", exported)}
	if _, err := conf.Check(path.Join(module, "correlate", folder), fset, files, info); err != nil {
		t.Fatal(err)
	}
	return files, info
}

// exported opens what the compiler wrote of a package that the engine imports.
func exported(path string) (io.ReadCloser, error) {
	at, err := exports()
	if err != nil {
		return nil, err
	}
	return os.Open(at[path])
}

// exports are the files that hold it, by import path.
var exports = sync.OnceValues(func() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export", ".").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	at := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); err != nil {
			return nil, err
		}
		at[p.ImportPath] = p.Export
	}
	return at, nil
})
