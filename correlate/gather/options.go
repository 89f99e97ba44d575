package gather

import (
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/errorclass"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/slo"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// Options are what a person may set about an engine; the zero value of a field
// means its default. They are part of the configuration file.
type Options struct {
	// Version is the engine version written into reports.
	Version string `yaml:"-"`
	// Clock measures how long live sources take to answer, for the coverage and
	// nothing else. Without one nothing is measured, as when a recording is
	// replayed: the same evidence gives the same report.
	Clock func() time.Time `yaml:"-"`

	// Weights are what evidence is weighed by; nil are the default ones.
	Weights *weights.Set `yaml:"-"`

	// Deadline bounds everything that is asked of sources in one investigation.
	Deadline time.Duration `yaml:"deadline"` // 8s
	// SourceDeadline bounds one call to one source.
	SourceDeadline time.Duration `yaml:"source_deadline"` // 4s
	// Concurrency is how many calls to one kind of source run at once.
	Concurrency int `yaml:"concurrency"` // 8

	// Lookback is how far before the incident normal behaviour is looked for.
	Lookback time.Duration `yaml:"lookback"` // 30m
	// EarlierDays are the days before whose same hour is compared with the
	// incident, as far as the metrics reach back; an empty list asks about none.
	EarlierDays []int `yaml:"earlier_days"` // 1, 7
	// OnsetBefore is how long before the alert fired the trouble may have begun.
	OnsetBefore time.Duration `yaml:"onset_before"` // 15m
	// ChangesBefore is how far back changes are looked for.
	ChangesBefore time.Duration `yaml:"changes_before"` // 24h

	Names Names `yaml:"names"`
	Caps  Caps  `yaml:"caps"`
	// Material is the least change of a measure that matters.
	Material weights.Material `yaml:"material"`
	// LogQL are extra log queries, asked for the incident window with {entity}
	// replaced by each alerting entity's name. DefaultLogQL when left out; an
	// empty list asks none.
	LogQL []string `yaml:"logql"`
	// Conditions maps a condition's name to PromQL per service; "" as a service
	// stands for all, with {entity} replaced by the service's name.
	Conditions map[string]map[string]string `yaml:"conditions"`
	// Owners names who is responsible for an entity.
	Owners map[string]string `yaml:"owners"`
	// Milestones are the events that the business counts.
	Milestones []gathered.Milestone `yaml:"milestones"`
	// SLOs are the objectives that were written down.
	SLOs []slo.Spec `yaml:"-"`
	// BurnWindows are windows over which the budgets of alerts are measured beside
	// their own; without one nothing more is asked.
	BurnWindows []time.Duration `yaml:"-"`
	// ErrorClasses says what errors mean for the promises; nil knows the usual ones.
	ErrorClasses *errorclass.Classifier `yaml:"-"`
}

// Names says under which labels and attributes entities are known to each
// source, in order of trust.
type Names struct {
	Alert   []string `yaml:"alert"`
	Metrics []string `yaml:"metrics"`
	Version []string `yaml:"version"` // labels that tell two versions apart
	// Aliases turns a name that a source uses into the entity's name.
	Aliases map[string]string `yaml:"aliases"`
}

// Caps bound what one investigation holds in memory.
type Caps struct {
	TracesPerService int `yaml:"traces_per_service"` // per service, kind of question and sub-window
	Spans            int `yaml:"spans"`
	LogLines         int `yaml:"log_lines"` // in all
	LinesPerService  int `yaml:"lines_per_service"`
	Series           int `yaml:"series"`
	Services         int `yaml:"services"` // services asked about by name
	Frames           int `yaml:"frames"`   // places in code looked up
	Commits          int `yaml:"commits"`  // per deployment
}

// DefaultLogQL finds requests that did not end well, whatever their line's
// severity: in access logs, JSON and logfmt by the status in the text, under the
// labels by which OpenTelemetry and Loki itself, Prometheus' service discovery
// and Kubernetes' agents name a stream; in lines that came by OTLP by the
// attribute. A parser's stage would let every line pass that it cannot read.
var DefaultLogQL = []string{
	`{service_name="{entity}"} |~ "` + failedStatus + `"`,
	`{job="{entity}"} |~ "` + failedStatus + `"`,
	`{app="{entity}"} |~ "` + failedStatus + `"`,
	`{service_name="{entity}"} | http_response_status_code=~"[45].."`,
}

// failedStatus is a status of 400 or above behind the version of HTTP or a name
// as status, http_status or statusCode, as it stands in a LogQL string.
const failedStatus = `(?i)(HTTP/[0-9.]+\"? |status(_?code)?\"? ?[=:] ?\"?)[45][0-9]{2}([ \",}]|$)`

// WithDefaults fills the fields that were left empty.
func (o Options) WithDefaults() Options {
	setDefault(&o.Deadline, 8*time.Second)
	setDefault(&o.SourceDeadline, 4*time.Second)
	setDefault(&o.Concurrency, 8)
	setDefault(&o.Lookback, 30*time.Minute)
	setDefault(&o.OnsetBefore, 15*time.Minute)
	setDefault(&o.ChangesBefore, 24*time.Hour)
	if o.EarlierDays == nil {
		o.EarlierDays = []int{1, 7}
	}
	c := &o.Caps
	setDefault(&c.TracesPerService, 60)
	setDefault(&c.Spans, 100_000)
	setDefault(&c.LogLines, 100_000)
	setDefault(&c.LinesPerService, 5_000)
	setDefault(&c.Series, 5_000)
	setDefault(&c.Services, 200)
	setDefault(&c.Frames, 40)
	setDefault(&c.Commits, 200)
	if o.LogQL == nil {
		o.LogQL = slices.Clone(DefaultLogQL)
	}
	usual := *weights.Or(o.Weights)
	if o.Material = o.Material.Or(usual.View.Material); o.Material != usual.View.Material {
		usual.View.Material = o.Material
		o.Weights = &usual
	}
	n := &o.Names
	if n.Alert == nil {
		n.Alert = slices.Clone(metric.AlertNames)
	}
	if n.Metrics == nil {
		n.Metrics = []string{"service_name", "service", "app_kubernetes_io_name", "app", "application", "deployment", "pod", "container", "component", "job",
			"statefulset", "daemonset", "exported_container", "exported_pod", "container_label_com_docker_compose_service"}
	}
	if n.Version == nil {
		n.Version = []string{"service_version", "version", "app_kubernetes_io_version"}
	}
	return o
}

// What a first report asks for at most while many wait, see Short: how long in all and
// of one source, and how much.
const (
	mostShortTime, mostShortCall                     = 2 * time.Second, time.Second
	mostShortTraces, mostShortLines, mostShortSeries = 20, 1_000, 1_000
	mostShortServices, mostShortFrames               = 20, 10
	mostShortCommits                                 = 50
)

// Short is the plan for a first report while many wait: what the alert is about and
// who is next to it, soon, and nothing that only tells more of it. No limit is above
// that of o.
func (o Options) Short() Options {
	o.Deadline, o.SourceDeadline = min(o.Deadline, mostShortTime), min(o.SourceDeadline, mostShortCall)
	o.EarlierDays = []int{}
	c := &o.Caps
	c.TracesPerService, c.LinesPerService, c.Series = min(c.TracesPerService, mostShortTraces), min(c.LinesPerService, mostShortLines), min(c.Series, mostShortSeries)
	c.Services, c.Frames, c.Commits = min(c.Services, mostShortServices), min(c.Frames, mostShortFrames), min(c.Commits, mostShortCommits)
	return o
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Asker puts questions within these options' deadlines.
func (o Options) Asker() *ask.Asker {
	return ask.New(o.Deadline, o.SourceDeadline, o.Concurrency, o.Clock)
}
