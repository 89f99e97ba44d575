package act

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go" // the specification's own library

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// ErrNoTarget says that nobody is configured who could sign an answer.
var ErrNoTarget = errors.New("no target is configured")

// Signed says which target signed an answer, within the five minutes that
// Standard Webhooks gives a message. The error is ui.ErrWho, and ErrNoTarget too
// where there is no target.
func (d *Desk) Signed(h http.Header, body []byte) (string, error) {
	failure := ErrNoTarget
	for _, t := range d.c.Targets {
		for _, secret := range Keys(t.AnswerSecret) {
			key, err := standardwebhooks.NewWebhook(secret)
			if err == nil {
				err = key.Verify(body, h)
			}
			if err == nil {
				return t.Name, nil
			}
			failure = reason(err)
		}
	}
	return "", fmt.Errorf("%w; sign the body as Standard Webhooks says with the target's answer_secret: %w", failure, ui.ErrWho)
}

// reason is why a signature does not count, in words.
func reason(err error) error {
	for _, x := range []struct {
		of   error
		says string
	}{
		{standardwebhooks.ErrRequiredHeaders, "webhook-id, webhook-timestamp or webhook-signature is missing"},
		{standardwebhooks.ErrInvalidHeaders, "webhook-timestamp is no number of seconds"},
		{standardwebhooks.ErrMessageTooOld, "webhook-timestamp is more than five minutes ago"},
		{standardwebhooks.ErrMessageTooNew, "webhook-timestamp is more than five minutes ahead"},
	} {
		if errors.Is(err, x.of) {
			return errors.New(x.says)
		}
	}
	return errors.New("the signature does not fit the body")
}

// answer is what a target says of an action.
type answer struct {
	ID      string              `json:"id"` // of the action: the address is not signed
	State   casefile.ActionMove `json:"state"`
	Message string              `json:"message"`
}

// longestWord bounds what a target says, in characters, and longestID its
// messages' IDs.
const (
	longestWord = 300
	longestID   = 200
)

// Answer takes what a target says of an action; message is the ID that it signed.
func (d *Desk) Answer(ctx context.Context, id, target, message string, body []byte) (casefile.Action, error) {
	var in answer
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return casefile.Action{}, fmt.Errorf("the body does not fit: %s: %w", evidence.JSONProblem(err), evidence.ErrInvalid)
	}
	switch {
	case in.ID != id:
		return casefile.Action{}, fmt.Errorf("the body is about %s and was sent to the address of %s: %w", visible.Short(in.ID, 40), visible.Short(id, 40), evidence.ErrInvalid)
	case !slices.Contains([]casefile.ActionMove{casefile.MoveAccept, casefile.MoveDone, casefile.MoveFail}, in.State):
		return casefile.Action{}, fmt.Errorf("state is %q and must be accepted, done or failed: %w", visible.Short(string(in.State), 40), evidence.ErrInvalid)
	case len(message) > longestID:
		return casefile.Action{}, fmt.Errorf("webhook-id is longer than %d characters: %w", longestID, evidence.ErrInvalid)
	}
	a, err := d.o.Store.Action(ctx, id)
	if err != nil {
		return a, err
	}
	if a.Target != target {
		return casefile.Action{}, fmt.Errorf("%s was asked of another target than %s: %w", id, target, ui.ErrForbidden)
	}
	return d.move(ctx, id, casebook.ActionStep{Move: in.State, By: "target:" + target, Why: visible.Short(in.Message, longestWord), Answer: message})
}

// Move carries out what a person says of an action, and has it sent where that
// was an approval.
func (d *Desk) Move(ctx context.Context, id string, m casefile.ActionMove, by, why string) (casefile.Action, error) {
	if !slices.Contains([]casefile.ActionMove{casefile.MoveApprove, casefile.MoveRefuse, casefile.MoveDone, casefile.MoveFail}, m) {
		return casefile.Action{}, fmt.Errorf("decision is %q and must be approve, refuse, done or failed: %w", visible.Short(string(m), 40), evidence.ErrInvalid)
	}
	if m == casefile.MoveApprove && (!d.c.Enabled || d.c.DryRun) {
		return casefile.Action{}, fmt.Errorf("actions are switched off in the configuration, so that nothing would be sent: %w", casefile.ErrConflict)
	}
	a, err := d.move(ctx, id, casebook.ActionStep{Move: m, By: by, Why: why})
	if err == nil {
		d.o.Send()
	}
	return a, err
}
