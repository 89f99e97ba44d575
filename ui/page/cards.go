package page

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// ImpactCard says who is hit, beside the headline that stands in the head.
type ImpactCard struct {
	State State
	Facts []string
	More  []string // facts for which there is no room above the fold
	Path  string   // the chain of calls from the cause to who alerts
	Spark *Spark   // the alerting series, nil when it was not read
}

// shownFacts is how many facts are open: the card stands above the fold.
const shownFacts = 3

func (b *builder) impact() ImpactCard {
	i := b.rep.Impact
	c := ImpactCard{
		Spark: sparkOf(i.Chart, b.marks, b.clocks),
	}
	switch {
	case len(i.Budgets) > 0:
		for n, x := range i.Budgets {
			if n == 0 {
				c.Facts = append(c.Facts, budgetWords(x))
			}
			c.More = append(c.More, visible.Cut(text(x.Says), 240))
			c.More = append(c.More, texts(x.Notes)...)
		}
	case i.Burn > 0:
		c.Facts = append(c.Facts, "the error budget burns "+burn(i.Burn)+" too fast")
	}
	for _, f := range texts(i.Facts) {
		if len(c.Facts) < shownFacts {
			c.Facts = append(c.Facts, visible.Cut(f, 120))
		} else {
			c.More = append(c.More, f)
		}
	}
	if len(i.Path) > 0 {
		c.Path = "it spreads by " + chain(i.Path, 8)
	}
	c.State = b.state(len(c.Facts) == 0 && c.Path == "" && c.Spark == nil, "No further measure of the impact was found.", "metrics", "traces")
	return c
}

// budgetWords is how fast an error budget burns at its worst.
func budgetWords(x report.Budget) string {
	worst := max(x.BurnShort, x.BurnLong)
	for _, w := range x.Windows {
		worst = max(worst, w.Burn)
	}
	of := ""
	if x.SLO != "" {
		of = " of the objective " + short(x.SLO, 40)
	}
	return "the error budget" + of + " burns up to " + burn(worst) + " too fast"
}

func chain(names []string, most int) string {
	rest := len(names) - most
	if rest > 0 {
		names = names[:most]
	}
	s := strings.Join(texts(names), " → ")
	if rest > 0 {
		s += " → " + plural(rest, "more", "more")
	}
	return s
}

// ChangedCard says what changed just before.
type ChangedCard struct {
	State State
	// Move is the change itself, as "a1b2c3d → 4d5e6f7".
	From, To string
	What     string // "deployed", "flag bid_cache switched"
	When     Clock
	Before   string // "7 min before onset"
	Service  string
	Line     string // the change in a few words, for a phone
	Place    Link   // file:line that the named commit wrote, at the running revision
	// Diff is that line with its sign, DiffClass add or del.
	Diff, DiffClass string
	File            Link   // the same without its folders, for a phone
	Commit          Link   // its subject
	By              string // role or name, and age of the commit
	Decision        Link
	Promise         Promise
	Inferred        string // how it was noticed when nobody announced it
	Others          string // how many other changes there were, and where they stand
	// Looked are changes that were looked at and not suspected, when none was.
	Looked []string
}

// Promise is a broken condition of the decision behind a change.
type Promise struct{ Said, Is string }

// suspectChange is the change that the first cause names, else the first one
// that is suspected.
func suspectChange(r report.Report) (report.ChangeView, bool) {
	var named string
	if len(r.Causes) > 0 {
		named = r.Causes[0].Change
	}
	for _, c := range r.Changes {
		if named != "" && c.ID == named {
			return c, true
		}
	}
	for _, c := range r.Changes {
		if c.Suspect {
			return c, true
		}
	}
	return report.ChangeView{}, false
}

func (b *builder) changed() ChangedCard {
	ch, found := suspectChange(b.rep)
	var first report.Cause
	if len(b.rep.Causes) > 0 {
		first = b.rep.Causes[0]
	}
	none := "Nothing that changed could have caused this."
	if n := len(b.rep.Changes); n == 0 {
		none = "No change is known in this window."
	} else {
		none += " " + plural(n, "change was looked at.", "changes were looked at.")
	}
	commit, named := first.Commit()
	if len(first.Commits) > 0 && !named {
		none = "The most likely cause is no recent deploy."
	}
	c := ChangedCard{State: b.state(!found && !named, none, "changes")}
	if c.State.Kind == StateEmpty {
		c.Looked = b.lookedAt()
	}
	if found {
		c.From, c.To, c.Service = revision(ch.From), revision(cmp.Or(ch.To, ch.Commit)), text(ch.Service)
		c.What, c.When, c.Before = changeVerb(ch.Change), b.near(ch.Time), b.beforeError(ch)
		c.Line = changeLine(c.From, c.To, ch.Change)
		if ch.Inferred != "" {
			c.Inferred = "noticed in " + text(ch.Inferred) + ", nobody announced it"
		}
		if n := len(b.rep.Changes) - 1; n > 0 {
			c.Others = plural(n, "other change", "other changes") + " looked at"
		}
	}
	if named {
		if ref, diff, ok := touched(b.rep, first, commit); ok {
			b.showLine(&c, ref, diff)
		}
		c.Commit = Link{short(commit.Subject, 72), b.commit("", commit.SHA, commit.URL)}
		c.By = b.author(commit.Author) + "commit " + revision(commit.SHA)
		if c.To == "" {
			c.To, c.When = revision(commit.SHA), b.near(commit.Time)
			c.Line = c.To
		}
	}
	b.changedDecision(&c, cmp.Or(first.Decision, commit.Decision))
	return c
}

