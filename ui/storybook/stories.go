package storybook

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/compose"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui"
)

// Story is one incident in one state.
type Story struct {
	Name     string // what it shows, also the incident's ID in lower case
	Incident casefile.Incident
	Reports  []report.Report // by revision, oldest first; empty before the first
	At       []time.Time     // when each was made
	Progress *correlate.Progress
	Notes    []casefile.Note
	Feedback []casefile.Feedback
	Similar  []ui.SimilarIncident
	Actions  []casefile.Action
	// Fails names the ports that do not answer for this incident: "report",
	// "notes", "feedback", "similar", "actions".
	Fails map[string]bool
	// Bundles are what became of the evidence of its reports; kept where it says
	// nothing.
	Bundles []casefile.BundleState
	// Poorer are the sources of which the newest report had fewer answers than the
	// one before it.
	Poorer []string
}

// Now is the stories' present: fourteen minutes after their onset.
func Now() time.Time { return onset().Add(14 * time.Minute) }

func onset() time.Time { return time.Date(2024, 8, 1, 2, 51, 7, 0, time.UTC) }

// Stories returns all of them, a fresh copy each time.
func Stories() []Story {
	return []Story{
		confirmed("confirmed"), resolved(), leadOnly(), inconclusive(), noCode(), lokiDown(), allDown(), nothingKnown(),
		loading(), running(), reportFails(), newerRevision("two-revisions"), poorerLook(), stale(), longTrace(), crowded(), longWords(),
		weakMove(), relief(), lookedAt(), cut(), journalFails(), manyDecisions(), judged(), keptEvidence(), givenUp(), again(), misspelt(), askedFor(), Hostile(Payloads()),
	}
}

// told makes a story of one report, made 14 s after the alert.
func told(name string, r report.Report) Story {
	r.Incident = "INC-" + name
	r.Revision = 1
	inc := casefile.Incident{
		ID: r.Incident, State: casefile.StateReported, Verdict: r.Verdict.Word, Title: r.Title, StartedAt: r.FiredAt, Revision: 1,
		Service: r.Service, Severity: r.Severity, AlertName: r.Alert.Name(), Impact: r.Impact.Headline, Burn: r.Impact.Burn, Affected: r.Impact.Affected,
		ReceivedAt: r.FiredAt.Add(5 * time.Second), ReportedAt: r.FiredAt.Add(19 * time.Second),
	}
	if len(r.Causes) > 0 {
		c := r.Causes[0]
		inc.Entity, inc.Mechanism, inc.Trigger, inc.Decision = c.Entity.Name, c.Mechanism, c.Trigger, c.Decision
		if k, ok := c.Commit(); ok {
			inc.Commit = k.SHA
		}
	}
	return Story{Name: name, Incident: inc, Reports: []report.Report{r}, At: []time.Time{inc.ReportedAt}}
}

func confirmed(name string) Story {
	r := leak()
	r.Profiles = []report.ProfileView{heldStreams()}
	s := told(name, r)
	s.Notes = []casefile.Note{
		{ID: 1, Author: "role:sre", Text: "Paged. Looking at ad-server.", Time: onset().Add(4 * time.Minute)},
		{ID: 2, Author: "role:backend", Text: "Rollback to v1.8.1 started.\nWatching etcd_client_streams.", Time: onset().Add(11 * time.Minute)},
	}
	s.Feedback = []casefile.Feedback{{ID: 1, Revision: 1, Judgment: "confirm", Author: "role:backend", Note: "The stream is never closed on the retry path.", Time: onset().Add(12 * time.Minute)}}
	s.Similar = []ui.SimilarIncident{{
		Incident: casefile.Incident{ID: "INC-lead-only", State: casefile.StateResolved, Title: "bidder leaks etcd connections", StartedAt: onset().AddDate(0, -4, -20), ResolvedAt: onset().AddDate(0, -4, -20).Add(3 * time.Minute)},
		Because:  "same log statement", Alike: []casefile.Alike{casefile.AlikeLogStatement}, EndedBy: "rollback",
	}}
	return s
}

func resolved() Story {
	s := confirmed("resolved")
	s.Incident.State, s.Incident.ResolvedAt, s.Incident.AcknowledgedBy = casefile.StateResolved, onset().Add(13*time.Minute), "role:sre"
	s.Reports[0].State = evidence.StatusResolved
	s.Reports[0].Trace.Skews, s.Reports[0].Trace.Trace.Spans = nil, s.Reports[0].Trace.Trace.Spans[:4] // whose clocks agree
	return s
}

func leadOnly() Story {
	r := leak()
	r.Title = "ad-server or etcd: reads of profiles wait, and nothing tells which of the two makes them wait"
	r.Verdict = report.Verdict{Word: report.LeadOnly, Because: []string{"the first two causes are within 4 points", "no code location in the failing traces"},
		For: 3, Against: 2, SourcesAnswered: 5, SourcesAsked: 5, Gap: 2100, WhyNotSecond: "etcd is as slow for ad-server, and no other client of etcd was seen to compare with."}
	r.Causes[1].Score = r.Causes[0].Score - 2100
	r.Code, r.Decisions, r.Actions = nil, nil, nil
	r.Gaps = []report.Finding{{ID: "gap/no-code-location", Text: "no span of ad-server says where its code stands (code.file.path)"}}
	s := told("lead-only", r)
	s.Incident.AcknowledgedBy = "role:sre"
	return s
}

