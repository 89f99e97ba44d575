package page

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/chart"
)

// IncidentInput is everything that the incident page is built from.
type IncidentInput struct {
	Incident casefile.Incident
	// Address is where people find this page, for who has it on paper; empty when the
	// server does not know its own.
	Address string
	// Report is nil before the first.
	Report    *report.Report
	Revisions []Revision // newest first
	// Recorded is when a replayed recording was made; zero when the sources
	// were asked for this report.
	Recorded time.Time
	Notes    []casefile.Note
	Feedback []casefile.Feedback
	Similar  []Similar
	// Actions were asked for on the incident's behalf; Switch tells whether all are
	// stopped.
	Actions []casefile.Action
	Switch  casefile.ActionSwitch
	// Progress is the present step, nil when nothing runs or nobody knows.
	Progress *correlate.Progress
	// Present is whether what alerted still does, nil unless the reader asked.
	Present *report.Present
	// Standing is how the records of the report's moves stand by now, in words by ID;
	// one that still stands is not in it.
	Standing map[string]string
	// Judged is how often people found a verdict right, over all incidents.
	Judged []Judged
	// Failures are worded reasons why a card could not be filled, by card:
	// "report", "notes", "feedback", "similar", "actions".
	Failures map[string]string

	Links       Links
	Now         time.Time
	Zone        *time.Location // the reader's, nil when unknown
	ShowAuthors bool
	// Can says what the server offers: "notes", "feedback", "state", "again",
	// "events", "bundle", "conditions", "actions", "now".
	Can map[string]bool
	// Said is what the reader's last form led to, shown at the top.
	Said string
	Undo string // the action that takes back what was said to be done
}

// Revision is one revision of a report.
type Revision = casefile.Revision

// Judged is how often people found a verdict's first cause right.
type Judged = casefile.Judged

// Similar is another incident and what makes it alike.
type Similar = casefile.Similar

// Incident is the incident page.
type Incident struct {
	Base
	ID       string
	Said     string
	Loading  bool // no report yet
	Progress Progress
	// Notice is about the report as a whole: an old revision, a stale one.
	Notice State
	Silent State  // which sources gave no answer at all
	Newest string // address of the newest revision when this is an older one
	Shown  int    // revision shown, for the script that announces a newer one

	Head    Head
	Impact  ImpactCard
	Changed ChangedCard
	Do      DoCard
	// Actions is nil where nothing was asked of anybody.
	Actions *ActionsCard
	Open    []Link
	// OpenNote is a word about the links.
	OpenNote string
	Undo     string // what takes the last change of the state back, empty for nothing

	Signals   SignalsSection
	Why       EvidenceSection
	Errors    ErrorsCard
	Causes    CausesCard
	Map       *MapCard // nil where no calls are known
	Timeline  TimelineCard
	Trace     TraceCard
	Code      CodeSection
	Profiles  ProfilesSection
	Decisions DecisionSection

	Findings FindingsCard
	Coverage CoverageCard
	Similar  SimilarCard
	Alert    AlertCard
	Journal  Journal
	Origin   Origin
	Exports  []Link
	Can      map[string]bool
}

// Progress is how far the investigation has come.
type Progress struct {
	Running bool
	Words   string // "asking logs, 3 of 5 sources answered"
	Done    string // of 100, for the bar
	Steps   []Step
}

// Step is one stage of an investigation.
type Step struct {
	Name string
	Word string // done, now or waiting
}

// stages are the stages of an investigation with their names for people.
func stages() [][2]string {
	return [][2]string{{"resolve", "Resolve"}, {"window", "Find the onset"}, {"gather", "Ask the sources"}, {"join", "Join by trace ID"},
		{"changes", "Look at changes"}, {"signals", "Weigh the evidence"}, {"rank", "Rank the causes"}, {"report", "Write the report"}}
}

// builder carries what all cards of one page share.
type builder struct {
	in     IncidentInput
	rep    report.Report // the zero report before the first
	loaded bool
	clocks
	linker
	marks chart.Marks
}

