// Package notify tells chat rooms and other programs that a report is ready.
// It never holds a report up: what cannot be delivered is retried in the
// background, then given up, counted and logged.
package notify

import (
	"context"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate"
)

// Outcomes of a notification.
const (
	Delivered = "delivered"
	Failed    = "failed"  // given up after retries, or refused for good
	Dropped   = "dropped" // the queue was full, or the program stopped
)

// Options are what a Notifier needs besides its targets.
type Options struct {
	Log *zap.Logger
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

// queueLength is how many messages wait for one target before further ones are
// dropped.
const queueLength = 200

// target is a configured target with its queue.
type target struct {
	Target
	render render
	queue  chan message
}

// message is one notification, ready to be sent.
type message struct {
	id   string // the same for every attempt, so that receivers can tell
	body []byte
}

// New prepares the targets; its error names the one that is not usable.
func New(o Options, targets []Target) (*Notifier, error) {
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
		n.targets = append(n.targets, &target{Target: t, render: r, queue: make(chan message, queueLength)})
	}
	return n, nil
}

// Reported hands a report to every target that wants it. It returns at once.
func (n *Notifier) Reported(incident string, revision int, r correlate.Report) {
	if len(n.targets) == 0 {
		return
	}
	changed := n.news(incident, r)
	s := summaryOf(incident, revision, r, n.o.BaseURL)
	for _, t := range n.targets {
		if !t.wants(revision, changed, r.Verdict.Word) {
			continue
		}
		body, err := t.render(s)
		if err != nil {
			n.o.Log.Error("notification not worded", zap.String("target", t.Name), zap.String("incident", incident), zap.Error(err))
			n.o.Count(t.Name, Failed)
			continue
		}
		select {
		case t.queue <- message{id: s.ID + "-r" + s.RevisionText(), body: body}:
		default:
			n.o.Log.Warn("notification dropped: too many are waiting", zap.String("target", t.Name), zap.String("incident", incident))
			n.o.Count(t.Name, Dropped)
		}
	}
}

// gist is what makes a further revision news: another verdict, another first
// cause.
func gist(r correlate.Report) string {
	parts := []string{string(r.Verdict.Word)}
	if len(r.Causes) > 0 {
		c := r.Causes[0]
		parts = append(parts, c.Entity.Name, string(c.Mechanism), string(c.Trigger), c.Change)
	}
	return strings.Join(parts, "\x00")
}

// remembered bounds how many incidents' last words are kept.
const remembered = 10_000

// news reports whether this revision says something else than the last one.
func (n *Notifier) news(incident string, r correlate.Report) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := gist(r)
	before, known := n.said[incident]
	if len(n.said) >= remembered {
		clear(n.said)
	}
	n.said[incident] = now
	return !known || before != now
}

// Run delivers until ctx ends. What is undelivered then is dropped and counted.
func (n *Notifier) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, t := range n.targets {
		wg.Go(func() { n.deliver(ctx, t) })
	}
	wg.Wait()
}

func (n *Notifier) deliver(ctx context.Context, t *target) {
	for {
		select {
		case <-ctx.Done():
			for range len(t.queue) {
				n.o.Count(t.Name, Dropped)
			}
			return
		case m := <-t.queue:
			log := n.o.Log.With(zap.String("target", t.Name), zap.String("notification", m.id))
			switch err := n.send(ctx, t, m); {
			case err == nil:
				n.o.Count(t.Name, Delivered)
				log.Debug("notified")
			case ctx.Err() != nil:
				n.o.Count(t.Name, Dropped)
				log.Warn("notification dropped: the program stops")
			default:
				n.o.Count(t.Name, Failed)
				log.Error("notification not delivered", zap.Error(err))
			}
		}
	}
}
