package maturity

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// rootCause is level 5: the incident got its root cause by itself, the right one,
// in time.
var rootCause = Check{
	ID: "root-cause-located", Name: "The incident got its root cause automatically", Level: 5,
	judge: func(in *Input) Outcome { return judgeIncidents(in.CheckRequest, in.Cases, in.Now) },
}

// DefaultWithin is how long the report may take after the alert. The model's
// figure is of the whole loop from fault to recovery, so that a report within it
// alone is the weaker demand.
const DefaultWithin = 87 * time.Second

// Case is one incident and every revision of its report.
type Case struct {
	Incident casefile.Incident
	Answers  []Answer // in any order
}

// Answer is one revision of a report and when it was there to be read.
type Answer struct {
	At     time.Time
	Report report.Report
}

// Decode makes an answer from a report's bytes.
func Decode(raw []byte, at time.Time) (Answer, error) {
	a := Answer{At: at}
	if err := json.Unmarshal(raw, &a.Report); err != nil {
		return Answer{}, fmt.Errorf("read report: %w: %w", err, evidence.ErrInvalid)
	}
	return a, nil
}

// triggers are what a cause's trigger can be.
var triggers = []report.Trigger{report.TriggerCode, report.TriggerConfig, report.TriggerFlag, report.TriggerMigration, report.TriggerInfra, report.TriggerLoad, report.TriggerNone}

// shortestCommit is how few digits of a commit's name are taken for it, as git's own
// abbreviations have.
const shortestCommit = 7

// ValidateExpect says what of an expectation no report could ever meet,
// evidence.ErrInvalid in its chain.
func ValidateExpect(e casefile.CheckExpect) error {
	switch {
	case e.Trigger != "" && !slices.Contains(triggers, report.Trigger(e.Trigger)):
		return fmt.Errorf("the expected trigger %.40q is not one of %v: %w", e.Trigger, triggers, evidence.ErrInvalid)
	case e.Commit != "" && (len(e.Commit) < shortestCommit || !evidence.LikeSHA(strings.ToLower(e.Commit))):
		return fmt.Errorf("the expected commit %.40q is none: give seven of its hexadecimal digits at least: %w", e.Commit, evidence.ErrInvalid)
	}
	return nil
}

func validateIncidents(r casefile.CheckRequest) error {
	if err := ValidateExpect(r.Expect); err != nil {
		return err
	}
	switch {
	case r.Within < 0:
		return fmt.Errorf("within_seconds is %g and must not be negative: %w", r.Within, evidence.ErrInvalid)
	case r.Incident != "":
		return nil
	case r.Service == "" || r.From.IsZero() || r.To.IsZero():
		return fmt.Errorf("give an incident, or a service with from and to: %w", evidence.ErrInvalid)
	case !r.From.Before(r.To):
		return fmt.Errorf("from is not before to: %w", evidence.ErrInvalid)
	}
	return nil
}

// judgeIncidents judges the incidents that a request selects and answers with
// the worst result among them: FAIL, then INCONCLUSIVE, then WARN, then PASS. No
// incident at all is INCONCLUSIVE: nothing was there to be judged. Cases of other
// services or from outside the request's window are left out.
func judgeIncidents(r casefile.CheckRequest, cases []Case, now time.Time) Outcome {
	var out Outcome
	selected := slices.DeleteFunc(slices.Clone(cases), func(c Case) bool { return !selects(r, c.Incident) })
	if len(selected) == 0 {
		out = pending("no incident of " + nameOf(r) + " to judge")
		if r.Incident != "" && len(cases) == 1 {
			out = missing("")
			out.Message = fmt.Sprintf("%s is an incident of %s and not of %s", r.Incident, cmp.Or(cases[0].Incident.Service, "no service"), r.Service)
		}
		return out
	}
	slices.SortFunc(selected, func(a, b Case) int {
		return cmp.Or(a.Incident.StartedAt.Compare(b.Incident.StartedAt), cmp.Compare(a.Incident.ID, b.Incident.ID))
	})
	failing, counted := 0, 0
	for _, c := range selected {
		if r.Incident == "" && byHand(c.Incident) {
			continue // nobody's alert
		}
		o := judge(r, c, now)
		o.Message, o.Evidence = c.Incident.ID+": "+o.Message, "/incidents/"+c.Incident.ID
		if o.Status != Pass {
			failing++
		}
		if counted++; counted == 1 || rank(o.Status) > rank(out.Status) {
			out = o
		}
	}
	switch {
	case counted == 0:
		return pending("no incident of " + nameOf(r) + " to judge: what people asked about themselves does not count")
	case counted > 1:
		out.Message = fmt.Sprintf("%d of %d incidents passed; worst is %s", counted-failing, counted, out.Message)
	}
	return out
}

// byHand tells an incident that somebody asked about from one that an alert
// opened.
func byHand(i casefile.Incident) bool { return i.AlertName == evidence.NameByHand }

