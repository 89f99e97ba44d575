package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// How much of a report an agent is given at once: it has all that a page shows on
// its first screens, and asks for the rest.
const (
	agentCauses  = 5
	agentCommits = 3
	agentRefs    = 20 // per finding
	agentChanges = 20
)

type toolRevision struct {
	Incident string `json:"incident" jsonschema:"its ID, as INC-0123456789ab"`
	Revision int    `json:"revision,omitempty" jsonschema:"the newest when left out"`
}

// agentReport is a report without what only pictures are made of.
type agentReport struct {
	Incident   string                `json:"incident"`
	URL        string                `json:"url"`
	Revision   int                   `json:"revision"` // 0 while there is no report
	State      string                `json:"state"`
	Title      string                `json:"title"`
	Service    string                `json:"service,omitempty"`
	FiredAt    time.Time             `json:"firedAt,omitzero"`
	Onset      *report.Onset         `json:"onset,omitempty"`
	Verdict    *report.Verdict       `json:"verdict,omitempty"`
	Impact     string                `json:"impact,omitempty"`
	Failures   []report.Failure      `json:"failures,omitempty"`
	Causes     []agentCause          `json:"causes,omitempty"`
	MoreCauses int                   `json:"moreCauses,omitempty"`
	Changes    []report.ChangeView   `json:"changes,omitempty"`
	Actions    []report.Action       `json:"actions,omitempty"`
	Decisions  []report.DecisionView `json:"decisions,omitempty"`
	RuledOut   []report.Finding      `json:"ruledOut,omitempty"`
	NotChecked []report.Finding      `json:"notChecked,omitempty"`
	Coverage   []evidence.Coverage   `json:"coverage,omitempty"`
	Warnings   []string              `json:"warnings,omitempty"`
}

// agentCause is a cause with its findings in words.
type agentCause struct {
	Rank      int                  `json:"rank"`
	Entity    string               `json:"entity"`
	Mechanism report.Mechanism     `json:"mechanism,omitempty"`
	Trigger   report.Trigger       `json:"trigger,omitempty"`
	Sentence  string               `json:"sentence"`
	Points    int                  `json:"points"` // milli-points
	Findings  []agentFinding       `json:"findings"`
	Loci      []report.Locus       `json:"loci,omitempty"`
	Commits   []report.CommitScore `json:"commits,omitempty"`
	Suspicion *report.Suspicion    `json:"suspicion,omitempty"`
	Decision  string               `json:"decision,omitempty"`
}

// agentFinding is one term of a cause. What it refers to is in evidence's answer
// only.
type agentFinding struct {
	ID      string         `json:"id"`
	Points  int            `json:"points"` // milli-points, negative against the cause
	Why     string         `json:"why"`
	Query   string         `json:"query,omitempty"`
	Refs    []evidence.Ref `json:"refs,omitempty"`
	Omitted int            `json:"omitted,omitempty"` // further references
}

func (s agent) toolReport(ctx context.Context, in toolRevision) (agentReport, error) {
	rep, err := s.agentReportOf(ctx, in)
	if errors.Is(err, evidence.ErrNotFound) && in.Revision == 0 {
		return s.unreported(ctx, in.Incident)
	}
	if err != nil {
		return agentReport{}, err
	}
	out := agentReport{
		Incident: in.Incident, URL: s.incidentURL(in.Incident), Revision: rep.Revision, State: rep.State, Title: rep.Title, Service: rep.Service,
		FiredAt: rep.FiredAt, Onset: &rep.Onset, Verdict: &rep.Verdict, Impact: rep.Impact.Headline, Failures: rep.Failures,
		Changes: rep.Changes[:min(len(rep.Changes), agentChanges)], Actions: rep.Actions, Decisions: rep.Decisions,
		RuledOut: rep.RuledOut, NotChecked: rep.NotChecked, Coverage: rep.Coverage, Warnings: rep.Warnings,
	}
	for i := range rep.Causes[:min(len(rep.Causes), agentCauses)] {
		out.Causes = append(out.Causes, agentCauseOf(&rep.Causes[i], 0))
	}
	out.MoreCauses = len(rep.Causes) - len(out.Causes)
	return out, nil
}

// unreported is what is known of an incident before its first report.
func (s agent) unreported(ctx context.Context, id string) (agentReport, error) {
	inc, err := s.Incidents.Incident(ctx, id)
	if err != nil {
		return agentReport{}, err
	}
	out := agentReport{Incident: id, URL: s.incidentURL(id), State: string(inc.State), Title: inc.Title, Service: inc.Service, FiredAt: inc.StartedAt}
	if out.Warnings = []string{"there is no report yet; ask again in some seconds"}; inc.Failed != "" {
		out.Warnings = []string{inc.Failed}
	}
	return out, nil
}

type toolCause struct {
	Incident string `json:"incident" jsonschema:"its ID"`
	Revision int    `json:"revision,omitempty" jsonschema:"the newest when left out"`
	Cause    int    `json:"cause,omitempty" jsonschema:"its rank; the first when left out"`
	Finding  string `json:"finding,omitempty" jsonschema:"one finding's id, as trace/self-time; all when left out"`
}

func (s agent) toolEvidence(ctx context.Context, in toolCause) (agentCause, error) {
	rep, err := s.agentReportOf(ctx, toolRevision{in.Incident, in.Revision})
	if err != nil {
		return agentCause{}, err
	}
	rank := max(in.Cause, 1)
	if rank > len(rep.Causes) {
		return agentCause{}, fmt.Errorf("the report has %d causes: %w", len(rep.Causes), evidence.ErrInvalid)
	}
	out := agentCauseOf(&rep.Causes[rank-1], agentRefs)
	if in.Finding == "" {
		return out, nil
	}
	var ids []string
	var kept []agentFinding
	for _, f := range out.Findings {
		if ids = append(ids, f.ID); f.ID == in.Finding {
			kept = append(kept, f)
		}
	}
	if len(kept) == 0 {
		return agentCause{}, fmt.Errorf("cause %d has no such finding, only %s: %w", rank, strings.Join(ids, ", "), evidence.ErrInvalid)
	}
	out.Findings = kept
	return out, nil
}

func agentCauseOf(c *report.Cause, refs int) agentCause {
	out := agentCause{Rank: c.Rank, Entity: c.Entity.Name, Mechanism: c.Mechanism, Trigger: c.Trigger, Sentence: c.Sentence, Points: c.Score,
		Findings: []agentFinding{}, Loci: c.Loci, Commits: c.Commits[:min(len(c.Commits), agentCommits)], Suspicion: c.Suspicion, Decision: c.Decision}
	for _, t := range c.Terms {
		f := agentFinding{ID: t.ID, Points: t.Points, Why: t.Why}
		if refs > 0 {
			f.Query, f.Refs = t.Query, t.Refs[:min(len(t.Refs), refs)]
			f.Omitted = len(t.Refs) - len(f.Refs)
		}
		out.Findings = append(out.Findings, f)
	}
	return out
}

// agentReportOf reads a report that an agent named.
func (s agent) agentReportOf(ctx context.Context, in toolRevision) (*report.Report, error) {
	if err := short(field{"incident", in.Incident, maxName}); err != nil {
		return nil, err
	}
	if in.Revision < 0 {
		return nil, fmt.Errorf("revision is %d and must be a number from 1: %w", in.Revision, evidence.ErrInvalid)
	}
	s.noteOf("view", s.by, in.Incident, "by an agent")
	rep, _, err := s.report(ctx, in.Incident, in.Revision)
	return rep, err
}