func inconclusive() Story {
	r := leak()
	r.Title = "No cause found: errors rose in checkout, and nothing that was seen explains them"
	r.Service, r.Severity = "checkout", "warning"
	r.Verdict = report.Verdict{Word: report.Inconclusive, Because: []string{"no cause scores above the floor", "logs did not answer"}, SourcesAnswered: 3, SourcesAsked: 5}
	r.Causes, r.Ranked, r.Map, r.Code, r.Decisions, r.Trace, r.Changes, r.Actions = nil, nil, nil, nil, nil, nil, nil, nil
	return told("inconclusive", r)
}

func noCode() Story {
	r := leak()
	r.Title = "The traffic itself: requests to the gateway tripled in two minutes and every service behind it slowed in proportion"
	r.Verdict = report.Verdict{Word: report.Likely, Because: []string{"all callees rose in proportion", "no change before onset"}, For: 4, SourcesAnswered: 5, SourcesAsked: 5, NoCodeCause: true, Gap: 38000,
		WhyNotSecond: "gateway is slow only as far as its callees are."}
	c := r.Causes[0]
	c.Entity, c.Mechanism, c.Trigger = evidence.Entity{Name: evidence.Workload, Kind: evidence.KindWorkload}, report.MechanismSurge, report.TriggerLoad
	c.Commits = []report.CommitScore{{SHA: report.NoCommit, Subject: "none of the commits produces this", Score: 9000}}
	c.Change, c.Decision, c.Loci, c.Sentence = "", "", nil, r.Title
	c.Terms = c.Terms[:3]
	r.Causes = append([]report.Cause{c}, r.Causes[1:]...)
	r.Changes, r.Code, r.Decisions = nil, nil, nil
	r.Actions = []report.Action{{Kind: "scale", Title: "Scale ad-server out", Command: "kubectl scale deploy/ad-server --replicas=12", Source: compose.StandardMove}}
	return told("no-code", r)
}

func lokiDown() Story {
	r := leak()
	r.Verdict.Word, r.Verdict.SourcesAnswered = report.Likely, 4
	r.Verdict.Because = []string{"logs did not answer, so Confirmed is out of reach"}
	for i := range r.Coverage {
		if r.Coverage[i].Source == "logs" {
			r.Coverage[i].Status, r.Coverage[i].Detail, r.Coverage[i].Count = evidence.CoverageFailed, "no answer within 4 s", 0
		}
	}
	r.Causes[0].Terms = append(r.Causes[0].Terms[:1:1], r.Causes[0].Terms[2:]...)
	r.NotChecked = append(r.NotChecked, report.Finding{ID: "not-checked/logs", Text: "logs: Loki did not answer within 4 s"})
	return told("loki-down", r)
}

func allDown() Story {
	r := leak()
	r.Title = "No cause found: no source answered"
	r.Verdict = report.Verdict{Word: report.Inconclusive, Because: []string{"0 of 5 sources answered"}, SourcesAsked: 5}
	r.Causes, r.Ranked, r.Code, r.Decisions, r.Trace, r.Changes, r.Actions, r.Timeline, r.RuledOut = nil, nil, nil, nil, nil, nil, nil, nil, nil
	r.Impact, r.Map = report.Impact{}, nil
	for i := range r.Coverage {
		r.Coverage[i].Status, r.Coverage[i].Detail, r.Coverage[i].Count = evidence.CoverageFailed, "connection refused", 0
	}
	return told("all-down", r)
}

func nothingKnown() Story {
	return told("empty", report.Report{Version: 1, Engine: "1.0.0", Weights: "1", Title: "No cause found: nothing was looked at yet", FiredAt: onset(),
		Verdict: report.Verdict{Word: report.Inconclusive}})
}

func loading() Story {
	s := confirmed("loading")
	s.Reports, s.At, s.Notes, s.Feedback, s.Similar = nil, nil, nil, nil, nil
	s.Incident = casefile.Incident{ID: "INC-loading", State: casefile.StateInvestigating, Title: "AdFillRateLow", Service: "ad-server", Severity: "critical", AlertName: "AdFillRateLow", StartedAt: onset(), ReceivedAt: onset()}
	return s
}

func running() Story {
	s := loading()
	s.Name, s.Incident.ID = "running", "INC-running"
	s.Progress = &correlate.Progress{Stage: "gather", Source: "logs", Done: 3, Total: 5, Detail: "ad-server, 02:40 to 03:05"}
	return s
}

func reportFails() Story {
	s := confirmed("report-fails")
	s.Fails = map[string]bool{"report": true, "notes": true, "feedback": true, "similar": true, "actions": true}
	return s
}

func newerRevision(name string) Story {
	s := confirmed(name)
	second := s.Reports[0]
	second.Revision = 2
	s.Reports, s.At = append(s.Reports, second), append(s.At, s.At[0].Add(4*time.Minute))
	s.Incident.Revision = 2
	return s
}

// poorerLook is a later look that had fewer answers and replaced nothing.
func poorerLook() Story {
	s := newerRevision("poorer-look")
	s.Poorer = []string{"traces", "logs"}
	return s
}

func stale() Story {
	s := confirmed("stale")
	s.Incident.StartedAt = onset().Add(-26 * time.Hour)
	s.At[0] = onset().Add(-26 * time.Hour)
	return s
}
