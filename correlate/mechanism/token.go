package mechanism

import (
	"regexp"
	"strings"
)

// tokenKind is what a token is.
type tokenKind byte

const (
	identToken tokenKind = iota
	numberToken
	stringToken
	punctToken
)

// token is a piece of a line of code in any language.
type token struct {
	kind tokenKind
	text string // without quotes for a string
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c == '@' || c >= 0x80
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// tokenise splits a line. Operators of two and three characters stay whole;
// a number keeps its unit ("30s", "512Mi", "0.5").
func tokenise(s string) []token {
	var out []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ':
			i++
		case c == '"' || c == '`' || c == '\'':
			end := closing(s, i)
			out = append(out, token{stringToken, s[i+1 : end]})
			i = end + 1
		case isDigit(c):
			j := i + 1
			for j < len(s) && (isDigit(s[j]) || isLetter(s[j]) || s[j] == '.' && j+1 < len(s) && isDigit(s[j+1])) {
				j++
			}
			out = append(out, token{numberToken, s[i:j]})
			i = j
		case isLetter(c):
			j := i + 1
			for j < len(s) && (isLetter(s[j]) || isDigit(s[j]) || s[j] == '-' && j+1 < len(s) && isLetter(s[j+1]) && isLetter(s[j-1])) {
				j++
			}
			out = append(out, token{identToken, s[i:j]})
			i = j
		default:
			n := operator(s[i:])
			out = append(out, token{punctToken, s[i : i+n]})
			i += n
		}
	}
	return out
}

// closing is the index of the quote that ends the string begun at i, or the end
// of the line (which then serves as one).
func closing(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		if s[j] == '\\' {
			j++
			continue
		}
		if s[j] == s[i] {
			return j
		}
	}
	return len(s)
}

func operator(s string) int {
	for _, op := range []string{"===", "!==", "...", ":=", "=>", "==", "!=", "<=", ">=", "&&", "||", "->", "<-", "++", "--", "+=", "-=", "*=", "?.", "??", "::", "**"} {
		if strings.HasPrefix(s, op) {
			return len(op)
		}
	}
	return 1
}

// tokens are the line's tokens, split once.
func (l *Line) tokens() []token {
	if l.toks == nil && l.Code != "" {
		l.toks = tokenise(l.Code)
	}
	return l.toks
}

// splitWords takes an identifier apart at camel humps, underscores, dashes,
// dots and digits and lower-cases the pieces: "maxOpenConns" is max, open,
// conns.
func splitWords(ident string) []string {
	var out []string
	start := -1
	flush := func(end int) {
		if start >= 0 && end > start {
			out = append(out, strings.ToLower(ident[start:end]))
		}
		start = -1
	}
	for i := 0; i < len(ident); i++ {
		c := ident[i]
		upper := c >= 'A' && c <= 'Z'
		switch {
		case !upper && (c < 'a' || c > 'z') && c < 0x80:
			flush(i)
		case start < 0:
			start = i
		case upper && (ident[i-1] < 'A' || ident[i-1] > 'Z'):
			flush(i)
			start = i
		case !upper && i-start > 1 && ident[i-1] >= 'A' && ident[i-1] <= 'Z':
			flush(i - 1) // "HTTPClient": the P ends HTTP, the C begins Client
			start = i - 1
		}
	}
	flush(len(ident))
	return out
}

// Words are the lower-case words of a piece of text, identifiers split.
func Words(text string) []string {
	var out []string
	for i := 0; i < len(text); {
		if !isLetter(text[i]) {
			i++
			continue
		}
		j := i
		for j < len(text) && (isLetter(text[j]) || isDigit(text[j])) {
			j++
		}
		out = append(out, splitWords(text[i:j])...)
		i = j
	}
	return out
}

// callName is the name before an opening bracket at token i, empty when token i
// does not open a call.
func callName(toks []token, i int) string {
	if i > 0 && toks[i].text == "(" && toks[i].kind == punctToken && toks[i-1].kind == identToken {
		return toks[i-1].text
	}
	return ""
}

// calls are the names of the functions that a line calls, in order.
func (l *Line) calls() []string {
	var out []string
	toks := l.tokens()
	for i := range toks {
		if n := callName(toks, i); n != "" && !isKeyword(n) {
			out = append(out, n)
		}
	}
	return out
}

func isKeyword(s string) bool {
	switch s {
	case "if", "for", "while", "switch", "return", "func", "function", "def", "catch", "and", "or", "not", "in", "foreach", "elif", "with", "select", "case", "synchronized", "using", "lock", "new", "fn", "unless", "until", "throw", "raise", "await", "assert", "except", "try", "else", "var", "let", "const", "final", "defer", "go", "async", "export", "public", "private", "static", "protected":
		return true
	}
	return false
}

// verbs are what a message is formatted with; they part its literal text.
var verbs = regexp.MustCompile(`%[-+# 0-9.*]*[a-zA-Z]|\$?\{[^}]*\}|\\[nrt]`)

// Phrases are the texts of so many words or more in a line's strings, in lower
// case, words apart by blanks, without what is filled in.
func (l *Line) Phrases(least int) []string {
	var out []string
	for _, t := range l.tokens() {
		if t.kind != stringToken {
			continue
		}
		for _, part := range verbs.Split(t.text, -1) {
			if words := Words(part); len(words) >= least {
				out = append(out, strings.Join(words, " "))
			}
		}
	}
	return out
}
