package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// EvidenceSection is why the first cause is first.
type EvidenceSection struct {
	State   State
	Cards   []EvidenceCard // strongest first
	More    []EvidenceCard // the long tail, folded away
	Against []EvidenceCard // counter-evidence, strongest first
	Rest    string         // findings without a card
}

// EvidenceCard is one claim with what it rests on.
type EvidenceCard struct {
	Anchor string
	Claim  string
	Detail string // the claim with its numbers, empty when Claim has them
	// Support is true for a finding that another kind of cause lends this one.
	Support bool
	Points  string
	Side    string // "for" or "against"
	Spark   *Spark
	Lines   []CardLine
	Seen    string  // "412 of 430 spans read are of the incident"
	Asked   []Asked // the queries that the claim rests on
	Rule    string
	Refs    []Link
}

// CardLine is a line of evidence as a machine wrote it.
type CardLine struct {
	Text  string
	Class string // add, del or empty
	When  string
}

// shownCards is how many cards are open; the rest is one click away.
const shownCards = 6

// maxTail bounds the folded cards of a cause, and its cards against it.
const maxTail = 16

func (b *builder) why() EvidenceSection {
	var terms []report.Term
	if len(b.rep.Causes) > 0 {
		terms = byWeight(b.rep.Causes[0].Terms)
	}
	s := EvidenceSection{State: b.state(len(terms) == 0, "Nothing speaks for any cause.", "traces", "logs", "metrics")}
	rest := 0
	for _, t := range terms {
		switch {
		case t.Points < 0 && len(s.Against) < maxTail:
			s.Against = append(s.Against, b.card(t))
		case t.Points >= 0 && len(s.Cards) < shownCards:
			s.Cards = append(s.Cards, b.card(t))
		case t.Points >= 0 && len(s.More) < maxTail:
			c := b.card(t)
			c.Asked = c.Asked[:min(len(c.Asked), 1)] // the folded ones must not double the page
			s.More = append(s.More, c)
		default:
			rest++
		}
	}
	if rest > 0 {
		s.Rest = plural(rest, "further finding is", "further findings are") + " in the JSON export."
	}
	return s
}

// byWeight orders terms by how much they move the score; terms of equal weight
// keep the report's order.
func byWeight(in []report.Term) []report.Term {
	out := slices.Clone(in)
	slices.SortStableFunc(out, func(a, b report.Term) int { return cmp.Compare(magnitude(b.Points), magnitude(a.Points)) })
	return out
}

func magnitude(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// side tells counter-evidence from evidence.
func side(points int) string {
	if points < 0 {
		return "against"
	}
	return "for"
}

func (b *builder) card(t report.Term) EvidenceCard {
	c := EvidenceCard{
		Anchor: anchor("e-", t.ID), Points: points(t.Points), Side: side(t.Points), Rule: text(t.ID),
		Spark: sparkOf(t.Chart, b.marks, b.clocks), Asked: b.asked(t),
	}
	why := t.Why
	c.Support, c.Claim = t.Borrowed && t.Points > 0, b.sentence(short(why, 240))
	if t.Said != "" {
		c.Claim, c.Detail = b.sentence(short(t.Said, 160)), b.sentence(short(why, 320))
	}
	if t.Total > 0 && t.Counts != "" { // reports of older engines do not say of what
		c.Seen = count(t.Seen) + " of " + count(t.Total) + " " + text(t.Counts)
	}
	for _, r := range t.Refs {
		b.refInto(&c, r)
	}
	return c
}

// sentence begins with a capital letter, unless it begins with a name.
func (b *builder) sentence(s string) string {
	names := []string{b.rep.Service, b.in.Incident.Service, b.in.Incident.Entity}
	for _, e := range b.rep.Ranked {
		names = append(names, e.Entity)
	}
	for _, c := range b.rep.Causes {
		names = append(names, c.Entity.Name)
	}
	return visible.Capital(s, names...)
}

// refInto shows a reference as lines of text, as a link, or both.
func (b *builder) refInto(c *EvidenceCard, r evidence.Ref) {
	const most = 5
	if r.Text != "" && len(c.Lines) < most && c.Spark == nil {
		for line := range strings.Lines(r.Text) {
			if len(c.Lines) == most {
				break
			}
			l := CardLine{Text: visible.Within(strings.TrimRight(line, "\r\n"), 220, func(s string) string { return visible.ShortHashes(visible.Block(s)) })}
			if r.Kind == evidence.RefCommit || r.Kind == evidence.RefCode || r.Kind == evidence.RefChange {
				l.Class = diffClass(line)
			}
			if r.Kind == evidence.RefLog && !r.Time.IsZero() {
				l.When = r.Time.UTC().Format("15:04:05.000")
			}
			if !slices.Contains(c.Lines, l) {
				c.Lines = append(c.Lines, l)
			}
		}
	}
	if l := b.refLink(r); l.Text != "" && len(c.Refs) < 4 && !slices.Contains(c.Refs, l) {
		c.Refs = append(c.Refs, l)
	}
}

func diffClass(line string) string {
	switch {
	case strings.HasPrefix(line, "+"):
		return "add"
	case strings.HasPrefix(line, "-"):
		return "del"
	}
	return ""
}

// refLink leads to where a reference points: our own page first.
func (b *builder) refLink(r evidence.Ref) Link {
	switch r.Kind {
	case evidence.RefTrace:
		return Link{"trace " + short(r.ID, 12), b.trace(r.ID, "")}
	case evidence.RefSpan:
		return Link{"span " + short(r.ID, 16), b.trace(r.TraceID, r.ID)}
	case evidence.RefLog:
		if r.TraceID != "" {
			return Link{"trace " + short(r.TraceID, 12), b.trace(r.TraceID, "")}
		}
	case evidence.RefCommit:
		return Link{"commit " + revision(r.ID), b.commit("", r.ID, "")}
	case evidence.RefDecision:
		return Link{short(r.ID, 48), decisionURL(r.ID)}
	case evidence.RefCode:
		return Link{short(r.ID, 60), ""}
	}
	return Link{}
}

func (b *builder) windowWords(w evidence.Window) string {
	if w.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s to %s, %s", b.at(w.Start).UTC, w.End.UTC().Format("15:04:05"), duration(w.Duration()))
}
