package slo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/correlate/promql"
)

// Spec is one objective that somebody wrote down, in an OpenSLO file or in the
// configuration.
type Spec struct {
	Name, Service string
	Target        float64
	Below         time.Duration // of a latency objective, 0 for none
	Period        time.Duration
	Assumed       bool // nobody said a period
	// Bad, Good and All are the queries of a ratio of events; one of Bad and Good
	// is there. Counter tells that a query without a range counts for ever.
	Bad, Good, All string
	Counter        bool
	// Beyond is a query that gives the bad share at an instant, 0 or 1 where there
	// is no more to it, of objectives that are kept by time instead of by events. Of
	// several series the worst counts.
	Beyond string
	Note   string // how it is counted otherwise than it was written, empty for not at all
	File   string
	Line   int // of the object, from 1
}

// Place is where an objective was written down, as file:line.
func (s *Spec) Place() string { return fmt.Sprintf("%s:%d", s.File, s.Line) }

// Definition is an objective as the configuration writes it.
type Definition struct {
	Name    string `yaml:"name"`
	Service string `yaml:"service"`
	// Goal is "p99<200ms" or "<=0.5%"; Target, a share or per cent, stands for it
	// where the queries say what is bad.
	Goal   string `yaml:"goal"`
	Target string `yaml:"target"`
	Period string `yaml:"period"` // as 30d
	// Histogram is the selector whose buckets a latency goal is measured by, as
	// http_request_duration_seconds{job="x"}.
	Histogram string `yaml:"histogram"`
	Bad       string `yaml:"bad"`
	Good      string `yaml:"good"`
	All       string `yaml:"all"`

	line int
}

// UnmarshalYAML keeps the line, and refuses what is no key.
func (d *Definition) UnmarshalYAML(n *yaml.Node) error {
	type plain Definition
	keys := []string{"name", "service", "goal", "target", "period", "histogram", "bad", "good", "all"}
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if k := n.Content[i]; !slices.Contains(keys, k.Value) {
			return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: field %s not found in type slo.Definition", k.Line, k.Value)}}
		}
	}
	d.line = n.Line
	return n.Decode((*plain)(d)) //nolint:wrapcheck // the configuration's reader names it with its line
}

// Specs are the objectives of a configuration file, and one error, with file and
// line, for each definition that is none.
func Specs(file string, list []Definition) ([]Spec, []error) {
	var out []Spec
	var errs []error
	for _, d := range list {
		s, err := d.spec()
		s.File, s.Line = file, d.line
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: SLO %s: %w", s.Place(), short(d.Name), err))
			continue
		}
		out = append(out, s)
	}
	specs, twice := unique(out)
	return specs, append(errs, twice...)
}

func (d *Definition) spec() (Spec, error) {
	s := Spec{Name: d.Name, Service: d.Service, Period: DefaultPeriod, Assumed: true, Bad: d.Bad, Good: d.Good, All: d.All, Counter: true}
	if d.Name == "" || d.Service == "" {
		return s, errors.New("it needs a name and a service")
	}
	if d.Period != "" {
		p, ok := openDuration(d.Period)
		if !ok {
			return s, fmt.Errorf("the period %q is no duration: write one as 30d", d.Period)
		}
		s.Period, s.Assumed = p, false
	}
	switch {
	case (d.Goal == "") == (d.Target == ""):
		return s, errors.New("give one of goal, as p99<200ms, and target, as 99.9")
	case d.Target != "":
		x, ok := share(d.Target)
		if !ok {
			return s, fmt.Errorf("the target %q is no share: give the good events as 0.999 or 99.9", d.Target)
		}
		s.Target = x
	default:
		g, err := ParseGoal(d.Goal)
		if err != nil {
			return s, err
		}
		s.Target, s.Below = g.Target, g.Below
	}
	if err := Target(s.Target); err != nil {
		return s, err
	}
	if d.Histogram != "" {
		if s.Below == 0 {
			return s, errors.New("a histogram measures a latency: give a goal such as p99<200ms")
		}
		if d.Bad+d.Good+d.All != "" {
			return s, errors.New("it has a histogram and queries: leave one of them")
		}
		var err error
		if s.Good, s.All, err = promql.Histogram(d.Histogram, s.Below); err != nil {
			return s, fmt.Errorf("the histogram %q: %w", d.Histogram, err)
		}
	}
	return s, s.check()
}

