package storybook

import (
	"fmt"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui"
)

// Sentinel is what a payload of Payloads would leave behind in a browser if it
// ran: a property of the window, or a request with this word in its address.
const Sentinel = "pwned"

// Payloads are texts that would do harm where a page forgets to escape: in
// element text, attributes, addresses, styles, script, SVG, and on the reader's
// eye.
func Payloads() []string {
	return append([]string{
		`<script>window.pwned=1</script>`,
		`"><img src=x onerror="window.pwned=1">`,
		`'><svg/onload=window.pwned=1>`,
		`</textarea></title></style></script><script src=//127.0.0.1:9/pwned.js></script>`,
		`<img src="//127.0.0.1:9/pwned.png"><link rel=stylesheet href=//127.0.0.1:9/pwned.css>`,
		`javascript:window.pwned=1//`,
		`data:text/html,<script>window.pwned=1</script>`,
		`<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
		`<a href="javascript:window.pwned=1" autofocus onfocus=window.pwned=1>x</a>`,
		`</svg><foreignObject><body onload=window.pwned=1>`,
		`<style>@import '//127.0.0.1:9/pwned.css';</style>`,
		`<meta http-equiv="refresh" content="0;url=//127.0.0.1:9/pwned">`,
		`<base href="//127.0.0.1:9/pwned/">`,
		`{{constructor.constructor('window.pwned=1')()}} ${window.pwned=1}`,
		"\x1b[2J\x1b[31mcleared\x1b[0m \x1b]8;;http://127.0.0.1:9/pwned\x07link\x1b]8;;\x07",
		"user\u202egnp.exe \u2066isolated\u2069 zero\u200bwidth",
		"line\r\nSet-Cookie: pwned=1\u2028separator\x00nul\x7fdel\xff\xfe",
		"=cmd|'/c pwned'!A1", "+1+pwned", "-2+pwned", "@SUM(pwned)",
		"[link](javascript:window.pwned=1) ![x](//127.0.0.1:9/pwned.png) | a | `code` <b>",
		strings.Repeat("A", 5000),
		// Other ways to the same ends: namespaces, animation, entities, schemes
		// that hide, comments and data that end what holds them.
		`<math><mtext><table><mglyph><style><img src=x onerror=window.pwned=1>`,
		`<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s><set attributeName=href to=javascript:window.pwned=1>`,
		`<svg><use href="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9cHduZWQ+#x"/></svg>`,
		`&lt;script&gt;window.pwned=1&lt;/script&gt;&#60;img src=x onerror=window.pwned=1&#62;&NewLine;`,
		"java\tscript:window.pwned=1", "\x01javascript:window.pwned=1", "jav&#x0A;ascript:window.pwned=1", "vbscript:pwned", "blob:http://127.0.0.1:9/pwned",
		`--><!--><img src=x onerror=window.pwned=1><!--`, `]]><script>window.pwned=1</script>`, `<!--<script>`,
		`"}],"pwned":[{"x":"</script><script>window.pwned=1</script>`, `\u003cimg src=x onerror=window.pwned=1\u003e`,
		`b-bad" style="background:url(//127.0.0.1:9/pwned.png)" x="`, `x0;}*{background:url(//127.0.0.1:9/pwned.png)}`,
		`<%= pwned %> {% pwned %} #{pwned} {{.}} {{template "pwned"}} ${{pwned}}`,
		"![](http://127.0.0.1:9/pwned.png)\n[x]: http://127.0.0.1:9/pwned\n<http://127.0.0.1:9/pwned>", "```\n# pwned\n~~~\n<b>", "| --- |\n| pwned |", "pwned\n===\n[^1]: pwned",
		"\t=cmd|'/c pwned'!A1", "\r\n@SUM(pwned)", "\ufeff=1+pwned", `";=pwned;"`, "=HYPERLINK(\"http://127.0.0.1:9/pwned\")",
		"<!channel> <@U012> <http://127.0.0.1:9/pwned|click> @here",
		`../../../../etc/pwned`, `x";filename="pwned.html`, "%0d%0aSet-Cookie:%20pwned=1", "\xc0\xafpwned\xed\xa0\x80",
		"soft\u00adhyphen tag\U000e0041\U000e007f joiner\u200d mark\ufeff filler\u3164 plus\u2062times variation\ufe0f",
		strings.Repeat("Z\u0334\u0353\u030d", 300),
	}, furtherPayloads()...)
}

