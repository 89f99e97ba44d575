package storybook

import (
	"math"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/compose"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

const (
	goodSHA  = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
	badSHA   = "4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70"
	oldSHA   = "9f01aa2b3c4d5e6f708192a3b4c5d6e7f8091a2b"
	traceID  = "7c1ea0b2c3d4e5f60718293a4b5c90af"
	decision = "DEC-2024-0872"
)

func at(after time.Duration) time.Time { return onset().Add(after) }

// leak is an invented report: a service leaks connections since a deployment.
func leak() report.Report {
	r := report.Report{
		Version: 1, Engine: "1.0.0", Weights: "1", Revision: 1, State: evidence.StatusFiring,
		Service: "ad-server", Severity: "critical", Owner: "team-ads", FiredAt: at(62 * time.Second),
		Onset:    report.Onset{At: onset(), Earliest: at(-9 * time.Second), Latest: at(6 * time.Second), From: "alerting series", Score: 8400},
		Window:   evidence.Window{Start: at(-time.Minute), End: at(9 * time.Minute)},
		Baseline: evidence.Window{Start: at(-41 * time.Minute), End: at(-time.Minute)},
		Title:    "ad-server leaks etcd connections: a timed-out Get is retried without closing its stream, so the pool fills and every request waits.",
		Verdict: report.Verdict{Word: report.Confirmed, For: 7, Against: 1, SourcesAnswered: 6, SourcesAsked: 6, Gap: 56000,
			Because:      []string{"three kinds of evidence agree", "the running commit changes the failing lines", "the second cause is explained by the first"},
			WhyNotSecond: "etcd is slow only for ad-server; its other clients see no change, so it is hit and not the cause.",
			Sensitivity:  []string{"without traces, etcd would be first"}},
		Impact: report.Impact{Headline: "38 % of ad requests fail", Burn: 31, Affected: 0.38, Services: []string{"gateway", "ad-server", "bidder"},
			Chart: &report.Chart{Name: "ad_served (not good)", Unit: "1/s", Samples: curve(0.1, 2.2, 2*time.Minute, 0.05)},
			Facts: []string{"bids placed: 61 % below the last hour", "budget gone in 27 h"}},
		Signals: []report.ServiceSignals{
			{Service: "gateway", Alerts: true, Charts: []report.SignalChart{
				{Signal: report.SignalTraffic, Chart: report.Chart{Name: "requests", Unit: "1/s", Samples: curve(5.8, 5.6, 2*time.Minute, 0.4)}, Query: "sum(rate(requests_total{service=\"gateway\"}[1m]))", Series: 4},
				{Signal: report.SignalErrors, Chart: report.Chart{Name: "requests", Unit: "1/s", Samples: curve(0.1, 2.2, 2*time.Minute, 0.05)}, Query: "sum(rate(requests_total{service=\"gateway\",code=~\"502|503\"}[1m]))", Series: 2},
				{Signal: report.SignalLatency, Chart: report.Chart{Name: "request duration (p99)", Unit: "s", Samples: curve(0.31, 4.1, 3*time.Minute, 0.02)}, Query: "histogram_quantile(0.99, rate(request_duration_seconds_bucket{service=\"gateway\"}[1m]))", Series: 1}}},
			{Service: "ad-server", Blamed: true, Charts: []report.SignalChart{
				{Signal: report.SignalErrors, Chart: report.Chart{Name: "failed requests", Unit: "1/s", Samples: curve(0.1, 7.4, 2*time.Minute, 0.05)}, Query: "rate(failed_requests_total{service=\"ad-server\"}[1m])", Series: 1},
				{Signal: report.SignalSaturation, Chart: report.Chart{Name: "etcd client streams", Samples: curve(12, 1204, 9*time.Minute, 1.5)}, Query: "etcd_client_streams{service=\"ad-server\"}", Series: 1}}},
		},
		Map: &report.ServiceMap{
			Nodes: []report.MapNode{{Entity: "gateway", Alerting: true, Rank: 3, Hit: 1}, {Entity: "ad-server", Rank: 1, Hit: 2}, {Entity: "etcd", Rank: 2}, {Entity: "bidder", Rank: 4, Hit: 3}, {Entity: "redis"}},
			Edges: []evidence.Edge{{Caller: "ad-server", Callee: "bidder", Calls: 4100}, {Caller: "ad-server", Callee: "etcd", Calls: 4300}, {Caller: "ad-server", Callee: "redis", Calls: 12}, {Caller: "bidder", Callee: "redis", Calls: 900}, {Caller: "gateway", Callee: "ad-server", Calls: 4300}},
		},
		Ranked:     []report.EntityScore{{Entity: "ad-server", Score: 97000}, {Entity: "etcd", Score: 41000}, {Entity: "gateway", Score: 18000}, {Entity: "bidder", Score: 9000}, {Entity: "redis", Score: 2000}, {Entity: "mail", Score: 0}},
		RuledOut:   []report.Finding{{ID: "ruled-out/surge", Text: "traffic surge: entry rate 1.02×"}, {ID: "ruled-out/node", Text: "node pressure: none of 3 nodes", Entity: "node-2"}},
		NotChecked: []report.Finding{{ID: "not-checked/profiles", Text: "profiles: not configured"}},
		Warnings:   []string{"one host's clock is about 300 ms behind"},
	}
	place := code()[0].Ref
	r.Failures = []report.Failure{
		{Service: "ad-server", Type: "etcd.Timeout", Message: "failed to get value: context deadline exceeded", Status: "504", Place: &place, First: at(-9 * time.Second), Last: at(8 * time.Minute), Seen: 412, Endpoints: []string{"GET /ads", "POST /bid"},
			Over: &report.Chart{Name: "seen in 30 s", Samples: curve(0, 21, time.Minute, 0)},
			Refs: []evidence.Ref{{Kind: evidence.RefSpan, ID: "00000000000000a3", TraceID: traceID, Service: "ad-server", Time: at(2 * time.Minute)}, {Kind: evidence.RefLog, ID: "00000000000000a3", TraceID: traceID, Service: "ad-server", Time: at(2 * time.Minute), Text: "failed to get value: context deadline exceeded (attempt 1)"}}},
		{Service: "gateway", Message: "ad-server answered 504", Status: "502", First: at(20 * time.Second), Last: at(20 * time.Second), Seen: 1, Before: 3},
	}
	r.Alert = alert()
	r.Causes, r.Changes, r.Actions = causes(), changes(), actions()
	r.Timeline, r.Trace, r.Code, r.Decisions, r.Coverage = timeline(), trace(), code(), decisions(), coverage()
	return r
}

func alert() evidence.Alert {
	labels := map[string]string{"alertname": "AdFillRateLow", "service": "ad-server", "severity": "critical", "team": "ads"}
	notes := map[string]string{"summary": "fill rate below 70 %", "runbook_url": "https://runbooks.example/ad-fill-rate"}
	return evidence.Alert{Receiver: "wherefore", GroupKey: `{}:{alertname="AdFillRateLow"}`, Status: "firing", Labels: labels, Annotations: notes,
		Instances: []evidence.AlertInstance{{Status: "firing", Labels: labels, Annotations: notes, StartsAt: at(62 * time.Second), Fingerprint: "c0ffee0000000001",
			GeneratorURL: "https://prometheus.example/graph?g0.expr=sum(rate(ad_fill_total%5B5m%5D))&g0.tab=1"}}}
}

// curve is 80 samples over 40 minutes that leave a level at the onset.
func curve(before, after float64, rise time.Duration, wobble float64) []evidence.Sample {
	var out []evidence.Sample
	for i := range 80 {
		t := at(-30*time.Minute + time.Duration(i)*30*time.Second)
		v := before
		if d := t.Sub(onset()); d > 0 {
			v = before + (after-before)*min(1, float64(d)/float64(rise))
		}
		v += wobble * math.Sin(float64(i)*1.7)
		out = append(out, evidence.Sample{Time: t, Value: v})
	}
	return out
}

func causes() []report.Cause {
	first := report.Cause{
		Rank: 1, Entity: evidence.Entity{Name: "ad-server", Kind: evidence.KindService}, Mechanism: report.MechanismSaturation, Trigger: report.TriggerCode,
		Sentence: "ad-server leaks etcd connections since 4d5e6f7 went live.", Score: 97000, Change: "deploy-41", Decision: decision, Terms: terms(),
		Loci: []report.Locus{{Kind: report.LocusCode, Name: "internal/profile/etcd.go:118", Text: "profile.Get"}, {Kind: report.LocusLog, Name: "etcd: failed to get value: context deadline exceeded (attempt <N>)"}},
		Commits: []report.CommitScore{{SHA: badSHA, Subject: "retry profile reads on deadline", Author: "J. Doe", Time: at(-3 * time.Hour), Score: 52000, Decision: decision,
			Terms: []report.Term{{ID: "commit/blame", Points: 30000, Why: "the suspect lines are its own"}, {ID: "mechanism/retry", Points: 22000, Why: "it adds a retry and drops a close"}}}},
	}
	other := func(rank int, name string, kind evidence.EntityKind, m report.Mechanism, t report.Trigger, score int, lost string) report.Cause {
		return report.Cause{Rank: rank, Entity: evidence.Entity{Name: name, Kind: kind}, Mechanism: m, Trigger: t, Score: score, Lost: lost, Sentence: name + " is slower than usual.",
			Terms: []report.Term{{ID: "latency/self-time", Points: score + 12000, Why: "its self time rose"}, {ID: "explain-away/callee", Points: -12000, Why: "explained by another"}}}
	}
	return []report.Cause{first,
		other(2, "etcd", evidence.KindDatabase, report.MechanismLatency, report.TriggerNone, 41000, "slow only for ad-server; other clients fine"),
		other(3, "gateway", evidence.KindService, report.MechanismLatency, report.TriggerNone, 18000, "explained by its callee"),
		other(4, "bidder", evidence.KindService, report.MechanismBehaviour, report.TriggerFlag, 9000, "its flag was switched after onset"),
		other(5, "redis", evidence.KindDatabase, report.MechanismResource, report.TriggerNone, 2000, "memory grew all day at the same pace"),
	}
}

func terms() []report.Term {
	return []report.Term{
		{ID: "error/deepest-span", Points: 31000, Why: "First error, deepest span: etcd Get times out in ad-server", Seen: 412, Total: 430, Counts: "failures read are of the incident", Query: `{resource.service.name="ad-server" && status=error}`,
			Refs:  []evidence.Ref{{Kind: evidence.RefTrace, ID: traceID}},
			Chart: &report.Chart{Name: "failing traces that start here", Unit: "1/s", Samples: curve(0.1, 7.4, 2*time.Minute, 0.05)}},
		{ID: "log/new-pattern", Points: 24000, Why: "New log pattern, ad-server only", Seen: 3120, Total: 3120, Counts: "lines read are of the incident", Query: `{service_name="ad-server"} |= "failed to get value"`,
			Refs: []evidence.Ref{{Kind: evidence.RefLog, ID: "1", TraceID: traceID, Time: at(-9 * time.Second), Text: "etcd: failed to get value: context deadline exceeded (attempt 1)"},
				{Kind: evidence.RefLog, ID: "2", TraceID: traceID, Time: at(-8 * time.Second), Text: "etcd: failed to get value: context deadline exceeded (attempt 2)"}}},
		{ID: "saturation/bounded", Points: 18000, Why: "Open etcd streams climb and never fall", Query: `sum(etcd_client_streams{service="ad-server"})`,
			Chart: &report.Chart{Name: "etcd_client_streams", Samples: curve(12, 1204, 9*time.Minute, 1.5)}},
		{ID: "mechanism/retry", Points: 16000, Why: "The running commit adds a retry and drops a close",
			Refs: []evidence.Ref{{Kind: evidence.RefCommit, ID: badSHA, Text: "+ if errors.Is(err, context.DeadlineExceeded) {\n+   continue\n- defer stream.Close()"}}},
		{ID: "change/live-at-onset", Points: 9000, Why: "4d5e6f7 went live on ad-server 7 minutes before the onset", Refs: []evidence.Ref{{Kind: evidence.RefChange, ID: "deploy-41"}}},
		{ID: "decision/broken-promise", Points: 6000, Why: "DEC-2024-0872 promised latency_p99 < 900 ms; it is 4.1 s", Query: `histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="ad-server"}[5m])))`,
			Chart: &report.Chart{Name: "latency_p99", Unit: "s", Samples: curve(0.31, 4.1, 3*time.Minute, 0.02)}, Refs: []evidence.Ref{{Kind: evidence.RefDecision, ID: decision}}},
		{ID: "trace/self-time", Points: 3000, Said: "profile.Get takes longer by itself", Why: "Self time of profile.Get rose from 4 ms to 4.0 s", Seen: 38, Total: 40, Counts: "spans read are of the incident"},
		{ID: "external/boundary", Points: -10000, Why: "One of 40 failing traces fails in etcd itself", Seen: 1, Total: 40, Counts: "failing traces read"},
	}
}

func changes() []report.ChangeView {
	return []report.ChangeView{
		{Change: evidence.Change{ID: "deploy-41", Kind: evidence.ChangeDeploy, Service: "ad-server", Time: at(-7 * time.Minute), From: goodSHA, To: badSHA, Commit: badSHA, Actor: "ci:deployer"}, BeforeOnset: 7 * time.Minute, Suspect: true, Why: "live at onset, touches the failing lines"},
		{Change: evidence.Change{ID: "flag-9", Kind: evidence.ChangeFlag, Service: "bidder", Time: at(4 * time.Minute), From: "off", To: "on", Attributes: map[string]string{"flag": "bid_cache"}}, BeforeOnset: -4 * time.Minute, Why: "after onset"},
	}
}

func actions() []report.Action {
	return []report.Action{
		{Kind: "rollback", Title: "Roll the binary back to v1.8.1", Command: "kubectl rollout undo deploy/ad-server --to-revision=41", Source: decision,
			Freshness: []string{"last drill 74 s of 90 s allowed", "idempotent", "no later commit on these lines", "no migration since"}},
		{Kind: "feature-flag-disable", Title: "Switch profile_retry off", Command: "flagctl set profile_retry off --service ad-server", Source: compose.StandardMove},
	}
}

func timeline() []report.TimelineEvent {
	e := func(after time.Duration, lane, entity, text string) report.TimelineEvent {
		return report.TimelineEvent{Time: at(after), Lane: lane, Entity: entity, Text: text}
	}
	first := e(-2*time.Minute, "metrics", "ad-server", "etcd_client_streams starts to climb")
	first.First = true
	return []report.TimelineEvent{
		e(-30*24*time.Hour, "decisions", "", decision+" effective: retry etcd reads on deadline"),
		e(-7*time.Minute, "changes", "ad-server", "deploy 4d5e6f7"), first,
		e(-9*time.Second, "logs", "ad-server", "new: etcd: failed to get value: context deadline exceeded"),
		e(0, "metrics", "ad-server", "latency_p99 leaves its level"), e(3*time.Second, "traces", "ad-server", "first failing trace 7c1e…90af"),
		e(20*time.Second, "traces", "gateway", "GET /ads fails"), e(62*time.Second, "alerts", "ad-server", "AdFillRateLow fires"),
		e(2*time.Minute, "alerts", "ad-server", "burn rate 31× (5 m)"), e(4*time.Minute, "changes", "bidder", "flag bid_cache on"),
		e(5*time.Minute, "metrics", "bidder", "bids placed fall"),
	}
}

func trace() *report.TraceView {
	start := at(2*time.Minute + 7*time.Second)
	sp := func(id, parent, service, op string, offset, took time.Duration) evidence.Span {
		return evidence.Span{TraceID: traceID, SpanID: id, ParentID: parent, Service: service, Operation: op, Start: start.Add(offset), Duration: took}
	}
	get := sp("00000000000000a3", "00000000000000a2", "ad-server", "profile.Get", 40*time.Millisecond, 4000*time.Millisecond)
	get.Kind, get.Failed, get.StatusMessage = evidence.SpanClient, true, "context deadline exceeded"
	get.Attributes = map[string]string{"code.file.path": "/build/src/internal/profile/etcd.go", "code.line.number": "118", "peer.service": "etcd"}
	spans := []evidence.Span{sp("00000000000000a1", "", "gateway", "GET /ads", 0, 4120*time.Millisecond), sp("00000000000000a2", "00000000000000a1", "ad-server", "Select", 20*time.Millisecond, 4050*time.Millisecond),
		get, sp("00000000000000a4", "00000000000000a2", "bidder", "Price", 4045*time.Millisecond, 31*time.Millisecond), sp("00000000000000a5", "00000000000000a1", "mail", "Notify", -300*time.Millisecond, 90*time.Millisecond)}
	spans[0].Failed, spans[1].Failed = true, true
	line := func(offset time.Duration, text string) evidence.LogLine {
		return evidence.LogLine{Time: start.Add(offset), Service: "ad-server", Severity: evidence.SeverityError, Body: text, TraceID: traceID, SpanID: get.SpanID}
	}
	return &report.TraceView{Trace: evidence.Trace{ID: traceID, Spans: spans}, Why: "the slowest failing one with log lines", CriticalPath: []string{spans[0].SpanID, spans[1].SpanID, get.SpanID},
		Logs:  []evidence.LogLine{line(1040*time.Millisecond, "failed to get value: context deadline exceeded (attempt 1)"), line(4040*time.Millisecond, "failed to get value: context deadline exceeded (attempt 4)")},
		Skews: []string{"mail starts 300 ms before its caller"}}
}

func code() []report.CodeView {
	ref := evidence.CodeRef{Repository: "ads", Path: "internal/profile/etcd.go", Line: 118, Function: "Get", Revision: badSHA, Rung: evidence.LocationSpan, RevisionRung: evidence.RevisionVersion}
	line := func(n int, text, sha string, before time.Duration, ids ...string) evidence.BlameLine {
		return evidence.BlameLine{Line: n, Text: text, Commit: sha, Author: "J. Doe", Time: at(-before), Decisions: ids}
	}
	old, fresh := 800*24*time.Hour, 3*time.Hour
	return []report.CodeView{{Service: "ad-server", Suspect: []int{116, 117, 118}, Blame: evidence.Blame{Ref: ref, Decisions: []evidence.DecisionLink{{DecisionID: decision, Kind: "trailer", Strength: 80}},
		Lines: []evidence.BlameLine{
			line(113, "func (c *Client) Get(ctx context.Context, key string) ([]byte, error) {", oldSHA, old), line(114, "\tvar last error", oldSHA, old),
			line(115, "\tfor attempt := 0; attempt < 5; attempt++ {", badSHA, fresh, decision), line(116, "\t\tstream, err := c.Open(ctx, key)", badSHA, fresh, decision),
			line(117, "\t\tif errors.Is(err, context.DeadlineExceeded) {", badSHA, fresh, decision), line(118, "\t\t\tcontinue // decision:DEC-2024-0872", badSHA, fresh, decision),
			line(119, "\t\t}", badSHA, fresh, decision), line(120, "\t\treturn stream.Read()", oldSHA, old), line(121, "\t}", badSHA, fresh, decision),
		}}}}
}

func decisions() []report.DecisionView {
	p99, fallback := 4100.0, 0.1
	kept := evidence.Condition{Text: "fallback_rate < 0.5 %", Name: "fallback_rate", Op: "<", Value: 0.5, Unit: "%"}
	broken := evidence.Condition{Text: "latency_p99 < 900 ms", Name: "latency_p99", Op: "<", Value: 900, Unit: "ms"}
	unknown := evidence.Condition{Text: "cost_per_bid <= 3", Name: "cost_per_bid", Op: "<=", Value: 3}
	return []report.DecisionView{{Decision: evidence.Decision{
		ID: decision, Title: "Retry etcd reads on deadline", Status: "accepted", Why: "profile reads failed 0.4 % at peak, hurting fill rate", What: "retry etcd reads on deadline, at most 5 times",
		Who:  evidence.DecisionWho{Initiator: "iam:u-5a2f", Approver: "iam:r-sre-leader", Executor: "ci:deployer"},
		When: evidence.DecisionWhen{EffectiveAt: at(-30 * 24 * time.Hour), LoggedAt: at(-30*24*time.Hour + 40*time.Minute)},
		How: evidence.DecisionHow{Rollout: "canary 5 %, then all", ConfigDiff: "- retries: 0\n+ retries: 5", Verify: []evidence.Condition{broken, kept, unknown},
			Rollback: map[string]string{"binary": "kubectl rollout undo deploy/ad-server --to-revision=41"}},
		Scope: []string{"internal/profile/**"}, Path: "docs/decisions/DEC-2024-0872.yaml", Line: 1},
		Conditions: []report.ConditionResult{{Condition: broken, Result: "broken", Value: &p99}, {Condition: kept, Result: "kept", Value: &fallback}, {Condition: unknown, Result: "unknown", Detail: "no query is mapped to cost_per_bid"}},
	}}
}

func coverage() []evidence.Coverage {
	w := evidence.Window{Start: at(-41 * time.Minute), End: at(9 * time.Minute)}
	answered := func(source, query string, n int, took time.Duration) evidence.Coverage {
		return evidence.Coverage{Source: source, Query: query, Status: evidence.CoverageAnswered, Count: n, Took: took, Window: w}
	}
	return []evidence.Coverage{
		answered("traces", `{resource.service.name="ad-server" && status=error}`, 430, 180*time.Millisecond),
		answered("logs", `{service_name="ad-server"} |= "failed to get value"`, 3120, 420*time.Millisecond),
		answered("metrics", `sum(etcd_client_streams{service="ad-server"})`, 80, 31*time.Millisecond),
		answered("changes", "deploys, flags, configuration", 2, time.Millisecond),
		answered("code", "blame internal/profile/etcd.go:118", 9, time.Millisecond),
		answered("decisions", decision, 1, time.Millisecond),
		{Source: "profiles", Query: "profiles of ad-server", Status: evidence.CoverageNotConfigured},
	}
}
