// Package notify tells chat rooms and other programs that a report is ready.
// Messages wait in the casebook and are sent at least once: what cannot be
// delivered is retried in the background, over restarts too, then given up,
// counted and logged. It never holds a report up.
package notify

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Outcomes of a notification.
const (
	Delivered = "delivered"
	Failed    = "failed"  // given up after retries, or refused for good
	Dropped   = "dropped" // too many were waiting, or its target is no longer configured
)

// Outbox is where messages wait: the casebook.
type Outbox interface {
	casebook.Outbox
	casebook.Targets
	// Report returns a report revision as it is kept.
	Report(ctx context.Context, incident string, revision int) ([]byte, error)
}

// Options are what a Notifier needs besides its targets.
type Options struct {
	Log    *zap.Logger
	Outbox Outbox
	// BaseURL is how people reach the pages; messages link there.
	BaseURL string
	Now     func() time.Time
	// Count is told of every notification's end.
	Count func(target, outcome string)
	// Patience is how long one notification is retried; 15 minutes when 0.
	Patience time.Duration
	// FirstWait is before the first retry, doubled after each; a second when 0.
	FirstWait time.Duration
}

// Notifier delivers messages to its targets, each in order and independent of
// the others.
type Notifier struct {
	o       Options
	targets []*target

	mu   sync.Mutex
	said map[string]string // incident -> what was said last, see gist
}

// queueLength is how many messages may wait for one target before further ones
// are dropped.
const queueLength = 200

// target is a configured target.
type target struct {
	Target
	render render
	wake   chan struct{} // holds at most one signal
	carry  *Carrier      // nil for one that is told of reports
}

// Carrier is a target that is told of no report: it is sent what others put into
// the outbox under its name, which begins with ReservedNames.
type Carrier struct {
	Target Target
	// Due is asked before a message is sent; false drops it.
	Due func(ctx context.Context, m casebook.Message) (bool, error)
	// Ended is told that a message was taken, or given up with the error. Its own
	// error leaves the message in the outbox.
	Ended func(ctx context.Context, m casebook.Message, err error) error
}

// ReservedNames begin the names in the outbox that are no configured targets of
// reports.
const ReservedNames = "action/"

// DecideQueue holds the reports on which it is still to be decided what to ask
// for; nothing of it is sent.
const DecideQueue = ReservedNames + "decide"

// New prepares the targets; its error names the one that is not usable.
func New(o Options, targets []Target, carriers ...Carrier) (*Notifier, error) {
	if o.Patience == 0 {
		o.Patience = 15 * time.Minute
	}
	if o.FirstWait == 0 {
		o.FirstWait = time.Second
	}
	n := &Notifier{o: o, said: map[string]string{}}
	for _, t := range targets {
		r, err := t.renderer()
		if err != nil {
			return nil, err
		}
		n.targets = append(n.targets, &target{Target: t, render: r, wake: make(chan struct{}, 1)})
	}
	for _, c := range carriers {
		n.targets = append(n.targets, &target{Target: c.Target, wake: make(chan struct{}, 1), carry: &c})
	}
	return n, nil
}

// Messages words a report for every target that wants it. The caller stores
// them with the report and then calls Wake.
func (n *Notifier) Messages(ctx context.Context, incident string, revision int, r report.Report) []casebook.Message {
	if len(n.targets) == 0 {
		return nil
	}
	pending, err := n.o.Outbox.Pending(ctx)
	if err != nil {
		n.o.Log.Warn("notification outbox: pending messages could not be counted", zap.Error(err)) // then none is held back
	}
	changed := n.news(ctx, incident, revision, r)
	s := summaryOf(incident, revision, r, n.o.BaseURL)
	var list []casebook.Message
	for _, t := range n.targets {
		log := n.o.Log.With(zap.String("target", t.Name), zap.String("incident", incident))
		if t.carry != nil || !t.wants(revision, changed, r.Verdict.Word) {
			continue
		}
		if pending[t.Name] >= queueLength {
			log.Warn("notification outbox full: notification dropped")
			n.o.Count(t.Name, Dropped)
			continue
		}
		body, err := t.render(s)
		if err != nil {
			log.Error("notification could not be rendered", zap.Error(err))
			n.o.Count(t.Name, Failed)
			continue
		}
		list = append(list, casebook.Message{Target: t.Name, ID: s.ID + "-r" + s.RevisionText(), Body: body})
	}
	return list
}

// Wake has what is due sent. It returns at once.
func (n *Notifier) Wake() {
	for _, t := range n.targets {
		select {
		case t.wake <- struct{}{}:
		default: // a signal is there already
		}
	}
}

// gist is what makes a further revision news: another verdict, another first
// cause.
func gist(r report.Report) string {
	parts := []string{string(r.Verdict.Word)}
	if len(r.Causes) > 0 {
		c := r.Causes[0]
		parts = append(parts, c.Entity.Name, string(c.Mechanism), string(c.Trigger), c.Change)
	}
	return strings.Join(parts, "\x00")
}

