package export

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// postmortem is a document of headings and blocks, the same for Markdown and
// HTML. Facts are filled in; where a person must write, there is a prompt.
type postmortem struct {
	title    string
	sections []section
}

type section struct {
	title  string
	level  int // 2 or 3
	blocks []block
}

// block is a paragraph, a prompt, a list, a table or code: exactly one is set.
type block struct {
	text   string
	prompt string
	items  []string
	head   []string
	rows   [][]string
	code   string
}

// document fills in the postmortem in the order of Google's SRE book
// (appendix D, "Example Postmortem").
func document(in Input) postmortem {
	r := in.Report
	p := postmortem{title: "Postmortem: " + cmp.Or(r.Title, in.Incident.Title, in.Incident.ID)}
	add := func(level int, title string, blocks ...block) {
		p.sections = append(p.sections, section{title, level, blocks})
	}
	add(2, "Date", block{text: day(r.FiredAt)})
	add(2, "Authors", block{prompt: "Who writes this? Roles will do."})
	add(2, "Status", block{text: status(in)})
	add(2, "Summary", summary(r)...)
	add(2, "Impact", impact(r)...)
	add(2, "Root Causes", causes(r, in.ShowAuthors)...)
	add(2, "Trigger", trigger(r)...)
	add(2, "Resolution", resolution(in)...)
	add(2, "Detection", detection(in)...)
	add(2, "Action Items", actionItems(r))
	add(2, "Lessons Learned")
	add(3, "What went well", block{prompt: "What worked as it should?"})
	add(3, "What went wrong", append(wentWrong(r), block{prompt: "What did not work as it should?"})...)
	add(3, "Where we got lucky", block{prompt: "What could have made it worse and did not?"})
	add(2, "Timeline", timelineBlock(in))
	add(2, "Supporting information", supporting(r)...)
	add(2, "Provenance", block{items: provenance(in.Envelope)})
	return p
}

