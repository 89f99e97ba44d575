package ui

import (
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui/page"
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
	Leads          LeadKeeper
	Undo           Undo
	Intake         Intake
	Investigations Investigations
	Changes        ChangeIntake
	Progress       ProgressFeed
	Why            WhyLookup
	Decisions      DecisionStore
	Hot            HotLines
	Conditions     ConditionChecker
	Present        PresentState
	Health         HealthReporter
	Checks         CheckBook
	Actions        ActionBook
	ActionDesk     ActionDesk
	ActionSwitch   ActionSwitch

	ParseAlert   ParseAlert
	ParseChanges ParseChanges
	OpenBundle   OpenBundle
	Recorded     Recorded
	Calibration  Calibration
	Observe      Observe

	// Gate decides who may do what; nil lets everybody. Logins and Provider are
	// how people show who they are on a page.
	Gate     Gate
	Logins   Logins
	Provider Provider
	Audit    Audit
	// Hosts are the names by which this server may be asked, beside loopback's and
	// any IP address; nil takes every name.
	Hosts []string

	// ClientOf is the address that a request without a credential is counted by; nil
	// takes the connection's.
	ClientOf func(*http.Request) string

	// Stopping is closed when the server stops, which ends event streams: they would
	// not end by themselves. nil never does.
	Stopping <-chan struct{}

	// Tenants are what the pages of the others are made of. Whoever the gate knows as
	// one of theirs is answered out of these alone; of what admits requests (Gate,
	// Logins, Provider, Hosts, ClientOf, Stopping, MaxBody) only that of the whole counts.
	Tenants map[evidence.Tenant]Options

	// Ready and Metrics answer /-/ready and /metrics.
	Ready, Metrics http.Handler

	Links Links
	// BaseURL is where people reach this program, as "https://wherefore.example";
	// exports carry it. Empty means paths only.
	BaseURL string
	// Zone is the team's time zone, shown beside UTC to readers whose own is not
	// known; nil means UTC only.
	Zone *time.Location
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

// Links are the URL templates of the places that pages point to.
type Links = page.Links
