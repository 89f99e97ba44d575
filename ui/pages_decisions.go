package ui

import (
	"context"
	"net/http"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/page"
)

func (s *server) decisionsPage(w http.ResponseWriter, r *http.Request) {
	in := page.DecisionsInput{Links: s.Links, Now: s.Now(), Zone: s.zone(r)}
	status := http.StatusOK
	if s.Decisions == nil {
		in.Failure = "no decision index is configured"
	} else {
		all, err := s.Decisions.Decisions(r.Context())
		if err != nil {
			p := s.problemOf(r, err)
			status, in.Failure = p.Status, p.Detail
		}
		for _, d := range all {
			in.Decisions = append(in.Decisions, page.DecisionItem(d))
		}
	}
	if s.Hot != nil {
		hot, err := s.Hot.Hot(r.Context(), 50)
		if err != nil {
			s.problemOf(r, err) // logged; the list stands without
		}
		in.Hot = hot
	}
	p := page.BuildDecisions(in)
	s.base(r, &p.Base)
	s.render(w, r, status, page.DecisionsPage(p))
}

// nowTimeout bounds what is asked of the sources for a page that is waiting.
const nowTimeout = 3 * time.Second

func (s *server) decisionPage(w http.ResponseWriter, r *http.Request) {
	if s.Decisions == nil {
		s.unconfigured(w, r)
		return
	}
	ctx, id := r.Context(), r.PathValue("id")
	d, err := s.Decisions.Decision(ctx, id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	in := page.DecisionInput{Decision: d, Failures: map[string]string{}, CanCheck: s.Conditions != nil, Links: s.Links, At: s.Now(), Zone: s.zone(r)}
	incidents, next, err := s.Incidents.Incidents(ctx, casefile.IncidentFilter{Decision: id, Limit: 50})
	if err != nil {
		in.Failures["incidents"] = s.problemOf(r, err).Detail
	}
	in.Incidents, in.More = incidents, next != ""
	covers, err := s.Decisions.Covers(ctx, id, 100)
	if err != nil {
		in.Failures["covers"] = s.problemOf(r, err).Detail
	}
	for _, c := range covers {
		in.Covers = append(in.Covers, page.Covered(c))
	}
	service := ""
	if len(incidents) > 0 {
		service = incidents[0].Service
		in.Then = s.promisesThen(ctx, incidents[0].ID, id)
	}
	if s.Conditions != nil && r.URL.Query().Get("check") == "now" {
		ctx, cancel := context.WithTimeout(ctx, nowTimeout)
		defer cancel()
		if err = s.mayAsk(r); err == nil {
			in.Now, err = s.Conditions.CheckNow(ctx, service, d)
		}
		if err != nil {
			in.Failures["now"] = s.problemOf(r, err).Detail
		}
	}
	p := page.BuildDecision(in)
	s.base(r, &p.Base)
	s.render(w, r, http.StatusOK, page.DecisionView(p))
}

// promisesThen are a decision's promises as an incident's newest report has
// them; nil when it does not say.
func (s *server) promisesThen(ctx context.Context, incident, decision string) []report.ConditionResult {
	rep, _, err := s.report(ctx, incident, 0)
	if err != nil {
		return nil
	}
	for _, d := range rep.Decisions {
		if d.ID == decision {
			return d.Conditions
		}
	}
	return nil
}
