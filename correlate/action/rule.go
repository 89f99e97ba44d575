package action

import (
	"fmt"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// What a budget has to burn at before anything is asked: so many times faster
// than allowed over both windows (of the multiwindow alerts of the SRE workbook,
// the pair at which 5 % of a month's budget go in six hours).
const (
	DefaultBurn = 5.0
	ShortWindow = 30 * time.Minute
	LongWindow  = 6 * time.Hour
)

// mostAge is how old the newest measured burn rate may be: what burned an hour
// ago is no reason to act now.
const mostAge = 10 * time.Minute

// Rule is one thing that a team has decided to allow.
type Rule struct {
	Name string `yaml:"name"`
	// Action is degrade or rollback.
	Action casefile.ActionKind `yaml:"action"`
	// Services it may be asked for, by name; there is no word for all, since names
	// in telemetry are anybody's to write.
	Services []string `yaml:"services"`
	// Target is whom to ask, of the configured ones.
	Target string `yaml:"target"`
	// Decision is the record that allows it, under how.actions.
	Decision string `yaml:"decision"`
	// Grade is how far it may go without a person; manual when empty.
	Grade casefile.Grade `yaml:"grade"`
	// Mode is what a degradation brings about, as "core-only".
	Mode string `yaml:"mode"`
	// Burn is the rate from which on it is asked for; DefaultBurn when 0, and never
	// less than 1, at which nothing is lost.
	Burn float64 `yaml:"burn"`
}

// defaultMode is what a degradation brings about where nobody says it.
const defaultMode = "degraded"

// Check says what is wrong with a rule; empty when nothing.
func (r Rule) Check() string {
	switch {
	case r.Name == "":
		return "needs a name"
	case r.Action != casefile.Degrade && r.Action != casefile.RollBack:
		return fmt.Sprintf("%s: the action %q is not degrade or rollback", r.Name, r.Action)
	case len(r.Services) == 0 || slices.Contains(r.Services, "") || slices.Contains(r.Services, "*"):
		return r.Name + ": services names each service that it may be asked for"
	case r.Target == "":
		return r.Name + ": target names whom to ask"
	case r.Decision == "":
		return r.Name + ": decision names the record that allows it"
	case r.Grade != "" && !slices.Contains(casefile.Grades, r.Grade):
		return fmt.Sprintf("%s: the grade %q is not automatic, approval or manual", r.Name, r.Grade)
	case r.Mode != "" && r.Action != casefile.Degrade:
		return r.Name + ": mode says what a degradation brings about; a rollback goes to what ran before"
	case r.Burn != 0 && !(r.Burn >= 1): // not a number is refused too
		return fmt.Sprintf("%s: burn is %v and must be at least 1, or left out", r.Name, r.Burn)
	}
	return ""
}

// bounds are the highest grades of what is taken back. A configuration is put
// back within seconds and forth again as fast; a binary takes other commits with
// it; what a database lost is lost.
var bounds = map[string]casefile.Grade{
	report.RollbackConfig:   casefile.Automatic,
	report.RollbackBinary:   casefile.Approval,
	report.RollbackDatabase: casefile.Manual,
}

// Allows is the grade up to which a record allows an action; why it does not is
// empty when it does.
func Allows(d evidence.Decision, kind casefile.ActionKind, now time.Time) (g casefile.Grade, why string) {
	g = casefile.Grade(d.How.Actions[string(kind)])
	switch {
	case d.Deleted:
		return "", "its record was deleted"
	case d.SupersededBy != "":
		return "", "it was superseded by " + d.SupersededBy
	case d.Status != "accepted":
		return "", fmt.Sprintf("its status is %q and not accepted", d.Status)
	case d.When.EffectiveAt.IsZero() || d.When.EffectiveAt.After(now):
		return "", "it is not in effect yet"
	case !slices.Contains(casefile.Grades, g):
		return "", fmt.Sprintf("it says nothing of %s under how.actions", kind)
	}
	return g, ""
}

// lower is the more careful of two grades.
func lower(a, b casefile.Grade) casefile.Grade {
	if slices.Index(casefile.Grades, a) <= slices.Index(casefile.Grades, b) {
		return a
	}
	return b
}
