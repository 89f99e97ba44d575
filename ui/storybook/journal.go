package storybook

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui"
)

// Notes implements ui.NoteBook.
func (s *Store) Notes(_ context.Context, id string) ([]casefile.Note, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return nil, err
	}
	if st.Fails["notes"] {
		return nil, fmt.Errorf("notes: %w", evidence.ErrUnavailable)
	}
	return slices.Clone(st.Notes), nil
}

// AddNote implements ui.NoteBook.
func (s *Store) AddNote(_ context.Context, id string, n casefile.Note) (casefile.Note, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return n, err
	}
	n.ID, n.Time = int64(len(st.Notes)+1), s.now()
	st.Notes = append(st.Notes, n)
	return n, nil
}

// Feedback implements ui.FeedbackBook.
func (s *Store) Feedback(_ context.Context, id string) ([]casefile.Feedback, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return nil, err
	}
	if st.Fails["feedback"] {
		return nil, fmt.Errorf("feedback: %w", evidence.ErrUnavailable)
	}
	return slices.Clone(st.Feedback), nil
}

// AddFeedback implements ui.FeedbackBook.
func (s *Store) AddFeedback(_ context.Context, id string, f casefile.Feedback) (casefile.Feedback, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return f, err
	}
	f.ID, f.Time = int64(len(st.Feedback)+1), s.now()
	st.Feedback = append(st.Feedback, f)
	return f, nil
}

// SetState implements ui.StateKeeper.
func (s *Store) SetState(_ context.Context, id string, a ui.StateAction, by string) (casefile.Incident, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return casefile.Incident{}, err
	}
	i := &st.Incident
	switch {
	case a == ui.ActionAcknowledge:
		i.AcknowledgedBy = cmp.Or(i.AcknowledgedBy, by)
	case a == ui.ActionUnacknowledge:
		i.AcknowledgedBy = ""
	case a == ui.ActionResolve && i.State != casefile.StateResolved:
		i.State, i.ResolvedAt = casefile.StateResolved, s.now()
	case a == ui.ActionReopen && i.State == casefile.StateResolved:
		i.State, i.ResolvedAt = casefile.StateReported, time.Time{}
	default:
		return *i, fmt.Errorf("%s is %s: %w", id, i.State, ui.ErrConflict)
	}
	return *i, nil
}

// SetLead implements ui.LeadKeeper.
func (s *Store) SetLead(_ context.Context, id, lead, _ string) (casefile.Incident, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return casefile.Incident{}, err
	}
	st.Incident.Lead = lead
	return st.Incident, nil
}

// UndoNote implements ui.Undo.
func (s *Store) UndoNote(_ context.Context, id string, note int64, _, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return err
	}
	n := len(st.Notes)
	st.Notes = slices.DeleteFunc(st.Notes, func(x casefile.Note) bool { return x.ID == note && s.now().Sub(x.Time) <= casefile.UndoWithin })
	if len(st.Notes) == n {
		return fmt.Errorf("note %d: %w", note, evidence.ErrNotFound)
	}
	return nil
}

// UndoFeedback implements ui.Undo.
func (s *Store) UndoFeedback(_ context.Context, id string, judgment int64, _, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return err
	}
	n := len(st.Feedback)
	st.Feedback = slices.DeleteFunc(st.Feedback, func(x casefile.Feedback) bool { return x.ID == judgment && s.now().Sub(x.Time) <= casefile.UndoWithin })
	if len(st.Feedback) == n {
		return fmt.Errorf("judgment %d: %w", judgment, evidence.ErrNotFound)
	}
	return nil
}

// Accept implements ui.Intake.
func (s *Store) Accept(_ context.Context, a evidence.Alert, _ []byte) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return "", fmt.Errorf("the queue holds all it can: %w", ui.ErrOverloaded)
	}
	id := a.IncidentID()
	if s.stories[id] == nil {
		s.put(&Story{Name: "accepted", Incident: casefile.Incident{ID: id, State: casefile.StateInvestigating, Title: a.Name(), Service: a.Label("service"), StartedAt: a.FiredAt(), ReceivedAt: s.now()}})
	}
	return id, nil
}

// Start implements ui.Investigations.
func (s *Store) Start(ctx context.Context, r ui.InvestigationRequest) (string, error) {
	if r.Incident != "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		_, err := s.story(r.Incident)
		return r.Incident, err
	}
	a := evidence.Alert{Receiver: "by hand", GroupKey: r.Service + r.TraceID, TraceID: r.TraceID, Labels: map[string]string{"service": r.Service}, Instances: []evidence.AlertInstance{{StartsAt: r.At}}}
	if r.Alert != nil {
		a = *r.Alert
	}
	return s.Accept(ctx, a, nil)
}

// AcceptChange implements ui.ChangeIntake.
func (s *Store) AcceptChange(_ context.Context, changes []evidence.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes = append(s.changes, changes...)
	return nil
}

