package storybook

import (
	"fmt"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// longTrace has a trace of 240 spans, some with a parent nobody has seen.
func longTrace() Story {
	r := leak()
	tv := *r.Trace
	for i := range 235 {
		parent := tv.Trace.Spans[i/4].SpanID
		if i%60 == 59 {
			parent = "ffffffffffffffff"
		}
		tv.Trace.Spans = append(tv.Trace.Spans, evidence.Span{TraceID: traceID, SpanID: fmt.Sprintf("%016x", 0x1000+i), ParentID: parent, Service: fmt.Sprintf("worker-%d", i%7),
			Operation: "step", Start: tv.Trace.Spans[0].Start.Add(time.Duration(i) * 15 * time.Millisecond), Duration: 12 * time.Millisecond})
	}
	tv.Trace.Truncated = true
	r.Trace = &tv
	return told("long-trace", r)
}

// Large is a report of n events with everything at the size that the engine's
// caps allow: what the page must still write quickly.
func Large(n int) Story {
	r := leak()
	for i := range n {
		r.Timeline = append(r.Timeline, report.TimelineEvent{Time: at(time.Duration(i) * 11 * time.Millisecond), Lane: []string{"logs", "metrics", "traces"}[i%3],
			Entity: fmt.Sprintf("service-%d", i%40), Text: fmt.Sprintf("event %d of a busy minute", i)})
	}
	for i := range 400 {
		r.Causes[0].Terms = append(r.Causes[0].Terms, report.Term{ID: fmt.Sprintf("metric/series-%d", i), Points: 900 - i, Why: fmt.Sprintf("series %d moved", i), Query: "up",
			Chart: &report.Chart{Name: fmt.Sprintf("series_%d", i), Samples: curve(1, 2, time.Minute, 0.1)}})
		r.Coverage = append(r.Coverage, evidence.Coverage{Source: "metrics", Query: fmt.Sprintf("series_%d", i), Status: evidence.CoverageAnswered, Count: 80})
		r.Ranked = append(r.Ranked, report.EntityScore{Entity: fmt.Sprintf("service-%d", i)})
	}
	return told("large", r)
}

func crowded() Story {
	s := Large(600)
	s.Name, s.Incident.ID = "crowded", "INC-crowded"
	return s
}

// longWords has the longest sentences and names that still must leave the
// facts above the fold.
func longWords() Story {
	r := leak()
	words := strings.Repeat("the recommendation-personalisation-aggregator waits for its upstream ", 40)
	r.Service, r.Owner = "recommendation-personalisation-aggregator-european-region-v2", "team-recommendation-and-personalisation-platform"
	r.Title, r.Impact.Headline = words, words[:300]
	r.Impact.Facts = []string{words[:400], words[:400], words[:400], words[:400]}
	r.Actions[0].Title, r.Actions[0].Command = words[:200], strings.Repeat("kubectl --context production-europe-west-3 rollout undo deployment/recommendation ", 4)
	r.Actions[0].Freshness = []string{words[:150], words[:150], words[:150]}
	r.Changes[0].Service = r.Service
	r.Causes[0].Commits[0].Subject = words[:300]
	r.Code[0].Ref.Path = strings.Repeat("a/very/deep/folder/", 12) + "implementation_of_the_aggregator.go"
	return told("long-words", r)
}

// Many are n incidents for the list, spread over a year, without reports.
func Many(n int) []Story {
	states := []casefile.IncidentState{casefile.StateResolved, casefile.StateResolved, casefile.StateReported, casefile.StateInvestigating}
	triggers := []report.Trigger{report.TriggerCode, report.TriggerConfig, report.TriggerFlag, report.TriggerLoad, report.TriggerNone}
	verdicts := []report.VerdictWord{report.Confirmed, report.Likely, report.LeadOnly, report.Inconclusive}
	out := make([]Story, n)
	for i := range out {
		service := fmt.Sprintf("service-%02d", i%37)
		inc := casefile.Incident{ID: fmt.Sprintf("INC-%010x", i), State: states[i%11%len(states)], Title: fmt.Sprintf("%s answers slowly, the %dth time", service, i), Service: service,
			AlertName: "LatencyHigh", StartedAt: at(-time.Duration(i) * 50 * time.Minute), Severity: []string{"critical", "warning", "info"}[i%13%3]}
		inc.ReceivedAt = inc.StartedAt.Add(time.Second)
		if inc.State != casefile.StateInvestigating {
			inc.Verdict, inc.Trigger, inc.Entity, inc.Mechanism, inc.Revision = verdicts[i%7%4], triggers[i%5], fmt.Sprintf("service-%02d", i%29), report.MechanismLatency, 1
			inc.Impact, inc.Burn, inc.Affected = fmt.Sprintf("%d %% of requests fail", i%97), float64(i%61), float64(i%97)/100
			if i%4 == 0 {
				inc.Decision = fmt.Sprintf("DEC-2024-%04d", i%90)
			}
		}
		if inc.State == casefile.StateResolved {
			inc.ResolvedAt = inc.StartedAt.Add(time.Duration(1+i%90) * time.Minute)
		}
		out[i] = Story{Name: inc.ID, Incident: inc}
	}
	return out
}
