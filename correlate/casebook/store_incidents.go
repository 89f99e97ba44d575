package casebook

import (
	"context"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// What is known of incidents and what people say of them; store.go tells what holds
// for every method.

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
	// Similar returns incidents that began beside one or are like it, most alike
	// first, at most limit.
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
