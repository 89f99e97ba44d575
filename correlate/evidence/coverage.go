package evidence

import "time"

// CoverageStatus says how a question to a source ended.
type CoverageStatus string

// The statuses of coverage.
const (
	CoverageAnswered      CoverageStatus = "answered"
	CoverageEmpty         CoverageStatus = "empty"
	CoverageFailed        CoverageStatus = "failed"
	CoverageTruncated     CoverageStatus = "truncated"
	CoverageNotConfigured CoverageStatus = "not configured"
	CoverageNotResolved   CoverageStatus = "not resolved"
)

// Coverage records one question and how it ended, so that a report can say
// what was not checked.
type Coverage struct {
	Source string `json:"source"` // traces, logs, metrics, rules, changes, code, decisions
	// Key is the topic of the question, by which rows are looked up; Query is what
	// it is called.
	Key   Topic  `json:"key,omitempty"`
	Query string `json:"query"`
	// Subject is the one name that the question is about, where it could not be
	// asked for no source knows that name.
	Subject string `json:"subject,omitempty"`
	// Days is how many days before the incident the question looks, 0 for none.
	Days   int            `json:"days,omitempty"`
	Status CoverageStatus `json:"status"`
	Detail string         `json:"detail,omitempty"` // why it failed or was cut, in one sentence
	Count  int            `json:"count"`            // spans, lines, series or events returned
	// Lost is how many records were left out since they cannot be used, and of
	// TopicServerClock how many answers another clock dated; Detail says what is
	// wrong with them.
	Lost   int    `json:"lost,omitempty"`
	Window Window `json:"window,omitzero"`
	// Missing are the parts of the window of which there is no answer while there
	// is one of others, in order; parts that touch are one.
	Missing []Window `json:"missing,omitempty"`
	// Cut is how many of the lines that came back are not whole: they are longer,
	// or have more fields, than is kept of one. Like Took it is evidence.
	Cut int `json:"cut,omitempty"`
	// Took is how long the slowest of the question's calls needed, 0 when nobody
	// measured. It is evidence: recorded in a bundle and replayed from it, never
	// measured again.
	Took time.Duration `json:"took,omitempty"`
	// At is when the first of the question's calls was made, zero when nobody
	// noted it. Like Took it is evidence.
	At time.Time `json:"at,omitzero"`
	// Calls are what was sent to answer the question, by service, then query. A
	// query that was asked in several pieces of the window is one call.
	Calls []Call `json:"calls,omitempty"`
	// Unlisted is how many more times something was sent; of very many calls only
	// the first are listed.
	Unlisted int `json:"unlisted,omitempty"`
}

// Call is one query as its source was asked it.
type Call struct {
	Service string `json:"service,omitempty"` // the one service it is about, if it is
	// Query is in the source's own language: PromQL, LogQL, the parameters of
	// Jaeger's search, a git command.
	Query  string        `json:"query"`
	Window Window        `json:"window,omitzero"`
	Pieces int           `json:"pieces"` // of the window that were asked for one by one
	Count  int           `json:"count"`  // spans, lines, series or events returned
	At     time.Time     `json:"at,omitzero"`
	Took   time.Duration `json:"took,omitempty"` // of the slowest piece
}

// RefKind says what a reference points to.
type RefKind string

// The kinds of reference.
const (
	RefTrace    RefKind = "trace"
	RefSpan     RefKind = "span"
	RefLog      RefKind = "log"
	RefSeries   RefKind = "series"
	RefCommit   RefKind = "commit"
	RefChange   RefKind = "change"
	RefCode     RefKind = "code"
	RefDecision RefKind = "decision"
	RefAlert    RefKind = "alert"
)

// Ref points at one piece of evidence exactly enough to find it again.
type Ref struct {
	Kind RefKind `json:"kind"`
	// ID is the trace ID, span ID, series with labels, SHA, path:line, decision
	// ID or query, by kind.
	ID string `json:"id"`
	// TraceID goes with a span or a log line.
	TraceID string    `json:"traceID,omitempty"`
	Service string    `json:"service,omitempty"`
	Time    time.Time `json:"time,omitzero"`
	// Text is what stands there, shortened: a log line, a diff hunk.
	Text string `json:"text,omitempty"`
	// By is the call that brought it, the zero value where none did. It is not
	// written down: a term's calls stand for it.
	By CallID `json:"-"`
}

// CallID names a call before the coverage is settled: by its row, its query or
// both. A question without a query of its own is one call, which is its row.
type CallID struct {
	Source string
	Row    Topic  // the row's key; empty for any of the source's rows
	Query  string // as it was sent; empty for the whole row
}

// SourceOf is the source that references come from, of the first that tells:
// traces, logs, metrics, changes or code, else empty.
func SourceOf(refs []Ref) string {
	for _, r := range refs {
		switch r.Kind {
		case RefTrace, RefSpan:
			return "traces"
		case RefLog:
			return "logs"
		case RefSeries:
			return "metrics"
		case RefChange:
			return "changes"
		case RefCommit, RefCode, RefDecision:
			return "code"
		}
	}
	return ""
}
