package storybook

import (
	"context"
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// askedFor is an incident with an action in every state.
func askedFor() Story {
	s := confirmed("asked-for")
	for i, state := range []casefile.ActionState{casefile.ActionWaiting, casefile.ActionByHand, casefile.ActionQueued, casefile.ActionSent, casefile.ActionAccepted, casefile.ActionDone,
		casefile.ActionFailed, casefile.ActionRefused, casefile.ActionUndelivered, casefile.ActionExpired, casefile.ActionStopped, casefile.ActionHeld, casefile.ActionDry} {
		a := anAction(s.Incident.ID, state, i)
		if state == casefile.ActionHeld {
			a.Reason = "the last action of ad-server was asked for at 2024-08-01T02:40:00Z, and its cool-down is 30 min"
		}
		s.Actions = append(s.Actions, a)
	}
	return s
}

func anAction(incident string, state casefile.ActionState, n int) casefile.Action {
	at := onset().Add(time.Duration(n) * time.Second)
	a := casefile.Action{Incident: incident, State: state, Kind: casefile.RollBack, Of: "binary", Service: "ad-server", From: "4d5e6f7", Revision: fmt.Sprintf("2b2ee8%x", n),
		Rule: "ad-rollback", Target: "platform", Decision: "DEC-2024-0872", Grade: casefile.Approval, Capped: "a binary goes back by approval at most",
		Because: "Confirmed: ad-server waits for its pool; answers burns at 31 over 30 min and 6.2 over 6 h", Report: 1, AskedAt: at, ChangedAt: at, By: "rule:ad-rollback"}
	if state.Open() {
		a.Until = at.Add(15 * time.Minute)
	}
	a.ID = casefile.ActionID(incident, a.Kind, a.Service, a.Revision)
	return a
}

// Actions implements ui.ActionBook.
func (s *Store) Actions(_ context.Context, incident string) ([]casefile.Action, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(incident)
	if err != nil {
		return nil, err
	}
	if st.Fails["actions"] {
		return nil, fmt.Errorf("the casebook does not answer: %w", evidence.ErrUnavailable)
	}
	return append([]casefile.Action{}, st.Actions...), nil
}

// NewestActions implements ui.ActionBook.
func (s *Store) NewestActions(_ context.Context, limit int) ([]casefile.Action, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []casefile.Action
	for _, id := range s.order {
		all = append(all, s.stories[id].Actions...)
	}
	return all[:min(len(all), limit)], nil
}

// Move implements ui.ActionDesk.
func (s *Store) Move(_ context.Context, id string, m casefile.ActionMove, by, why string) (casefile.Action, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, incident := range s.order {
		list := s.stories[incident].Actions
		for i := range list {
			if list[i].ID != id {
				continue
			}
			to, err := list[i].State.Move(m)
			if err == nil && to != list[i].State {
				list[i].State, list[i].By, list[i].Reason, list[i].ChangedAt = to, by, why, s.now()
			}
			return list[i], err
		}
	}
	return casefile.Action{}, fmt.Errorf("there is no action %s: %w", id, evidence.ErrNotFound)
}

// Answer implements ui.ActionDesk.
func (s *Store) Answer(ctx context.Context, id, target, _ string, _ []byte) (casefile.Action, error) {
	return s.Move(ctx, id, casefile.MoveAccept, "target:"+target, "")
}

// StopActions implements ui.ActionSwitch.
func (s *Store) StopActions(_ context.Context, by, why string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = casefile.ActionSwitch{Stopped: true, By: by, Why: why, At: s.now()}
	return nil
}

// ResumeActions implements ui.ActionSwitch.
func (s *Store) ResumeActions(context.Context, string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = casefile.ActionSwitch{}
	return nil
}

// ActionsStopped implements ui.ActionSwitch.
func (s *Store) ActionsStopped(context.Context) (casefile.ActionSwitch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped, nil
}
