package ui

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func (s *server) getWhy(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	line, _ := strconv.Atoi(q.Get("line")) // 0 is refused
	out, err := s.why(r.Context(), q.Get("repo"), q.Get("file"), line, q.Get("rev"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

// why answers for a line of code.
func (s *server) why(ctx context.Context, repo, file string, line int, rev string) (casefile.Line, error) {
	if s.Why == nil {
		return casefile.Line{}, errNotConfigured
	}
	if err := short(field{"repo", repo, maxName}, field{"file", file, maxPath}, field{"rev", rev, maxName}); err != nil {
		return casefile.Line{}, err
	}
	if line < 1 || line > maxLine || !localPath(file) {
		return casefile.Line{}, fmt.Errorf("give file, a path inside the repository, and line, a number from 1: %w", evidence.ErrInvalid)
	}
	a, err := s.Why.Why(ctx, repo, file, line, rev)
	if err != nil {
		return casefile.Line{}, err
	}
	out := casefile.Line{Line: line, Decisions: []string{}, Ref: a.Blame.Ref, Links: append([]evidence.DecisionLink{}, a.Blame.Decisions...), Records: append([]evidence.Decision{}, a.Decisions...)}
	for _, l := range a.Blame.Lines {
		if l.Line == a.Blame.Ref.Line {
			out.Commit, out.Author, out.Time = l.Commit, l.Author, l.Time
		}
	}
	for _, d := range a.Blame.Decisions {
		out.Decisions = append(out.Decisions, d.DecisionID)
	}
	return out, nil
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
