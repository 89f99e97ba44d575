package server

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/blameindex/publish"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
)

// DecisionLogs says how the decision logs stand.
type DecisionLogs interface {
	LogStates(ctx context.Context) ([]blameindex.LogState, error)
}

// watchDecisions looks at the decision logs as often as the repositories are
// fetched: their state goes to the metrics, accepted and changed decisions to
// the receiver that is configured.
func (r *room) watchDecisions(ctx context.Context) {
	for {
		b := r.backend.Load()
		if b.Logs != nil {
			r.lookAtDecisions(ctx, b)
		}
		wait := time.NewTimer(b.LogsEvery)
		if b.LogsEvery <= 0 {
			wait.Reset(time.Minute)
		}
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
	}
}

func (r *room) lookAtDecisions(ctx context.Context, b *Backend) {
	var states []blameindex.LogState
	err := guard.Run(func() (err error) { states, err = b.Logs.LogStates(ctx); return err })
	if err != nil && ctx.Err() == nil {
		r.log.Warn("decision log could not be read", zap.Error(err))
	}
	for _, st := range states {
		r.s.decisions.Set(r.label(st.Repository), publish.StateOf(st.After, st.Refused))
		if b.Publish.URL == "" {
			continue
		}
		if err := r.tell(ctx, b.Publish, st); err != nil && ctx.Err() == nil {
			r.log.Warn("decision events not delivered; they are sent again", zap.String("repository", st.Repository), zap.Error(err))
		}
	}
}

// tell sends what changed. What was not taken is sent again the next time, what
// was taken has the same ID then.
func (r *room) tell(ctx context.Context, to config.Publish, st blameindex.LogState) error {
	source := to.Source
	if source == "" {
		source = "urn:wherefore:repository:" + st.Repository
	}
	events, err := publish.Events(st.Before, st.After, source)
	if err != nil {
		return err
	}
	sender := publish.Sender{URL: to.URL, Secret: []byte(to.Secret), Client: publish.DefaultClient(), Tries: 3}
	for _, e := range events {
		err := sender.Send(ctx, e)
		r.s.decisions.Sent(r.label(st.Repository), err)
		if err != nil {
			return err
		}
		r.log.Info("decision event delivered", zap.String("decision", e.Subject()), zap.String("type", e.Type()), zap.String("id", e.ID()))
	}
	return st.Told(ctx)
}
