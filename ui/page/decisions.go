package page

import (
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// DecisionsInput is what the list of decisions is built from.
type DecisionsInput struct {
	Decisions []DecisionItem
	Hot       []HotLine
	Failure   string
	Links     Links
	Now       time.Time
	Zone      *time.Location
}

// DecisionItem is one decision in the list.
type DecisionItem struct {
	ID, Title, Status string
	EffectiveAt       time.Time
	Lines             int
	Incidents         int
}

// HotLine is a line that stood in the suspect code of incidents.
type HotLine = casefile.HotLine

// Decisions is the page of decisions.
type Decisions struct {
	Base
	State    State
	Rows     []DecisionRow
	Hot      []HotRow
	Coverage string // "7 of 12 hot lines have a recorded decision"
	Percent  string // for the bar
}

// DecisionRow is one decision.
type DecisionRow struct {
	Link      Link
	Title     string
	Status    Badge
	When      Clock
	Lines     string
	Incidents Link
}

// HotRow is one hot line.
type HotRow struct {
	Place     Link
	Incidents string
	Decisions []Link
}

// BuildDecisions makes the page of decisions.
func BuildDecisions(in DecisionsInput) Decisions {
	p := Decisions{}
	p.Title, p.Section = "Decisions", "decisions"
	switch {
	case in.Failure != "":
		p.State = State{StateFailed, "The decisions could not be read: " + text(in.Failure)}
	case len(in.Decisions) == 0:
		p.State = State{StateEmpty, "No decision is recorded. Run wherefore index on a repository that has some."}
	}
	ck := clocks{in.Now, in.Zone}
	for _, d := range in.Decisions {
		r := DecisionRow{Link: Link{short(d.ID, 48), decisionURL(d.ID)}, Title: short(d.Title, 120), Status: statusBadge(evidence.Decision{Status: d.Status}), When: ck.at(d.EffectiveAt)}
		if d.Lines > 0 {
			r.Lines = count(d.Lines)
		}
		if n := d.Incidents; n > 0 {
			r.Incidents = Link{count(n), decisionURL(d.ID) + "#incidents"}
		}
		p.Rows = append(p.Rows, r)
	}
	covered := 0
	l := in.Links.forWindow("", evidence.Window{})
	for _, h := range in.Hot {
		r := HotRow{Place: Link{codePlace(h.Ref), l.line(h.Ref)}, Incidents: count(h.Incidents)}
		for _, d := range h.Decisions {
			r.Decisions = append(r.Decisions, Link{short(d, 48), decisionURL(d)})
		}
		if len(h.Decisions) > 0 {
			covered++
		}
		p.Hot = append(p.Hot, r)
	}
	if n := len(in.Hot); n > 0 {
		p.Coverage = count(covered) + " of " + plural(n, "hot line has", "hot lines have") + " a recorded decision"
		p.Percent = strconv.Itoa(100 * covered / n)
	}
	return p
}

// DecisionInput is what the page of one decision is built from.
type DecisionInput struct {
	Decision evidence.Decision
	// Then are its promises at the time of the newest incident attributed to it,
	// Now as of this request.
	Then, Now []report.ConditionResult
	Incidents []casefile.Incident
	More      bool // there are more incidents than these
	Covers    []Covered
	Failures  map[string]string // by card: "incidents", "covers", "now"
	CanCheck  bool
	Links     Links
	At        time.Time
	Zone      *time.Location
}

// Covered is a run of lines that the decision covers.
type Covered struct {
	Ref  evidence.CodeRef
	To   int
	Kind string
}

// DecisionPage is the page of one decision.
type DecisionPage struct {
	Base
	Card      DecisionCard
	Broken    string // "2 of 3 promises are broken"
	CheckURL  string
	CheckNote State
	Incidents []ListRow
	IncState  State
	All       string // address of the filtered list
	Radius    string // "4 incidents, 2 services"
	Covers    []Link
	CovState  State
}

// BuildDecision makes the page of one decision.
func BuildDecision(in DecisionInput) DecisionPage {
	ck := clocks{in.At, in.Zone}
	p := DecisionPage{Card: ck.decisionCard(in.Decision, in.Then)}
	p.Title, p.Section = "Decision "+short(in.Decision.ID, 48), "decisions"
	p.now(in)
	services := map[string]bool{}
	for _, i := range in.Incidents {
		p.Incidents = append(p.Incidents, ck.listRow(i))
		services[i.Service] = true
	}
	p.Radius = plural(len(in.Incidents), "incident", "incidents") + " in " + plural(len(services), "service", "services")
	if in.More {
		p.Radius = "at least " + p.Radius
	}
	p.All = with(nil, "decision", in.Decision.ID)
	p.IncState = cardState(in.Failures["incidents"], len(in.Incidents) == 0, "No incident was ever attributed to it.")
	l := in.Links.forWindow("", evidence.Window{})
	for _, c := range in.Covers {
		words := codePlace(c.Ref)
		if c.To > c.Ref.Line {
			words += "–" + strconv.Itoa(c.To)
		}
		p.Covers = append(p.Covers, Link{words + " (" + text(c.Kind) + ")", l.line(c.Ref)})
	}
	p.CovState = cardState(in.Failures["covers"], len(in.Covers) == 0, "No line of code is linked to it.")
	return p
}

func cardState(failure string, empty bool, words string) State {
	switch {
	case failure != "":
		return State{StateFailed, "Not known: " + text(failure)}
	case empty:
		return State{StateEmpty, words}
	}
	return State{}
}

// now puts the promises as of now beside those of then.
func (p *DecisionPage) now(in DecisionInput) {
	if in.CanCheck {
		p.CheckURL = decisionURL(in.Decision.ID) + "?check=now"
	}
	if why := in.Failures["now"]; why != "" {
		p.CheckNote = State{StateFailed, "The promises could not be looked up now: " + text(why)}
	}
	broken := 0
	for i, r := range in.Now {
		if len(p.Card.Verify) <= i {
			p.Card.Verify = append(p.Card.Verify, VerifyRow{Text: short(r.Condition.Text, 120), Then: Kept{Word: "not asked", Shape: "○", Class: "plain"}})
		}
		p.Card.Verify[i].Now = kept(r)
		if r.Result == "broken" {
			broken++
		}
	}
	if len(in.Now) > 0 {
		p.Broken = count(broken) + " of " + plural(len(in.Now), "promise is broken now", "promises are broken now")
	}
}
