package correlate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ofAMethod are the fractions that stand in the code of the rooms that decide:
// what makes a quantile range a standard deviation, quartiles and their kind, half
// an event where a share is smoothed, and what keeps a division
// from zero, and the powers of a thousand that make units of others.
var ofAMethod = map[string]bool{
	"0.0": true, "1.0": true, "0.5": true, ".5": true, "1e-9": true, "1e-6": true, "1e-3": true, "1e3": true, "1e6": true, "1e9": true,
	"1.35": true, "2.07": true, "2.56": true, "1.25": true,
	"0.25": true, "0.75": true, "0.9": true, "0.1": true, "0.15": true, "0.85": true,
	"0.95": true, // p95
}

// ofASize are names of constants that bound how much is shown, read or kept, of
// events, which are only numbered, and of units and wholes.
var ofASize = regexp.MustCompile(`^(?i:max|most|shown|quoted|sampling|event|whole|perMille|secondsPer)`)

// ofNothing are the whole numbers that decide nothing wherever they stand: nothing,
// one and more than one, and a whole in thousandths.
var ofNothing = map[string]bool{"0": true, "1": true, "1000": true}

// ofAUnit are the factors and divisors that turn one unit into another.
var ofAUnit = map[string]bool{"10": true, "60": true, "100": true}

// ofTime are the units of time but the least, which only says that an end is included.
var ofTime = map[string]bool{"Microsecond": true, "Millisecond": true, "Second": true, "Minute": true, "Hour": true}

// TestNumbersThatDecideStandInTheWeights reads the source of the rooms that decide:
// a fraction, a number with a name, or a whole number with which something is
// compared or counted is a weight or a threshold and belongs where the version
// knows of it. Places within a list, how many of a list are shown, how long a form
// is, a code that is looked up, a half, and the pair that any comparison needs are of
// the code.
func TestNumbersThatDecideStandInTheWeights(t *testing.T) {
	for _, room := range []string{"topology", "onset", "view", "signal", "rank", "suspect", "verdict", "mechanism", "metric", "gather", "frames", "compose", "promise", "profile"} {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no source: %v", room, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, what := range numbersOf(t, file, !slices.Contains([]string{"mechanism", "metric", "gather", "frames"}, room)) {
				t.Errorf("%s: put it into correlate/weights, or say here of which method it is", what)
			}
		}
	}
}

// TestNumbersBelowTheWeightsHaveANameAndAReason reads the source of the rooms that
// answer one question each and are handed no weights: a number that decides there is
// one of a published method or of how something outside is made, so that it has a name
// and a comment that says which. Not among them are stat, which is formulas and is
// handed its bars, and what writes rules for a Prometheus, by the tables of the SRE
// workbook.
func TestNumbersBelowTheWeightsHaveANameAndAReason(t *testing.T) {
	for _, room := range []string{"ask", "drain", "errorclass", "kube", "outcome", "promql", "rollback", "spoken", "stacktrace"} {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no source: %v", room, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || file == filepath.Join("rollback", "rules.go") {
				continue
			}
			for _, what := range unnamedNumbers(t, file) {
				t.Errorf("%s: give it a name and a comment that says why it is this one", what)
			}
		}
	}
}

// unnamedNumbers are the numbers of a file that are neither of the code nor of a
// method, and stand in no constant with a comment.
func unnamedNumbers(t *testing.T, file string) []string {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	structural := ofTheCode(f)
	ast.Inspect(f, func(n ast.Node) bool {
		if structural[n] {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncDecl:
			return !givesSentences(n)
		case *ast.GenDecl:
			if n.Tok != token.CONST {
				return true
			}
			for _, spec := range n.Specs {
				v, ok := spec.(*ast.ValueSpec)
				if ok && slices.ContainsFunc(v.Values, hasNumber) && n.Doc == nil && v.Doc == nil && v.Comment == nil {
					out = append(out, set.Position(v.Pos()).String()+": "+v.Names[0].Name)
				}
			}
			return false
		case *ast.BasicLit:
			if n.Kind == token.FLOAT && !ofAMethod[n.Value] || n.Kind == token.INT && !ofNothing[n.Value] {
				out = append(out, set.Position(n.Pos()).String()+": "+n.Value)
			}
		}
		return true
	})
	return out
}

