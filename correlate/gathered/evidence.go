package gathered

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/slo"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// Evidence is everything gathered about one alert, joined and windowed. Signals
// read it and nothing else, and never write to it.
type Evidence struct {
	Request Request
	// Alerting are the entities that the alerts of the group name, in order of
	// first mention; empty when none resolved.
	Alerting []string
	// Entities are all candidates, silent ones included, sorted by name.
	Entities []evidence.Entity

	Onset    report.Onset
	Incident evidence.Window
	// Guard is how much time before the onset's interval belongs to neither side:
	// what is measured over a time that reaches into the interval.
	Guard time.Duration
	// Baselines are the look-back before the incident and any reference windows.
	Baselines []evidence.Window

	// Traces are whole traces in order of first start, then ID.
	Traces []Trace
	// Logs are lines in order of time, service, body.
	Logs []Line
	// Unread are windows whose lines are not among Logs, since nobody answered;
	// empty where no line was to be had at all.
	Unread []evidence.Window
	// Metrics are sorted by entity, name, labels.
	Metrics []Series
	// Edges are who calls whom, from traces, the graph source and span metrics.
	Edges []evidence.Edge
	// States are the signs by which the platform tells that a workload does not
	// run, by workload, then gravity.
	States []State
	// Addresses are those that the platform gave out: "IP:port" or "IP" to the
	// name of a service or workload; looked at by key only.
	Addresses map[string]string

	// Changes are announced and inferred ones in order of time, then ID.
	Changes []evidence.Change
	// Returns are changes of a service back to a revision that it showed before,
	// as its telemetry tells; nobody announced them, and they cause nothing.
	Returns []evidence.Change
	// Back is the rollback that was taken since the onset, nil for none, and Fires
	// what the alerts' rules gave, which is read to judge it.
	Back  *evidence.Change
	Fires []Fires
	// Deployments are the changes that moved a service to a revision, with the
	// commits that went live by it.
	Deployments []Deployment

	// Commits are all candidate commits, those of Deployments and those that
	// only a code source told of, newest first, then by SHA.
	Commits []evidence.Commit
	// Revisions say what each service ran at the onset, by service.
	Revisions []Revision
	// Frames are places in code that failing or slow evidence names, most
	// telling first: innermost exceptions, then spans, then log callers.
	Frames []Frame
	// Profiles are those of the incident beside those before it, the alerting
	// services' first, then by service and kind.
	Profiles []Profiled
	// Links are the decisions behind candidate commits, by SHA. The engine
	// looks at its keys only through Commits, never in map order.
	Links map[string][]evidence.DecisionLink
	// Broken are the checks of decisions that candidate commits did not pass, by
	// SHA; looked at through Commits only, as Links.
	Broken map[string][]evidence.BrokenCheck
	// Decisions are the records that links and changes name, by ID.
	Decisions []evidence.Decision
	// Newest are the same decisions as the newest revision has them, by ID: what a
	// plan that is about to be carried out is judged by. Only those with such a
	// plan are here.
	Newest map[string]evidence.Decision
	// Tried is what was to be seen of the newest trials of those plans, by ID.
	Tried map[string]Tried

	Rules []evidence.Rule // rules of the alerts in the group
	// Objectives are those that the alerts of the group watch; Budget holds what
	// was measured for them beyond the alerts' own expressions, over the survey.
	Objectives []slo.Objective
	Budget     []evidence.Series

	// Milestones are what was measured of the events that the business counts, in
	// the configuration's order.
	Milestones []Reached

	Coverage []evidence.Coverage
	// Sources are what came of traces, logs and metrics as a whole, in that order.
	Sources []report.Standing
	// Unknown are names on the alert that no source knows, in the alert's order.
	Unknown []report.UnknownName
	// Flaws are what is wrong with the telemetry itself, with how many things are.
	Flaws    []Flawed
	Clocks   Clocks
	Warnings []string

	// Survey is the whole time that was asked about: look-back and incident.
	Survey evidence.Window
	// Step is the distance between the samples of the metrics.
	Step time.Duration
	// FiredAt is when the alert fired, or the end of the trace that was asked
	// about.
	FiredAt time.Time
	// Service is the entity that the first alert names, in the sources' own
	// spelling where none resolved; empty when the alert names nobody.
	Service string
	// Named are the entities that the alert's instances name, by instance.
	Named []string
	// Weights are what it is weighed by; nil are the default ones.
	Weights *weights.Set
	// WithoutTraces is the same evidence had the tracing backend been silent;
	// nil where it was, or in that evidence itself.
	WithoutTraces *Evidence
}

