package loki

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Queries are the LogQL that questions are put in, as text templates. What they
// insert is quoted already, so that nothing from telemetry can end a string.
type Queries struct {
	// Services selects the lines of services; {{.Services}} is a quoted regular
	// expression that matches any of their names.
	Services string `yaml:"services,omitempty"`
	// Any selects lines of every service.
	Any string `yaml:"any,omitempty"`
	// Traces are the ways in which a line carries a trace ID, each asked for on
	// its own and the answers merged. {{.Selector}} is one of the above,
	// {{.TraceID}} the quoted ID.
	Traces []string `yaml:"traces,omitempty"`
	// Severity is appended to keep lines of at least a severity: {{.Number}} is
	// OpenTelemetry's, {{.Levels}} a quoted regular expression of level names.
	Severity string `yaml:"severity,omitempty"`
}

// The defaults suit Loki 3 fed over OTLP: the ID is structured metadata there.
// The line filter finds it in lines that were shipped as text.
const (
	defaultServices = `{service_name=~{{.Services}}}`
	defaultAny      = `{service_name=~".+"}`
	defaultMetadata = `{{.Selector}} | trace_id={{.TraceID}}`
	defaultText     = `{{.Selector}} |= {{.TraceID}}`
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
	Services, Selector, TraceID, Levels string
	Number                              int
}

func (q Queries) compile() (*queries, error) {
	out := &queries{any: cmp.Or(q.Any, defaultAny)}
	out.ping = out.any
	var errs []error
	parse := func(name, text string) *template.Template {
		t, err := template.New(name).Option("missingkey=error").Parse(text)
		if err == nil {
			_, err = render(t, values{Services: `"a"`, Selector: out.any, TraceID: `"b"`, Levels: `"c"`, Number: 1})
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
func (q *queries) ask(lq evidence.LogQuery) ([]string, error) {
	switch {
	case lq.Expr != "":
		return []string{lq.Expr}, nil
	case len(lq.Services) == 0 && lq.TraceID == "":
		return nil, fmt.Errorf("neither a service nor a trace ID nor an expression is given: %w", evidence.ErrInvalid)
	}
	v := values{Selector: q.any}
	var err error
	if len(lq.Services) > 0 {
		v.Services = anyOf(lq.Services)
		if v.Selector, err = render(q.services, v); err != nil {
			return nil, err
		}
	}
	tail := ""
	if lq.MinSeverity > evidence.SeverityUnknown {
		if tail, err = render(q.severity, values{Number: int(lq.MinSeverity), Levels: levelsFrom(lq.MinSeverity)}); err != nil {
			return nil, err
		}
	}
	if lq.TraceID == "" {
		return []string{v.Selector + tail}, nil
	}
	id, err := evidence.ParseTraceID(lq.TraceID)
	if err != nil {
		return nil, err
	}
	v.TraceID = strconv.Quote(id)
	out := make([]string, len(q.traces))
	for i, t := range q.traces {
		expr, err := render(t, v)
		if err != nil {
			return nil, err
		}
		out[i] = expr + tail
	}
	return out, nil
}

// anyOf is a quoted regular expression that matches exactly the names. LogQL
// strings are Go's.
func anyOf(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = regexp.QuoteMeta(n)
	}
	return strconv.Quote(strings.Join(quoted, "|"))
}

// levelsFrom is a quoted regular expression of the level names from s upwards.
func levelsFrom(s evidence.Severity) string {
	var names []string
	for _, l := range levels() {
		if l.severity >= s {
			names = append(names, l.name)
		}
	}
	return strconv.Quote("(?i)" + strings.Join(names, "|"))
}