// BuildIncident makes the page out of what is known.
func BuildIncident(in IncidentInput) Incident {
	b := &builder{in: in, clocks: clocks{in.Now, in.Zone}, loaded: in.Report != nil}
	if b.loaded {
		b.rep = *in.Report
	}
	b.linker = in.Links.forWindow(cmp.Or(b.rep.Service, in.Incident.Service), b.rep.Window)
	b.marks = chart.MarksOf(&b.rep)
	p := Incident{
		ID: text(in.Incident.ID), Said: text(in.Said), Undo: text(in.Undo), Loading: !b.loaded && b.noReport() == "", Can: in.Can, Shown: b.rep.Revision,
		Progress: progressOf(in), Head: b.head(), Impact: b.impact(), Changed: b.changed(), Do: b.do(), Actions: b.actions(), Open: b.openIn(), OpenNote: text(b.Note),
		Signals: b.signals(), Why: b.why(), Errors: b.errors(), Causes: b.causes(), Map: b.serviceMap(), Timeline: b.timeline(), Trace: b.traceCard(), Code: b.code(), Profiles: b.profiles(), Decisions: b.decisions(),
		Findings: b.findings(), Coverage: b.coverage(), Similar: b.similar(), Alert: b.alert(), Journal: b.journal(), Origin: b.origin(),
		Exports: b.exports(),
	}
	if in.Failures["report"] != "" {
		p.Shown = in.Incident.Revision // a report that cannot be read is no news
	} else if len(in.Revisions) > 0 && b.rep.Revision == casefile.Current(in.Revisions).Number {
		p.Shown = in.Revisions[0].Number // nor is one that did not replace what is shown
	}
	p.Title = p.Head.StateWord + " " + p.Head.Service + ": " + short(p.Head.Cause, 80)
	p.About = p.Head.about()
	p.Section = "incidents"
	p.Notice, p.Newest = b.notice()
	p.Silent = b.silence()
	return p
}

// staleAfter is how old the newest report of an open incident may be before
// the page says so; the evidence since has not been looked at.
const staleAfter = time.Hour

// notice says what limits the report as a whole.
func (b *builder) notice() (State, string) {
	if why := b.in.Failures["report"]; why != "" {
		return State{StateFailed, "The report could not be read: " + text(why)}, ""
	}
	if why := b.in.Incident.Failed; why != "" && !b.loaded {
		return State{StateFailed, "The investigation was given up: " + text(why) + ". It can be run again below."}, ""
	}
	if leader := b.in.Incident.FoldedInto; leader != "" {
		return State{StatePartial, "Investigated together with " + text(leader) + ", which is of the same " + text(b.in.Incident.FoldedBy) + ", and the report is of both; it stands under related incidents, and this one can be investigated by itself below."}, ""
	}
	if n := b.in.Incident.Members; n > 0 && b.loaded && len(b.in.Revisions) > 0 && b.in.Revisions[0].Number == b.rep.Revision {
		return State{StatePartial, "The report is of " + count(n+1) + " alert groups that were investigated together; those beside this one stand under related incidents."}, ""
	}
	if !b.loaded || len(b.in.Revisions) == 0 {
		return State{}, ""
	}
	newest := casefile.Current(b.in.Revisions)
	if words, aside := b.poorer(newest); words != "" {
		if aside {
			return State{StateStale, words}, incidentURL(b.in.Incident.ID)
		}
		return State{StatePartial, words}, ""
	}
	if newest.Number > b.rep.Revision {
		return State{StateStale, fmt.Sprintf("This is revision %d; revision %d is newer.", b.rep.Revision, newest.Number)}, incidentURL(b.in.Incident.ID)
	}
	if words := b.unknownName(); words != "" {
		return State{StatePartial, words}, ""
	}
	if old := b.now.Sub(newest.At); b.in.Incident.State != casefile.StateResolved && b.rep.State != evidence.StatusResolved && old > staleAfter {
		return State{StateStale, "This report is " + duration(old) + " old and the incident is still open; nothing since has been looked at."}, ""
	}
	return State{}, ""
}

// noReport is why there is no report and none to wait for, empty when that is
// not so.
func (b *builder) noReport() string {
	switch {
	case b.loaded:
		return ""
	case b.in.Failures["report"] != "":
		return "the report could not be read"
	case b.in.Incident.Failed != "":
		return "the investigation failed"
	}
	return ""
}

// unknownName warns of a service that a person asked about and no trace knows:
// a misspelt name leads to whatever else went wrong at that time.
func (b *builder) unknownName() string {
	a := b.rep.Alert
	if a.Receiver != evidence.ReceiverByHand || a.Label("service") == "" || !slices.ContainsFunc(b.rep.Coverage, func(c evidence.Coverage) bool {
		return c.Source == "traces" && c.Status == evidence.CoverageNotResolved && c.Subject == a.Label("service")
	}) {
		return ""
	}
	return "No trace knows a service named " + short(a.Label("service"), 60) + ". What is shown is what else was wrong at that time; is the name right?"
}