// By are the weights that the evidence is weighed by.
func (e *Evidence) By() *weights.Set { return weights.Or(e.Weights) }

// Flawed is a flaw of the telemetry and how much of it is concerned.
type Flawed struct {
	Flaw   report.Flaw
	Source string
	// Count of Total spans, or pairs of spans of two services.
	Count, Total int
	// Entities are whom it concerns, in order of name; empty for all.
	Entities []string
	// Said says more of it, empty for nothing.
	Said string
}

// Trace is a trace and the side it belongs to.
type Trace struct {
	evidence.Trace
	Baseline bool
	// Sampled is true when the trace was not picked for failing or being slow:
	// only such traces may be counted into shares and rates.
	Sampled bool
	// By are the calls that brought it, in the order in which they were made.
	By []evidence.CallID
}

// Brought is the first call that brought the trace, the zero value where none did.
func (t *Trace) Brought() evidence.CallID {
	if len(t.By) == 0 {
		return evidence.CallID{}
	}
	return t.By[0]
}

// State is a sign that a workload, which is an entity, does not run, and what
// tells so.
type State struct {
	kube.State

	Refs []evidence.Ref
}

// Line is a log line, the side it belongs to and its template.
type Line struct {
	evidence.LogLine
	Baseline bool
	// Template is the line with its variable parts masked, the same for lines
	// written by the same statement.
	Template string
}

// Series is one series of one entity on both sides of the onset. Counters
// have been turned into rates, histograms into quantiles and means.
type Series struct {
	Entity string
	Name   string // the metric's own name
	Labels map[string]string
	Kind   evidence.MetricKind
	// Stat says what the samples are: "" the gauge itself, "rate" per second,
	// "p50", "p99" or "mean" of a histogram, "mean" of a summary, or "expr" for
	// an alert's own expression.
	Stat string
	Unit string // s, By, 1/s, %, or empty
	Expr string // the query that gave it
	// Baseline and Incident are in time order.
	Baseline []evidence.Sample
	Incident []evidence.Sample
	// Alerting is true for the series that the alert's rule looks at.
	Alerting bool
	// Says is what the configuration calls those that it counts, where it counts the
	// failed ones of a milestone: "ads not served".
	Says string
	// Hurt is on which side of the alert's threshold the series hurts: 1 above,
	// -1 below, 0 where no rule says so. Limit is that threshold, nil where the rule
	// has none or several.
	Hurt  int
	Limit *float64
	// Earlier is what the series did at the same hour on earlier days, nearest
	// first; empty where nobody asked or nobody knows.
	Earlier []EarlierDay
}

// EarlierDay is what a series did some days before, in time order: in the hour
// of the look-back, and in that of the incident with a margin on both sides.
type EarlierDay struct {
	Days           int
	Before, During []evidence.Sample
	By             evidence.CallID
}

// StatExpr is the Stat of an alert's own expression.
const StatExpr = "expr"

// Deployment is one move of one service from a revision to another.
type Deployment struct {
	Change  evidence.Change
	Service string
	From    string // full SHA where known, else the version as it was told
	To      string
	// Commits went live by this deployment, newest first. CommitsKnown is false
	// when no code source could say.
	Commits      []evidence.Commit
	CommitsKnown bool
}

// Revision is what a service ran at the onset and how that is known.
type Revision struct {
	Service  string
	Revision string // full SHA where known, else the version as it was told
	Rung     evidence.RevisionRung
}

// Frame is a place in code that evidence of the incident names.
type Frame struct {
	Service string
	Frame   evidence.Frame
	// Seen is in how many traces and lines of the incident the place was named,
	// Before in how many of the baseline.
	Seen, Before int
	// Failing is true when an exception or a failing span named it.
	Failing bool
	Time    time.Time // first seen in the incident
	Refs    []evidence.Ref
	// Depth is the place's position in its stack, 0 the innermost frame of our
	// own code.
	Depth int
	// Blame is what the code source said about the place at the running
	// revision, nil when it was not asked or could not say.
	Blame *evidence.Blame
	// Votes is what the line's history says of commits, most votes first; empty
	// when nobody could tell.
	Votes []evidence.LineVote
}
