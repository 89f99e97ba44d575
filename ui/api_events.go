package ui

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// beatEvery keeps proxies from closing a quiet stream.
const beatEvery = 15 * time.Second

// openStream begins a stream of events. The server's deadline for answers would cut it,
// and is lifted here and no sooner: who was not admitted is held to it. That for
// requests stays: net/http lifts it once the body was read.
func openStream(w http.ResponseWriter) *http.ResponseController {
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{}) // not every writer has one
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	_, _ = fmt.Fprint(w, "retry: 2000\n\n")
	_ = control.Flush()
	return control
}

// mayStay reports whether who reads a stream would still be admitted to it, as the
// same tenant's: a token is revoked while its streams go on. A gate that cannot tell
// now ends none.
func (s *server) mayStay(r *http.Request) bool {
	p, err := s.admit(r, ActView)
	if err != nil {
		return !errors.Is(err, ErrWho) && !errors.Is(err, ErrForbidden)
	}
	return p.Tenant == PersonOf(r.Context()).Tenant
}

// lookerName is who looks: the person who is known, else the name that the page
// remembers.
func (s *server) lookerName(r *http.Request) string {
	return cmp.Or(visible.Short(cmp.Or(PersonOf(r.Context()).Name, r.URL.Query().Get("looking")), longestLooker), somebody)
}

// listEvery is how often an open list is looked at for changes. It is read again
// rather than told of them: another server or a person may have made them, and the
// reader's filter and tenant decide which count.
const listEvery = 2 * time.Second

// getListEvents streams "list" events: the first page of the list that a filter
// gives has changed, and with which fingerprint. It holds no incident.
func (s *server) getListEvents(w http.ResponseWriter, r *http.Request) {
	f, err := s.filterOf(r.URL.Query())
	if err == nil {
		err = onlyKnown(r.URL.Query())
	}
	var seen uint64
	if err == nil {
		seen, err = s.fingerprint(r, f)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	back, ok := s.startStream(w, r)
	if !ok {
		return
	}
	defer back()
	control := openStream(w)
	beat, look := time.NewTicker(beatEvery), time.NewTicker(listEvery)
	defer beat.Stop()
	defer look.Stop()
	_, err = fmt.Fprintf(w, "event: list\ndata: %x\n\n", seen)
	for err == nil && control.Flush() == nil {
		select {
		case <-r.Context().Done():
			return
		case <-s.Stopping:
			return
		case <-beat.C:
			if !s.mayStay(r) {
				return
			}
			_, err = fmt.Fprint(w, ": still here\n\n")
		case <-look.C:
			now, fault := s.fingerprint(r, f)
			if fault != nil || now == seen {
				continue // one that cannot be read now may be later
			}
			seen = now
			_, err = fmt.Fprintf(w, "event: list\ndata: %x\n\n", seen)
		}
	}
}

// fingerprint is the same for the same first page of a list.
func (s *server) fingerprint(r *http.Request, f casefile.IncidentFilter) (uint64, error) {
	page, _, err := s.Incidents.Incidents(r.Context(), f)
	if err != nil {
		return 0, err //nolint:wrapcheck // answered as it is
	}
	sum := fnv.New64a()
	if err := json.NewEncoder(sum).Encode(page); err != nil {
		return 0, fmt.Errorf("fingerprint of a list: %w", err)
	}
	return sum.Sum64(), nil
}

// startStream counts a stream to its client until back is called; where there are
// too many, it answers so and ok is false.
func (s *server) startStream(w http.ResponseWriter, r *http.Request) (back func(), ok bool) {
	back, ok = s.limits.stream(s.client(r, PersonOf(r.Context())))
	if !ok {
		s.fail(w, r, WaitError{"too many event streams are open", 10 * time.Second})
	}
	return back, ok
}

// getEvents streams progress. Each event's id is REVISION-SEQUENCE, so that a
// browser that lost the connection resumes behind what it has seen.
func (s *server) getEvents(w http.ResponseWriter, r *http.Request) {
	if s.Progress == nil {
		s.unconfigured(w, r)
		return
	}
	back, ok := s.startStream(w, r)
	if !ok {
		return
	}
	defer back()
	feed, err := s.Progress.Subscribe(r.Context(), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	id, me, shown := r.PathValue("id"), int64(0), "[]"
	if r.URL.Query().Has("looking") {
		me = s.looking.come(id, s.lookerName(r), s.Now())
	}
	control := openStream(w)
	beat, look := time.NewTicker(beatEvery), time.NewTicker(listEvery)
	defer beat.Stop()
	defer look.Stop()
	var seenRevision int
	var seen int64
	_, _ = fmt.Sscanf(r.Header.Get("Last-Event-ID"), "%d-%d", &seenRevision, &seen)
	for {
		select {
		case <-r.Context().Done():
			return
		case <-s.Stopping:
			return
		case <-beat.C:
			if !s.mayStay(r) {
				return
			}
			s.looking.stay(id, me, s.Now())
			_, err = fmt.Fprint(w, ": still here\n\n")
		case <-look.C:
			names, fault := json.Marshal(append([]string{}, s.looking.others(id, me, s.Now())...))
			if fault != nil || string(names) == shown {
				continue
			}
			shown = string(names)
			_, err = fmt.Fprintf(w, "event: looking\ndata: %s\n\n", names)
		case e, open := <-feed:
			if !open {
				return
			}
			if e.Revision == seenRevision && e.Sequence <= seen {
				continue
			}
			err = writeEvent(w, e)
		}
		if err != nil || control.Flush() != nil {
			return
		}
	}
}

func writeEvent(w http.ResponseWriter, e ProgressEvent) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "id: %d-%d\nevent: progress\ndata: %s\n\n", e.Revision, e.Sequence, b)
	return err
}
