package ui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// whyAnswer is what stands behind a line; the first fields are those of the
// command's JSON.
type whyAnswer struct {
	Commit    string                  `json:"commit"`
	Author    string                  `json:"author"`
	Time      time.Time               `json:"time"`
	Line      int                     `json:"line"`
	Decisions []string                `json:"decisions"`
	Ref       evidence.CodeRef        `json:"ref"`
	Links     []evidence.DecisionLink `json:"links"`
	Records   []evidence.Decision     `json:"records"`
}

func (s *server) getWhy(w http.ResponseWriter, r *http.Request) {
	if s.Why == nil {
		s.unconfigured(w, r)
		return
	}
	q := r.URL.Query()
	file := q.Get("file")
	line, err := strconv.Atoi(q.Get("line"))
	if err := short(field{"repo", q.Get("repo"), maxName}, field{"file", file, maxPath}, field{"rev", q.Get("rev"), maxName}); err != nil {
		s.fail(w, r, err)
		return
	}
	if err != nil || line < 1 || line > maxLine || !localPath(file) {
		s.fail(w, r, fmt.Errorf("give file, a path inside the repository, and line, a number from 1: %w", evidence.ErrInvalid))
		return
	}
	a, err := s.Why.Why(r.Context(), q.Get("repo"), file, line, q.Get("rev"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out := whyAnswer{Line: line, Decisions: []string{}, Ref: a.Blame.Ref, Links: append([]evidence.DecisionLink{}, a.Blame.Decisions...), Records: append([]evidence.Decision{}, a.Decisions...)}
	for _, l := range a.Blame.Lines {
		if l.Line == a.Blame.Ref.Line {
			out.Commit, out.Author, out.Time = l.Commit, l.Author, l.Time
		}
	}
	for _, d := range a.Blame.Decisions {
		out.Decisions = append(out.Decisions, d.DecisionID)
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *server) getCalibration(w http.ResponseWriter, r *http.Request) {
	if s.Calibration == nil {
		s.unconfigured(w, r)
		return
	}
	judged, err := s.Calibration.Judged(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string][]Judged{"verdicts": append([]Judged{}, judged...)})
}

// localPath refuses paths that leave the repository or look like an option.
func localPath(p string) bool {
	clean := path.Clean(p)
	return p != "" && !path.IsAbs(p) && !strings.HasPrefix(p, "-") && clean != ".." && !strings.HasPrefix(clean, "../") && !strings.ContainsRune(p, 0)
}

func (s *server) postCheck(w http.ResponseWriter, r *http.Request) {
	var in casefile.CheckRequest
	err := decode(r, &in)
	if err == nil {
		err = maturity.Validate(in)
	}
	if err == nil {
		err = short(field{"service", in.Service, maxName}, field{"incident", in.Incident, maxName})
	}
	var cases []maturity.Case
	if err == nil {
		cases, err = s.casesOf(r.Context(), in)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, maturity.Check(in, cases, s.Now()))
}

// maxChecked bounds how many incidents one check looks through.
const maxChecked = 2000

// casesOf gathers the incidents that a check is about with their reports.
func (s *server) casesOf(ctx context.Context, in casefile.CheckRequest) ([]maturity.Case, error) {
	if in.Incident != "" {
		inc, err := s.Incidents.Incident(ctx, in.Incident)
		if err != nil {
			return nil, err
		}
		c, err := s.caseOf(ctx, inc)
		return []maturity.Case{c}, err
	}
	raised, err := s.casesIn(ctx, in, casefile.IncidentFilter{Service: in.Service})
	if err != nil {
		return nil, err
	}
	blamed, err := s.casesIn(ctx, in, casefile.IncidentFilter{Entity: in.Service})
	return append(raised, slices.DeleteFunc(blamed, func(c maturity.Case) bool { return c.Incident.Service == in.Service })...), err
}

// casesIn gathers the incidents of a check's window that pass a filter.
func (s *server) casesIn(ctx context.Context, in casefile.CheckRequest, f casefile.IncidentFilter) ([]maturity.Case, error) {
	var out []maturity.Case
	f.Sort, f.Limit = "started", 200
	for seen := 0; seen < maxChecked; {
		page, next, err := s.Incidents.Incidents(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, inc := range page {
			seen++
			if inc.StartedAt.Before(in.From) || !inc.StartedAt.Before(in.To) {
				continue
			}
			c, err := s.caseOf(ctx, inc)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
		if f.Cursor = next; next == "" {
			return out, nil
		}
	}
	return nil, fmt.Errorf("%s has more than %d incidents; name one: %w", in.Service, maxChecked, evidence.ErrInvalid)
}

func (s *server) caseOf(ctx context.Context, inc casefile.Incident) (maturity.Case, error) {
	c := maturity.Case{Incident: inc}
	revisions, err := s.Reports.Revisions(ctx, inc.ID)
	if err != nil && !errors.Is(err, evidence.ErrNotFound) {
		return c, err
	}
	for _, rev := range revisions {
		raw, err := s.Reports.Report(ctx, inc.ID, rev.Number)
		if err != nil {
			return c, err
		}
		a, err := maturity.Decode(raw, rev.At)
		if err != nil {
			return c, err
		}
		c.Answers = append(c.Answers, a)
	}
	return c, nil
}

// health answers within a second, from what was seen lately.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 900*time.Millisecond)
	defer cancel()
	h := Health{Status: "ok"}
	if s.Health != nil {
		h = s.Health.Health(ctx)
	}
	if h.Reasons == nil {
		h.Reasons = []string{}
	}
	status := http.StatusOK
	if h.Status != "ok" && h.Status != "degraded" {
		status = http.StatusServiceUnavailable
	}
	writeJSON(w, status, h)
}

func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

// alive answers that the program runs, whatever it can do just then: what
// restarts programs that hang must not restart one whose queue is full.
func (s *server) alive(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "alive"})
}

// getEvents streams progress. Each event's id is REVISION-SEQUENCE, so that a
// browser that lost the connection resumes behind what it has seen.
func (s *server) getEvents(w http.ResponseWriter, r *http.Request) {
	if s.Progress == nil {
		s.unconfigured(w, r)
		return
	}
	back, ok := s.limits.stream(s.client(r, PersonOf(r.Context())))
	if !ok {
		s.fail(w, r, WaitError{"too many event streams are open", 10 * time.Second})
		return
	}
	defer back()
	feed, err := s.Progress.Subscribe(r.Context(), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{}) // a server-wide deadline would cut the stream; not every writer has one
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	_, _ = fmt.Fprint(w, "retry: 2000\n\n")
	_ = control.Flush()
	beat := time.NewTicker(15 * time.Second) // keeps proxies from closing a quiet stream
	defer beat.Stop()
	var seenRevision int
	var seen int64
	_, _ = fmt.Sscanf(r.Header.Get("Last-Event-ID"), "%d-%d", &seenRevision, &seen)
	for {
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			_, err = fmt.Fprint(w, ": still here\n\n")
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
