package metric

import (
	"net/url"
	"slices"
	"strings"
)

// selector is one series selector of a PromQL expression.
type selector struct {
	Metric   string
	matchers map[string]string // label -> value, of = matchers only
}

// The engine must not depend on Prometheus' parser, and needs little of it:
// which metrics an alert looks at, and the expression without its threshold.
// The scanner below is tolerant. What it does not understand it skips; nothing
// that it returns is trusted beyond asking a source about it.

// ScanSelectors lists the selectors of an expression in order of appearance.
func ScanSelectors(expr string) []selector {
	var list []selector
	for i := 0; i < len(expr); {
		ch := expr[i]
		switch {
		case ch == '"' || ch == '\'' || ch == '`':
			i = skipString(expr, i)
		case ch == '[':
			i = skipTo(expr, i, ']')
		case ch == '#':
			i = skipTo(expr, i, '\n')
		case ch >= '0' && ch <= '9':
			for i < len(expr) && (isNameByte(expr[i]) || expr[i] == '.') {
				i++
			}
		case ch == '{':
			var s selector
			s.matchers, i = scanMatchers(expr, i)
			if s.Metric = s.matchers["__name__"]; s.Metric != "" {
				list = append(list, s)
			}
		case isNameByte(ch):
			var s selector
			s, i = scanName(expr, i)
			if s.Metric != "" {
				list = append(list, s)
			}
		default:
			i++
		}
	}
	return list
}

// scanName reads an identifier: a metric with its matchers, or a keyword or
// function, for which the selector is empty.
func scanName(expr string, i int) (selector, int) {
	start := i
	for i < len(expr) && isNameByte(expr[i]) {
		i++
	}
	word := expr[start:i]
	next := i
	for next < len(expr) && (expr[next] == ' ' || expr[next] == '\t' || expr[next] == '\n') {
		next++
	}
	switch lower := strings.ToLower(word); {
	case slices.Contains(labelListWords, lower):
		if next < len(expr) && expr[next] == '(' {
			return selector{}, skipTo(expr, next, ')')
		}
		return selector{}, i
	case slices.Contains(operatorWords, lower), isAggregation(lower) && startsWord(expr[next:], "by", "without"):
		return selector{}, i
	case next < len(expr) && expr[next] == '(':
		return selector{}, next
	case next < len(expr) && expr[next] == '{':
		matchers, end := scanMatchers(expr, next)
		return selector{Metric: word, matchers: matchers}, end
	}
	return selector{Metric: word}, i
}

var (
	labelListWords = []string{"by", "without", "on", "ignoring", "group_left", "group_right"}
	operatorWords  = []string{"and", "or", "unless", "atan2", "bool", "offset", "inf", "nan", "start", "end"}
)

func isAggregation(word string) bool {
	return slices.Contains([]string{"sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "topk", "bottomk", "quantile", "count_values"}, word)
}

func startsWord(s string, words ...string) bool {
	for _, w := range words {
		if rest, ok := strings.CutPrefix(strings.ToLower(s), w); ok && (rest == "" || !isNameByte(rest[0])) {
			return true
		}
	}
	return false
}

// scanMatchers reads {a="b", c=~"d"} from its opening brace and returns the
// equality matchers and the position behind the closing one.
func scanMatchers(expr string, i int) (map[string]string, int) {
	m := map[string]string{}
	name := ""
	equal := false
	for i++; i < len(expr); {
		ch := expr[i]
		switch {
		case ch == '}':
			return m, i + 1
		case ch == '"' || ch == '\'' || ch == '`':
			end := skipString(expr, i)
			if value := expr[i+1 : max(i+1, end-1)]; equal && name != "" {
				m[name] = value
			}
			i, equal, name = end, false, ""
		case isNameByte(ch):
			start := i
			for i < len(expr) && (isNameByte(expr[i]) || expr[i] == '.') {
				i++
			}
			name = expr[start:i]
		case ch == '=':
			equal = i+1 < len(expr) && expr[i+1] != '~' && expr[i-1] != '!'
			i++
		default:
			i++
		}
	}
	return m, i
}

func isNameByte(c byte) bool {
	return c == '_' || c == ':' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func skipString(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		if s[i] == '\\' && quote != '`' {
			i++
		} else if s[i] == quote {
			return i + 1
		}
	}
	return len(s)
}

func skipTo(s string, i int, end byte) int {
	if j := strings.IndexByte(s[i:], end); j >= 0 {
		return i + j + 1
	}
	return len(s)
}

// Measured is the expression that an alert compares with its threshold: the
// left side of the first top-level comparison, of the first operand of a
// top-level and/or/unless. An expression without a comparison is itself.
func Measured(expr string) string {
	depth := 0
	for i := 0; i < len(expr); {
		switch ch := expr[i]; {
		case ch == '"' || ch == '\'' || ch == '`':
			i = skipString(expr, i)
			continue
		case ch == '(' || ch == '{' || ch == '[':
			depth++
		case ch == ')' || ch == '}' || ch == ']':
			depth--
		case depth == 0 && (ch == '<' || ch == '>' || (ch == '=' || ch == '!') && i+1 < len(expr) && expr[i+1] == '='):
			return unwrap(expr[:i])
		case depth == 0 && isNameByte(ch) && (i == 0 || !isNameByte(expr[i-1])) && startsWord(expr[i:], "and", "or", "unless"):
			return unwrap(expr[:i])
		}
		i++
	}
	return unwrap(expr)
}

// unwrap takes off parentheses around the whole expression, and looks again
// for a comparison inside.
func unwrap(expr string) string {
	expr = strings.TrimSpace(expr)
	if !strings.HasPrefix(expr, "(") || !strings.HasSuffix(expr, ")") {
		return expr
	}
	depth := 0
	for i := range len(expr) {
		switch expr[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 && i < len(expr)-1 {
				return expr
			}
		}
	}
	return Measured(expr[1 : len(expr)-1])
}

// ExprOf reads the expression from a generator URL's g0.expr. The URL is
// parsed and never fetched; it is empty when there is none.
func ExprOf(generatorURL string) string {
	u, err := url.Parse(generatorURL)
	if err != nil {
		return ""
	}
	return u.Query().Get("g0.expr")
}
