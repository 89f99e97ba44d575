package ui

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// The ports: what the pages and the API ask of the rest of the program. They
// are declared here, by the consumer; cmd/wherefore ties them to the casebook,
// the runner, the decision index and the sources.
//
// For all of them: a call ends when its context does; "no such thing" is
// evidence.ErrNotFound (answered with 404), a malformed question
// evidence.ErrInvalid (400), something behind it that does not answer
// evidence.ErrUnavailable (503). Results belong to the caller. Implementations
// are safe for concurrent use. A nil port is "not configured": what needs it
// answers 501 and the page leaves it out.

// ErrOverloaded says that nothing more can be taken in now; the sender should
// try again. It is answered with 503, never 429: Alertmanager retries only 5xx.
var ErrOverloaded = casefile.ErrOverloaded

// ErrConflict says that the thing asked for does not fit the incident's state,
// as resolving it twice. It is answered with 409.
var ErrConflict = casefile.ErrConflict

// IncidentStore lists incidents.
type IncidentStore interface {
	// Incidents returns one page of matching incidents, in the filter's order,
	// and the cursor of the next page, empty on the last.
	Incidents(ctx context.Context, f casefile.IncidentFilter) (page []casefile.Incident, next string, err error)
	// Facets counts, over all matching incidents, the values of the fields
	// "state", "service", "severity", "trigger", "verdict" and "decision"; by
	// field in that order, then by count, highest first, then by value; at most
	// 20 values a field. The filter's Limit, Cursor and Sort are ignored.
	Facets(ctx context.Context, f casefile.IncidentFilter) ([]casefile.Facet, error)
	// Incident returns one incident.
	Incident(ctx context.Context, id string) (casefile.Incident, error)
}

// ReportStore keeps the revisions of an incident's report.
type ReportStore interface {
	// Report returns the exact bytes of one revision's report.json; revision 0
	// asks for the newest. evidence.ErrNotFound when there is none (yet).
	Report(ctx context.Context, incident string, revision int) ([]byte, error)
	// Revisions lists what there is, newest first; empty before the first.
	Revisions(ctx context.Context, incident string) ([]ReportRevision, error)
}

// ReportRevision says when a report was made and from what.
type ReportRevision = casefile.Revision

// SimilarIncidents finds incidents that look like one.
type SimilarIncidents interface {
	// Similar returns incidents that began beside one or have the same cause, log
	// template or decision, most alike first, at most limit, without the incident
	// itself.
	Similar(ctx context.Context, incident string, limit int) ([]SimilarIncident, error)
}

// SimilarIncident is another incident and what makes it alike.
type SimilarIncident = casefile.Similar

// NoteBook keeps what people write on incidents.
type NoteBook interface {
	// Notes are in order of time, then ID.
	Notes(ctx context.Context, incident string) ([]casefile.Note, error)
	// AddNote stores a note durably and returns it with ID and time filled in.
	AddNote(ctx context.Context, incident string, n casefile.Note) (casefile.Note, error)
}

// FeedbackBook keeps what people think of causes. It never changes a ranking.
type FeedbackBook interface {
	// Feedback is in order of time, then ID.
	Feedback(ctx context.Context, incident string) ([]casefile.Feedback, error)
	// AddFeedback stores a judgment durably and returns it with ID and time.
	AddFeedback(ctx context.Context, incident string, f casefile.Feedback) (casefile.Feedback, error)
}

// StateAction is what a person does to an incident's state.
type StateAction = casefile.StateAction

// The state actions.
const (
	ActionAcknowledge = casefile.Acknowledge
	ActionResolve     = casefile.Resolve
	ActionReopen      = casefile.Reopen

	ActionUnacknowledge = casefile.Unacknowledge
)

// Undo takes back what people wrote, within casefile.UndoWithin, and the author's
// own where one is given; evidence.ErrNotFound where there is none such.
type Undo interface {
	UndoNote(ctx context.Context, incident string, note int64, author, actor string) error
	UndoFeedback(ctx context.Context, incident string, judgment int64, author, actor string) error
}

// LeadKeeper keeps who leads an incident's handling.
type LeadKeeper interface {
	// SetLead names them, "" for nobody, and returns the incident as it is then.
	SetLead(ctx context.Context, incident, lead, actor string) (casefile.Incident, error)
}