// Hostile is a report in which every text is one payload after another. The
// payloads are dealt in turn, so that each lands in many places.
func Hostile(payloads []string) Story {
	i := 0
	p := func() string { i++; return payloads[i%len(payloads)] }
	r := leak()
	r.Service, r.Severity, r.Owner, r.Title, r.Engine, r.Weights = p(), p(), p(), p(), p(), p()
	signal := report.SignalChart{Signal: report.SignalErrors, Chart: report.Chart{Name: p(), Unit: p(), Samples: curve(1, 2, time.Minute, 0)}, Query: p(), Series: 2}
	held := heldStreams()
	held.Service, held.Notes = p(), []string{p()}
	held.Places[0].Function, held.Places[0].Frame.File, held.Places[0].Blame = p(), p(), nil
	held.Places[0].Callers[0].File = p()
	held.Flame.Below[0].Name, held.Flame.Below[0].Below[0].Name = p(), p()
	r.Profiles = []report.ProfileView{held}
	r.Signals = []report.ServiceSignals{{Service: p(), Alerts: true, Charts: []report.SignalChart{signal}}, {Service: p(), Blamed: true, Charts: []report.SignalChart{signal}}}
	r.Impact = report.Impact{Headline: p(), Facts: payloads, Services: payloads, Burn: 31, Chart: &report.Chart{Name: p(), Unit: p(), Samples: curve(1, 2, time.Minute, 0)}}
	r.Verdict.Word = report.LeadOnly // so that the page says with these names what would settle it
	r.Verdict.Because, r.Verdict.WhyNotSecond, r.Verdict.Sensitivity, r.Warnings = payloads, p(), payloads, payloads
	hostileAlert(&r.Alert, payloads, p)
	for _, x := range payloads {
		r.Failures = append(r.Failures, report.Failure{Service: p(), Type: x, Message: p(), Status: x, Place: &evidence.CodeRef{Repository: x, Path: p(), Line: 1, Revision: x}, First: onset(), Last: onset(), Seen: 1,
			Endpoints: []string{x, p()}, Refs: []evidence.Ref{{Kind: evidence.RefLog, ID: x, TraceID: p(), Text: x}}})
	}
	hostileCauses(&r, payloads, p)
	for _, x := range payloads {
		ref := evidence.Ref{Kind: evidence.RefLog, ID: x, TraceID: x, Service: x, Text: x, Time: onset()}
		r.Timeline = append(r.Timeline, report.TimelineEvent{Time: onset(), Lane: "logs", Text: x, Entity: p(), Refs: []evidence.Ref{ref}},
			report.TimelineEvent{Time: onset(), Lane: x, Text: x})
		r.Coverage = append(r.Coverage, evidence.Coverage{Source: p(), Query: x, Status: evidence.CoverageStatus(p()), Detail: x})
		f := report.Finding{ID: p(), Text: x, Entity: p()}
		r.RuledOut, r.NotChecked, r.Gaps = append(r.RuledOut, f), append(r.NotChecked, f), append(r.Gaps, f)
		r.Changes = append(r.Changes, report.ChangeView{Change: evidence.Change{ID: x, Kind: evidence.ChangeKind(p()), Service: p(), From: p(), To: p(), URL: p(), Actor: p(), Time: onset(), Inferred: p()}, Why: x, Suspect: true})
		r.Actions = append(r.Actions, report.Action{Kind: p(), Title: p(), Command: x, Source: p(), Freshness: payloads})
	}
	r.Changes[0].From, r.Changes[0].To, r.Changes[0].Service = p(), p(), p()
	r.Rollback = &report.Rollback{Kind: p(), Reason: p(), Refused: p(), Source: p()}
	for _, kind := range []string{report.StepCommand, report.StepCheck, report.StepWords, p()} {
		r.Rollback.Steps = append(r.Rollback.Steps, report.Step{Kind: kind, Text: p()})
	}
	r.Recovery = &report.Recovery{Service: p(), Of: p(), From: p(), To: p(), Inferred: p(), Because: p(), Says: p(), Verdict: report.Recovered}
	r.Actions[0] = report.Action{Title: p(), Command: p() + "\n" + p(), Source: p(), Freshness: payloads[:4]}
	hostileTrace(&r, payloads, p)
	hostileCode(&r, payloads, p)
	s := told("hostile", r)
	s.Incident.AcknowledgedBy, s.Incident.Title, s.Incident.AlertName = p(), p(), p()
	for n, x := range payloads {
		s.Notes = append(s.Notes, casefile.Note{ID: int64(n), Author: p(), Text: x, Time: onset().Add(time.Duration(n) * time.Second)})
		s.Feedback = append(s.Feedback, casefile.Feedback{ID: int64(n), Revision: 1, Judgment: "correct", Entity: p(), Trigger: report.Trigger(p()), Commit: p(), Decision: p(), Note: x, Author: p()})
		s.Similar = append(s.Similar, ui.SimilarIncident{Incident: casefile.Incident{ID: x, Title: p()}, Because: p(), Alike: []casefile.Alike{casefile.AlikeCause}, EndedBy: p()})
	}
	s.Actions = []casefile.Action{{ID: p(), Incident: s.Incident.ID, State: casefile.ActionWaiting, Kind: casefile.RollBack, Of: "config", Service: p(), From: p(), Revision: p(), Rule: p(), Target: p(),
		Decision: p(), Grade: casefile.Approval, Because: p(), Capped: p(), Reason: p(), By: p(), AskedAt: onset(), ChangedAt: onset()}}
	return s
}