// selects reports whether a request is about an incident: a service's are those
// that it raised the alert of and those that are blamed on it.
func selects(r casefile.CheckRequest, i casefile.Incident) bool {
	of := r.Service == i.Service || r.Service == i.Entity
	if r.Incident != "" {
		return i.ID == r.Incident && (r.Service == "" || of)
	}
	return of && !i.StartedAt.Before(r.From) && i.StartedAt.Before(r.To)
}

func nameOf(r casefile.CheckRequest) string {
	if r.Incident != "" {
		return strings.TrimSpace(r.Service + " " + r.Incident)
	}
	return fmt.Sprintf("%s between %s and %s", r.Service, r.From.UTC().Format(time.RFC3339), r.To.UTC().Format(time.RFC3339))
}

// judge settles one case. Time runs from receipt of the alert to report
// revision 1; the answer judged is the newest one that was there in time.
func judge(r casefile.CheckRequest, c Case, now time.Time) Outcome {
	if byHand(c.Incident) {
		return missing("somebody asked about it by hand; the level is about incidents that an alert opened")
	}
	within := time.Duration(r.Within * float64(time.Second))
	answers := slices.SortedFunc(slices.Values(c.Answers), func(a, b Answer) int {
		return cmp.Compare(a.Report.Revision, b.Report.Revision)
	})
	if len(answers) == 0 {
		if waited := now.Sub(c.Incident.ReceivedAt); within > 0 && waited > within {
			return Outcome{Status: Fail, Message: fmt.Sprintf("no report %s after the alert, %s were allowed", wording.Beyond(waited, within), wording.Duration(within))}
		}
		return pending("still under investigation")
	}
	took := answers[0].At.Sub(c.Incident.ReceivedAt)
	if within > 0 && took > within {
		return Outcome{Status: Fail, Message: fmt.Sprintf("the report came %s after the alert, %s were allowed", wording.Beyond(took, within), wording.Duration(within))}
	}
	judged := answers[0]
	for _, a := range answers[1:] {
		if within == 0 || a.At.Sub(c.Incident.ReceivedAt) <= within {
			judged = a
		}
	}
	return JudgeReport(r.Expect, &judged.Report, took)
}

// JudgeReport judges what a report says and how it came about; took is how long
// after the alert it was there, 0 when that is not known.
func JudgeReport(want casefile.CheckExpect, rep *report.Report, took time.Duration) Outcome {
	o := content(want, rep, took)
	o.Calls = calls(rep)
	return o
}

// content judges what a report says.
func content(want casefile.CheckExpect, rep *report.Report, took time.Duration) Outcome {
	if len(rep.Unknown) > 0 {
		return missing(unknownName(rep.Unknown[0]))
	}
	if rep.Verdict.Word == report.Inconclusive || len(rep.Causes) == 0 {
		return missing("the report abstains: " + strings.Join(rep.Verdict.Because, "; "))
	}
	first := rep.Causes[0]
	places := suspectPlaces(rep)
	if wrong := differences(want, first); len(wrong) > 0 {
		return Outcome{Status: Fail, Message: "the first cause is another one: " + strings.Join(wrong, "; "), Places: places}
	}
	said := string(rep.Verdict.Word)
	if took > 0 {
		said += ", " + wording.Duration(took) + " after the alert"
	}
	said += ": " + first.Sentence
	switch lacking := lackingSources(rep); {
	case len(lacking) > 0:
		return Outcome{Status: Inconclusive, Message: strings.Join(lacking, " and ") + ", so that the cause does not rest on all three. " + said, Places: places}
	case rep.Verdict.Word == report.LeadOnly:
		return Outcome{Status: Warn, Message: "only a lead. " + said, Places: places}
	case first.Trigger == report.TriggerCode && !names(first):
		return Outcome{Status: Warn, Message: "code is blamed and no commit is named. " + said, Places: places}
	}
	return Outcome{Status: Pass, Message: said, Places: places}
}

// names reports whether a cause names a commit.
func names(c report.Cause) bool {
	_, ok := c.Commit()
	return ok
}

// differences lists what was expected and is not so, one clause each.
func differences(want casefile.CheckExpect, c report.Cause) []string {
	var out []string
	differ := func(what, want, got string) {
		out = append(out, fmt.Sprintf("%s is %s, expected %s", what, cmp.Or(got, "unknown"), want))
	}
	if want.Entity != "" && want.Entity != c.Entity.Name {
		differ("entity", want.Entity, c.Entity.Name)
	}
	if want.Trigger != "" && want.Trigger != string(c.Trigger) {
		differ("trigger", want.Trigger, string(c.Trigger))
	}
	var commit string
	if len(c.Commits) > 0 {
		commit = c.Commits[0].SHA
	}
	if want.Commit != "" && !sameCommit(want.Commit, commit) {
		differ("commit", want.Commit, commit)
	}
	if want.Decision != "" && want.Decision != c.Decision {
		differ("decision", want.Decision, c.Decision)
	}
	return out
}

// sameCommit takes a prefix of at least seven digits for the whole.
func sameCommit(want, got string) bool {
	want, got = strings.ToLower(want), strings.ToLower(got)
	return want == got || len(want) >= shortestCommit && strings.HasPrefix(got, want)
}
