package ask

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Ledger records how every question to a source ended. Questions of one kind
// are one entry, so that a report lists a dozen rows and not a call log.
// Entries do not depend on the order in which calls end.
type Ledger struct {
	mu      sync.Mutex
	entries map[ledgerKey]*ledgerEntry
	// timeouts counts, per backend, the calls that took too long. Calls that
	// fail at once are not counted: they cost nothing, and whether one comes
	// before another must not show in the report.
	timeouts map[string]int
	// losses are the records that answers left out, by source.
	losses map[string]*evidence.Losses
}

type ledgerKey struct {
	source string
	topic  evidence.Topic
}

type ledgerEntry struct {
	count             int
	window            evidence.Window
	answered          bool
	truncated, failed bool
	unresolved        bool
	absent            bool
	detail            string // the smallest of the details, so that one is chosen whatever the order
	slowest           time.Duration
	first             time.Time
	calls             map[callKey]*evidence.Call
	pieces            int // of all calls, of those too that are not kept
	words             string
	subject           string
	days              int
	missing           []evidence.Window // in order of start
	cut               int
}

func NewLedger() *Ledger {
	return &Ledger{entries: map[ledgerKey]*ledgerEntry{}, timeouts: map[string]int{}, losses: map[string]*evidence.Losses{}}
}

// Question is what is asked, for the coverage.
type Question struct {
	Source string // traces, logs, metrics, rules, changes, code, decisions
	Topic  evidence.Topic
	// Words is the question's sentence where the topic's own does not do.
	Words  string
	Window evidence.Window
	// First is true for what other questions wait for: it is given half the time.
	First bool
	// Exact is the question in the source's own language, empty when it has none;
	// service is the one that it is about, if it is about one.
	Exact, Service string
	// Days is how many days before the incident it looks.
	Days int
}

// backend is what answers a question: rules and series come from one server, as
// the graph and the traces do.
func (q Question) backend() string {
	switch q.Source {
	case "rules":
		return "metrics"
	case "graph":
		return "traces"
	}
	return q.Source
}

// local reports whether what answers is on this machine and asked last: nothing
// else needs the time that it takes, and no network makes it hang.
func (q Question) local() bool { return q.Source == "code" || q.Source == "decisions" }

func (l *Ledger) entry(q Question) *ledgerEntry {
	k := ledgerKey{q.Source, q.Topic}
	e := l.entries[k]
	if e == nil {
		e = &ledgerEntry{window: q.Window, days: q.Days, words: cmp.Or(q.Words, q.Topic.Sentence())}
		l.entries[k] = e
	}
	e.window = covering(e.window, q.Window)
	return e
}

// note records an answer of so many things.
func (l *Ledger) note(q Question, count int, truncated bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entry(q)
	switch {
	case err == nil:
		e.answered = true
		e.count += count
		e.truncated = e.truncated || truncated
	case errors.Is(err, evidence.ErrNotFound), errors.Is(err, evidence.ErrUnsupported):
		e.answered = true
		e.say(evidence.Sentence(err))
	default:
		e.failed = true
		e.say(evidence.Sentence(err))
		if errors.Is(err, errTooSlow) {
			l.timeouts[q.backend()]++
		}
	}
}

// Unresolved records that a question could not be put, since no source knows the
// subject, or what is meant by it.
func (l *Ledger) Unresolved(source string, topic evidence.Topic, subject, detail string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entry(Question{Source: source, Topic: topic})
	e.unresolved = true
	e.subject = subject
	e.say(detail)
}

// Missing records that a part of an answered question's window has no answer.
func (l *Ledger) Missing(source string, topic evidence.Topic, w evidence.Window) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entry(Question{Source: source, Topic: topic})
	e.missing = append(e.missing, w)
	slices.SortFunc(e.missing, func(a, b evidence.Window) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End))
	})
	joined := e.missing[:1]
	for _, w := range e.missing[1:] {
		if last := &joined[len(joined)-1]; w.Start.After(last.End) {
			joined = append(joined, w)
		} else {
			*last = covering(*last, w)
		}
	}
	e.missing = joined
}

// Cut records how many of the things that answered a question are not whole.
func (l *Ledger) Cut(source string, topic evidence.Topic, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entry(Question{Source: source, Topic: topic}).cut = n
}

// Absent records a source that is not configured.
func (l *Ledger) Absent(source string, topic evidence.Topic) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entry(Question{Source: source, Topic: topic}).absent = true
}

func (e *ledgerEntry) say(detail string) {
	if e.detail == "" || detail < e.detail {
		e.detail = detail
	}
}

// mostUnanswered is how many calls to one source may go unanswered before the rest
// are not even tried: a dead backend must not cost every caller its deadline.
const mostUnanswered = 3

// hurry is by how much the time of a call is cut once its backend was too slow
// before: one that hangs must leave time for the others.
const hurry = 8