// shortest is the shortest period: the long window of the fastest alerts.
const shortest = time.Hour

// check finds queries that cannot be measured.
func (s *Spec) check() error {
	switch {
	case s.Period < shortest:
		return fmt.Errorf("its period of %s is shorter than the hour over which its alerts look back: give days, as 30d, or a month as 1M", text(s.Period))
	case strings.Contains(s.Name+s.Service, "{{"):
		return errors.New("its name or service holds {{, which Prometheus takes for a template: leave it out")
	case s.Beyond != "":
	case s.Bad == "" && s.Good == "":
		return errors.New("no query says what is bad: give bad or good, and all")
	case s.Bad != "" && s.Good != "":
		return errors.New("it says what is bad and what is good: leave one of them")
	case s.All == "":
		return errors.New("no query counts all events: give all")
	}
	_, err := s.Share(time.Hour)
	return err
}

// unique leaves out what stands there twice: nobody could tell by an alert's
// labels which of them it is of.
func unique(specs []Spec) (out []Spec, errs []error) {
	seen := map[[2]string]string{}
	for _, s := range specs {
		key := [2]string{s.Service, s.Name}
		if place, ok := seen[key]; ok {
			errs = append(errs, fmt.Errorf("%s: SLO %s of %s stands at %s already: an alert could be of both, so give each a name of its own", s.Place(), s.Name, s.Service, place))
			continue
		}
		seen[key] = s.Place()
		out = append(out, s)
	}
	return out, errs
}

// Merge puts objectives from several places together, as unique does.
func Merge(lists ...[]Spec) ([]Spec, []error) { return unique(slices.Concat(lists...)) }

// Counts are the queries for the numbers of bad and of all events in a window,
// per second where the queries are rates. Of an objective that is kept by time
// bad is the share of time, and all is "".
func (s *Spec) Counts(w time.Duration) (bad, all string, err error) {
	if s.Beyond != "" {
		q, err := promql.Worst(s.Beyond)
		if err != nil {
			return "", "", fmt.Errorf("its query cannot be read: %w", err)
		}
		return fmt.Sprintf("avg_over_time((%s)[%s:1m])", q, text(w)), "", nil
	}
	fn := ""
	if s.Counter {
		fn = "rate"
	}
	over := func(word, q string) string {
		out, e := promql.Over(q, w, fn)
		if e == nil {
			out, e = promql.Total(out)
		}
		if e != nil && err == nil {
			err = fmt.Errorf("its query for %s events cannot be used: %w", word, e)
		}
		return out
	}
	all = over("all", s.All)
	if s.Bad != "" {
		// A series that no error was counted on yet does not exist.
		return "(" + over("bad", s.Bad) + " or vector(0))", all, err
	}
	return "(" + all + " - (" + over("good", s.Good) + " or vector(0)))", all, err
}

// Share is a query for the share of bad events, or bad time, over a window. It
// gives nothing where there was no event.
func (s *Spec) Share(w time.Duration) (string, error) {
	bad, all, err := s.Counts(w)
	if err != nil || all == "" {
		return bad, err
	}
	return bad + " / (" + all + " > 0)", nil
}

// Find are the objectives of a service that an alert's labels can be about: by
// name where the labels name one, else all that the service has.
func Find(specs []Spec, name string, services []string) []Spec {
	var list []Spec
	for _, s := range specs {
		if name != "" && s.Name != name {
			continue
		}
		if len(services) == 0 && name != "" || slices.ContainsFunc(services, func(x string) bool { return strings.EqualFold(x, s.Service) }) {
			list = append(list, s)
		}
	}
	return list
}