// numbersOf are the numbers of a file that are neither of a method nor of a size nor
// of the code. Where a room words answers, what only chooses words, as "one and a
// half times", is compared in functions that return sentences.
func numbersOf(t *testing.T, file string, worded bool) []string {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	note := func(n ast.Node, text string) { out = append(out, set.Position(n.Pos()).String()+": "+text) }
	structural := ofTheCode(f)
	ast.Inspect(f, func(n ast.Node) bool {
		if structural[n] {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncDecl:
			// What users set has its defaults beside its documentation.
			return n.Name.Name != "WithDefaults" && (!worded || !givesSentences(n))
		case *ast.BasicLit:
			if n.Kind == token.FLOAT && !ofAMethod[n.Value] || n.Kind == token.INT && !ofNothing[n.Value] {
				note(n, n.Value)
			}
		case *ast.SelectorExpr: // a minute is a number too
			if isUnit(n) {
				note(n, "time."+n.Sel.Name)
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
			return n.Tok != token.CONST // what has a name is judged by it
		}
		return true
	})
	return out
}

// ofTheCode are the expressions whose numbers are no bars: places within a list or an
// array and its length, how many of a list are taken, the place beside one, how long
// exactly a form is, a code that is looked up, a half, the pair without which there
// is nothing to compare, a shift by bits, where ASCII ends, and what turns units.
func ofTheCode(f *ast.File) map[ast.Node]bool {
	out := map[ast.Node]bool{}
	is := func(e ast.Node, so bool) { out[e] = out[e] || so }
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IndexExpr:
			is(n.Index, isNumber(n.Index, nil))
			if sum, ok := n.Index.(*ast.BinaryExpr); ok {
				is(sum.Y, isNumber(sum.Y, nil))
			}
		case *ast.SliceExpr:
			for _, bound := range []ast.Expr{n.Low, n.High} {
				if bound != nil {
					is(bound, true)
				}
			}
		case *ast.ArrayType:
			if n.Len != nil {
				is(n.Len, true)
			}
		case *ast.CompositeLit: // {time.Hour, "h"}
			for _, e := range n.Elts {
				is(e, isUnit(e) && len(n.Elts) > 1)
			}
		case *ast.CaseClause: // case 5, of a code's first digit
			for _, e := range n.List {
				is(e, isNumber(e, nil))
			}
		case *ast.AssignStmt: // j += 2
			is(n.Rhs[0], n.Tok == token.ADD_ASSIGN && isPlace(n.Lhs[0]) && isNumber(n.Rhs[0], ofBeside))
		case *ast.CallExpr:
			if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "make" {
				for _, size := range n.Args {
					is(size, true)
				}
			}
			fun, ok := n.Fun.(*ast.SelectorExpr)
			switch {
			case ok && slices.Contains([]string{"ParseFloat", "Repeat"}, fun.Sel.Name): // of how many bits, how often
				is(n.Args[1], true)
			case ok && fun.Sel.Name == "FormatFloat": // how, and of how many bits
				is(n.Args[2], true)
				is(n.Args[3], true)
			case ok && fun.Sel.Name == "Chunk": // slices.Chunk(pairs, 2)
				is(n.Args[1], true)
			case ok && (fun.Sel.Name == "Round" || fun.Sel.Name == "Truncate"): // age.Round(time.Second)
				is(n.Args[0], true)
			default: // float64(time.Second)
				fun, ok := n.Fun.(*ast.Ident)
				if ok && fun.Name == "float64" {
					_, selected := n.Args[0].(*ast.SelectorExpr)
					is(n.Args[0], selected)
				}
			}
		case *ast.BinaryExpr:
			switch n.Op {
			case token.EQL, token.NEQ: // len(id) == 32
				is(n.Y, isLength(n.X) && isNumber(n.Y, nil) || isNumber(n.Y, map[string]bool{"100": true})) // or a whole in per cent
			case token.ADD, token.SUB: // i+2
				is(n.Y, isPlace(n.X) && isNumber(n.Y, ofBeside))
			case token.GEQ: // c >= 0x80, i >= 2
				is(n.Y, isNumber(n.Y, ofASCII) || isPlace(n.X) && isNumber(n.Y, ofBeside))
			case token.QUO:
				is(n.Y, isDay(n.Y))
				is(n.Y, isNumber(n.Y, ofAUnit) || isNumber(n.Y, map[string]bool{"2": true}))
			case token.MUL:
				if days, ok := n.X.(*ast.BinaryExpr); ok && isUnit(n.Y) && isNumber(days.Y, map[string]bool{"24": true}) && !isNumber(days.X, nil) {
					is(n.X, true) // time.Duration(days) * 24 * time.Hour
					is(n.Y, true)
				}
				is(n.X, isNumber(n.X, ofAUnit))
				is(n.Y, isNumber(n.Y, ofAUnit))
			case token.REM: // which of two kinds
				is(n.Y, isNumber(n.Y, map[string]bool{"2": true}))
			case token.SHL:
				is(n.Y, true)
			case token.LSS: // len(list) < 2
				is(n.Y, isLength(n.X) && isNumber(n.Y, map[string]bool{"2": true}) || isPlace(n.X) && isNumber(n.Y, ofBeside) || isNumber(n.Y, ofASCII))
			}
		}
		return true
	})
	return out
}

// isNumber reports whether an expression is one of some numbers, any for nil.
func isNumber(e ast.Expr, of map[string]bool) bool {
	l, ok := e.(*ast.BasicLit)
	return ok && (of == nil || of[l.Value])
}

// isUnit reports whether an expression is a unit of time.
func isUnit(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "time" && ofTime[s.Sel.Name]
}

// isDay reports whether an expression is one day, in brackets.
func isDay(e ast.Expr) bool {
	p, ok := e.(*ast.ParenExpr)
	if !ok {
		return false
	}
	day, ok := p.X.(*ast.BinaryExpr)
	return ok && day.Op == token.MUL && isNumber(day.X, map[string]bool{"24": true}) && isUnit(day.Y)
}

// ofBeside are how far away a place is beside another one.
var ofBeside = map[string]bool{"2": true, "3": true}

// ofASCII is the first byte that is no letter of its own.
var ofASCII = map[string]bool{"0x80": true}

// isPlace reports whether an expression is a place in a list, by its name.
func isPlace(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && (id.Name == "i" || id.Name == "j")
}

func isLength(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	fun, ok := call.Fun.(*ast.Ident)
	return ok && fun.Name == "len"
}

// givesSentences reports whether a function's only result is text, of more words than
// one somewhere.
func givesSentences(f *ast.FuncDecl) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return false
	}
	if id, ok := f.Type.Results.List[0].Type.(*ast.Ident); !ok || id.Name != "string" {
		return false
	}
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			ast.Inspect(r, func(n ast.Node) bool {
				l, ok := n.(*ast.BasicLit)
				found = found || ok && l.Kind == token.STRING && strings.Contains(l.Value, " ")
				return true
			})
		}
		return true
	})
	return found
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
