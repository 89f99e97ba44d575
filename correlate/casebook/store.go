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
	// PublishComplete stores what the whole evidence of a claimed bundle gives as the
	// incident's next revision, r's, byte for byte and together with the messages that
	// tell of it, and makes the bundle that revision's. It is casefile.ErrConflict, with
	// nothing stored, when the incident goes by another report than the bundle's or is
	// being investigated.
	PublishComplete(ctx context.Context, b Bundle, r report.Report, body []byte, messages ...Message) error
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
	// or of its target is open or the cool-down of the service runs, or where all are
	// stopped. The
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

// ActionSwitch stops and resumes all actions, of every tenant and for every server.
type ActionSwitch interface {
	// StopActions ends what waits to be approved or sent, and holds all further
	// actions; twice is no error and keeps the first name.
	StopActions(ctx context.Context, by, why string) error
	ResumeActions(ctx context.Context, by string) error
	ActionStop
}

// ActionStop says whether all actions are stopped, without a name or a reason where
// it is a tenant's to ask.
type ActionStop interface {
	ActionsStopped(ctx context.Context) (casefile.ActionSwitch, error)
}

// Events carries what happens between the servers that share a store.
type Events interface {
	// Broadcast tells the other servers, without waiting; it may get lost.
	Broadcast(about string, event []byte)
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
	Proposals
	ActionMoves
	ActionList
	ActionStop
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
	ActionSwitch
	Events
	Housekeeping
	Upkeep
}

var _ Store = (*Book)(nil)
