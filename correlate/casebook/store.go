package casebook

import (
	"context"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// The store is one small interface per matter, so that each consumer names what
// it needs, and Store for the whole. Every method is one transaction: it
// happened durably or not at all, and no transaction is handed to callers.
// casebooktest holds each implementation to the contracts here.
//
// For all of them: a call ends when its context does; "no such thing" is
// evidence.ErrNotFound, a malformed question evidence.ErrInvalid, a database
// that does not take it now evidence.ErrUnavailable, which a later try may not
// be. Results belong to the caller. Implementations are safe for concurrent
// use.

// Intake takes in what makes investigations due.
type Intake interface {
	// Accept makes a notification durable and returns the incident that it
	// belongs to. The same notification again changes nothing. One about a group
	// with an open incident joins it, one about another group opens one. It is
	// ErrOverloaded, with nothing stored, when too many investigations wait.
	Accept(ctx context.Context, a evidence.Alert, raw []byte) (incident string, err error)
	// AcceptRecorded is Accept for an alert out of a recording, which is always an
	// incident of its own.
	AcceptRecorded(ctx context.Context, a evidence.Alert) (incident string, err error)
	// Rerun makes an incident due again, over a window that a person chose when it
	// is not zero.
	Rerun(ctx context.Context, incident, actor string, w evidence.Window) error
}

// Filing is for what must see everything that was accepted. While many alerts come
// at once they may be durable some time before lists, counts and the queue show
// them; their incidents are there at once when they are asked for by ID.
type Filing interface {
	// Settle returns once all that was accepted before is in lists and counts.
	Settle(ctx context.Context) error
	// Unfiled is how many alerts are yet to be.
	Unfiled() int
}

// Queue hands investigations out. A claim is a lease: one that is not renewed in
// time ends, and what it was for is given to somebody else.
type Queue interface {
	// Next waits for an investigation that is due and claims it. What was begun
	// MaxAttempts times and never ended is given up instead, with the reason.
	Next(ctx context.Context) (Job, error)
	// Finish stores a claimed job's report as the incident's newest revision, byte
	// for byte, together with the messages that tell of it, and ends the claim. It
	// is ErrLost, with nothing stored, when the claim has ended.
	Finish(ctx context.Context, j Job, r report.Report, body []byte, messages ...Message) error
	// Abandon gives a claimed job up; with retry it is due again, else it is
	// dropped and the reason is kept. ErrLost as Finish.
	Abandon(ctx context.Context, j Job, reason string, retry bool) error
}

// Reserve hands out what is not to wait behind a storm.
type Reserve interface {
	// NextUrgent is Next for new critical groups alone.
	NextUrgent(ctx context.Context) (Job, error)
}

// Revisits makes reported incidents due once more.
type Revisits interface {
	// Revisit has a reported incident looked at once more at an instant, for the reason
	// casefile.WhyBack or WhyProfiles; one that is due sooner stays so.
	Revisit(ctx context.Context, incident string, at time.Time, why string) error
}

// Leases keeps claims alive.
type Leases interface {
	// Lease is how long a claim lasts without Renew.
	Lease() time.Duration
	// Renew lets a claim last for another lease; ErrLost when it has ended.
	Renew(ctx context.Context, j Job) error
	// Return gives a claim back as if it had not been made.
	Return(ctx context.Context, j Job) error
}

// Backlog says how much is due.
type Backlog interface {
	// Waiting is how many investigations are due or running.
	Waiting(ctx context.Context) (int, error)
	// Room is ErrOverloaded while no new incident is taken.
	Room(ctx context.Context) error
}

// Incidents lists incidents.
type Incidents interface {
	Incident(ctx context.Context, id string) (casefile.Incident, error)
	// Incidents returns one page of what matches, and the cursor of the next page,
	// empty after the last.
	Incidents(ctx context.Context, f casefile.IncidentFilter) ([]casefile.Incident, string, error)
	// Facets counts what matches by the values of each field, most frequent first,
	// at most 20 values a field.
	Facets(ctx context.Context, f casefile.IncidentFilter) ([]casefile.Facet, error)
}

// Reports keeps the revisions of reports.
type Reports interface {
	// Report returns the bytes of one revision, of the newest when it is 0, as
	// they were made, whichever engine made them.
	Report(ctx context.Context, incident string, revision int) ([]byte, error)
	// Revisions lists what there is, newest first.
	Revisions(ctx context.Context, incident string) ([]casefile.Revision, error)
}

// Relations finds incidents that are like one.
type Relations interface {
	// Similar returns earlier incidents, most alike first, at most limit.
	Similar(ctx context.Context, incident string, limit int) ([]casefile.Similar, error)
}

// Notes keeps what people write on incidents.
type Notes interface {
	// AddNote stores a note and returns it with ID and time.
	AddNote(ctx context.Context, incident string, n casefile.Note) (casefile.Note, error)
	// Notes are in order of time, then ID.
	Notes(ctx context.Context, incident string) ([]casefile.Note, error)
}

// Judgments keeps what people say of causes. It never changes a report.
type Judgments interface {
	// AddFeedback stores a judgment and returns it with ID and time.
	AddFeedback(ctx context.Context, incident string, f casefile.Feedback) (casefile.Feedback, error)
	// Feedback is in order of time, then ID.
	Feedback(ctx context.Context, incident string) ([]casefile.Feedback, error)
	// Judged counts judged reports by the verdict that they gave, surest first; of
	// several judgments of one report the newest counts.
	Judged(ctx context.Context) ([]casefile.Judged, error)
}

// States changes where an incident stands on a person's word.
type States interface {
	// SetState carries out an action and returns the incident as it is then.
	// Acknowledging twice keeps the first name.
	SetState(ctx context.Context, incident string, action casefile.StateAction, actor string) (casefile.Incident, error)
}

// Undo takes back what people wrote by mistake.
type Undo interface {
	// UndoNote deletes a note and UndoFeedback a judgment that is no older than
	// casefile.UndoWithin, and the author's where one is given. evidence.ErrNotFound
	// where there is none such.
	UndoNote(ctx context.Context, incident string, note int64, author, actor string) error
	UndoFeedback(ctx context.Context, incident string, judgment int64, author, actor string) error
}

// Leads keeps who leads an incident's handling.
type Leads interface {
	// SetLead names them, "" for nobody, and returns the incident as it is then.
	SetLead(ctx context.Context, incident, lead, actor string) (casefile.Incident, error)
}

// Tidings takes messages about an incident that no report carries.
type Tidings interface {
	// Tell makes messages due to their targets; one that is there already stays.
	Tell(ctx context.Context, incident string, messages ...Message) error
}

// Changes keeps announced changes. It is a correlate.ChangeSource.
type Changes interface {
	// AddChanges stores a batch in the name of who announced it, whole or not at
	// all. The same ID of the same sender again corrects the change; of another
	// sender it is another change.
	AddChanges(ctx context.Context, sender string, list []evidence.Change) error
	// Changes returns the newest versions that lie in the window in order of time,
	// then ID.
	Changes(ctx context.Context, w evidence.Window) ([]evidence.Change, error)
}

// Suspects says which code and which decisions incidents led to.
type Suspects interface {
	// Hot lists the lines that the newest reports of most incidents suspect.
	Hot(ctx context.Context, limit int) ([]casefile.HotLine, error)
	// LinesOf lists the suspected lines behind which a decision stood.
	LinesOf(ctx context.Context, decision string, limit int) ([]casefile.HotLine, error)
	// Attributed counts the incidents that each decision stands behind.
	Attributed(ctx context.Context) (map[string]int, error)
}

// Outbox holds notifications until their target has taken them.
type Outbox interface {
	// Due returns a target's oldest message, which is this server's to send for some
	// minutes; ok is false when there is none, or another server sends it.
	Due(ctx context.Context, target string) (m Message, ok bool, err error)
	// Settled drops a message that was taken or is given up.
	Settled(ctx context.Context, m Message) error
}

// Targets tells of all that wait in the outbox.
type Targets interface {
	// Pending counts the messages that are due, by target.
	Pending(ctx context.Context) (map[string]int, error)
	// Forget drops all messages to one target.
	Forget(ctx context.Context, target string) error
}

// Recordings hands out the evidence that is to be recorded.
type Recordings interface {
	// ClaimBundle begins an attempt at the bundle that has been due longest. When
	// none is due yet, the bundle is zero and next says when one will be, the zero
	// time for never. The attempt is counted before it is made.
	ClaimBundle(ctx context.Context) (b Bundle, next time.Time, err error)
	// PostponeBundle makes a claimed bundle due again at an instant, and sets how
	// many attempts count.
	PostponeBundle(ctx context.Context, b Bundle, until time.Time) error
	// SettleBundle ends a claim with b's state, digest and size;
	// evidence.ErrNotFound when a newer report's evidence is wanted instead.
	SettleBundle(ctx context.Context, b Bundle) error
}

// Schedule changes what is to be recorded.
type Schedule interface {
	// RecordBundleNow makes what is due of an incident due at once.
	RecordBundleNow(ctx context.Context, incident string) error
	// ForgetDueBundles makes nothing due any more.
	ForgetDueBundles(ctx context.Context) error
}

// Shelf says which bundles are kept.
type Shelf interface {
	// Bundle says what became of a report's bundle, of the newest report when
	// revision is 0; evidence.ErrNotFound when none was ever due.
	Bundle(ctx context.Context, incident string, revision int) (Bundle, error)
	// KeptBundles lists the bundles that are kept, oldest first.
	KeptBundles(ctx context.Context) ([]Bundle, error)
	// DropBundle notes that a kept bundle's file is there no more.
	DropBundle(ctx context.Context, b Bundle) error
}

// Tokens keeps what programs show to prove who they are.
type Tokens interface {
	// AddToken stores a new token; its ID is nobody else's.
	AddToken(ctx context.Context, t Token) error
	// Tokens lists all, oldest first.
	Tokens(ctx context.Context) ([]Token, error)
	// RevokeToken ends a token for good; twice is no error.
	RevokeToken(ctx context.Context, id, actor string) error
}

// TokenUse is what a token is checked against.
type TokenUse interface {
	// Token returns one token, revoked and expired ones included.
	Token(ctx context.Context, id string) (Token, error)
	// TokenUsed notes, to the minute, when a token was used last.
	TokenUsed(ctx context.Context, id string, at time.Time) error
}

// Sessions keeps who is logged in.
type Sessions interface {
	// FindSession returns what a session holds; found is false when there is none
	// or it has expired.
	FindSession(ctx context.Context, token string) (body []byte, found bool, err error)
	// KeepSession stores or replaces a session until it expires.
	KeepSession(ctx context.Context, token string, body []byte, expires time.Time) error
	// EndSession drops a session; none is no error.
	EndSession(ctx context.Context, token string) error
}

// Keys hands out random bytes that all instances share.
type Keys interface {
	// Key returns the 32 bytes of a name, made when they are asked for first.
	Key(ctx context.Context, name string) ([]byte, error)
}

// AuditLog keeps who saw, took away and did what.
type AuditLog interface {
	// AddAudit stores entries, all or none.
	AddAudit(ctx context.Context, entries ...casefile.AuditEntry) error
	// AuditEntries returns the newest first, and the cursor of the next page, 0 on
	// the last.
	AuditEntries(ctx context.Context, f casefile.AuditFilter) (page []casefile.AuditEntry, next int64, err error)
}

// CheckResults keeps the results of maturity checks.
type CheckResults interface {
	// AddChecks stores the results of one run, all or none, in the name of who asked.
	AddChecks(ctx context.Context, service, actor string, results []casefile.CheckResult) error
	// Checks returns the newest result of each check of a service, by check.
	Checks(ctx context.Context, service string) ([]casefile.CheckResult, error)
	// CheckHistory returns results of a service, newest first, at most limit.
	CheckHistory(ctx context.Context, service string, limit int) ([]casefile.CheckResult, error)
}

// Proposals keeps what was decided to ask of targets.
type Proposals interface {
	// ProposeAction stores a decided action, queued ones together with the message
	// that asks for it. It is held, with the reason, where another one of its service
	// is open or the cool-down of the service runs, or where all are stopped. The
	// same ID again changes nothing unless it was held or a dry run; changed tells
	// which. What comes back is how the action stands.
	ProposeAction(ctx context.Context, a casefile.Action, l casefile.ActionLimits, m Message) (kept casefile.Action, changed bool, err error)
	// ExpireActions ends what nobody answered in time, and says how many.
	ExpireActions(ctx context.Context) (int, error)
}

// ActionMoves moves actions on.
type ActionMoves interface {
	// MoveAction carries a step out and returns the action as it is then. The step
	// that led to where it stands changes nothing, neither does an answer that came
	// before; one that does not fit is casefile.ErrConflict. Approving stores the
	// message with it, and is a conflict while all are stopped.
	MoveAction(ctx context.Context, id string, s ActionStep, m Message) (casefile.Action, error)
}

// ActionList reads actions.
type ActionList interface {
	Action(ctx context.Context, id string) (casefile.Action, error)
	// Actions are an incident's, in order of time, then ID.
	Actions(ctx context.Context, incident string) ([]casefile.Action, error)
	// NewestActions are those of all incidents, newest first, at most limit.
	NewestActions(ctx context.Context, limit int) ([]casefile.Action, error)
}

// ActionSwitch stops and resumes all actions, for every server.
type ActionSwitch interface {
	// StopActions ends what waits to be approved or sent, and holds all further
	// actions; twice is no error and keeps the first name.
	StopActions(ctx context.Context, by, why string) error
	ResumeActions(ctx context.Context, by string) error
	ActionsStopped(ctx context.Context) (casefile.ActionSwitch, error)
}

// Events carries what happens between the servers that share a store.
type Events interface {
	// Broadcast tells the other servers, without waiting; it may get lost.
	Broadcast(event []byte)
	// Listen has what the others tell given to a function, which must not block.
	Listen(to func(event []byte))
}

// Retained bounds what is kept.
type Retained interface {
	// Prune drops what is older, or more, than is to be kept.
	Prune(ctx context.Context, r Retention) (Pruned, error)
}

// Housekeeping copies what is kept.
type Housekeeping interface {
	// Backup writes all of it, as it is at one moment, into a new SQLite file.
	Backup(ctx context.Context, file string) error
}

// Upkeep is the store as a whole.
type Upkeep interface {
	// Ping reports whether alerts can be taken.
	Ping(ctx context.Context) error
	// Close waits for writes under way.
	Close() error
}

// TenantStore is the casebook as one tenant has it. What is another's is not found
// by any name or number, and stands in no list and no count.
type TenantStore interface {
	Intake
	Backlog
	Revisits
	Incidents
	Reports
	Relations
	Notes
	Judgments
	States
	Undo
	Leads
	Tidings
	Changes
	Suspects
	Outbox
	Targets
	Recordings
	Schedule
	Shelf
	AuditLog
	CheckResults
	Retained
}

// Store is the whole casebook. What a TenantStore has is the unnamed tenant's, all
// else is of everybody.
type Store interface {
	TenantStore
	// For is the casebook of one tenant, whose investigations are handed out from
	// then on.
	For(t evidence.Tenant) TenantStore

	Filing
	Queue
	Reserve
	Leases
	Tokens
	TokenUse
	Sessions
	Keys
	Proposals
	ActionMoves
	ActionList
	ActionSwitch
	Events
	Housekeeping
	Upkeep
}

var _ Store = (*Book)(nil)
