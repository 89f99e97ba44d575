package slo

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
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
	Op            string   `yaml:"op"`
	Value         *float64 `yaml:"value"`
	Target        *float64 `yaml:"target"`
	TargetPercent *float64 `yaml:"targetPercent"`
}

type openIndicator struct {
	Metadata openName `yaml:"metadata"`
	Spec     struct {
		Threshold *openMetric `yaml:"thresholdMetric"`
		Ratio     *struct {
			Counter bool        `yaml:"counter"`
			Good    *openMetric `yaml:"good"`
			Bad     *openMetric `yaml:"bad"`
			Total   *openMetric `yaml:"total"`
			RawType string      `yaml:"rawType"`
			Raw     *openMetric `yaml:"raw"`
		} `yaml:"ratioMetric"`
	} `yaml:"spec"`
}

type openMetric struct {
	Source struct {
		Type string `yaml:"type"`
		Spec struct {
			Query  string `yaml:"query"`
			PromQL string `yaml:"promql"`
		} `yaml:"spec"`
	} `yaml:"metricSource"`
}

func (m *openMetric) query() string {
	if m == nil {
		return ""
	}
	return strings.TrimSpace(cmp.Or(m.Source.Spec.Query, m.Source.Spec.PromQL))
}

// foreign is the kind of a source whose queries are not Prometheus'.
func (m *openMetric) foreign() string {
	if m == nil || slices.Contains([]string{"", "prometheus", "thanos", "cortex", "mimir", "victoriametrics", "amp", "gmp"}, strings.ToLower(m.Source.Type)) {
		return ""
	}
	return m.Source.Type
}

// File is the name and the content of a file.
type File struct {
	Name    string
	Content []byte
}

// OpenSLO reads the SLOs of files in openslo/v1, whose objects may stand in any
// order and refer to those of other files. What is wrong with one object is one
// error of the list, with the name of the file and a line, and loses nothing else.
func OpenSLO(files ...File) ([]Spec, []error) {
	r := openReader{indicators: map[string]*openIndicator{}}
	for _, f := range files {
		r.read(f)
	}
	for _, o := range r.slos {
		r.file = o.file
		r.slo(o.node)
	}
	specs, errs := unique(r.specs)
	return specs, append(r.errs, errs...)
}

func (r *openReader) read(f File) {
	r.file = f.Name
	if len(f.Content) > maxFile {
		r.errs = append(r.errs, fmt.Errorf("%s: %d bytes, at most %d are read", f.Name, len(f.Content), maxFile))
		return
	}
	for d := yaml.NewDecoder(bytes.NewReader(f.Content)); ; {
		var n yaml.Node
		if err := d.Decode(&n); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			r.errs = append(r.errs, fmt.Errorf("%s: %w", f.Name, err))
			return
		}
		if len(r.slos)+len(r.indicators) >= maxObjects {
			r.errs = append(r.errs, fmt.Errorf("%s: more than %d objects, the rest is not read", f.Name, maxObjects))
			return
		}
		if len(n.Content) == 1 && r.object(n.Content[0]) {
			r.slos = append(r.slos, openAt{f.Name, n.Content[0]})
		}
	}
}

type openAt struct {
	file string
	node *yaml.Node
}

type openReader struct {
	file       string
	indicators map[string]*openIndicator
	slos       []openAt
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
			r.wrong(n.Line, "SLI %s stands there twice: give each a name of its own", o.Metadata.Name)
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
			r.wrong(n.Line, "SLO %s: its indicatorRef %s is no SLI of these files: add it, or write the indicator inline", name, s.IndicatorRef)
			return
		}
	case indicator == nil:
		r.wrong(n.Line, "SLO %s has neither an indicator nor an indicatorRef: give it one of them", name)
		return
	}
	spec := Spec{Name: name, Service: s.Service, Period: DefaultPeriod, Assumed: true, File: r.file, Line: n.Line}
	if len(s.TimeWindow) > 0 {
		d, ok := openDuration(s.TimeWindow[0].Duration)
		if !ok {
			r.wrong(n.Line, "SLO %s: its timeWindow %q is no duration: write one as 28d or 4w", name, s.TimeWindow[0].Duration)
			return
		}
		spec.Period, spec.Assumed = d, false
	}
	if err := indicator.fill(&spec); err != nil {
		r.wrong(n.Line, "SLO %s: %w", name, err)
		return
	}
	if len(s.Objectives) == 0 {
		r.wrong(n.Line, "SLO %s has no objective: give it a target", name)
	}
	for _, g := range s.Objectives {
		r.goal(spec, g, indicator.Spec.Threshold, len(s.Objectives))
	}
}

// goal adds one objective of an SLO; several are told apart by their names.
func (r *openReader) goal(spec Spec, g openGoal, level *openMetric, of int) {
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
	if q := level.query(); q != "" {
		op := map[string]string{"lte": ">", "lt": ">=", "gte": "<", "gt": "<="}[g.Op]
		if op == "" || g.Value == nil {
			r.wrong(spec.Line, "SLO %s: its indicator is a threshold, so that the objective needs op (lte, lt, gte or gt) and value", spec.Name)
			return
		}
		spec.Beyond = "(" + q + ") " + op + " bool " + strconv.FormatFloat(*g.Value, 'g', -1, 64)
	}
	if err := spec.check(); err != nil {
		r.wrong(spec.Line, "SLO %s: %w", spec.Name, err)
		return
	}
	r.specs = append(r.specs, spec)
}

// fill takes over an indicator's queries.
func (i *openIndicator) fill(spec *Spec) error {
	ratio := i.Spec.Ratio
	metrics := []*openMetric{i.Spec.Threshold}
	if ratio != nil {
		metrics = append(metrics, ratio.Bad, ratio.Good, ratio.Total, ratio.Raw)
		spec.Bad, spec.Good, spec.All, spec.Counter = ratio.Bad.query(), ratio.Good.query(), ratio.Total.query(), ratio.Counter
		switch q := ratio.Raw.query(); {
		case q == "":
		case ratio.RawType == "failure":
			spec.Beyond = q
		case ratio.RawType == "success":
			spec.Beyond = "1 - (" + q + ")"
		default:
			return fmt.Errorf("its rawType %q is neither success nor failure", ratio.RawType)
		}
	}
	for _, m := range metrics {
		if kind := m.foreign(); kind != "" {
			return fmt.Errorf("its indicator is asked of %s, and only Prometheus' queries can be measured", kind)
		}
	}
	return nil
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
