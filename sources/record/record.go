// Package record reads everything that happened in a window from the live
// sources and writes it into a bundle: traces, log lines, raw samples,
// exemplars, the service graph and the alerting rules.
//
// A source that fails is no reason to stop: what was asked and how it ended
// goes into the bundle's coverage, and the replay fails the same questions. So
// does what was cut at a limit.
package record

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// Traces is where traces and the graph are read from.
type Traces interface {
	FindTraces(ctx context.Context, q evidence.TraceQuery) (traces []evidence.Trace, truncated bool, err error)
	Services(ctx context.Context) ([]string, error)
	Dependencies(ctx context.Context, w evidence.Window) ([]evidence.Edge, error)
}

// Logs is where log lines are read from.
type Logs interface {
	Logs(ctx context.Context, q evidence.LogQuery) (lines []evidence.LogLine, truncated bool, err error)
	// AnyService is a query for the lines of every service.
	AnyService() string
}

// Metrics is where samples are read from, as they were scraped.
type Metrics interface {
	Names(ctx context.Context, w evidence.Window) ([]string, error)
	Samples(ctx context.Context, selector string, w evidence.Window) ([]evidence.Series, error)
	Exemplars(ctx context.Context, expr string, w evidence.Window) ([]evidence.Exemplar, error)
}

// Rules is where alerting rules are read from.
type Rules interface {
	Rules(ctx context.Context) ([]evidence.Rule, error)
}

// Sources are the live sources; a nil one is not configured.
type Sources struct {
	Traces  Traces
	Logs    Logs
	Metrics Metrics
	Rules   Rules
	// Profiles may be nil without a word: few services are profiled.
	Profiles Profiles
}

// Limits that hold when the options set none.
const (
	DefaultMaxSpans   = 500_000
	DefaultMaxLines   = 500_000
	DefaultMaxSamples = 10_000_000
)

// Options say what is recorded.
type Options struct {
	Window evidence.Window
	// EarlierDays are days before of whose same hour the samples are recorded
	// too, as far as the metrics reach back.
	EarlierDays []int
	// Services restrict traces and lines to those of these services; empty
	// means all that are known.
	Services                       []string
	MaxSpans, MaxLines, MaxSamples int // 0 means the default
	// First are names of services and metrics that are recorded before the
	// others, for when a limit is reached.
	First map[string]bool
	// MetricsBefore is how long before the window samples are recorded too:
	// expressions look back.
	MetricsBefore time.Duration
	// Pause is called before each question, or the few that are put at once, and
	// may wait; nil never does.
	Pause func(context.Context)
	// Coverage is how the questions of the recorded investigation itself ended;
	// it is kept beside the recording's own.
	Coverage []evidence.Coverage
	// Progress is told how far a stage is; it may be nil.
	Progress func(stage string, done, total int)
	// Now is the clock that durations are measured with; nil means time.Now.
	Now func() time.Time
}

// Counts say what was recorded.
type Counts struct {
	Traces, Spans, Lines, Series, Samples, Exemplars, Edges, Rules int
}

// recorder is one recording.
type recorder struct {
	Sources
	o        Options
	w        *bundle.Writer
	counts   Counts
	coverage []evidence.Coverage
}

// Record writes what the sources have into the bundle, which the caller closes.
// The alert, changes, commits and decisions are the caller's to add. It fails
// only when its context ends or the bundle cannot be written.
func Record(ctx context.Context, s Sources, o Options, w *bundle.Writer) (Counts, []evidence.Coverage, error) {
	if o.Window.Duration() <= 0 {
		return Counts{}, nil, errors.New("record: the window ends before it starts")
	}
	o.MaxSpans = cmp.Or(o.MaxSpans, DefaultMaxSpans)
	o.MaxLines = cmp.Or(o.MaxLines, DefaultMaxLines)
	o.MaxSamples = cmp.Or(o.MaxSamples, DefaultMaxSamples)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	if o.Pause == nil {
		o.Pause = func(context.Context) {}
	}
	o.Services = slices.Compact(slices.Sorted(slices.Values(o.Services)))
	r := &recorder{Sources: s, o: o, w: w}
	for _, step := range []func(context.Context) error{r.traces, r.graph, r.logs, r.metrics, r.earlierDays, r.exemplars, r.rules, r.profiles} {
		if err := step(ctx); err != nil {
			return r.counts, r.coverage, err
		}
	}
	return r.counts, r.coverage, w.Coverage(slices.Concat(o.Coverage, r.coverage))
}

// ask runs one question and notes how it ended. Only an ended context is an
// error; ok says whether there is an answer.
func (r *recorder) ask(ctx context.Context, source, query string, w evidence.Window, f func() (count int, err error)) (ok bool, err error) {
	r.o.Pause(ctx)
	began := r.o.Now()
	n, err := f()
	return r.note(ctx, evidence.Coverage{Source: source, Query: query, Window: w, Count: n, At: began.UTC().Round(0), Took: r.o.Now().Sub(began)}, err)
}

// note keeps how a question ended; c's status is filled in unless it is set.
func (r *recorder) note(ctx context.Context, c evidence.Coverage, err error) (ok bool, _ error) {
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case errors.Is(err, evidence.ErrUnsupported):
		c.Status, c.Count, c.Detail = evidence.CoverageNotConfigured, 0, endpoint.Clean(evidence.Sentence(err))
	case err != nil:
		c.Status, c.Count, c.Detail = evidence.CoverageFailed, 0, endpoint.Clean(evidence.Sentence(err))
	case c.Status != "":
	case c.Count == 0:
		c.Status = evidence.CoverageEmpty
	default:
		c.Status = evidence.CoverageAnswered
	}
	r.coverage = append(r.coverage, c)
	return err == nil, nil
}

// firstOnes puts those names before the others that are to be recorded first.
func (r *recorder) firstOnes(names []string) []string {
	var first, rest []string
	for _, n := range names {
		if r.o.First[n] {
			first = append(first, n)
		} else {
			rest = append(rest, n)
		}
	}
	return append(first, rest...)
}

// absent notes a source that is not configured, in the manifest too: a replay is
// to say so as well.
func (r *recorder) absent(source string) {
	r.w.NotConfigured(source)
	r.coverage = append(r.coverage, evidence.Coverage{Source: source, Query: "everything", Window: r.o.Window, Status: evidence.CoverageNotConfigured})
}

// missing notes that nothing was recorded of a window that the last question was
// about, so that a replay does not take it for a time in which nothing happened.
func (r *recorder) missing(w evidence.Window) {
	last := &r.coverage[len(r.coverage)-1]
	last.Missing = append(last.Missing, w)
}

// cut notes that recording stopped at a limit.
func (r *recorder) cut(source, query, detail string) {
	for i := range r.coverage {
		if c := &r.coverage[i]; c.Source == source && c.Query == query {
			c.Status, c.Detail = evidence.CoverageTruncated, detail
			return
		}
	}
	r.coverage = append(r.coverage, evidence.Coverage{Source: source, Query: query, Window: r.o.Window, Status: evidence.CoverageTruncated, Detail: detail})
}
