// Package config is the one file that says how a server is set up. What it
// leaves out has the defaults below; a key that it should not have is an error
// with its line.
package config

import (
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/act"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/keep"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/telemetry"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/errorclass"
	"github.com/wherefore-dev/wherefore/correlate/slo"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/pprof"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
	"github.com/wherefore-dev/wherefore/sources/pyroscope"
	"github.com/wherefore-dev/wherefore/ui"
)

// Config is the whole file. A reload takes up every key but those with the tag
// reload:"restart", which RestartKeys finds.
type Config struct {
	// Listen is where pages, API and webhook are served; loopback unless told
	// otherwise. Changing it needs a restart, as does DataDir.
	Listen string `yaml:"listen" reload:"restart"`
	// ExternalURL is how people reach the server; it starts permalinks.
	ExternalURL string `yaml:"external_url" reload:"restart"`
	// DataDir holds the casebook, the decision index and repository mirrors.
	DataDir string `yaml:"data_dir" reload:"restart"`

	Sources      Sources           `yaml:"sources"`
	Repositories []Repository      `yaml:"repositories"`
	Owners       map[string]string `yaml:"owners"` // service -> who to wake up
	Decisions    Decisions         `yaml:"decisions"`
	SLO          SLO               `yaml:"slo"`
	// ErrorClasses say what errors mean for the promises, before the usual rules.
	ErrorClasses []errorclass.Rule `yaml:"error_classes"`
	Webhook      Webhook           `yaml:"webhook"`
	// Access says who may do what; changing it needs a restart.
	Access access.Config `yaml:"access" reload:"restart"`
	// Notifications are told of reports; changing them needs a restart.
	Notifications []notify.Target `yaml:"notifications" reload:"restart"`
	// Actions may be asked of targets; changing them needs a restart.
	Actions     act.Config        `yaml:"actions" reload:"restart"`
	Investigate Investigate       `yaml:"investigate" reload:"restart"`
	Casebook    Casebook          `yaml:"casebook" reload:"restart"`
	Evidence    Evidence          `yaml:"evidence"`
	Engine      correlate.Options `yaml:"engine"`
	Links       ui.Links          `yaml:"links"`
	// Tenants are teams that are kept apart; what stands above is for who is of none.
	// Which there are needs a restart, see Tenant.
	Tenants   []Tenant          `yaml:"tenants"`
	Telemetry telemetry.Tracing `yaml:"telemetry" reload:"restart"`
	Log       Log               `yaml:"log" reload:"restart"`
}

// Sources are the backends. A nil one is not configured, which every report
// then says.
type Sources struct {
	Jaeger     *jaeger.Config     `yaml:"jaeger"`
	Loki       *loki.Config       `yaml:"loki"`
	Prometheus *prometheus.Config `yaml:"prometheus"`
	Pprof      *pprof.Config      `yaml:"pprof"`
	Pyroscope  *pyroscope.Config  `yaml:"pyroscope"`
}

// Repository is one git repository and the services built from it.
type Repository struct {
	Name string `yaml:"name"`
	// URL is anything that git can clone: a path, https or ssh.
	URL string `yaml:"url"`
	// Services maps a service to the path prefix of its code in the repository,
	// "." for all of it.
	Services map[string]string `yaml:"services"`
	// BuildPrefix is cut off paths that telemetry names, as "/build/src".
	BuildPrefix string `yaml:"build_prefix"`
	// Fetch is how often the mirror is refreshed; 5 minutes when 0.
	Fetch time.Duration `yaml:"fetch"`
	// Page is a URL template of a commit's page, with {sha}.
	Page string `yaml:"page"`
}

// Decisions says how the decision logs are kept and who is told of them.
type Decisions struct {
	// KeyFile holds age identities, newest first; with it the text of decisions
	// is stored encrypted.
	KeyFile string `yaml:"key_file"`
	// Forms hold folders to a form of record, as "docs/decisions/**=five"; the last
	// that matches counts, and without any each form is taken.
	Forms   []string `yaml:"forms"`
	Publish Publish  `yaml:"publish"`
}

// Publish is who is told of accepted and changed decisions.
type Publish struct {
	// URL takes CloudEvents by POST; empty tells nobody.
	URL string `yaml:"url"`
	// Secret signs the bodies.
	Secret endpoint.Secret `yaml:"secret"`
	// Source is the URI that the events name;
	// urn:wherefore:repository:NAME when empty.
	Source string `yaml:"source"`
}

