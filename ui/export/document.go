package export

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
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

// block is a paragraph, a prompt, a list, a table, code or a link: exactly one
// is set.
type block struct {
	text   string
	prompt string
	items  []string
	head   []string
	rows   [][]string
	code   string
	// language is what code is in, for those who colour it: "diff".
	language string
	link     string // an address of ours
	links    []link // addresses of the configured servers
	// pictures are charts; where none can stand, their captions are a list.
	pictures []picture
	// literal is the column of a table that machines read, 0 for none: the first
	// column never is.
	literal int
}

// link is an address with what it leads to.
type link struct{ text, url string }

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
	add(2, "Impact", impact(in)...)
	add(2, "Root Causes", causes(in)...)
	add(2, "Trigger", trigger(r)...)
	add(2, "Resolution", resolution(in)...)
	add(2, "Detection", detection(in)...)
	add(2, "Action Items", actionItems(r))
	add(2, "Lessons Learned")
	add(3, "What went well", block{prompt: "What worked as it should?"})
	add(3, "What went wrong", append(wentWrong(r), block{prompt: "What did not work as it should?"})...)
	add(3, "Where we got lucky", block{prompt: "What could have made it worse and did not?"})
	add(2, "Timeline", timelineBlock(in))
	add(2, "Supporting information", supporting(in)...)
	add(2, "Provenance", provenance(in.Envelope)...)
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
	s := "Draft. The incident is " + map[casefile.IncidentState]string{casefile.StateInvestigating: "under investigation", casefile.StateReported: "open",
		casefile.StateResolved: "resolved"}[in.Incident.State] + "."
	if in.Incident.AcknowledgedBy != "" {
		s += " It was acknowledged by " + person(in.Incident.AcknowledgedBy, in.ShowAuthors) + "."
	}
	if v := in.Report.Severity; v != "" {
		s += " Severity: " + v + "."
	}
	if v := in.Report.Owner; v != "" {
		s += " Owner: " + v + "."
	}
	return s
}

// sentence makes a report's phrase into a sentence of the document.
func sentence(s string, names ...string) string {
	s = visible.Capital(visible.ShortHashes(s), names...)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

func summary(r report.Report) []block {
	said := fmt.Sprintf("%s Verdict: %s (%d for, %d against).", sentence(r.Title, entities(r)...), r.Verdict.Word, r.Verdict.For, r.Verdict.Against)
	if a := r.Answers(); a.Asked() > 0 {
		had, without := visible.Sources(a.Told, a.Empty, a.Failed)
		said += " " + had + without + "."
	}
	blocks := []block{{text: said}}
	if len(r.Verdict.Because) > 0 {
		blocks = append(blocks, block{text: "Because: " + strings.Join(r.Verdict.Because, "; ") + "."})
	}
	if said := errorsSaid(r); len(said) > 0 {
		blocks = append(blocks, block{text: "What the programs said:"}, block{items: said})
	}
	return append(blocks, block{prompt: "In two sentences, for somebody who was not there."})
}

// entities are the names that keep their own spelling at the start of a
// sentence.
func entities(r report.Report) []string {
	names := []string{r.Service}
	for _, e := range r.Ranked {
		names = append(names, e.Entity)
	}
	return names
}

func impact(in Input) []block {
	r := in.Report
	var items []string
	if from, to := r.Onset.At, in.Incident.ResolvedAt; !from.IsZero() && to.After(from) {
		items = append(items, "From "+clock(from)+" to "+clock(to)+": "+wording.Duration(to.Sub(from)))
	}
	for _, s := range append([]string{r.Impact.Headline}, r.Impact.Facts...) {
		if s != "" {
			items = append(items, s)
		}
	}
	for _, b := range r.Impact.Budgets {
		items = append(items, visible.Capital(b.Says))
		items = append(items, b.Notes...)
	}
	if r.Impact.Burn > 0 && len(r.Impact.Budgets) == 0 {
		items = append(items, "The error budget burned "+figure(r.Impact.Burn)+" times too fast")
	}
	if len(r.Impact.Services) > 0 {
		items = append(items, "Services hit, in order: "+strings.Join(r.Impact.Services, ", "))
	}
	if len(items) == 0 {
		return []block{{text: "No measure of the impact was found."}, {prompt: "Who was hit, and how badly?"}}
	}
	blocks := []block{{items: items}}
	if pics := pictures(r); len(pics) > 0 {
		blocks = append(blocks, block{pictures: pics})
	}
	return append(blocks, block{prompt: "What did users and the business see?"})
}

// figure words a measured number, three digits that matter.
func figure(v float64) string {
	if v >= 1000 || v <= -1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func detection(in Input) []block {
	r := in.Report
	alert := "Alert " + cmp.Or(r.Alert.Name(), "without a name") + " fired at " + clock(r.FiredAt)
	if said := r.Alert.Annotation("summary"); said != "" {
		alert += ": " + said
	}
	items := []string{alert}
	if !r.Onset.At.IsZero() {
		items = append(items, fmt.Sprintf("Onset at %s, found in %s", clock(r.Onset.At), cmp.Or(r.Onset.From, "nothing better than the alert")))
		if lag := r.FiredAt.Sub(r.Onset.At); lag >= 0 {
			items = append(items, "From onset to alert: "+wording.Approximately(lag))
		}
	}
	if !in.Replayed && !in.Incident.ReportedAt.IsZero() && !in.Incident.ReceivedAt.IsZero() {
		items = append(items, "From alert to root-cause report: "+wording.Duration(in.Incident.ReportedAt.Sub(in.Incident.ReceivedAt)))
	}
	return []block{{items: items}, {prompt: "Would a user have told us before the alert did?"}}
}

func wentWrong(r report.Report) []block {
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

// provenance says where the document comes from; the address stands first, as
// a link where it is one.
func provenance(e Envelope) []block {
	items := []string{"Incident: " + e.Incident, "Report revision: " + strconv.Itoa(e.Revision), "Exported: " + clock(e.ExportedAt) + " by " + e.ExportedBy + " with " + e.Exporter,
		"Engine: " + e.Engine + ", weights: " + e.Weights, "Incident window: " + clock(e.Window.Start) + " to " + clock(e.Window.End)}
	if len(e.Poorer) > 0 {
		items = append(items, "This revision had fewer answers from "+strings.Join(e.Poorer, " and ")+" than the one before it, which it did not replace")
	}
	return []block{{link: e.URL}, {items: append(items, bundleWords(e))}}
}

// bundleWords say which evidence bundle an export is of.
func bundleWords(e Envelope) string {
	switch {
	case e.BundleSHA256 != "" && e.Bundle == casefile.BundleDropped:
		return "Evidence bundle SHA-256: " + e.BundleSHA256 + " (no longer kept)"
	case e.BundleSHA256 != "":
		return "Evidence bundle SHA-256: " + e.BundleSHA256
	case e.Bundle == casefile.BundleRecording:
		return "Evidence bundle: being recorded; a later export has its SHA-256"
	}
	return "Evidence bundle: none is kept"
}

// bounded makes a text visible and keeps one of them from filling the document.
func bounded(s string) string { return visible.Short(s, 2000) }