func hostileAlert(a *evidence.Alert, payloads []string, p func() string) {
	a.Receiver, a.GroupKey, a.ExternalURL = p(), p(), "javascript:window.pwned=1"
	a.Labels, a.Annotations = map[string]string{"alertname": p()}, map[string]string{"runbook_url": "javascript:window.pwned=1"}
	for _, x := range payloads {
		a.Labels[x] = p()
		a.Annotations[x] = p()
		a.Instances = append(a.Instances, evidence.AlertInstance{Status: p(), Labels: map[string]string{x: p()}, Annotations: map[string]string{x: p()}, GeneratorURL: x, StartsAt: onset()})
	}
	a.Instances[0].GeneratorURL = "javascript:window.pwned=1"
}

func hostileCauses(r *report.Report, payloads []string, p func() string) {
	for i := range payloads[:12] {
		r.Map.Nodes = append(r.Map.Nodes, report.MapNode{Entity: payloads[i], Hit: i})
		r.Map.Edges = append(r.Map.Edges, evidence.Edge{Caller: r.Map.Nodes[0].Entity, Callee: payloads[i]})
	}
	for i := range r.Causes {
		c := &r.Causes[i]
		c.Entity.Name, c.Sentence, c.Lost, c.Decision = p(), p(), p(), p()
		c.Mechanism, c.Trigger = report.Mechanism(p()), report.Trigger(p())
		for n, x := range payloads {
			kind := []evidence.RefKind{evidence.RefLog, evidence.RefCommit, evidence.RefTrace, evidence.RefSpan, evidence.RefDecision, evidence.RefCode}[n%6]
			c.Terms = append(c.Terms, report.Term{ID: p(), Points: 50000 - 100*n, Why: x, Query: p(), Seen: 1, Total: 2, Counts: x, Refs: []evidence.Ref{{Kind: kind, ID: x, TraceID: p(), Text: x}}})
			c.Loci = append(c.Loci, report.Locus{Kind: report.LocusKind(p()), Name: x, Text: p()})
			c.Commits = append(c.Commits, report.CommitScore{SHA: p(), Subject: x, Author: p(), URL: p(), Terms: []report.Term{{ID: p(), Why: p()}}})
		}
		c.Terms = append(c.Terms, report.Term{ID: p(), Points: 60000, Why: p(), Chart: &report.Chart{Name: p(), Unit: p(), Samples: curve(1, 2, time.Minute, 0)}})
		c.Commits[0].URL = "javascript:window.pwned=1"
	}
	for _, x := range payloads {
		r.Ranked = append(r.Ranked, report.EntityScore{Entity: x})
	}
}

func hostileTrace(r *report.Report, payloads []string, p func() string) {
	tv := *r.Trace
	tv.Why, tv.Skews, tv.Trace.ID = p(), payloads, p()
	for n, x := range payloads {
		id := fmt.Sprintf("%016x", 0x2000+n)
		tv.Trace.Spans = append(tv.Trace.Spans, evidence.Span{TraceID: traceID, SpanID: id, ParentID: "00000000000000a1", Service: p(), Operation: x, StatusMessage: p(), Failed: true, Start: tv.Trace.Spans[0].Start, Duration: time.Second,
			Attributes: map[string]string{"code.file.path": x, "code.line.number": p()}})
		tv.Logs = append(tv.Logs, evidence.LogLine{Time: onset(), Service: p(), Body: x, SpanID: id}, evidence.LogLine{Time: onset(), Body: x, SpanID: x})
	}
	tv.Trace.Spans = append(tv.Trace.Spans, evidence.Span{SpanID: payloads[0], ParentID: payloads[0], Service: p(), Operation: p(), Start: tv.Trace.Spans[0].Start, Duration: time.Second})
	r.Trace = &tv
}

func hostileCode(r *report.Report, payloads []string, p func() string) {
	v := r.Code[0]
	v.Service, v.Ref.Path, v.Ref.Repository, v.Ref.Revision = p(), p(), p(), p()
	for n, x := range payloads {
		v.Lines = append(v.Lines, evidence.BlameLine{Line: 200 + n, Text: x, Commit: p(), Author: p(), Decisions: []string{p()}})
		v.Decisions = append(v.Decisions, evidence.DecisionLink{DecisionID: x, Kind: p()})
	}
	r.Code[0] = v
	d := r.Decisions[0]
	d.Title, d.Status, d.Why, d.What, d.SupersededBy, d.Path = p(), p(), p(), p(), p(), p()
	d.Who = evidence.DecisionWho{Initiator: p(), Approver: p(), Executor: p()}
	d.How.Rollout, d.How.ConfigDiff, d.Scope = p(), p(), payloads
	d.How.Rollback = map[string]string{}
	for _, x := range payloads {
		d.How.Rollback[x] = p()
		d.Conditions = append(d.Conditions, report.ConditionResult{Condition: evidence.Condition{Text: x}, Result: p(), Detail: p()})
	}
	r.Decisions[0] = d
}