// state says how a card stands that rests on some sources: loading before the
// report, failed when all of them failed and nothing is there, empty with the
// given words, partial when one of them failed or was cut.
func (b *builder) state(empty bool, words string, sources ...string) State {
	if !b.loaded {
		if why := b.noReport(); why != "" {
			return State{StateFailed, "Not shown: " + why + "."}
		}
		return State{StateLoading, "Waiting for the report."}
	}
	var failed, cut string
	answered, dead := false, b.silent()
	for _, c := range b.rep.Coverage {
		if !slices.Contains(sources, c.Source) {
			continue
		}
		switch c.Status {
		case evidence.CoverageFailed:
			if !slices.Contains(dead, c.Source) || empty { // the banner says it once
				failed = cmp.Or(failed, text(c.Source)+" could not be read")
				if !slices.Contains(dead, c.Source) {
					failed = text(c.Source) + ": not every question was answered"
				}
			}
		case evidence.CoverageTruncated:
			// A sample is how traces are read at all; only the card that shows one
			// source alone says so.
			if len(sources) == 1 && c.Source != "traces" {
				cut = cmp.Or(cut, fmt.Sprintf("%s were cut at %s", text(c.Source), count(c.Count)))
			}
			answered = true
		case evidence.CoverageAnswered, evidence.CoverageEmpty:
			answered = true
		case evidence.CoverageNotConfigured:
			words = cmp.Or(notConfigured(c, len(sources)), words)
		}
	}
	switch {
	case empty && failed != "" && !answered: // why stands in the banner and beside each question
		return State{StateFailed, "Not known: " + failed + "."}
	case empty:
		return State{StateEmpty, words}
	case failed != "":
		return State{StatePartial, "Incomplete: " + failed + "."}
	case cut != "":
		return State{StatePartial, "Incomplete: " + cut + "."}
	}
	return State{}
}

func notConfigured(c evidence.Coverage, sources int) string {
	if sources != 1 {
		return ""
	}
	return "Not checked: " + text(c.Source) + " are not configured."
}

// progressOf words how far an investigation is.
func progressOf(in IncidentInput) Progress {
	if in.Incident.Failed != "" || in.Incident.State != casefile.StateInvestigating && in.Progress == nil {
		return Progress{}
	}
	p := Progress{Running: true, Words: "Waiting for its turn", Done: "0"}
	at := -1
	if in.Progress != nil {
		at = slices.IndexFunc(stages(), func(s [2]string) bool { return s[0] == in.Progress.Stage })
		p.Words = progressWords(*in.Progress, at)
	}
	for i, s := range stages() {
		word := "waiting"
		switch {
		case i < at:
			word = "done"
		case i == at:
			word = "now"
		}
		p.Steps = append(p.Steps, Step{Name: s[1], Word: word})
	}
	if at >= 0 {
		p.Done = strconv.Itoa(100 * at / len(stages()))
	}
	return p
}

func progressWords(p correlate.Progress, at int) string {
	words := text(p.Stage)
	if at >= 0 {
		words = stages()[at][1]
	}
	if p.Source != "" {
		words += ": " + text(p.Source)
	}
	if p.Total > 0 {
		words += fmt.Sprintf(", %d of %d", p.Done, p.Total)
	}
	if p.Detail != "" {
		words += " – " + text(p.Detail)
	}
	return words
}

// exports lists the ways out of the page.
func (b *builder) exports() []Link {
	if !b.loaded {
		return nil // there is nothing to export
	}
	base := incidentURL(b.in.Incident.ID)
	all := []Link{
		{"Postmortem (Markdown)", "markdown"}, {"Timeline (CSV)", "csv"}, {"Timeline (JSONL)", "jsonl"},
		{"Report (JSON)", "json"}, {"Page (HTML, for a wiki)", "html"},
	}
	if b.in.Can["bundle"] {
		all = append(all, Link{"Evidence bundle (.tgz)", "bundle"})
	}
	for i := range all {
		all[i].URL = base + "/export?format=" + all[i].URL
		if b.rep.Revision > 0 {
			all[i].URL += "&revision=" + strconv.Itoa(b.rep.Revision)
		}
	}
	return all
}
