package runner

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui"
)

// Incidents looks incidents up for subscribers.
type Incidents interface {
	Incident(ctx context.Context, id string) (casefile.Incident, error)
}

// Feed hands the progress of investigations to whoever follows them. It is a
// Watcher and a ui.ProgressFeed.
type Feed struct {
	incidents Incidents
	others    Events // nil without other servers
	// OnFinish, when set, is told of every end of an investigation.
	OnFinish func(j casebook.Job, r report.Report, took time.Duration, err error)

	mu     sync.Mutex
	topics map[string]*topic
}

// Events carries what happens between servers that share a casebook.
type Events interface {
	// Broadcast tells the others of an event; a later one about the same incident may
	// replace it.
	Broadcast(incident string, event []byte)
	Listen(to func(event []byte))
}

// shared is an event as one server tells it to the others.
type shared struct {
	Incident string                 `json:"incident"`
	State    casefile.IncidentState `json:"state"`
	Revision int                    `json:"revision,omitempty"`
	Progress *correlate.Progress    `json:"progress,omitempty"`
}

// Share tells the other servers what happens here, and followers here what
// happens there.
func (f *Feed) Share(e Events) {
	f.others = e
	e.Listen(func(event []byte) {
		var x shared
		if json.Unmarshal(event, &x) != nil || x.Incident == "" {
			return // of another version of the program
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		t := f.topics[x.Incident]
		if t == nil {
			return // nobody here follows it
		}
		t.sequence++
		t.last = x.Progress
		t.send(ui.ProgressEvent{Sequence: t.sequence, State: x.State, Revision: x.Revision, Progress: x.Progress})
	})
}

// tell tells the other servers, if there are any.
func (f *Feed) tell(x shared) {
	if f.others == nil {
		return
	}
	if body, err := json.Marshal(x); err == nil {
		f.others.Broadcast(x.Incident, body)
	}
}

// topic is one incident that is followed or investigated.
type topic struct {
	sequence int64
	last     *correlate.Progress // nil when nothing runs
	readers  map[chan ui.ProgressEvent]struct{}
}

// NewFeed makes a feed that looks incidents up in the given store.
func NewFeed(incidents Incidents) *Feed {
	return &Feed{incidents: incidents, topics: map[string]*topic{}}
}

func (f *Feed) topic(incident string) *topic {
	t := f.topics[incident]
	if t == nil {
		t = &topic{readers: map[chan ui.ProgressEvent]struct{}{}}
		f.topics[incident] = t
	}
	return t
}

// Progressed implements Watcher.
func (f *Feed) Progressed(incident string, p correlate.Progress) {
	f.tell(shared{Incident: incident, State: casefile.StateInvestigating, Progress: &p})
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.topic(incident)
	t.sequence++
	t.last = &p
	t.send(ui.ProgressEvent{Sequence: t.sequence, State: casefile.StateInvestigating, Progress: &p})
}

// Finished implements Watcher.
func (f *Feed) Finished(j casebook.Job, r report.Report, took time.Duration, err error) {
	incident, revision := j.Incident, j.Revision
	if f.OnFinish != nil {
		f.OnFinish(j, r, took, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.topic(incident)
	t.sequence++
	t.last = nil
	e := ui.ProgressEvent{Sequence: t.sequence, State: casefile.StateReported, Revision: revision}
	if err != nil {
		e.State, e.Revision = casefile.StateInvestigating, revision-1
	}
	f.tell(shared{Incident: incident, State: e.State, Revision: e.Revision})
	t.send(e)
	if len(t.readers) == 0 {
		delete(f.topics, incident)
	}
}

// send gives every reader the newest event; one that a slow reader has not
// taken yet is replaced.
func (t *topic) send(e ui.ProgressEvent) {
	for c := range t.readers {
		select {
		case <-c:
		default:
		}
		c <- e
	}
}

// Of is the feed for those who may follow the incidents of a store, and no others.
func (f *Feed) Of(incidents Incidents) ui.ProgressFeed { return follower{f, incidents} }

type follower struct {
	feed      *Feed
	incidents Incidents
}

func (f follower) Subscribe(ctx context.Context, incident string) (<-chan ui.ProgressEvent, error) {
	return f.feed.subscribe(ctx, f.incidents, incident)
}

// Subscribe implements ui.ProgressFeed.
func (f *Feed) Subscribe(ctx context.Context, incident string) (<-chan ui.ProgressEvent, error) {
	return f.subscribe(ctx, f.incidents, incident)
}

func (f *Feed) subscribe(ctx context.Context, incidents Incidents, incident string) (<-chan ui.ProgressEvent, error) {
	i, err := incidents.Incident(ctx, incident)
	if err != nil {
		return nil, err
	}
	c := make(chan ui.ProgressEvent, 1)
	f.mu.Lock()
	t := f.topic(incident)
	e := ui.ProgressEvent{Sequence: t.sequence, State: i.State, Revision: i.Revision, Progress: t.last}
	t.readers[c] = struct{}{}
	c <- e
	f.mu.Unlock()
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(t.readers, c)
		close(c)
		if len(t.readers) == 0 && t.last == nil && f.topics[incident] == t {
			delete(f.topics, incident)
		}
	})
	return c, nil
}