// SLO are the service level objectives that were written down.
type SLO struct {
	// Files are OpenSLO files; each may be a pattern such as slo/*.yaml.
	Files []string `yaml:"files"`
	// Objectives are further ones.
	Objectives []slo.Definition `yaml:"objectives"`

	specs []slo.Spec
}

// Specs are all that were written down, as Load found them.
func (s SLO) Specs() []slo.Spec { return s.specs }

// Webhook says which programs may send alerts, changes and questions: who shows
// the token, or signs the body. With either nobody else gets in without a
// credential of their own, see Access.
type Webhook struct {
	BearerToken endpoint.Secret `yaml:"bearer_token"`
	Signature   Signature       `yaml:"signature"`
	// Generators are the addresses of Prometheus servers whose links in alerts may
	// carry the expression to ask, beside the configured source's.
	Generators []string `yaml:"generators"`
	// Ignore are labels of alerts that open no incident, one set each; those that
	// fire by design when left out, an empty list ignores none.
	Ignore []map[string]string `yaml:"ignore"`
	// QueueLimit is the most investigations that may wait before senders are
	// told to come back later.
	QueueLimit int `yaml:"queue_limit" reload:"restart"`
}

// Signature is how Grafana signs what it sends: the HMAC-SHA256 of the body.
type Signature struct {
	// Secrets are all that are valid now: two while one takes over from the
	// other.
	Secrets []endpoint.Secret `yaml:"secrets"`
	// Header holds the signature; X-Grafana-Alerting-Signature when empty.
	Header string `yaml:"header"`
	// TimestampHeader holds when it was signed; when empty the body alone is
	// signed.
	TimestampHeader string `yaml:"timestamp_header"`
	// MaxAge is how old a signed request may be; 5 minutes when 0.
	MaxAge time.Duration `yaml:"max_age"`
}

// Investigate bounds the work on one incident.
type Investigate struct {
	Workers int `yaml:"workers"`
	// Timeout is when an investigation reports with what it has.
	Timeout time.Duration `yaml:"timeout"`
	// FollowUp is when a reported incident is looked at once more, since
	// telemetry arrives late; 0 means never.
	FollowUp time.Duration `yaml:"follow_up"`
	// Fold is how near to each other alert groups begin that are investigated
	// together when they are of one rule or service; 0 means never.
	Fold time.Duration `yaml:"fold"`
}

// Casebook says where incidents are kept and for how long.
type Casebook struct {
	// Database is the address of a PostgreSQL database that several servers share;
	// empty keeps them in a file in data_dir.
	Database endpoint.Secret `yaml:"database"`
	Retain   Retain          `yaml:"retain"`
}

// Retain says for how long what is kept; 0 is for good.
type Retain struct {
	Payloads  time.Duration `yaml:"payloads"`
	Incidents time.Duration `yaml:"incidents"`
	Audit     time.Duration `yaml:"audit"`
	Changes   time.Duration `yaml:"changes"`
	// Size bounds payloads, alerts, reports, notes and changes together; the oldest
	// go first, payloads before reports before incidents. 0 is without a bound.
	Size Size `yaml:"size"`
}

// Evidence says how much of what reports rest on is kept on disk.
type Evidence struct {
	// Keep is how much all bundles together may have; the oldest are dropped
	// first, and 0 keeps none. Changing it needs a restart.
	Keep Size `yaml:"keep" reload:"restart"`
	// Repository is how large the history of the code may be that a bundle
	// carries. A larger one is left out, and the commits that the report weighed
	// are carried instead; 0 means never the history.
	Repository Size `yaml:"repository"`
	// Store keeps the bundles in an object store, which servers that share a casebook
	// need; nil keeps them in data_dir.
	Store *keep.S3 `yaml:"store" reload:"restart"`
}

// Log says what is logged.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn or error
	Format string `yaml:"format"` // json or console
}

// Default is what an empty file means.
func Default() Config {
	return Config{
		Listen:      "127.0.0.1:8080",
		DataDir:     "wherefore-data",
		Webhook:     Webhook{QueueLimit: 1000, Ignore: alertmanager.DefaultIgnore()},
		Investigate: Investigate{Workers: 2, Timeout: 10 * time.Second, FollowUp: time.Minute, Fold: 2 * time.Minute},
		Casebook:    Casebook{Retain: Retain{Payloads: 30 * 24 * time.Hour, Audit: 2 * 365 * 24 * time.Hour, Changes: 365 * 24 * time.Hour, Size: 10 << 30}},
		Evidence:    Evidence{Keep: 2 << 30, Repository: 64 << 20},
		Log:         Log{Level: "info", Format: "json"},
		Telemetry:   telemetry.Tracing{Environment: "production"},
	}
}