// showLine adds the line of code that the change is about.
func (b *builder) showLine(c *ChangedCard, ref evidence.CodeRef, diff string) {
	c.Diff, c.DiffClass = short(diff, 160), diffClass(diff)
	if ref.Path == "" {
		return
	}
	c.Place = Link{codePlace(ref), b.line(ref)}
	base := ref
	base.Path = path.Base(ref.Path)
	c.File = Link{codePlace(base), c.Place.URL}
}

// lookedAt words the changes nearest the onset and why each is not suspected.
func (b *builder) lookedAt() []string {
	const most = 3
	near := slices.Clone(b.rep.Changes)
	slices.SortStableFunc(near, func(x, y report.ChangeView) int { return cmp.Compare(x.BeforeOnset.Abs(), y.BeforeOnset.Abs()) })
	var out []string
	for _, c := range near[:min(len(near), most)] {
		what := cmp.Or(revision(cmp.Or(c.To, c.Commit)), short(c.Summary, 40))
		out = append(out, strings.Join(strings.Fields(what+" "+changeVerb(c.Change)+" on "+short(c.Service, 40)+" "+b.beforeOnset(c.BeforeOnset)), " ")+lookedWhy(c))
	}
	return out
}

// lookedWhy is why a change is not suspected, left out where that is only when
// it came.
func lookedWhy(c report.ChangeView) string {
	if c.Why == "" || c.Late {
		return ""
	}
	return ": " + short(c.Why, 160)
}

func (b *builder) changedDecision(c *ChangedCard, id string) {
	if id == "" {
		return
	}
	c.Decision = Link{short(id, 48), decisionURL(id)}
	for _, d := range b.rep.Decisions {
		if d.ID != id {
			continue
		}
		for _, r := range d.Conditions {
			if r.Result == "broken" && c.Promise.Said == "" {
				c.Promise = Promise{Said: short(r.Condition.Text, 60), Is: measured(r)}
			}
		}
	}
}

func measured(r report.ConditionResult) string {
	if r.Value == nil {
		return "broken"
	}
	return value(*r.Value, r.Condition.Unit)
}

// codePlace is the end of a path that tells it apart, with the line.
func codePlace(ref evidence.CodeRef) string {
	p := text(ref.Path)
	if len(p) > 44 {
		p = "…/" + path.Join(path.Base(path.Dir(ref.Path)), path.Base(ref.Path))
		p = short(p, 60)
	}
	if ref.Line > 0 {
		p += ":" + strconv.Itoa(ref.Line)
	}
	return p
}

func (b *builder) author(name string) string {
	if !b.in.ShowAuthors || name == "" {
		return ""
	}
	return short(name, 40) + ", "
}

// changeLine names a change for a phone: "9866695 → 857d62e", and what was set
// where it is no version.
func changeLine(from, to string, c evidence.Change) string {
	line := to
	if from != "" {
		line = from + " → " + to
	}
	if f := c.Attributes["flag"]; f != "" {
		line = short(f, 40) + " " + line
	}
	return line
}

func changeVerb(c evidence.Change) string {
	what := map[evidence.ChangeKind]string{
		evidence.ChangeDeploy: "deployed", evidence.ChangeFlag: "flag changed", evidence.ChangeConfig: "configuration changed",
		evidence.ChangeMigration: "migration ran", evidence.ChangeDecision: "decided at run time", evidence.ChangeScale: "scaled",
		evidence.ChangeExperiment: "injected fault",
	}[c.Kind]
	if what == "" {
		what = text(string(c.Kind))
	}
	if f := c.Attributes["flag"]; f != "" {
		what = "flag " + short(f, 40) + " changed"
	}
	return what
}

// beforeError words how long before the first error a change came, where that came
// before the onset that the alerting series show, and was new; else how long before
// the onset.
func (b *builder) beforeError(ch report.ChangeView) string {
	if f := b.rep.Failures; len(f) > 0 && f[0].Before == 0 && f[0].First.Before(b.rep.Onset.At) && !ch.Time.After(f[0].First) {
		return roughly(f[0].First.Sub(ch.Time)) + " before the first error"
	}
	return b.beforeOnset(ch.BeforeOnset)
}

// beforeOnset words how long before the onset a change came; one within the
// interval in which the onset lies came with it, as far as anybody can tell.
func (b *builder) beforeOnset(d time.Duration) string {
	switch {
	case d != 0 && b.rep.Onset.Holds(d):
		return "as it began"
	case d > 0:
		return roughly(d) + " before onset"
	case d < 0:
		return roughly(d) + " after onset"
	}
	return "at onset"
}

// AlertCard is the alert as it came in.
type AlertCard struct {
	Name      string
	Instances string
	Pairs     []Pair
	Fired     Clock
	Raw       string // address of the page with all instances
}

// Pair is a name and its value.
type Pair struct{ Name, Value string }

func (b *builder) alert() AlertCard {
	a := b.rep.Alert
	c := AlertCard{Name: cmp.Or(text(a.Name()), text(b.in.Incident.AlertName), "Alert without a name"), Fired: b.at(b.rep.FiredAt), Pairs: append(pairs("", a.Labels), pairs("", a.Annotations)...)}
	if len(a.Instances) > 0 {
		c.Instances = plural(len(a.Instances), "alert in the group", "alerts in the group")
		c.Raw = incidentURL(b.in.Incident.ID) + "/alert"
	}
	if a.Truncated > 0 {
		c.Instances += fmt.Sprintf(", %d left out by the sender", a.Truncated)
	}
	if len(c.Pairs) > 30 {
		c.Pairs = c.Pairs[:30]
	}
	return c
}
