package profile

import (
	"regexp"
	"strings"
)

// Declared is the word by which the line that a function begins at has to name it:
// that of its declaration in Go, "func" for a literal; empty where no such line is
// known, as for a loop's body.
func Declared(function string) string {
	name := function[strings.LastIndexByte(function, '/')+1:]
	if i := strings.IndexByte(name, '['); i >= 0 { // of type parameters
		name = name[:i] + name[min(len(name), strings.LastIndexByte(name, ']')+1):]
	}
	parts := strings.Split(name, ".")
	last := strings.TrimSuffix(parts[len(parts)-1], "-fm")
	switch {
	case len(parts) < 2, strings.Contains(last, "-range"), strings.HasPrefix(last, "gowrap"), strings.HasPrefix(last, "deferwrap"):
		return ""
	case literal.MatchString(last):
		return "func"
	}
	return last
}

// literal is how the linker names function literals, and what they are in.
var literal = regexp.MustCompile(`^(func)?\d+$`)
