package drain

import (
	"strings"
)

// Mask replaces what varies from call to call in a line: numbers, hexadecimal
// and mixed identifiers, addresses, times. Places in code and the codes after
// words like "status" stay, since they tell statements and outcomes apart.
func Mask(line string) string {
	var b strings.Builder
	b.Grow(len(line))
	prev := ""
	for token := range strings.FieldsSeq(line) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		switch {
		case IsPlace(token):
			b.WriteString(token)
		default:
			maskToken(&b, token, prev)
		}
		prev = token
	}
	return b.String()
}

// maskToken masks the variable runs of one token. A run is made of letters,
// digits and the signs that hold numbers and identifiers together.
func maskToken(b *strings.Builder, token, prev string) {
	wild := false // the last thing written was a wildcard
	for i := 0; i < len(token); {
		if !isRun(token[i]) {
			b.WriteByte(token[i])
			i++
			wild = false
			continue
		}
		start := i
		for i < len(token) && (isRun(token[i]) || joins(token, i)) {
			i++
		}
		run := token[start:i]
		if !variable(run) || isCode(run, token[:start], prev) {
			b.WriteString(run)
			wild = false
		} else if !wild {
			b.WriteString(Wildcard)
			wild = true
		}
	}
}

func isRun(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || c == '_'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// joins reports whether the sign at i holds a number or identifier together:
// 1.5, 12:30:01, 10.0.0.1:80, 1d314add-566d-4f76, +02:00.
func joins(token string, i int) bool {
	c := token[i]
	if c != '.' && c != ':' && c != '-' && c != '%' {
		return false
	}
	if c == '%' {
		return isDigit(token[i-1])
	}
	if i+1 >= len(token) || !isRun(token[i+1]) {
		return false
	}
	// Words joined by dashes or dots ("ad-server", "java.lang") are joined as
	// well and judged as a whole: they are no variable without digits.
	return c != ':' || isDigit(token[i-1]) && isDigit(token[i+1])
}

// What makes a run of letters and digits an ID although it begins with a letter: three
// digits in six characters are more than a version or a port's name has ("ipv4",
// "sha256" has three in six and is masked with them), and in eight characters two are.
// As many digits as a year has behind a T are an instant without separators.
const (
	idDigits, idLength     = 3, 6
	longDigits, longLength = 2, 8
	yearDigits             = 4
)

// variable reports whether a run of letters and digits varies from call to
// call: it starts with a digit, or is long and has several digits in it.
// "p99", "http2" or "v2" do not.
func variable(run string) bool {
	digits := 0
	for i := range len(run) {
		if isDigit(run[i]) {
			digits++
		}
	}
	switch {
	case digits == 0:
		return false
	case isDigit(run[0]):
		return true
	case strings.HasPrefix(run, "T") && digits >= yearDigits:
		return true
	default:
		return digits >= idDigits && len(run) >= idLength || digits >= longDigits && len(run) >= longLength
	}
}

// isCode reports whether a three-digit number is an outcome, as an HTTP status:
// it says so just before.
func isCode(run, before, prev string) bool {
	if len(run) != 3 || run[0] < '1' || run[0] > '5' || !isDigit(run[1]) || !isDigit(run[2]) {
		return false
	}
	word := before
	if strings.Trim(word, `"'([{<`) == "" {
		word = prev
	}
	word = strings.ToLower(strings.TrimRight(word, `"':=([{<, `))
	for _, w := range []string{"status", "code", "http", "http/1.1", "http/2.0", "returned", "statuscode"} {
		if strings.HasSuffix(word, w) {
			return true
		}
	}
	return false
}

// placeLength bounds a line's number with the sign before it: files have no more than
// 999,999 lines.
const placeLength = 7

// IsPlace reports whether a token names a place in code: a file with an
// extension and a line, or a class and a line behind '#'.
func IsPlace(token string) bool {
	token = strings.Trim(token, `[](),;"'`)
	i := strings.LastIndexAny(token, ":#")
	if i <= 0 || i == len(token)-1 || len(token)-i > placeLength {
		return false
	}
	for j := i + 1; j < len(token); j++ {
		if !isDigit(token[j]) {
			return false
		}
	}
	name := token[:i]
	letter := false
	for j := range len(name) {
		c := name[j]
		letter = letter || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !isRun(c) && c != '.' && c != '/' && c != '$' && c != '-' && c != '\\' {
			return false
		}
	}
	if !letter {
		return false
	}
	if token[i] == '#' {
		return true
	}
	return sourceFile(name)
}

// sourceFile reports whether a name ends like a file of source code, so that
// "10.0.0.1:80" and "host.example:443" are no places in code.
func sourceFile(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return false
	}
	switch strings.ToLower(name[dot+1:]) {
	case "go", "java", "kt", "scala", "py", "js", "mjs", "cjs", "ts", "tsx", "jsx", "cs", "vb", "fs", "rb", "php", "rs", "c", "cc", "cpp", "h", "hpp", "swift", "ex", "exs", "erl", "clj", "groovy":
		return true
	}
	return false
}
