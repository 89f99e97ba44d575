package port

import (
	"context"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// The ports: what the engine asks of the world. They are declared here, by the
// consumer, so that no backend's client reaches the engine. sources/sourcestest
// holds the conformance suite that every implementation passes, the bundle
// replayer included.
//
// For all of them: a call ends when its context does, with an error for which
// errors.Is(err, ctx.Err()) holds; a backend that is down, too slow or talking
// garbage is evidence.ErrUnavailable; a malformed question is
// evidence.ErrInvalid; "nothing there" is an empty result and no error, except
// where a single thing was asked for by name, which is evidence.ErrNotFound.
// Results have a total order and belong to the caller. A result that was cut at
// a limit says so in its second value and is not an error.

// TraceSource reads traces.
type TraceSource interface {
	// Trace returns every span of one trace in order of start, then span ID;
	// evidence.ErrNotFound when the backend has no such trace.
	Trace(ctx context.Context, id string) (evidence.Trace, error)
	// FindTraces returns whole traces that have a matching span of the query's
	// service, in order of first start, then trace ID.
	FindTraces(ctx context.Context, q evidence.TraceQuery) (traces []evidence.Trace, truncated bool, err error)
	// Services lists the services that the backend knows, sorted.
	Services(ctx context.Context) ([]string, error)
}

// GraphSource knows who calls whom without reading traces.
type GraphSource interface {
	// Dependencies returns the calls seen in the window, by caller, then callee.
	Dependencies(ctx context.Context, w evidence.Window) ([]evidence.Edge, error)
}

// LogSource reads log lines.
type LogSource interface {
	// Logs returns matching lines in order of time, then service, then body.
	// When there are more than the limit, the earliest are returned.
	Logs(ctx context.Context, q evidence.LogQuery) (lines []evidence.LogLine, truncated bool, err error)
}

// LogWording is what a LogSource may know besides: how it puts a question.
// Whoever has a LogSource asks it with a type assertion.
type LogWording interface {
	// LogQL returns the queries that are sent for q, none when q is malformed.
	LogQL(q evidence.LogQuery) []string
}

// LogNaming is what a LogSource may know besides: what it calls the services.
// Whoever has a LogSource asks it with a type assertion.
type LogNaming interface {
	// Unnamed says, for each of the services that no lines go by in the window,
	// what there is instead, in one sentence; services that have lines are left
	// out.
	Unnamed(ctx context.Context, services []string, w evidence.Window) (map[string]string, error)
}

// LogStreams is what a LogSource may know besides: the names by which it has
// lines at all. Whoever has a LogSource asks it with a type assertion.
type LogStreams interface {
	// StreamNames are the names in the window, sorted, each once.
	StreamNames(ctx context.Context, w evidence.Window) ([]string, error)
}

// LogCounts is what a LogSource may know besides: how many lines there are, without
// reading them. Whoever has a LogSource asks it with a type assertion.
type LogCounts interface {
	// CountLines returns how many lines a LogQL query of lines gives: at each point of
	// the grid from the window's start those since one step before it, the point
	// itself included. Points without any are left out.
	CountLines(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Sample, error)
}

// MetricSource reads metrics.
type MetricSource interface {
	// ListSeries returns the series that match any of the PromQL selectors in
	// the window, without samples, with their kind where metadata or suffix
	// tells, sorted by name, then labels.
	ListSeries(ctx context.Context, selectors []string, w evidence.Window) (series []evidence.Series, truncated bool, err error)
	// QueryRange evaluates a PromQL expression over the window, both ends
	// included as in Prometheus' API, sorted by name, then labels. NaN and
	// infinite samples are left out.
	QueryRange(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Series, error)
}

// PastSource is what a MetricSource may know besides: which earlier days it has
// samples of. Whoever has a MetricSource asks it with a type assertion; one that
// does not know is asked for the samples.
type PastSource interface {
	// Holds reports whether there may be samples in a window long before the
	// alert. It asks nobody.
	Holds(w evidence.Window) bool
}

// ExemplarSource finds traces behind measured values. An exemplar may decide
// which trace is shown, never a rank.
type ExemplarSource interface {
	// Exemplars returns exemplars of the series in expr, in order of time, then
	// trace ID; evidence.ErrUnsupported when the server stores none.
	Exemplars(ctx context.Context, expr string, w evidence.Window) ([]evidence.Exemplar, error)
}

// RuleSource knows the alerting rules.
type RuleSource interface {
	// Rules returns all alerting rules by group, then name.
	Rules(ctx context.Context) ([]evidence.Rule, error)
}

// ChangeSource knows what was announced to have changed.
type ChangeSource interface {
	// Changes returns the changes in the window in order of time, then ID.
	Changes(ctx context.Context, w evidence.Window) ([]evidence.Change, error)
}

// CodeSource knows the code that was running.
type CodeSource interface {
	// Commits returns the commits contained in To and not in From, newest
	// first, then by SHA; evidence.ErrNotFound when the service has no
	// repository or the revision is not in it.
	Commits(ctx context.Context, q evidence.CommitQuery) ([]evidence.Commit, error)
	// Blame resolves a frame of a service's code at a revision and says which
	// commit and decisions are behind the line and a few around it;
	// evidence.ErrNotFound, with the reason, when it cannot.
	Blame(ctx context.Context, service string, f evidence.Frame, revision string) (evidence.Blame, error)
}

// HistorySource is what a CodeSource may know besides: which commits made lines
// what they are. Whoever has a CodeSource asks it with a type assertion.
type HistorySource interface {
	// LineVotes lets each frame's line vote over its blame history: 1/rank for
	// the rank-th commit back, style-only commits excluded. Frames that resolve
	// to nothing have no vote. Most votes first, then by SHA;
	// evidence.ErrNotFound when the service has no repository or the revision is
	// not in it.
	LineVotes(ctx context.Context, service string, frames []evidence.Frame, revision string) ([]evidence.LineVote, error)
}

// DecisionSource knows the recorded decisions.
type DecisionSource interface {
	// Decision returns one record as the revision that the service runs has it,
	// as the newest known one where that has none or is not known;
	// evidence.ErrNotFound when there is none.
	Decision(ctx context.Context, id, service, revision string) (evidence.Decision, error)
	// CoveredBy returns the decisions that govern a commit: its trailers, tags
	// on lines it touched, and scopes that cover its files, by the records of the
	// revision that the service runs, of the newest when that is not known;
	// strongest first, then by ID.
	CoveredBy(ctx context.Context, service, revision string, c evidence.Commit) ([]evidence.DecisionLink, error)
}

// CheckSource is what a DecisionSource may know besides: which decisions a
// commit broke. Whoever has a DecisionSource asks it with a type assertion.
type CheckSource interface {
	// BrokenChecks runs the checks of the decisions whose scope covers the
	// commit's files over its diff, worst first, then by path and line; revision
	// as with CoveredBy; evidence.ErrInvalid when the diff cannot be read.
	BrokenChecks(ctx context.Context, service, revision string, c evidence.Commit) ([]evidence.BrokenCheck, error)
}

// ProfileSource reads profiles: what processes spent or held, by place in code.
type ProfileSource interface {
	// Profiled lists the services of which there are profiles, sorted.
	Profiled(ctx context.Context) ([]string, error)
	// Profiles returns the newest profiles of a service and kind that ended in the
	// window, in order of start, then of what they hold; empty where none was taken.
	Profiles(ctx context.Context, q evidence.ProfileQuery) (profiles []evidence.Profile, truncated bool, err error)
}

// CoverageSource knows how questions ended when they were recorded.
type CoverageSource interface {
	// Recorded returns the recorded entry of a question; ok is false when the
	// recording has none.
	Recorded(source, query string) (c evidence.Coverage, ok bool)
}

// MemberSource is what a CoverageSource may know besides: which sources the
// recording holds anything of. Whoever has a CoverageSource asks it with a type
// assertion.
type MemberSource interface {
	// Keeps reports whether the recording has a member for traces, logs or metrics.
	Keeps(source string) bool
}

// GapSource is what a CoverageSource may know besides: of which times a source
// had no answer when the recording was made. Whoever has a CoverageSource asks it
// with a type assertion.
type GapSource interface {
	// Gaps are in order of start.
	Gaps(source string) []evidence.Window
}

// LossSource is what a CoverageSource may know besides: which records of the
// recording cannot be used. Whoever has a CoverageSource asks it with a type
// assertion.
type LossSource interface {
	// Lost returns what was left out of a source, and of how many records.
	Lost(source string) (losses []evidence.Loss, of int)
}

// Sources is everything an engine reads from. A nil member is "not configured"
// and is said so in the coverage.
type Sources struct {
	Traces    TraceSource
	Graph     GraphSource
	Logs      LogSource
	Metrics   MetricSource
	Exemplars ExemplarSource
	Rules     RuleSource
	Changes   []ChangeSource
	Code      CodeSource
	Decisions DecisionSource
	// Profiles may be nil without a word in the coverage: few services are profiled.
	Profiles ProfileSource
	// Recorded is set when the others replay a recording.
	Recorded CoverageSource
}
