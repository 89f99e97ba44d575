package artefact

import (
	"go/ast"
	"go/token"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// mostServers bounds the servers that facts name.
const mostServers = 100

// server notes an http.Server that is made.
func (r *sourceReader) server(n *ast.CompositeLit, names map[string]string) {
	if path, name := called(n.Type, names); path != "net/http" || name != "Server" || len(r.out.Servers) == mostServers {
		return
	}
	at := r.place(n.Pos(), "")
	s := maturity.HTTPServer{Path: at.Path, Line: at.Line}
	for _, e := range n.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := kv.Key.(*ast.Ident)
		if !ok {
			continue
		}
		switch key.Name {
		case "ReadTimeout":
			s.Read = constant(kv.Value, names)
		case "ReadHeaderTimeout":
			s.ReadHeader = constant(kv.Value, names)
		case "WriteTimeout":
			s.Write = constant(kv.Value, names)
		}
	}
	r.out.Servers = append(r.out.Servers, s)
}

// variable stands for a timeout whose value the source alone does not tell.
const variable = -1

// constant is a duration such as 5 * time.Second; variable for any other value.
func constant(e ast.Expr, names map[string]string) time.Duration {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return constant(e.X, names)
	case *ast.BasicLit:
		if n, err := strconv.ParseInt(e.Value, 0, 64); err == nil && e.Kind == token.INT {
			return time.Duration(n)
		}
	case *ast.SelectorExpr:
		if path, name := called(e, names); path == "time" {
			if d, ok := units[name]; ok {
				return d
			}
		}
	case *ast.BinaryExpr:
		x, y := constant(e.X, names), constant(e.Y, names)
		if e.Op == token.MUL && x >= 0 && y >= 0 {
			return x * y
		}
	}
	return variable
}

var units = map[string]time.Duration{
	"Nanosecond": time.Nanosecond, "Microsecond": time.Microsecond, "Millisecond": time.Millisecond,
	"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour,
}