// Subscribe implements ui.ProgressFeed.
func (s *Store) Subscribe(ctx context.Context, id string) (<-chan ui.ProgressEvent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return nil, err
	}
	feed := make(chan ui.ProgressEvent, 16) // a reader this slow misses steps
	feed <- ui.ProgressEvent{Sequence: s.seq, State: st.Incident.State, Revision: st.Incident.Revision, Progress: st.Progress}
	s.feeds[id] = append(s.feeds[id], feed)
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.feeds[id] = slices.DeleteFunc(s.feeds[id], func(c chan ui.ProgressEvent) bool { return c == feed })
		close(feed)
	})
	return feed, nil
}

// Advance moves a story on: a step of its investigation, or a new report.
func (s *Store) Advance(id string, p *correlate.Progress, r *report.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stories[id]
	st.Progress = p
	if r != nil {
		r.Incident, r.Revision = id, len(st.Reports)+1
		st.Reports, st.At = append(st.Reports, *r), append(st.At, s.now())
		st.Incident.State, st.Incident.Revision, st.Incident.Verdict, st.Incident.Title = casefile.StateReported, r.Revision, r.Verdict.Word, r.Title
	}
	s.seq++
	e := ui.ProgressEvent{Sequence: s.seq, State: st.Incident.State, Revision: st.Incident.Revision, Progress: p}
	for _, f := range s.feeds[id] {
		select {
		case f <- e:
		default: // the contract lets a slow reader miss a step
		}
	}
}

// GiveUp ends a story's investigation without a report.
func (s *Store) GiveUp(id, why string) {
	s.mu.Lock()
	s.stories[id].Incident.Failed = why
	s.mu.Unlock()
	s.Advance(id, nil, nil)
}

// Why implements ui.WhyLookup.
func (s *Store) Why(_ context.Context, _, file string, line int, _ string) (ui.WhyAnswer, error) {
	b := code()[0].Blame
	if file != b.Ref.Path {
		return ui.WhyAnswer{}, fmt.Errorf("%s is not indexed: %w", file, evidence.ErrNotFound)
	}
	b.Ref.Line = line
	return ui.WhyAnswer{Blame: b, Decisions: []evidence.Decision{decisions()[0].Decision}}, nil
}

// Decisions implements ui.DecisionStore.
func (s *Store) Decisions(context.Context) ([]ui.DecisionSummary, error) {
	d := decisions()[0]
	return []ui.DecisionSummary{{ID: d.ID, Title: d.Title, Status: d.Status, EffectiveAt: d.When.EffectiveAt, Lines: 7},
		{ID: "ADR-047", Title: "Cache bids for 30 s", Status: "superseded", EffectiveAt: at(-90 * 24 * time.Hour)},
		{ID: Payloads()[0], Title: Payloads()[1], Status: Payloads()[2]}}, nil
}

// Decision implements ui.DecisionStore.
func (s *Store) Decision(_ context.Context, id string) (evidence.Decision, error) {
	if id == Payloads()[0] {
		return Hostile(Payloads()).Reports[0].Decisions[0].Decision, nil
	}
	d := decisions()[0].Decision
	if d.ID == id {
		return d, nil
	}
	if title := map[string]string{"ADR-047": "Cache bids for 30 s", "ADR-051": "Cache no bids", "DEC-2023-0007": "Pool etcd connections"}[id]; title != "" {
		d.ID, d.Title = id, title
		return d, nil
	}
	return evidence.Decision{}, fmt.Errorf("no decision %q is recorded: %w", id, evidence.ErrNotFound)
}

// Covers implements ui.DecisionStore.
func (s *Store) Covers(_ context.Context, id string, _ int) ([]ui.CoveredLines, error) {
	ref := code()[0].Ref
	ref.Line = 115
	return []ui.CoveredLines{{Ref: ref, To: 119, Kind: "trailer"}, {Ref: evidence.CodeRef{Path: Payloads()[1], Line: 1}, To: 1, Kind: "tag"}}, nil
}

// Hot implements ui.HotLines.
func (s *Store) Hot(context.Context, int) ([]ui.HotLine, error) {
	ref := code()[0].Ref
	other := ref
	other.Path, other.Line = "internal/bid/cache.go", 41
	return []ui.HotLine{{Ref: ref, Incidents: 3, Decisions: []string{decision}}, {Ref: other, Incidents: 1}}, nil
}

// CheckNow implements ui.ConditionChecker.
func (s *Store) CheckNow(_ context.Context, _ string, d evidence.Decision) ([]report.ConditionResult, error) {
	var out []report.ConditionResult
	for _, c := range d.How.Verify {
		out = append(out, report.ConditionResult{Condition: c, Result: "kept"})
	}
	return out, nil
}

// Present implements ui.PresentState.
func (s *Store) Present(context.Context, evidence.Alert) report.Present {
	at := s.now().UTC()
	return report.Present{At: at, Fires: report.Yes, Says: "Still so: 0.12 now, the alert fires above 0.05.",
		Conditions: []report.PresentCondition{{Expr: Payloads()[1], Op: ">", Limit: 0.05, Value: 0.12, At: at}}}
}

// Health implements ui.HealthReporter.
func (s *Store) Health(context.Context) ui.Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return ui.Health{Status: "down", Reasons: []string{"queue_full"}}
	}
	return ui.Health{Status: "degraded", Reasons: []string{"loki_latency_high"}}
}
