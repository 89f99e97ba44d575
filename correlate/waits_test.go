package correlate_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// leastPatience is how long a test that waits for something waits at least before it
// says that it never came: on a busy machine what takes a moment takes many times that,
// and where it comes at once nobody waits.
const leastPatience = time.Minute

// TestNoTestWaitsForTheMachine reads the tests of this module: whoever looks again and
// again for something to come about looks for long enough. In a bubble of
// testing/synctest time does not pass by itself, and there loops are of rounds.
func TestNoTestWaitsForTheMachine(t *testing.T) {
	looked := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "testdata" || name == "node_modules" || name != ".." && strings.HasPrefix(name, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			loop, ok := n.(*ast.RangeStmt)
			if !ok {
				return true
			}
			rounds, ok := numberOf(loop.X)
			if pause := pauseIn(loop.Body); ok && pause > 0 {
				looked++
				if patience := time.Duration(rounds) * pause; patience < leastPatience {
					t.Errorf("%s: looks for %s at most, want %s: a busy machine needs it, and who finds at once waits for none of it", set.Position(n.Pos()), patience, leastPatience)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if looked < 15 {
		t.Errorf("found %d tests that look again and again, want all", looked)
	}
}

// pauseIn is how long a loop's body rests before the next round, 0 where it does not
// rest for a constant time.
func pauseIn(body *ast.BlockStmt) time.Duration {
	pause := time.Duration(0)
	ast.Inspect(body, func(n ast.Node) bool {
		if _, inner := n.(*ast.RangeStmt); inner {
			return false
		}
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		if fun, ok := call.Fun.(*ast.SelectorExpr); ok && (fun.Sel.Name == "Sleep" || fun.Sel.Name == "After") {
			if by, ok := call.Args[0].(*ast.BinaryExpr); ok {
				unit, isUnit := by.Y.(*ast.SelectorExpr)
				if n, ok := numberOf(by.X); ok && isUnit {
					pause += time.Duration(n) * map[string]time.Duration{"Millisecond": time.Millisecond, "Second": time.Second}[unit.Sel.Name]
				}
			}
		}
		return true
	})
	return pause
}

// numberOf is a whole number that stands in the source.
func numberOf(e ast.Expr) (int64, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.INT {
		return 0, false
	}
	n, err := strconv.ParseInt(l.Value, 0, 64)
	return n, err == nil
}
