package loki

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// Queries are the LogQL that questions are put in, as text templates. What they
// insert is quoted already, so that nothing from telemetry can end a string.
type Queries struct {
	// Services selects the lines of services; {{.Services}} is a quoted regular
	// expression that matches any of their names. Left out, Loki is asked what
	// it calls them, and the streams that go by any such name are selected.
	Services string `yaml:"services,omitempty"`
	// Any selects lines of every service.
	Any string `yaml:"any,omitempty"`
	// Traces are the ways in which a line carries a trace ID, each asked for on
	// its own and the answers merged. {{.Selector}} is one of the above.
	// {{.Pattern}} is a quoted regular expression that matches any of the IDs
	// that are asked for as a field has them, {{.Texts}} one that finds them in
	// a text; {{.TraceID}} is one quoted ID, for which a query with it is sent
	// for each.
	Traces []string `yaml:"traces,omitempty"`
	// Severity is appended to keep lines of at least a severity: {{.Number}} is
	// OpenTelemetry's, {{.Levels}} a quoted regular expression of level names.
	Severity string `yaml:"severity,omitempty"`
}

// The ID is structured metadata in lines that came over OTLP, under one of few
// names. The line filter finds it, in either case, in lines that were shipped as
// text. One query each serves all IDs of a question.
const (
	defaultServices = `{service_name=~{{.Services}}}`
	defaultAny      = `{service_name=~".+"}`
	defaultMetadata = `{{.Selector}} | trace_id=~{{.Pattern}} or traceid=~{{.Pattern}} or traceID=~{{.Pattern}} or traceId=~{{.Pattern}} or TraceID=~{{.Pattern}}`
	defaultText     = `{{.Selector}} |~ {{.Texts}}`
	defaultSeverity = ` | severity_number >= {{.Number}} or detected_level=~{{.Levels}} or level=~{{.Levels}}`
)

// queries are the compiled templates.
type queries struct {
	services, severity *template.Template
	any, ping          string
	traces             []*template.Template
}

// values is what a template may insert.
type values struct {
	Services, Selector, TraceID, Pattern, Texts, Levels string
	Number                                              int
}

func (q Queries) compile() (*queries, error) {
	out := &queries{any: cmp.Or(q.Any, defaultAny)}
	out.ping = out.any
	var errs []error
	parse := func(name, text string) *template.Template {
		t, err := template.New(name).Option("missingkey=error").Parse(text)
		if err == nil {
			_, err = render(t, values{Services: `"a"`, Selector: out.any, TraceID: `"b"`, Pattern: `"b"`, Texts: `"b"`, Levels: `"c"`, Number: 1})
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		return t
	}
	out.services = parse("services", cmp.Or(q.Services, defaultServices))
	out.severity = parse("severity", cmp.Or(q.Severity, defaultSeverity))
	traces := q.Traces
	if len(traces) == 0 {
		traces = []string{defaultMetadata, defaultText}
	}
	for i, text := range traces {
		out.traces = append(out.traces, parse(fmt.Sprintf("traces[%d]", i), text))
	}
	return out, errors.Join(errs...)
}

func render(t *template.Template, v values) (string, error) {
	var b strings.Builder
	err := t.Execute(&b, v)
	return b.String(), err
}

// ask turns a question into the LogQL queries whose answers, merged, answer it.
// selectors pick the streams of the question's services.
func (q *queries) ask(lq evidence.LogQuery, selectors []string) ([]string, error) {
	if lq.Expr != "" {
		return []string{lq.Expr}, nil
	}
	tail := ""
	if lq.MinSeverity > evidence.SeverityUnknown {
		var err error
		if tail, err = render(q.severity, values{Number: int(lq.MinSeverity), Levels: levelsFrom(lq.MinSeverity)}); err != nil {
			return nil, err
		}
	}
	ids, err := oneForm(lq.IDs())
	if err != nil {
		return nil, err
	}
	var out []string
	for _, selector := range selectors {
		if len(ids) == 0 {
			out = append(out, selector+tail)
			continue
		}
		exprs, err := q.byTrace(selector, ids)
		if err != nil {
			return nil, err
		}
		for _, e := range exprs {
			out = append(out, e+tail)
		}
	}
	return out, nil
}

// byTrace asks for lines of traces in every way in which a line carries one.
func (q *queries) byTrace(selector string, ids []string) ([]string, error) {
	v := values{Selector: selector}
	v.Pattern, v.Texts = patterns(ids)
	var out []string
	for _, t := range q.traces {
		seen := ""
		for _, id := range ids {
			v.TraceID = strconv.Quote(id)
			expr, err := render(t, v)
			if err != nil {
				return nil, err
			}
			if expr != seen { // one that does not name the single ID is the same for all
				out = append(out, expr)
			}
			seen = expr
		}
	}
	return out, nil
}

func oneForm(ids []string) ([]string, error) {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		one, err := evidence.ParseTraceID(id)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// patterns are quoted regular expressions of trace IDs: one that matches a field
// with any of them, with its upper half, with zeros or without, and one that
// finds any in a text.
func patterns(ids []string) (field, text string) {
	var fields, texts []string
	for _, id := range ids {
		fields = append(fields, "(?:"+id[:16]+"|0{16})?"+id[16:])
		texts = append(texts, evidence.TraceIDTexts(id)...)
	}
	return strconv.Quote("(?i)(?:" + strings.Join(fields, "|") + ")"), strconv.Quote("(?i)(?:" + strings.Join(texts, "|") + ")")
}

// levelsFrom is a quoted regular expression of the level names from s upwards.
func levelsFrom(s evidence.Severity) string {
	return strconv.Quote("(?i)(?:" + strings.Join(slices.Sorted(slices.Values(logline.Names(s))), "|") + ")")
}
