package logline

import (
	"strconv"
	"strings"
)

// sourceFiles are the ends of names of files with code. OCaml's and Crystal's are
// left out: so end hosts, too.
var sourceFiles = map[string]bool{}

func init() {
	for ext := range strings.FieldsSeq("go py js mjs cjs jsx ts tsx mts java kt kts scala groovy clj rb php rs ex exs erl cs fs vb c cc cpp cxx h hpp swift pl lua dart hs jl zig nim vue svelte") {
		sourceFiles[ext] = true
	}
}

// splitPlace reads file:line, with a column or without, and with a function
// before or after it left off by whoever cut the text. It is false for what
// names no file of code.
func splitPlace(s string) (file string, line int, ok bool) {
	s = strings.Trim(s, " \t()[]\"'")
	if len(s) > maxValue || strings.ContainsAny(s, " \t\n\"") {
		return "", 0, false
	}
	i := strings.LastIndexByte(s, ':')
	if i <= 0 {
		return "", 0, false
	}
	if j := strings.LastIndexByte(s[:i], ':'); j > 0 && isNumber(s[j+1:i]) {
		i, s = j, s[:i] // a column
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil || n < 1 || n > 1<<30 {
		return "", 0, false
	}
	if file = s[:i]; !isCode(file) {
		return "", 0, false
	}
	return file, n, true
}

// isCode reports whether a path names a file of code.
func isCode(file string) bool {
	dot := strings.LastIndexByte(file, '.')
	return dot >= 1 && sourceFiles[file[dot+1:]]
}

// hasPlace reports whether a text is file:line.
func hasPlace(s string) bool {
	_, _, ok := splitPlace(s)
	return ok
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// hasFrame reports whether a text of one line looks like a frame of a stack.
func hasFrame(s string) bool {
	s = strings.TrimLeft(s, " \t|")
	return strings.HasPrefix(s, "at ") || strings.HasPrefix(s, `File "`) || hasPlace(s) ||
		strings.HasPrefix(s, "goroutine ")
}
