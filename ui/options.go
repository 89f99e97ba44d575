package ui

import (
	"net/http"
	"time"

	"go.uber.org/zap"
)

// Options is everything that the pages and the API need. Incidents and Reports
// are required; what else is nil is "not configured".
type Options struct {
	Incidents      IncidentStore
	Reports        ReportStore
	Similar        SimilarIncidents
	Notes          NoteBook
	Feedback       FeedbackBook
	States         StateKeeper
	Intake         Intake
	Investigations Investigations
	Changes        ChangeIntake
	Progress       ProgressFeed
	Why            WhyLookup
	Decisions      DecisionStore
	Hot            HotLines
	Conditions     ConditionChecker
	Health         HealthReporter

	ParseAlert   ParseAlert
	ParseChanges ParseChanges
	ExportBundle ExportBundle
	Author       Author

	// Ready and Metrics answer /-/ready and /metrics.
	Ready, Metrics http.Handler

	Links Links
	// BaseURL is where people reach this program, as "https://wherefore.example";
	// exports carry it. Empty means paths only.
	BaseURL string
	// Version of the program, shown at the foot of pages and in exports.
	Version string
	// ShowAuthors prints people's names beside commits; without it pages and
	// exports name commits and roles only.
	ShowAuthors bool
	// MaxBody bounds a request's body in bytes; 0 means 1 MiB.
	MaxBody int64
	// Now is the clock, time.Now when nil. It never reaches a report.
	Now func() time.Time
	// Logger receives one line per failed request; nil means none.
	Logger *zap.Logger
}

// Links are URL templates for the places that a page points to; an empty one
// leaves the link out. "{name}" is replaced by the value, escaped for a query;
// "{name:path}" by the value escaped segment by segment, slashes kept. Only
// http and https URLs are shown. Names in all: service, from, to (Unix
// milliseconds), fromISO, toISO (RFC 3339), fromS, toS (Unix seconds).
type Links struct {
	Trace      string `yaml:"trace"`      // Jaeger or Tempo; + trace, span
	Explore    string `yaml:"explore"`    // Grafana Explore; + query, trace
	Logs       string `yaml:"logs"`       // Loki; + query, trace
	Metrics    string `yaml:"metrics"`    // Prometheus; + query
	Silence    string `yaml:"silence"`    // Alertmanager; + alert, matchers
	Profile    string `yaml:"profile"`    // + trace
	Commit     string `yaml:"commit"`     // + repository, commit
	Line       string `yaml:"line"`       // + repository, path, line, revision
	Decision   string `yaml:"decision"`   // + decision, path; default is our own page
	Owner      string `yaml:"owner"`      // + owner
	Dashboards string `yaml:"dashboards"` // a service's dashboard
}