func day(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format(time.DateOnly)
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func status(in Input) string {
	s := "Draft. The incident is " + string(in.Incident.State) + "."
	if in.Incident.AcknowledgedBy != "" {
		s += " It was acknowledged by " + person(in.Incident.AcknowledgedBy, in.ShowAuthors) + "."
	}
	return s
}

func summary(r correlate.Report) []block {
	said := fmt.Sprintf("%s. Verdict: %s (%d for, %d against, %d of %d sources answered).", strings.TrimRight(r.Title, ". "), r.Verdict.Word,
		r.Verdict.For, r.Verdict.Against, r.Verdict.SourcesAnswered, r.Verdict.SourcesAsked)
	blocks := []block{{text: said}}
	if len(r.Verdict.Because) > 0 {
		blocks = append(blocks, block{text: "Because: " + strings.Join(r.Verdict.Because, "; ") + "."})
	}
	return append(blocks, block{prompt: "In two sentences, for somebody who was not there."})
}

func impact(r correlate.Report) []block {
	var items []string
	for _, s := range append([]string{r.Impact.Headline}, r.Impact.Facts...) {
		if s != "" {
			items = append(items, s)
		}
	}
	if len(r.Impact.Services) > 0 {
		items = append(items, "Services hit, in order: "+strings.Join(r.Impact.Services, ", "))
	}
	if len(items) == 0 {
		return []block{{text: "No measure of the impact was found."}, {prompt: "Who was hit, and how badly?"}}
	}
	return []block{{items: items}, {prompt: "What did users and the business see?"}}
}

func causes(r correlate.Report, names bool) []block {
	if len(r.Causes) == 0 {
		return []block{{text: "No cause was found."}, {prompt: "What was it?"}}
	}
	c := r.Causes[0]
	blocks := []block{{text: c.Sentence}, {items: []string{"Entity: " + c.Entity.Name, "Mechanism: " + string(c.Mechanism), "Trigger: " + triggerWord(c.Trigger)}}}
	var items []string
	for _, l := range c.Loci {
		items = append(items, fmt.Sprintf("Shows in %s %s", l.Kind, l.Name))
	}
	for _, k := range c.Commits {
		if !k.IsCommit() {
			items = append(items, k.Subject)
			continue
		}
		who := ""
		if names && k.Author != "" {
			who = " by " + k.Author
		}
		items = append(items, fmt.Sprintf("Commit %s “%s”%s, %s", k.SHA, k.Subject, who, clock(k.Time)))
	}
	if c.Decision != "" {
		items = append(items, "Decision "+c.Decision)
	}
	blocks = append(blocks, block{items: items})
	blocks = append(blocks, decisionBlocks(r)...)
	if r.Verdict.WhyNotSecond != "" {
		blocks = append(blocks, block{text: "Why not the second cause: " + r.Verdict.WhyNotSecond})
	}
	return append(blocks, block{prompt: "Why could this happen at all? Ask why five times; blame no person."})
}

func decisionBlocks(r correlate.Report) []block {
	var out []block
	for _, d := range r.Decisions {
		items := []string{"Why: " + d.Why, "What: " + d.What, "Effective: " + clock(d.When.EffectiveAt)}
		for _, c := range d.Conditions {
			s := "Promised " + c.Condition.Text + ": " + c.Result
			if c.Value != nil {
				s += " (" + strconv.FormatFloat(*c.Value, 'g', 6, 64) + unit(c.Condition.Unit) + ")"
			}
			items = append(items, s)
		}
		out = append(out, block{text: "Decision " + d.ID + ", " + cmp.Or(d.Title, "without a title") + ":"}, block{items: items})
	}
	return out
}

func unit(u string) string {
	if u == "" {
		return ""
	}
	return " " + u
}

func triggerWord(t correlate.Trigger) string {
	if t == "" || t == correlate.TriggerNone {
		return "unknown"
	}
	return string(t)
}

func trigger(r correlate.Report) []block {
	var items []string
	for _, c := range r.Changes {
		if !c.Suspect {
			continue
		}
		items = append(items, fmt.Sprintf("%s of %s from %s to %s at %s, %s. %s", c.Kind, cmp.Or(c.Service, "unknown"), cmp.Or(c.From, "unknown"), cmp.Or(c.To, c.Commit, "unknown"),
			clock(c.Time), aroundOnset(c.BeforeOnset), c.Why))
	}
	if len(items) == 0 {
		return []block{{text: "No change is suspected."}, {prompt: "What set it off?"}}
	}
	return []block{{items: items}}
}

func aroundOnset(d time.Duration) string {
	if d < 0 {
		return (-d).Round(time.Second).String() + " after onset"
	}
	return d.Round(time.Second).String() + " before onset"
}

func resolution(in Input) []block {
	var blocks []block
	if t := in.Incident.ResolvedAt; !t.IsZero() {
		blocks = append(blocks, block{text: fmt.Sprintf("Resolved at %s, %s after the alert.", clock(t), t.Sub(in.Incident.StartedAt).Round(time.Second))})
	}
	for i, a := range in.Report.Actions {
		if i == 0 {
			blocks = append(blocks, block{text: "Recommended at the time: " + a.Title + " (from " + a.Source + ")."})
			if a.Command != "" {
				blocks = append(blocks, block{code: a.Command})
			}
		}
	}
	return append(blocks, block{prompt: "What was done, and what of it ended the incident?"})
}

func detection(in Input) []block {
	r := in.Report
	items := []string{"Alert " + cmp.Or(r.Alert.Name(), "without a name") + " fired at " + clock(r.FiredAt)}
	if !r.Onset.At.IsZero() {
		items = append(items, fmt.Sprintf("Onset at %s, found in %s", clock(r.Onset.At), cmp.Or(r.Onset.From, "nothing better than the alert")))
		if lag := r.FiredAt.Sub(r.Onset.At); lag >= 0 {
			items = append(items, "From onset to alert: "+lag.Round(time.Second).String())
		}
	}
	if !in.Incident.ReportedAt.IsZero() && !in.Incident.ReceivedAt.IsZero() {
		items = append(items, "From alert to root-cause report: "+in.Incident.ReportedAt.Sub(in.Incident.ReceivedAt).Round(time.Millisecond).String())
	}
	return []block{{items: items}, {prompt: "Would a user have told us before the alert did?"}}
}

// actionItems starts the table with what the report itself asks for.
func actionItems(r correlate.Report) block {
	b := block{head: []string{"Action item", "Type", "Owner", "Bug"}}
	add := func(what, kind string) { b.rows = append(b.rows, []string{what, kind, "", ""}) }
	for _, a := range r.Actions {
		add(a.Title, "mitigate")
	}
	if len(r.Causes) > 0 && r.Causes[0].Decision == "" && r.Causes[0].Trigger == correlate.TriggerCode {
		add("Record the decision behind the blamed lines", "prevent")
	}
	for _, g := range r.Gaps {
		add("Close the blind spot: "+g.Text, "detect")
	}
	for _, d := range r.Decisions {
		for _, c := range d.Conditions {
			if c.Result == "broken" {
				add("Decide whether "+d.ID+" stands: it promised "+c.Condition.Text, "prevent")
			}
		}
	}
	add("…", "")
	return b
}

func wentWrong(r correlate.Report) []block {
	var items []string
	for _, c := range r.Coverage {
		if c.Status == evidence.CoverageFailed {
			items = append(items, c.Source+" could not be asked: "+cmp.Or(c.Detail, "no reason given"))
		}
	}
	if len(items) == 0 {
		return nil
	}
	return []block{{items: items}}
}

const maxTimelineRows = 500 // the CSV has them all

func timelineBlock(in Input) block {
	b := block{head: []string{"Time (UTC)", "Kind", "What"}}
	all := moments(in)
	for i, m := range all {
		if i == maxTimelineRows {
			b.rows = append(b.rows, []string{"", "", fmt.Sprintf("%d more are in the CSV export", len(all)-i)})
			break
		}
		what := m.Text
		if m.Entity != "" {
			what = m.Entity + ": " + what
		}
		b.rows = append(b.rows, []string{m.Time.UTC().Format("2006-01-02 15:04:05"), described(m), what})
	}
	return b
}

// supporting lists every claim with its points and how it was computed.
func supporting(r correlate.Report) []block {
	evid := block{head: []string{"Points", "Claim", "How it was computed"}}
	if len(r.Causes) > 0 {
		for i, t := range r.Causes[0].Terms {
			if i < maxTimelineRows {
				evid.rows = append(evid.rows, []string{fmt.Sprintf("%+d", t.Points), t.Why, cmp.Or(t.Query, t.ID)})
			}
		}
	}
	asked := block{head: []string{"Source", "Query", "Ended", "Points"}}
	for i, c := range r.Coverage {
		if i < maxTimelineRows {
			asked.rows = append(asked.rows, []string{c.Source, c.Query, strings.TrimSpace(string(c.Status) + " " + c.Detail), strconv.Itoa(c.Count)})
		}
	}
	blocks := []block{{text: "What speaks for and against the first cause:"}, evid, {text: "What was asked:"}, asked}
	for _, f := range []struct {
		words string
		all   []correlate.Finding
	}{{"Ruled out:", r.RuledOut}, {"Not checked:", r.NotChecked}} {
		var items []string
		for _, x := range f.all {
			items = append(items, x.Text)
		}
		if len(items) > 0 {
			blocks = append(blocks, block{text: f.words}, block{items: items})
		}
	}
	return blocks
}

func provenance(e Envelope) []string {
	items := []string{"Incident: " + e.Incident, "URL: " + e.URL, "Report revision: " + strconv.Itoa(e.Revision), "Exported: " + clock(e.ExportedAt) + " by " + e.ExportedBy + " with " + e.Exporter,
		"Engine: " + e.Engine + ", weights: " + e.Weights, "Incident window: " + clock(e.Window.Start) + " to " + clock(e.Window.End)}
	if e.BundleSHA256 != "" {
		items = append(items, "Evidence bundle SHA-256: "+e.BundleSHA256)
	}
	return items
}

// bounded makes a text visible and keeps one of them from filling the document.
func bounded(s string) string { return visible.Short(s, 2000) }
