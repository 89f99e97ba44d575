package bundle

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser" // a LogQL stream selector is a PromQL selector

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// pipelineLine is a line on its way through a pipeline, with the labels that
// parsers took out of its body.
type pipelineLine struct {
	*storedLine
	parsed map[string]string
}

type stage func(*pipelineLine) bool

// parseLogQL understands the part of LogQL that picks lines: a stream selector,
// line filters (|= != |~ !~, each with or), the json and logfmt parsers without
// arguments, label filters (| name="value", | name >= 500), and comments from # to the
// line's end. Formatters, combined label filters and metric queries need Loki itself:
// evidence.ErrUnsupported.
func parseLogQL(expr string) (func(*storedLine) bool, error) {
	expr = strings.TrimSpace(withoutComments(expr))
	end := selectorEnd(expr)
	if end < 0 {
		return nil, fmt.Errorf("LogQL %.120q does not start with a stream selector: %w", expr, evidence.ErrUnsupported)
	}
	matchers, err := parser.ParseMetricSelector(expr[:end])
	if err != nil {
		return nil, fmt.Errorf("LogQL %.120q: %s: %w", expr, brief(err), evidence.ErrInvalid)
	}
	var stages []stage
	for rest := strings.TrimSpace(expr[end:]); rest != ""; rest = strings.TrimSpace(rest) {
		var f stage
		if f, rest, err = nextStage(rest); err != nil {
			return nil, fmt.Errorf("LogQL %.120q: %w", expr, err)
		}
		stages = append(stages, f)
	}
	return func(l *storedLine) bool {
		p := &pipelineLine{storedLine: l}
		if !labelsMatch(p, matchers) {
			return false
		}
		for _, f := range stages {
			if !f(p) {
				return false
			}
		}
		return true
	}, nil
}

// selectorEnd is the index after the closing brace of the stream selector, -1
// when there is none.
func selectorEnd(expr string) int {
	if !strings.HasPrefix(expr, "{") {
		return -1
	}
	if i := outside(expr, 0, '}'); i >= 0 {
		return i + 1
	}
	return -1
}

// outside is the index of the first c from an index on that stands in no quotes, -1
// when there is none.
func outside(expr string, from int, c byte) int {
	quoted := byte(0)
	for i := from; i < len(expr); i++ {
		switch x := expr[i]; {
		case quoted != 0 && x == '\\' && quoted != '`':
			i++
		case quoted == x:
			quoted = 0
		case quoted != 0:
		case x == '"' || x == '\'' || x == '`':
			quoted = x
		case x == c:
			return i
		}
	}
	return -1
}

// withoutComments has each comment's line end where it began.
func withoutComments(expr string) string {
	var b strings.Builder
	for {
		i := outside(expr, 0, '#') // a comment stands in no quotes, and nor does what follows it
		if i < 0 {
			return b.String() + expr
		}
		b.WriteString(expr[:i] + "\n")
		_, expr, _ = strings.Cut(expr[i:], "\n")
	}
}

var (
	labelFilter  = regexp.MustCompile("^\\|\\s*([a-zA-Z_][a-zA-Z0-9_]*)\\s*(=~|!~|!=|=)\\s*[\"`]")
	numberFilter = regexp.MustCompile(`^\|\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(==|!=|>=|<=|>|<|=)\s*(-?[0-9]+(?:\.[0-9]+)?)(?:\s|$|\|)`)
	orFilter     = regexp.MustCompile("^\\s+or\\s*[\"`]")
	parserStage  = regexp.MustCompile(`^\|\s*(json|logfmt)\s*(?:$|\|)`)
)

// nextStage takes one stage off the front of a pipeline.
func nextStage(s string) (f stage, rest string, err error) {
	if m := parserStage.FindStringSubmatchIndex(s); m != nil {
		parse := parseJSONBody
		if s[m[2]:m[3]] == "logfmt" {
			parse = parseLogfmtBody
		}
		return func(l *pipelineLine) bool { l.parse(parse); return true }, s[m[3]:], nil
	}
	if m := numberFilter.FindStringSubmatchIndex(s); m != nil {
		want, err := strconv.ParseFloat(s[m[6]:m[7]], 64)
		name, op := s[m[2]:m[3]], s[m[4]:m[5]]
		return func(l *pipelineLine) bool { return l.compare(name, op, want) }, s[m[7]:], err
	}
	if m := labelFilter.FindStringSubmatch(s); m != nil {
		v, rest, err := quotedText(s[len(m[0])-1:])
		if err != nil {
			return nil, "", err
		}
		types := map[string]labels.MatchType{"=": labels.MatchEqual, "!=": labels.MatchNotEqual, "=~": labels.MatchRegexp, "!~": labels.MatchNotRegexp}
		matcher, err := labels.NewMatcher(types[m[2]], m[1], v)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", brief(err), evidence.ErrInvalid)
		}
		return func(l *pipelineLine) bool { return labelsMatch(l, []*labels.Matcher{matcher}) }, rest, nil
	}
	if len(s) < 2 || !strings.Contains(" |= != |~ !~ ", " "+s[:2]+" ") {
		return nil, "", fmt.Errorf("the stage %.40q needs Loki: %w", s, evidence.ErrUnsupported)
	}
	op, rest := s[:2], s[2:]
	var has []func(body string) bool
	for more := true; more; {
		var v string
		if v, rest, err = quotedText(strings.TrimSpace(rest)); err != nil {
			return nil, "", err
		}
		match := func(body string) bool { return strings.Contains(body, v) }
		if op[1] == '~' {
			re, err := regexp.Compile(v)
			if err != nil {
				return nil, "", fmt.Errorf("%s: %w", brief(err), evidence.ErrInvalid)
			}
			match = re.MatchString
		}
		has = append(has, match)
		if m := orFilter.FindString(rest); m != "" {
			rest = rest[len(m)-1:]
		} else {
			more = false
		}
	}
	return func(l *pipelineLine) bool { // of != "a" or "b" a line has neither
		return slices.ContainsFunc(has, func(match func(string) bool) bool { return match(l.Body) }) == (op[0] == '|')
	}, rest, nil
}

func quotedText(s string) (v, rest string, err error) {
	q, err := strconv.QuotedPrefix(s)
	if err == nil {
		v, err = strconv.Unquote(q)
	}
	if err != nil {
		return "", "", fmt.Errorf("a quoted string is missing before %.40q: %w", s, evidence.ErrInvalid)
	}
	return v, s[len(q):], nil
}

// labelsMatch looks a label up as Loki names it: dots of attributes become
// underscores.
func labelsMatch(l *pipelineLine, ms []*labels.Matcher) bool {
	for _, m := range ms {
		if !m.Matches(l.label(m.Name)) {
			return false
		}
	}
	return true
}

func lineLabel(l *storedLine, name string) string {
	switch name {
	case "service_name":
		return l.Service
	case "trace_id":
		return l.TraceID
	case "span_id":
		return l.SpanID
	case "detected_level", "level":
		return l.Severity.String()
	}
	for _, m := range []map[string]string{l.own, l.Resource} {
		if v, ok := m[name]; ok {
			return v
		}
		for k, v := range m {
			if LabelName(k) == name {
				return v
			}
		}
	}
	return ""
}
