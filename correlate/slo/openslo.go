package slo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Bounds on an OpenSLO file.
const (
	maxFile    = 1 << 20
	maxObjects = 1000
)

// Spec is one objective of an OpenSLO file.
type Spec struct {
	Name, Service string
	Target        float64
	Below         time.Duration // of a latency objective, 0 for none
	Period        time.Duration
	Assumed       bool // the file names no period
	// Bad, Good and All are the queries of a ratio; one of Bad and Good is there.
	Bad, Good, All string
	Line           int // of the object, from 1
}

type openObject struct {
	APIVersion string    `yaml:"apiVersion"`
	Kind       string    `yaml:"kind"`
	Metadata   openName  `yaml:"metadata"`
	Spec       yaml.Node `yaml:"spec"`
}

type openName struct {
	Name string `yaml:"name"`
}

type openSLO struct {
	Service      string         `yaml:"service"`
	IndicatorRef string         `yaml:"indicatorRef"`
	Indicator    *openIndicator `yaml:"indicator"`
	TimeWindow   openWindows    `yaml:"timeWindow"`
	Objectives   []openGoal     `yaml:"objectives"`
}

// openWindows is a list in openslo/v1; a map is met too.
type openWindows []openWindow

type openWindow struct {
	Duration string `yaml:"duration"`
}

func (w *openWindows) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		return n.Decode((*[]openWindow)(w)) //nolint:wrapcheck // named with its line
	}
	var one openWindow
	err := n.Decode(&one)
	*w = openWindows{one}
	return err //nolint:wrapcheck // named with its line
}

type openGoal struct {
	DisplayName   string   `yaml:"displayName"`
	Target        *float64 `yaml:"target"`
	TargetPercent *float64 `yaml:"targetPercent"`
}

type openIndicator struct {
	Metadata openName `yaml:"metadata"`
	Spec     struct {
		Ratio *struct {
			Good  *openMetric `yaml:"good"`
			Bad   *openMetric `yaml:"bad"`
			Total *openMetric `yaml:"total"`
		} `yaml:"ratioMetric"`
	} `yaml:"spec"`
}

type openMetric struct {
	Source struct {
		Spec struct {
			Query string `yaml:"query"`
		} `yaml:"spec"`
	} `yaml:"metricSource"`
}

func (m *openMetric) query() string {
	if m == nil {
		return ""
	}
	return strings.TrimSpace(m.Source.Spec.Query)
}

// OpenSLO reads the SLOs of a file in openslo/v1, whose objects may stand in any
// order. What is wrong with one object is one error of the list, with the name
// of the file and a line, and loses nothing else.
func OpenSLO(file string, content []byte) ([]Spec, []error) {
	if len(content) > maxFile {
		return nil, []error{fmt.Errorf("%s: %d bytes, at most %d are read", file, len(content), maxFile)}
	}
	r := openReader{file: file, indicators: map[string]*openIndicator{}}
	var slos []*yaml.Node
	for d := yaml.NewDecoder(bytes.NewReader(content)); ; {
		var n yaml.Node
		if err := d.Decode(&n); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			r.errs = append(r.errs, fmt.Errorf("%s: %w", file, err))
			break
		}
		if len(slos)+len(r.indicators) >= maxObjects {
			r.errs = append(r.errs, fmt.Errorf("%s: more than %d objects, the rest is not read", file, maxObjects))
			break
		}
		if len(n.Content) == 1 && r.object(n.Content[0]) {
			slos = append(slos, n.Content[0])
		}
	}
	for _, n := range slos {
		r.slo(n)
	}
	return r.specs, r.errs
}

type openReader struct {
	file       string
	indicators map[string]*openIndicator
	specs      []Spec
	errs       []error
}

func (r *openReader) wrong(line int, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s:%d: %w", r.file, line, fmt.Errorf(format, args...)))
}

