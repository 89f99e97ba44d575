package correlate_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ofOneWriter hold a lock while they write: what the casebook keeps in memory has to be
// what its transaction found, and there is one writer, who never waits for them; the
// workers of one indexing write one after the other.
var ofOneWriter = []string{"(inbox).load", "(inbox).insert", "(backlog).count", "(indexer).blameEach"}

// TestNoLockIsHeldWhileAnybodyIsAsked reads the source of the program: who waits for a
// mutex does not end with a context, so that what a context is handed to, as a call over
// the network or of a database, is not called while one is held.
func TestNoLockIsHeldWhileAnybodyIsAsked(t *testing.T) {
	locked := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"fixtures", "testdata", ".git"}, d.Name()) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		found, n := askedUnderLock(f)
		locked += n
		for _, x := range found {
			if !slices.Contains(ofOneWriter, x.in) {
				t.Errorf("%s: %s hands a context on while it holds a lock", set.Position(x.at), x.in)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if locked < 100 {
		t.Errorf("found %d places that lock, want all", locked)
	}
}

// TestALockThatIsHeldIsFound holds what looks for them to small pieces of code.
func TestALockThatIsHeldIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"until the end":           {"x.mu.Lock(); defer x.mu.Unlock(); x.ask(ctx)", 1},
		"for a while":             {"x.mu.Lock(); x.ask(ctx); x.mu.Unlock()", 1},
		"given back":              {"x.mu.Lock(); x.n++; x.mu.Unlock(); x.ask(ctx)", 0},
		"taken again":             {"x.mu.Lock(); x.mu.Unlock(); x.ask(ctx); x.mu.Lock(); defer x.mu.Unlock(); x.n++", 0},
		"given back in an if":     {"x.mu.Lock(); if x.n > 0 { x.mu.Unlock(); x.ask(ctx); return }; x.mu.Unlock()", 0},
		"by a transaction":        {"x.mu.RLock(); defer x.mu.RUnlock(); for range x.n { tx.exec(`x`) }", 1},
		"of another context":      {"x.mu.Lock(); defer x.mu.Unlock(); x.ask(context.WithoutCancel(ctx))", 1},
		"another context is made": {"x.mu.Lock(); defer x.mu.Unlock(); c, end := context.WithCancel(ctx)", 0},
		"in a case":               {"switch x.n { case 1: x.mu.Lock(); x.ask(ctx); x.mu.Unlock() }", 1},
		"given back in a case":    {"x.mu.Lock(); switch x.n { case 1: x.mu.Unlock(); x.ask(ctx); return }; x.mu.Unlock()", 0},
		"in a select":             {"select { case <-x.c: x.mu.Lock(); defer x.mu.Unlock(); x.ask(ctx) }", 1},
		"in another function":     {"x.mu.Lock(); defer x.mu.Unlock(); go func() { x.ask(ctx) }()", 0},
		"locked in it":            {"go func() { x.mu.Lock(); defer x.mu.Unlock(); x.ask(ctx) }()", 1},
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc (x *some) do() { "+c.body+" }", parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if found, _ := askedUnderLock(f); len(found) != c.want {
			t.Errorf("%s: found %v, want %d", name, found, c.want)
		}
	}
}

// asked is a call that a context is handed to, and the function that makes it.
type asked struct {
	at token.Pos
	in string
}

// askedUnderLock are such calls of a file that are made while a mutex is held, and how
// many places take one.
func askedUnderLock(f *ast.File) (found []asked, locked int) {
	for _, d := range f.Decls {
		decl, ok := d.(*ast.FuncDecl)
		if !ok || decl.Body == nil {
			continue
		}
		name := decl.Name.Name
		if decl.Recv != nil {
			of := decl.Recv.List[0].Type
			if p, ok := of.(*ast.StarExpr); ok {
				of = p.X
			}
			name = fmt.Sprintf("(%v).%s", of, name)
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			var body *ast.BlockStmt
			switch n := n.(type) {
			case *ast.FuncDecl:
				body = n.Body
			case *ast.FuncLit:
				body = n.Body
			default:
				return true
			}
			for _, at := range underLock(body.List, &locked) {
				found = append(found, asked{at, name})
			}
			return true
		})
	}
	return found, locked
}

// underLock are the calls of a function's statements that are made while a mutex is
// held, those of functions within left out.
func underLock(list []ast.Stmt, locked *int) (found []token.Pos) {
	held := false
	for _, stmt := range list {
		if e, ok := stmt.(*ast.ExprStmt); ok {
			switch lockCall(e.X) {
			case "Lock", "RLock":
				held = true
				*locked++
				continue
			case "Unlock", "RUnlock":
				held = false
				continue
			}
		}
		var within [][]ast.Stmt
		ast.Inspect(stmt, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit, *ast.DeferStmt:
				return false
			case *ast.BlockStmt:
				if len(n.List) > 0 {
					switch n.List[0].(type) {
					case *ast.CaseClause, *ast.CommClause:
						return true // each of them is a list of its own
					}
				}
				within = append(within, n.List)
				return false
			case *ast.CaseClause:
				within = append(within, n.Body)
				return false
			case *ast.CommClause:
				within = append(within, n.Body)
				return false
			case *ast.CallExpr:
				if held && handsOn(n) {
					found = append(found, n.Pos())
					return false
				}
			}
			return true
		})
		for _, inner := range within {
			if held { // it may be given back in there
				inner = slices.Concat([]ast.Stmt{&ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.SelectorExpr{X: ast.NewIdent("mu"), Sel: ast.NewIdent("Lock")}}}}, inner)
				*locked--
			}
			found = append(found, underLock(inner, locked)...)
		}
	}
	return found
}

// lockCall is the method of a mutex that an expression calls, empty for none.
func lockCall(e ast.Expr) string {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return ""
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) > 0 {
		return ""
	}
	name := ""
	switch of := method.X.(type) {
	case *ast.Ident:
		name = of.Name
	case *ast.SelectorExpr:
		name = of.Sel.Name
	}
	if !strings.HasSuffix(strings.ToLower(name), "mu") {
		return ""
	}
	return method.Sel.Name
}

// handsOn reports whether a call is of a transaction or is handed a context.
func handsOn(call *ast.CallExpr) bool {
	if method, ok := call.Fun.(*ast.SelectorExpr); ok {
		if of, ok := method.X.(*ast.Ident); ok && (of.Name == "ctx" || of.Name == "context") {
			return false // ctx.Err(), context.WithTimeout(ctx, limit)
		} else if ok && of.Name == "tx" && slices.Contains([]string{"exec", "row", "each"}, method.Sel.Name) {
			return true
		}
	}
	return slices.ContainsFunc(call.Args, func(arg ast.Expr) bool {
		if of, ok := arg.(*ast.CallExpr); ok {
			if f, ok := of.Fun.(*ast.SelectorExpr); ok {
				if p, ok := f.X.(*ast.Ident); ok && p.Name == "context" {
					return true
				}
			}
		}
		name, ok := arg.(*ast.Ident)
		return ok && (name.Name == "ctx" || name.Name == "tx")
	})
}
