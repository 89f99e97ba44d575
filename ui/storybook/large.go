package storybook

import (
	"fmt"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
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
		r.Timeline = append(r.Timeline, correlate.TimelineEvent{Time: at(time.Duration(i) * 11 * time.Millisecond), Lane: []string{"logs", "metrics", "traces"}[i%3],
			Entity: fmt.Sprintf("service-%d", i%40), Text: fmt.Sprintf("event %d of a busy minute", i)})
	}
	for i := range 400 {
		r.Causes[0].Terms = append(r.Causes[0].Terms, correlate.Term{ID: fmt.Sprintf("metric/series-%d", i), Points: 900 - i, Why: fmt.Sprintf("series %d moved", i), Query: "up",
			Chart: &correlate.Chart{Name: fmt.Sprintf("series_%d", i), Samples: curve(1, 2, time.Minute, 0.1)}})
		r.Coverage = append(r.Coverage, evidence.Coverage{Source: "metrics", Query: fmt.Sprintf("series_%d", i), Status: evidence.CoverageAnswered, Count: 80})
		r.Ranked = append(r.Ranked, correlate.EntityScore{Entity: fmt.Sprintf("service-%d", i)})
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
