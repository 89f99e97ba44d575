package page

import (
	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// ActionsCard is what was asked of targets on the incident's behalf.
type ActionsCard struct {
	State State
	Rows  []ActionRow
	// Stopped says by whom all actions are stopped, empty while they are not.
	Stopped string
}

// ActionRow is one action.
type ActionRow struct {
	ID, Title, Word, Class, Because, Capped, Reason, By, Rule string
	Decision                                                  Link
	Asked, Changed                                            Clock
	// Approve, Refuse and Answer are the buttons that fit its state.
	Approve, Refuse, Answer bool
}

// stands words the states for people; what is wrong stands out.
var stands = map[casefile.ActionState][2]string{
	casefile.ActionWaiting: {"waits for approval", "warn"}, casefile.ActionByHand: {"to be carried out by hand", "warn"}, casefile.ActionQueued: {"about to be sent", "plain"},
	casefile.ActionSent: {"sent, no answer yet", "plain"}, casefile.ActionAccepted: {"under way", "plain"}, casefile.ActionDone: {"done", "good"},
	casefile.ActionFailed: {"failed", "bad"}, casefile.ActionRefused: {"refused", "plain"}, casefile.ActionUndelivered: {"could not be sent", "bad"},
	casefile.ActionExpired: {"nobody answered in time", "bad"}, casefile.ActionStopped: {"stopped", "plain"}, casefile.ActionHeld: {"held back", "plain"},
	casefile.ActionDry: {"dry run: nothing was sent", "plain"},
}

func (b *builder) actions() *ActionsCard {
	why := b.in.Failures["actions"]
	if len(b.in.Actions) == 0 && why == "" && !b.in.Switch.Stopped {
		return nil
	}
	c := &ActionsCard{}
	if why != "" {
		c.State = State{StateFailed, "The actions could not be read: " + text(why)}
	}
	if s := b.in.Switch; s.Stopped {
		c.Stopped = "All actions are stopped by " + short(s.By, 40) + " since " + b.at(s.At).UTC
		if s.Why != "" {
			c.Stopped += ": " + short(s.Why, 120)
		}
	}
	for i := range b.in.Actions {
		c.Rows = append(c.Rows, b.actionRow(&b.in.Actions[i]))
	}
	return c
}

func (b *builder) actionRow(a *casefile.Action) ActionRow {
	word := stands[a.State]
	title := "Roll " + short(a.Service, 40) + " back to " + short(a.Revision, 60)
	if a.Kind == casefile.Degrade {
		title = "Degrade " + short(a.Service, 40) + " to " + short(a.Revision, 60)
	}
	return ActionRow{
		ID: text(a.ID), Title: title, Word: word[0], Class: word[1], Because: short(a.Because, 400), Capped: short(a.Capped, 240), Reason: short(a.Reason, 320),
		By: short(a.By, 60), Rule: short(a.Rule, 40), Decision: Link{short(a.Decision, 60), decisionURL(a.Decision)}, Asked: b.at(a.AskedAt), Changed: b.at(a.ChangedAt),
		Approve: a.State == casefile.ActionWaiting, Refuse: a.State == casefile.ActionWaiting || a.State == casefile.ActionByHand,
		Answer: a.State.Open() && a.State != casefile.ActionWaiting,
	}
}