// allowed is how long a call may take, 0 when it is not to be made at all. What
// is local may take what is left of the investigation: the whole deadline.
func (l *Ledger) allowed(q Question, whole, deadline time.Duration) time.Duration {
	if q.local() {
		return whole
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch slow := l.timeouts[q.backend()]; {
	case slow >= mostUnanswered:
		return 0
	case slow > 0:
		return deadline / hurry
	case q.First:
		return deadline / 2
	}
	return deadline
}

var (
	errTooSlow = errors.New("no answer in time")
	errNoTime  = errors.New("the time for the investigation was used up")
)

func (e *ledgerEntry) status() evidence.CoverageStatus {
	switch {
	case e.absent:
		return evidence.CoverageNotConfigured
	case e.failed:
		return evidence.CoverageFailed
	case e.unresolved:
		return evidence.CoverageNotResolved
	case e.truncated:
		return evidence.CoverageTruncated
	case e.count > 0:
		return evidence.CoverageAnswered
	default:
		return evidence.CoverageEmpty
	}
}

// Coverage lists all entries by source, then query. When a question was asked
// and how long it took is evidence: where it was recorded, the recording says
// so.
func (l *Ledger) Coverage(recorded port.CoverageSource) []evidence.Coverage {
	lost := l.lostRows(recorded)
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]evidence.Coverage, 0, len(l.entries))
	for k, e := range l.entries {
		c := evidence.Coverage{Source: k.source, Key: k.topic, Query: wording.Say(string(k.topic), e.words), Subject: e.subject, Days: e.days, Status: e.status(), Detail: e.detail, Count: e.count, Window: e.window, Missing: slices.Clone(e.missing), Cut: e.cut, Took: e.slowest.Round(time.Millisecond), At: e.first.UTC().Round(0), Calls: e.sortedCalls()}
		c.Unlisted = e.pieces - piecesOf(c.Calls)
		if e.failed && e.answered {
			c.Detail = "some answers are missing: " + c.Detail
		}
		if recorded != nil {
			asRecorded(&c, recorded)
		}
		list = append(list, c)
	}
	list = append(list, lost...)
	for i := range list {
		list[i].Detail = wording.Say(string(list[i].Key)+"/detail", list[i].Detail)
	}
	slices.SortFunc(list, func(a, b evidence.Coverage) int {
		return cmp.Or(cmp.Compare(sourceOrder(a.Source), sourceOrder(b.Source)), cmp.Compare(a.Query, b.Query), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Subject, b.Subject))
	})
	return list
}

// sourceOrder is the order in which a person thinks of the sources.
func sourceOrder(source string) int {
	return slices.Index([]string{"alert", "rules", "metrics", "traces", "graph", "logs", "changes", "code", "decisions"}, source)
}

// Answer is what one call to a source gave.
type Answer[T any] struct {
	Value     T
	Count     int
	Truncated bool
	Err       error
}

// Put puts one question to a source under its own deadline and records how it
// ended. It returns when the deadline passes even if the source does not: a
// source that ignores its context costs a goroutine, never the investigation.
// ok is false when there is no answer.
func Put[T any](ctx context.Context, v *Asker, q Question, call func(context.Context) Answer[T]) (value T, ok bool) {
	allowed := v.Ledger.allowed(q, v.deadline, v.SourceDeadline)
	if allowed == 0 {
		v.Ledger.note(q, 0, false, fmt.Errorf("not asked: %s did not answer %d times: %w", q.backend(), mostUnanswered, evidence.ErrUnavailable))
		return value, false
	}
	if ctx.Err() != nil {
		v.Ledger.note(q, 0, false, fmt.Errorf("not asked: %w: %w", errNoTime, evidence.ErrUnavailable))
		return value, false
	}
	if clock := v.clock; clock != nil {
		began := clock()
		defer func() { v.Ledger.took(q, began, clock().Sub(began)) }()
	}
	all := ctx
	ctx, cancel := context.WithTimeout(evidence.WithLosses(ctx, v.Ledger.lossesOf(q.Source)), allowed)
	defer cancel()
	done := make(chan Answer[T], 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- Answer[T]{Err: fmt.Errorf("%s broke while answering %q: %v: %w", q.Source, q.Topic.Sentence(), p, evidence.ErrUnavailable)}
			}
		}()
		done <- call(ctx)
	}()
	select {
	case a := <-done:
		if errors.Is(a.Err, context.DeadlineExceeded) {
			a.Err = late(all, allowed)
		}
		v.Ledger.note(q, a.Count, a.Truncated, a.Err)
		v.Ledger.call(q, a.Count)
		return a.Value, a.Err == nil
	case <-ctx.Done():
		v.Ledger.note(q, 0, false, late(all, allowed))
		v.Ledger.call(q, 0)
		return value, false
	}
}

// late says whose time ran out: the call's, or that of the whole investigation.
func late(all context.Context, allowed time.Duration) error {
	if all.Err() != nil {
		return fmt.Errorf("%w before it answered: %w", errNoTime, evidence.ErrUnavailable)
	}
	return fmt.Errorf("%w, within %s: %w", errTooSlow, allowed, evidence.ErrUnavailable)
}

// Many wraps the results of a port that returns a list.
func Many[T any](list []T, truncated bool, err error) Answer[[]T] {
	return Answer[[]T]{Value: list, Count: len(list), Truncated: truncated, Err: err}
}
