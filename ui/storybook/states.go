package storybook

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/compose"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// weakMove is a lead with a move at hand, and every kind of step that would
// settle it: what did not answer, the rival, the evidence that is missing.
func weakMove() Story {
	r := leadOnly().Reports[0]
	r.Actions = actions()
	for i := range r.Coverage {
		if r.Coverage[i].Source == "metrics" {
			r.Coverage[i].Status, r.Coverage[i].Detail, r.Coverage[i].Count = evidence.CoverageFailed, "no answer within 4 s", 0
		}
	}
	c := &r.Causes[0]
	c.Terms = append(c.Terms[:1:1], c.Terms[len(c.Terms)-1])
	return told("weak-move", r)
}

// relief is an open question with a move that may help all the same.
func relief() Story {
	r := inconclusive().Reports[0]
	r.Causes = causes()[1:3]
	for i := range r.Causes {
		r.Causes[i].Rank = i + 1
	}
	r.Actions = []report.Action{{Kind: "scale", Title: "Scale etcd out", Command: "kubectl scale sts/etcd --replicas=5", Source: compose.StandardMove}}
	return told("relief", r)
}

// lookedAt has changes of every kind and suspects none of them.
func lookedAt() Story {
	r := noCode().Reports[0]
	for i, k := range []evidence.ChangeKind{evidence.ChangeFlag, evidence.ChangeConfig, evidence.ChangeMigration, evidence.ChangeDecision, evidence.ChangeScale, evidence.ChangeDeploy} {
		before := time.Duration(i-2) * 3 * time.Minute
		r.Changes = append(r.Changes, report.ChangeView{Change: evidence.Change{ID: string(k), Kind: k, Service: "bidder", Time: at(-before), From: "1", To: "2", Inferred: "build_info"},
			BeforeOnset: before, Why: "bidder is not on the failing path"})
	}
	return told("looked-at", r)
}

// cut has everything, and of every source a question that failed.
func cut() Story {
	r := leak()
	for _, c := range coverage() {
		c.Status, c.Query, c.Detail, c.Count = evidence.CoverageFailed, "another question to "+c.Source, "connection reset", 0
		r.Coverage = append(r.Coverage, c)
	}
	return told("cut", r)
}

// journalFails has a report and nothing of what people wrote.
func journalFails() Story {
	s := confirmed("journal-fails")
	s.Fails = map[string]bool{"notes": true, "feedback": true, "similar": true}
	return s
}

// manyDecisions has decisions in every standing: broken, kept, superseded,
// deleted, without promises.
func manyDecisions() Story {
	r := leak()
	kept := decisions()[0]
	kept.ID, kept.Title, kept.Conditions = "ADR-047", "Cache bids for 30 s", kept.Conditions[1:2]
	kept.Status, kept.SupersededBy = "superseded", "ADR-051"
	bare := report.DecisionView{Decision: evidence.Decision{ID: "DEC-2023-0007", Title: "Pool etcd connections", Deleted: true, Why: "one connection per request ran out of 28,000 ports",
		What: "keep 16 connections", When: evidence.DecisionWhen{EffectiveAt: at(-400 * 24 * time.Hour)}}}
	r.Decisions = append(r.Decisions, kept, bare)
	return told("many-decisions", r)
}

// judged has every kind of judgment, and incidents alike that ended in every
// way.
func judged() Story {
	s := confirmed("judged")
	s.Feedback = append(s.Feedback,
		casefile.Feedback{ID: 2, Revision: 1, Judgment: "reject", Author: "role:sre", Note: "etcd was restored from a backup at 02:40.", Time: onset().Add(13 * time.Minute)},
		casefile.Feedback{ID: 3, Revision: 1, Judgment: "correct", Entity: "etcd", Trigger: report.TriggerInfra, Commit: badSHA, Decision: decision, Author: "role:platform", Time: onset().Add(14 * time.Minute)})
	open := s.Similar[0]
	open.ID, open.State, open.ResolvedAt, open.EndedBy, open.Because, open.Alike = "INC-stale", casefile.StateReported, time.Time{}, "", "same decision", []casefile.Alike{casefile.AlikeDecision}
	s.Similar = append(s.Similar, open)
	return s
}

// keptEvidence has a revision for everything that can become of the evidence.
func keptEvidence() Story {
	s := confirmed("kept-evidence")
	s.Bundles = []casefile.BundleState{"", casefile.BundleDropped, casefile.BundleFailed, casefile.BundleKept, casefile.BundleRecording}
	for i := 1; i < len(s.Bundles); i++ {
		r := s.Reports[0]
		r.Revision = i + 1
		s.Reports, s.At = append(s.Reports, r), append(s.At, s.At[0].Add(time.Duration(i)*time.Minute))
	}
	s.Incident.Revision = len(s.Reports)
	return s
}

// givenUp has no report and none is to come.
func givenUp() Story {
	s := loading()
	s.Name, s.Incident.ID, s.Incident.Failed = "given-up", "INC-given-up", "the engine panicked: index out of range"
	return s
}

// again has a report while another investigation runs.
func again() Story {
	s := confirmed("again")
	s.Incident.State = casefile.StateInvestigating
	s.Progress = &correlate.Progress{Stage: "rank", Done: 7, Total: 9}
	return s
}

// misspelt is a person's question about a service that no trace knows.
func misspelt() Story {
	r := leak()
	r.Service, r.Owner = "ad-sever", ""
	r.Alert = evidence.Alert{Receiver: evidence.ReceiverByHand, Status: evidence.StatusFiring, Labels: map[string]string{"alertname": "Investigation", "service": "ad-sever"}, Instances: r.Alert.Instances}
	r.Coverage = append(r.Coverage, evidence.Coverage{Source: "traces", Query: "traces of ad-sever", Subject: "ad-sever", Status: evidence.CoverageNotResolved, Detail: "the trace source knows no service of this name"})
	return told("misspelt", r)
}
