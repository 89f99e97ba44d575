package server

import (
	"context"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// teller keeps what people do to incidents, and has it told to the channels that are
// configured to hear of it. What cannot be told is logged: it was done all the same.
type teller struct {
	casebook.TenantStore
	r *room
}

func (r *room) told() teller { return teller{r.book, r} }

// SetState implements ui.StateKeeper.
func (t teller) SetState(ctx context.Context, incident string, action casefile.StateAction, by string) (casefile.Incident, error) {
	i, err := t.TenantStore.SetState(ctx, incident, action, by)
	if event := map[casefile.StateAction]string{casefile.Acknowledge: notify.EventAcknowledged, casefile.Resolve: notify.EventResolved, casefile.Reopen: notify.EventReopened}[action]; err == nil && event != "" {
		t.tell(ctx, notify.Update{Event: event, Incident: i, By: by})
	}
	return i, err //nolint:wrapcheck // the casebook's own
}

// SetLead implements ui.LeadKeeper.
func (t teller) SetLead(ctx context.Context, incident, lead, by string) (casefile.Incident, error) {
	i, err := t.TenantStore.SetLead(ctx, incident, lead, by)
	if err == nil {
		t.tell(ctx, notify.Update{Event: notify.EventLead, Incident: i, By: by, Text: lead})
	}
	return i, err //nolint:wrapcheck // the casebook's own
}

// AddNote implements ui.NoteBook.
func (t teller) AddNote(ctx context.Context, incident string, n casefile.Note) (casefile.Note, error) {
	n, err := t.TenantStore.AddNote(ctx, incident, n)
	if err != nil {
		return n, err //nolint:wrapcheck // the casebook's own
	}
	if i, fault := t.Incident(ctx, incident); fault == nil {
		t.tell(ctx, notify.Update{Event: notify.EventNote, Incident: i, By: n.Author, Text: n.Text})
	}
	return n, nil
}

func (t teller) tell(ctx context.Context, u notify.Update) {
	u.At = t.r.s.now()
	messages := t.r.notify.Status(u)
	if len(messages) == 0 {
		return
	}
	if err := t.Tell(ctx, u.Incident.ID, messages...); err != nil {
		t.r.log.Warn("status update could not be stored", zap.String("incident", u.Incident.ID), zap.Error(err))
		return
	}
	t.r.notify.Wake()
}
