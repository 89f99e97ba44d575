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

	"github.com/wherefore-dev/wherefore/correlate/wording"
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
	openMeasure `yaml:",inline"`

	Service    string      `yaml:"service"`
	TimeWindow openWindows `yaml:"timeWindow"`
	Method     string      `yaml:"budgetingMethod"`
	Objectives []openGoal  `yaml:"objectives"`
}

// openMeasure is the indicator of an SLO, or of one objective of a composite one.
type openMeasure struct {
	IndicatorRef string         `yaml:"indicatorRef"`
	Indicator    *openIndicator `yaml:"indicator"`
}

// openWindows is a list in openslo/v1; a map is met too.
type openWindows []openWindow

type openWindow struct {
	Duration string    `yaml:"duration"`
	Calendar yaml.Node `yaml:"calendar"`
	Rolling  *bool     `yaml:"isRolling"`
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
		Ref  string `yaml:"metricSourceRef"`
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

// asked says why a source's queries cannot be measured: it is none of Prometheus' kind,
// which its DataSource says where it does not itself.
func (m *openMetric) asked(sources map[string]string) error {
	if m == nil {
		return nil
	}
	kind, known := m.Source.Type, m.Source.Type != "" || m.Source.Ref == ""
	if !known {
		kind, known = sources[m.Source.Ref]
	}
	switch {
	case !known:
		return fmt.Errorf("its metricSourceRef %s is no DataSource of these files: add it, or write the type beside it", short(m.Source.Ref))
	case slices.Contains([]string{"", "prometheus", "thanos", "cortex", "mimir", "victoriametrics", "amp", "gmp"}, strings.ToLower(kind)):
		return nil
	}
	return fmt.Errorf("its indicator is asked of %s, and only Prometheus' queries can be measured", short(kind))
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
	r := openReader{indicators: map[string]*openIndicator{}, sources: map[string]string{}}
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
		if len(r.slos)+len(r.indicators)+len(r.sources) >= maxObjects {
			r.errs = append(r.errs, fmt.Errorf("%s: more than %d objects, the rest is not read", f.Name, maxObjects))
			return
		}
		if len(n.Content) == 1 && n.Content[0].Tag != "!!null" && r.object(n.Content[0]) { // a document may hold a comment alone
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
	sources    map[string]string // kinds of the DataSources
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
	case o.Kind == "DataSource":
		var source struct {
			Type string `yaml:"type"`
		}
		if err := o.Spec.Decode(&source); err != nil {
			r.wrong(n.Line, "DataSource %s: %w", o.Metadata.Name, err)
		} else if _, twice := r.sources[o.Metadata.Name]; twice {
			r.wrong(n.Line, "DataSource %s stands there twice: give each a name of its own", o.Metadata.Name)
		} else {
			r.sources[o.Metadata.Name] = source.Type
		}
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
	if name == "" {
		r.wrong(n.Line, "an SLO without metadata.name: give it one")
		return
	}
	spec := Spec{Name: name, Service: s.Service, Period: DefaultPeriod, Assumed: true, File: r.file, Line: n.Line}
	if len(s.TimeWindow) > 0 {
		w := s.TimeWindow[0]
		d, ok := openDuration(w.Duration)
		if !ok {
			r.wrong(n.Line, "SLO %s: its timeWindow %q is no duration: write one as 28d or 4w", name, w.Duration)
			return
		}
		spec.Period, spec.Assumed = d, false
		if !w.Calendar.IsZero() || w.Rolling != nil && !*w.Rolling {
			spec.Note = "its budget starts again with each calendar period; it is counted over the last " + wording.Duration(d) + " instead"
		}
	}
	if len(s.Objectives) == 0 {
		r.wrong(n.Line, "SLO %s has no objective: give it a target", name)
	}
	for _, g := range s.Objectives {
		if g.Indicator == nil && g.IndicatorRef == "" {
			g.openMeasure = s.openMeasure
		}
		r.goal(spec, g, s.Method, len(s.Objectives))
	}
}

// indicator is what an objective is measured by.
func (r *openReader) indicator(m openMeasure) (*openIndicator, error) {
	switch i := r.indicators[m.IndicatorRef]; {
	case m.IndicatorRef != "" && i == nil:
		return nil, fmt.Errorf("its indicatorRef %s is no SLI of these files: add it, or write the indicator inline", m.IndicatorRef)
	case m.IndicatorRef != "":
		return i, nil
	case m.Indicator == nil:
		return nil, errors.New("it has neither an indicator nor an indicatorRef: give it one of them")
	}
	return m.Indicator, nil
}

// fill takes over an indicator's queries. A ratio that is measured already is NaN where
// nothing happened, which a single minute would make of a whole period: such instants
// are left out, and so is what is below 0.
func (i *openIndicator) fill(spec *Spec, sources map[string]string) error {
	ratio := i.Spec.Ratio
	metrics := []*openMetric{i.Spec.Threshold}
	if ratio != nil {
		metrics = append(metrics, ratio.Bad, ratio.Good, ratio.Total, ratio.Raw)
		spec.Bad, spec.Good, spec.All, spec.Counter = ratio.Bad.query(), ratio.Good.query(), ratio.Total.query(), ratio.Counter
		switch q := ratio.Raw.query(); {
		case q == "":
		case ratio.RawType == "failure":
			spec.Beyond = "(" + q + ") >= 0"
		case ratio.RawType == "success":
			spec.Beyond = "(1 - (" + q + ")) >= 0"
		default:
			return fmt.Errorf("its rawType %q is neither success nor failure", ratio.RawType)
		}
	}
	for _, m := range metrics {
		if err := m.asked(sources); err != nil {
			return err
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
