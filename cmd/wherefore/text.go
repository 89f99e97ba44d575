package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// printer writes lines until the first error.
type printer struct {
	w   io.Writer
	err error
	// people is true where authors and owners are what was asked for: their
	// addresses are printed.
	people bool
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, p.plain(fmt.Sprintf(format, args...)))
	}
}

func (p *printer) plain(s string) string {
	if p.people {
		return visibleControls(mask.Credentials(s))
	}
	return plain(s)
}

// plain is a text for a terminal: secrets in it are masked, and nothing in it
// drives the terminal.
func plain(s string) string { return visibleControls(mask.Text(s)) }

// visibleControls makes control characters visible: telemetry must not drive
// somebody's terminal.
func visibleControls(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069, r == 0xfffe, r == 0xffff: // the last two are none, and no XML holds them
			return '\ufffd'
		}
		return r
	}, s)
}

// writeText prints a report for a terminal: what a person needs first comes
// first.
func writeText(w io.Writer, r report.Report) error {
	p := &printer{w: w}
	p.line("%s", r.Title)
	p.line("%s: %s", r.Verdict.Word, strings.Join(r.Verdict.Because, "; "))
	p.line("")
	p.line("incident  %s  %s  %s", r.Incident, r.Service, r.State)
	p.line("onset     %s  (between %s and %s, from %s)", r.Onset.At.UTC().Format(time.RFC3339), clock(r.Onset.Earliest), clock(r.Onset.Latest), r.Onset.From)
	if r.Impact.Headline != "" {
		p.line("impact    %s", r.Impact.Headline)
	}
	for _, b := range r.Impact.Budgets {
		p.line("budget    %s", b.Says)
	}
	if r.Recovery != nil {
		p.line("recovery  %s", r.Recovery.Says)
	}
	if len(r.Actions) > 0 {
		a := r.Actions[0]
		p.line("do this   %s  [%s]", a.Title, a.Source)
		if a.Command != "" {
			p.line("          %s", a.Command)
		}
	}
	if b := r.Rollback; b != nil {
		p.line("rollback  %s: %s", b.Kind, b.Reason)
		if t := b.Target; t != nil && t.To != "" {
			p.line("          from %.40s to %.40s%s", t.From, t.To, heldBy(t))
		} else if t != nil {
			p.line("          %s", t.Unknown)
		}
		if b.Refused != "" {
			p.line("          not as it stands: %s", b.Refused)
		}
		if r := b.Readiness; r != nil {
			p.line("          trusted %d of 3: timely %s, idempotent %s, observable %s", r.Level, r.Timely.Holds, r.Idempotent.Holds, r.Observable.Holds)
		}
	}
	for i, c := range r.Causes {
		if i == 5 {
			p.line("")
			p.line("and %d more causes behind", len(r.Causes)-i)
			break
		}
		causeText(p, c)
	}
	if len(r.NotChecked) > 0 {
		p.line("")
		p.line("not checked:")
		for _, f := range r.NotChecked {
			p.line("  %s", f.Text)
		}
	}
	for _, c := range r.Coverage {
		if c.Status == evidence.CoverageFailed || c.Status == evidence.CoverageTruncated {
			p.line("  %s: %s: %s %s", c.Source, c.Query, c.Status, c.Detail)
		}
	}
	return p.err
}

func causeText(p *printer, c report.Cause) {
	p.line("")
	p.line("%d  %s  %s / %s  %d points", c.Rank, c.Entity.Name, c.Mechanism, c.Trigger, c.Score)
	p.line("   %s", c.Sentence)
	weigh := slices.DeleteFunc(slices.Clone(c.Terms), explains)
	for i, t := range weigh {
		if i == 6 {
			p.line("   %+7s  and %d more terms", "", len(weigh)-i)
			break
		}
		p.line("   %+6d  %s  (%s)", t.Points, t.Claim(), t.ID)
	}
	for _, t := range c.Terms {
		if explains(t) {
			p.line("   %7s  %s  (%s)", "where", t.Why, t.ID)
		}
	}
	if c.Suspicion != nil {
		p.line("   %s", c.Suspicion.Sentence)
	}
	for i, k := range c.Commits {
		if i == 3 {
			break
		}
		if k.Change != "" {
			p.line("   change  %d  %s", k.Score, k.Subject)
			continue
		}
		p.line("   commit %.12s  %d  %s", k.SHA, k.Score, k.Subject)
	}
	if c.Decision != "" {
		p.line("   decision %s", c.Decision)
	}
	if c.Lost != "" {
		p.line("   behind because %s", c.Lost)
	}
}

// explains reports a term that tells where in the code and weighs nothing.
func explains(t report.Term) bool { return t.ID == "profile/growth" }

func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// isTerminal reports whether w is a person's terminal, where progress is
// shown.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// heldBy says by what the earlier state is found again.
func heldBy(t *report.RollbackTarget) string {
	switch {
	case t.Revision != "":
		return fmt.Sprintf(", as etcd holds it at revision %.40s", t.Revision)
	case t.Compacted != "":
		return fmt.Sprintf(", to be put itself: in etcd %.80s", t.Compacted)
	case t.Image != "":
		return fmt.Sprintf(", the image %.300s", t.Image)
	}
	return ""
}