// StateKeeper changes where an incident stands.
type StateKeeper interface {
	// SetState carries out an action in a person's name and returns the incident
	// as it is then. Acknowledging twice keeps the first name and is no error.
	SetState(ctx context.Context, incident string, action StateAction, by string) (casefile.Incident, error)
}

// Intake takes alerts in.
type Intake interface {
	// Accept makes an alert durable, starts or updates its incident and returns
	// the incident's ID. It is idempotent: the same notification again is one
	// incident and no new work. The ID is empty for an alert that is configured to
	// open none. ErrOverloaded when the queue is full; the alert was then not
	// accepted.
	Accept(ctx context.Context, a evidence.Alert, raw []byte) (incident string, err error)
}

// InvestigationRequest is what a person or a program asks to be investigated:
// exactly one of Service with At, TraceID, Alert and Incident is set.
type InvestigationRequest struct {
	Service string
	At      time.Time
	TraceID string // 32 lower-case hex digits, as evidence.ParseTraceID returns it
	Alert   *evidence.Alert
	// Incident is investigated again, which makes a new revision.
	Incident string
	// Window, when set, is used instead of the one found in the data.
	Window evidence.Window
	By     string // who asked
}

// Investigations starts investigations.
type Investigations interface {
	// Start makes the request durable and returns the incident's ID before the
	// investigation has run. ErrOverloaded when the queue is full.
	Start(ctx context.Context, r InvestigationRequest) (incident string, err error)
}

// ChangeIntake takes announced changes in.
type ChangeIntake interface {
	// AcceptChange makes changes durable, all or none; one with a known ID replaces
	// the old.
	AcceptChange(ctx context.Context, changes []evidence.Change) error
}

// ProgressEvent is one step of an incident's life, as the page follows it.
type ProgressEvent struct {
	// Sequence grows by one within a subscription's investigation; a stream that
	// broke off resumes behind the last one seen.
	Sequence int64                  `json:"sequence"`
	State    casefile.IncidentState `json:"state"`
	Revision int                    `json:"revision"` // newest report, 0 before the first
	// Progress is nil when nothing runs.
	Progress *correlate.Progress `json:"progress,omitempty"`
}

// ProgressFeed follows running investigations.
type ProgressFeed interface {
	// Subscribe sends the present state at once and then every change, until ctx
	// ends, which closes the channel. A slow reader misses steps in between and
	// never the last one.
	Subscribe(ctx context.Context, incident string) (<-chan ProgressEvent, error)
}

// WhyAnswer is what stands behind one line of code.
type WhyAnswer struct {
	Blame     evidence.Blame
	Decisions []evidence.Decision // in the order of Blame.Decisions
}

// WhyLookup answers for a line of code at a revision.
type WhyLookup interface {
	// Why looks a line up; an empty revision means the newest commit known.
	Why(ctx context.Context, repo, file string, line int, rev string) (WhyAnswer, error)
}

// DecisionSummary is a decision as the list shows it.
type DecisionSummary struct {
	ID, Title, Status string
	EffectiveAt       time.Time
	Lines             int // lines of code that it covers, 0 when unknown
	Incidents         int // attributed to it
}

// CoveredLines is a run of lines that a decision covers.
type CoveredLines struct {
	Ref  evidence.CodeRef `json:"ref"` // Line is the first
	To   int              `json:"to"`  // last line, inclusive
	Kind string           `json:"kind"`
}

// DecisionStore reads the decision index.
type DecisionStore interface {
	// Decisions lists all, newest effective first, then by ID.
	Decisions(ctx context.Context) ([]DecisionSummary, error)
	// Decision returns one, superseded and deleted ones included.
	Decision(ctx context.Context, id string) (evidence.Decision, error)
	// Covers lists what it covers by path, then line, at most limit runs.
	Covers(ctx context.Context, id string, limit int) ([]CoveredLines, error)
}

// HotLine is a line that stood in the suspect code of incidents.
type HotLine = casefile.HotLine

// HotLines says how well decisions cover the code that incidents lead to.
type HotLines interface {
	// Hot lists the lines suspected in most incidents first, at most limit.
	Hot(ctx context.Context, limit int) ([]HotLine, error)
}