// object reads the head of an object and keeps an SLI; it tells an SLO.
func (r *openReader) object(n *yaml.Node) bool {
	var o openObject
	if err := n.Decode(&o); err != nil {
		r.wrong(n.Line, "no OpenSLO object: %w", err)
		return false
	}
	switch {
	case o.APIVersion != "openslo/v1":
		r.wrong(n.Line, "apiVersion %q is not read: write openslo/v1", o.APIVersion)
	case o.Kind == "SLO":
		return true
	case o.Kind == "SLI":
		i := openIndicator{Metadata: o.Metadata}
		if err := o.Spec.Decode(&i.Spec); err != nil {
			r.wrong(n.Line, "SLI %s: %w", o.Metadata.Name, err)
		} else if r.indicators[o.Metadata.Name] != nil {
			r.wrong(n.Line, "SLI %s stands in the file twice: give each a name of its own", o.Metadata.Name)
		} else {
			r.indicators[o.Metadata.Name] = &i
		}
	}
	return false
}

func (r *openReader) slo(n *yaml.Node) {
	var o openObject
	var s openSLO
	if err := n.Decode(&o); err != nil {
		return // said already
	}
	name := o.Metadata.Name
	if err := o.Spec.Decode(&s); err != nil {
		r.wrong(n.Line, "SLO %s: %w", name, err)
		return
	}
	indicator := s.Indicator
	switch {
	case name == "":
		r.wrong(n.Line, "an SLO without metadata.name: give it one")
		return
	case s.IndicatorRef != "":
		if indicator = r.indicators[s.IndicatorRef]; indicator == nil {
			r.wrong(n.Line, "SLO %s: its indicatorRef %s is no SLI of this file: add it, or write the indicator inline", name, s.IndicatorRef)
			return
		}
	case indicator == nil:
		r.wrong(n.Line, "SLO %s has neither an indicator nor an indicatorRef: give it one of them", name)
		return
	}
	spec := Spec{Name: name, Service: s.Service, Period: DefaultPeriod, Assumed: true, Line: n.Line}
	if len(s.TimeWindow) > 0 {
		d, ok := openDuration(s.TimeWindow[0].Duration)
		if !ok {
			r.wrong(n.Line, "SLO %s: its timeWindow %q is no duration: write one as 28d or 4w", name, s.TimeWindow[0].Duration)
			return
		}
		spec.Period, spec.Assumed = d, false
	}
	if ratio := indicator.Spec.Ratio; ratio != nil {
		spec.Bad, spec.Good, spec.All = ratio.Bad.query(), ratio.Good.query(), ratio.Total.query()
	}
	if len(s.Objectives) == 0 {
		r.wrong(n.Line, "SLO %s has no objective: give it a target", name)
	}
	for _, g := range s.Objectives {
		r.goal(spec, g, len(s.Objectives))
	}
}

// goal adds one objective of an SLO; several are told apart by their names.
func (r *openReader) goal(spec Spec, g openGoal, of int) {
	if of > 1 && g.DisplayName != "" {
		spec.Name += " " + g.DisplayName
	}
	switch {
	case g.Target != nil && g.TargetPercent != nil:
		r.wrong(spec.Line, "SLO %s says target and targetPercent: leave one of them", spec.Name)
		return
	case g.Target != nil:
		spec.Target = *g.Target
	case g.TargetPercent != nil:
		spec.Target = *g.TargetPercent / 100
	}
	if err := Target(spec.Target); err != nil {
		r.wrong(spec.Line, "SLO %s: %w", spec.Name, err)
		return
	}
	r.specs = append(r.specs, spec)
}

var openUnits = regexp.MustCompile(`^(\d{1,5})(Q|M|Y)$`)

// openDuration reads a duration-shorthand: as Prometheus', and M for months of
// 30 days, Q for quarters of 90, Y for years of 365.
func openDuration(text string) (time.Duration, bool) {
	if m := openUnits.FindStringSubmatch(text); m != nil {
		n, err := strconv.Atoi(m[1])
		days := map[string]int{"M": 30, "Q": 90, "Y": 365}[m[2]]
		return time.Duration(n*days) * 24 * time.Hour, err == nil && n > 0 && n*days < 36500
	}
	return duration(text)
}