// remembered bounds how many incidents' last words are kept.
const remembered = 10_000

// Forget has the next revision of an incident compared with what was published of
// it: the one that was prepared for it was not.
func (n *Notifier) Forget(incident string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.said, incident)
}

// news reports whether this revision says something else than the one before.
func (n *Notifier) news(ctx context.Context, incident string, revision int, r report.Report) bool {
	n.mu.Lock()
	before, known := n.said[incident]
	n.mu.Unlock() // not held while the outbox is asked
	now := gist(r)
	if !known && revision > 1 { // said before the program was started
		var was report.Report
		if body, err := n.o.Outbox.Report(ctx, incident, revision-1); err == nil && json.Unmarshal(body, &was) == nil {
			before, known = gist(was), true
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.said) >= remembered {
		clear(n.said)
	}
	n.said[incident] = now
	return !known || before != now
}

// Run delivers until ctx ends. What is undelivered then stays due.
func (n *Notifier) Run(ctx context.Context) {
	n.forgetOthers(ctx)
	var wg sync.WaitGroup
	for _, t := range n.targets {
		wg.Go(func() { n.deliver(ctx, t) })
	}
	wg.Wait()
}

// forgetOthers drops what waits for targets that are no longer configured.
func (n *Notifier) forgetOthers(ctx context.Context) {
	pending, err := n.o.Outbox.Pending(ctx)
	if err != nil {
		n.o.Log.Warn("notification outbox could not be read", zap.Error(err))
		return
	}
	for name, count := range pending {
		if name == DecideQueue || slices.ContainsFunc(n.targets, func(t *target) bool { return t.Name == name }) {
			continue
		}
		if err := n.o.Outbox.Forget(ctx, name); err != nil {
			n.o.Log.Warn("notification outbox: messages could not be deleted", zap.String("target", name), zap.Error(err))
			continue
		}
		n.o.Log.Warn("notifications dropped: target is no longer configured", zap.String("target", name), zap.Int("notifications", count))
		for range count {
			n.o.Count(name, Dropped)
		}
	}
}

// pollEvery is how often the outbox is read without a signal: a read that
// failed must not hold a message up for good.
const pollEvery = time.Minute

func (n *Notifier) deliver(ctx context.Context, t *target) {
	again := time.NewTicker(pollEvery)
	defer again.Stop()
	for {
		for n.deliverNext(ctx, t) {
		}
		select {
		case <-ctx.Done():
			return
		case <-t.wake:
		case <-again.C:
		}
	}
}

// deliverNext sends a target's oldest message; false when there is none, or
// when it cannot go on now.
func (n *Notifier) deliverNext(ctx context.Context, t *target) bool {
	if ctx.Err() != nil {
		return false
	}
	m, ok, err := n.o.Outbox.Due(ctx, t.Name)
	if err != nil {
		n.o.Log.Warn("notification outbox could not be read", zap.String("target", t.Name), zap.Error(err))
	}
	if err != nil || !ok {
		return false
	}
	log := n.o.Log.With(zap.String("target", t.Name), zap.String("notification", m.ID))
	if due, err := t.due(ctx, m); err != nil {
		log.Warn("notification left in the outbox: its state could not be read", zap.Error(err))
		return false
	} else if !due {
		n.o.Count(t.Name, Dropped)
		return n.drop(ctx, log, m)
	}
	err = guard.Run(func() error { return n.send(ctx, t, m) })
	if err != nil && ctx.Err() != nil {
		log.Info("notification left in the outbox: shutting down")
		return false
	}
	if errors.Is(err, errNotDue) {
		n.o.Count(t.Name, Dropped)
		return n.drop(ctx, log, m)
	}
	if t.carry != nil {
		if noted := t.carry.Ended(context.WithoutCancel(ctx), m, err); noted != nil {
			log.Error("notification outbox: delivery result could not be stored; the message will be sent again", zap.Error(noted))
			return false
		}
	}
	// Noted even when the program stops meanwhile: else it would be sent twice.
	if !n.drop(context.WithoutCancel(ctx), log, m) {
		return false
	}
	if err != nil {
		n.o.Count(t.Name, Failed)
		log.Error("notification not delivered", zap.Error(err))
		return true
	}
	n.o.Count(t.Name, Delivered)
	log.Debug("notified")
	return true
}

// due reports whether a message is still to be sent.
func (t *target) due(ctx context.Context, m casebook.Message) (bool, error) {
	if t.carry == nil {
		return true, nil
	}
	return t.carry.Due(ctx, m)
}

// drop deletes a message that is done with.
func (n *Notifier) drop(ctx context.Context, log *zap.Logger, m casebook.Message) bool {
	err := n.o.Outbox.Settled(ctx, m)
	if err != nil {
		log.Error("notification outbox: delivered message could not be deleted and will be sent again", zap.Error(err))
	}
	return err == nil
}