// ConditionChecker looks a decision's promises up as of now.
type ConditionChecker interface {
	// CheckNow returns one result per condition, in the record's order. It ends
	// within its context's deadline; what could not be known is "unknown".
	CheckNow(ctx context.Context, service string, d evidence.Decision) ([]report.ConditionResult, error)
}

// Judged is how often people found a verdict's first cause right.
type Judged = casefile.Judged

// PresentState asks the sources whether what alerted still does.
type PresentState interface {
	// Present ends with ctx; what is not known then is "unknown" in the answer.
	Present(ctx context.Context, a evidence.Alert) report.Present
}

// Calibration counts what people said of reports.
type Calibration interface {
	// Judged counts judged reports by verdict, surest first.
	Judged(ctx context.Context) ([]Judged, error)
}

// CheckBook keeps the results of maturity checks.
type CheckBook interface {
	// AddChecks stores the results of one run, all or none, in the name of who asked.
	AddChecks(ctx context.Context, service, actor string, results []casefile.CheckResult) error
	// Checks returns the newest result of each check of a service, by check; none
	// when no check of it was ever made.
	Checks(ctx context.Context, service string) ([]casefile.CheckResult, error)
	// CheckHistory returns results of a service, newest first, at most limit.
	CheckHistory(ctx context.Context, service string, limit int) ([]casefile.CheckResult, error)
}

// ActionBook keeps what was asked of targets.
type ActionBook interface {
	// Actions are an incident's, in order of time, then ID.
	Actions(ctx context.Context, incident string) ([]casefile.Action, error)
	// NewestActions are those of all incidents, newest first, at most limit.
	NewestActions(ctx context.Context, limit int) ([]casefile.Action, error)
}

// ActionDesk moves actions on. A move that does not fit is ErrConflict.
type ActionDesk interface {
	// Move carries out what a person says; approving sends.
	Move(ctx context.Context, id string, m casefile.ActionMove, by, why string) (casefile.Action, error)
	// Answer takes what a target says, in a message whose ID it signed.
	Answer(ctx context.Context, id, target, message string, body []byte) (casefile.Action, error)
}

// ActionSwitch stops and resumes all actions.
type ActionSwitch interface {
	StopActions(ctx context.Context, by, why string) error
	ResumeActions(ctx context.Context, by string) error
	ActionsStopped(ctx context.Context) (casefile.ActionSwitch, error)
}

// Health is how the program is.
type Health struct {
	// Status is "ok", "degraded" or, only when alerts cannot be accepted, "down".
	Status  string   `json:"status"`
	Reasons []string `json:"reasons"` // machine-readable, as "loki_latency_high"; sorted
}

// HealthReporter knows how the program is.
type HealthReporter interface {
	// Health answers within its context's deadline, from what was seen lately;
	// it asks no backend.
	Health(ctx context.Context) Health
}

// Bundle is an evidence bundle, a .tgz.
type Bundle struct {
	io.ReadSeekCloser
	Revision int // of the report that it is of, 0 when only "the newest" is known
	// SHA256 is the hex digest of a bundle that is kept. It is empty where none
	// is and the sources were asked again: another time the bytes are others.
	SHA256 string
}

// Functions that other packages provide.
type (
	// ParseAlert reads an Alertmanager or Grafana webhook body;
	// evidence.ErrInvalid with one sentence when it is none.
	ParseAlert func(body []byte) (evidence.Alert, error)
	// ParseChanges reads a change event: CloudEvents in structured or binary
	// mode, a batch of them, CDEvents, or a PagerDuty change event.
	ParseChanges func(h http.Header, body []byte) ([]evidence.Change, error)
	// OpenBundle opens the evidence bundle of a report, of the newest when
	// revision is 0; the caller closes it. One that is being recorded is waited
	// for a little, then it is evidence.ErrUnavailable.
	OpenBundle func(ctx context.Context, incident string, revision int) (Bundle, error)
	// Observe adds to what is judged what the sources say of the service that it
	// is about; what could not be asked is said in it.
	Observe func(ctx context.Context, in *maturity.Input)
	// Recorded says when the evidence of a replayed incident was recorded; the
	// zero time when its sources were asked.
	Recorded func(incident string) time.Time
)
