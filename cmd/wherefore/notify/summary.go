package notify

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// Summary is what a message may say. Every text of it is one line, bounded,
// with control characters made visible; it is still foreign text, which each
// kind of message escapes in its own way.
type Summary struct {
	ID       string
	URL      string // of the incident's page
	Revision int
	State    string // firing or resolved
	Service  string
	Severity string
	Owner    string
	Since    string // RFC 3339, the onset
	Verdict  string
	Title    string
	Entity   string // the first cause's
	Trigger  string
	Commit   string
	Decision string
	Impact   string
	Budget   string  // how the error budget that burns fastest does
	Affected float64 // share of requests hit, 0 to 1, 0 when unknown
	Changed  string
	Action   string
	Command  string

	onset, ended time.Time // ended is zero while it lasts
}

// RevisionText is the revision in digits.
func (s Summary) RevisionText() string { return strconv.Itoa(s.Revision) }

// How long a text of a summary may be, in characters.
const (
	longText  = 300
	shortText = 120
)

func summaryOf(incident string, revision int, r report.Report, base string) Summary {
	line := func(s string, n int) string { return visible.Short(s, n) }
	s := Summary{
		ID: line(incident, shortText), URL: strings.TrimSuffix(base, "/") + "/incidents/" + url.PathEscape(incident), Revision: revision,
		State: line(r.State, 20), Service: line(r.Service, shortText), Severity: line(r.Severity, 40), Owner: line(r.Owner, shortText),
		Verdict: string(r.Verdict.Word), Title: line(r.Title, longText), Impact: line(r.Impact.Headline, longText), Affected: r.Impact.Affected,
	}
	if len(r.Impact.Budgets) > 0 {
		s.Budget = line(r.Impact.Budgets[0].Says, longText)
	}
	if at := r.Onset.At; !at.IsZero() {
		s.Since, s.onset = at.UTC().Format(time.RFC3339), at
	}
	if r.State == evidence.StatusResolved {
		s.ended = r.Window.End
	}
	if len(r.Causes) > 0 {
		c := r.Causes[0]
		s.Entity, s.Trigger, s.Decision = line(c.Entity.Name, shortText), string(c.Trigger), line(c.Decision, shortText)
		if k, ok := c.Commit(); ok {
			s.Commit = line(k.SHA, 64)
		}
		for _, ch := range r.Changes {
			if ch.ID == c.Change {
				s.Changed = line(strings.TrimSpace(string(ch.Kind)+" of "+ch.Service+" "+evidence.ShortRevision(ch.From)+" → "+evidence.ShortRevision(ch.To)), longText)
			}
		}
	}
	if len(r.Actions) > 0 {
		s.Action, s.Command = line(r.Actions[0].Title, longText), line(r.Actions[0].Command, longText)
	}
	return s
}
