package page

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// ListInput is what the incident list is built from.
type ListInput struct {
	Incidents []casefile.Incident
	Next      string // cursor
	Facets    []casefile.Facet
	Query     url.Values // of this page's address
	Now       time.Time
	Zone      *time.Location
	Failure   string // worded reason why there is no list
	Live      bool   // changes can be followed
}

// List is the page of incidents.
type List struct {
	Base
	State  State
	Rows   []ListRow
	Facets []FacetGroup
	Sorts  []Choice
	Search string
	// From and To are those of the address, Spans the choices of the last hours.
	From, To string
	Spans    []Choice
	Live     bool   // changes are announced
	Hidden   []Pair // the filter, for the search form to carry along
	Chosen   []Choice
	Next     string
	First    string // back to the first page, empty on it
}

// ListRow is one incident.
type ListRow struct {
	Link     Link
	ID       string
	State    Badge
	Verdict  Badge
	Service  string
	Severity string
	Cause    string // entity, trigger
	Impact   string
	Burn     string
	Budget   string // whose error budget burns, how fast, what is left
	Since    Clock
	Ago      string
	Decision Link
	Acked    string
	Lead     string
	// Same are further incidents of the page with the same cause; SameWords counts
	// them.
	Same      []ListRow
	SameWords string
}

// FacetGroup is one field with the values to choose from.
type FacetGroup struct {
	Name    string
	Choices []Choice
}

// Choice is a value to filter or sort by.
type Choice struct {
	Text  string
	Count string
	URL   string
	On    bool
}

// facetFields are the fields in the order of the page.
func facetFields() [][2]string {
	return [][2]string{{"state", "State"}, {"service", "Service"}, {"severity", "Severity"}, {"trigger", "Trigger"}, {"verdict", "Verdict"}, {"decision", "Decision"}}
}

// BuildList makes the page of incidents.
func BuildList(in ListInput) List {
	l := List{Search: short(in.Query.Get("q"), 200), From: short(in.Query.Get("from"), 40), To: short(in.Query.Get("to"), 40), Live: in.Live && in.Query.Get("cursor") == ""}
	l.Title, l.Section = "Incidents", "incidents"
	switch {
	case in.Failure != "":
		l.State = State{StateFailed, "The incidents could not be read: " + text(in.Failure)}
	case len(in.Incidents) == 0 && len(in.Query) > 0:
		l.State = State{StateEmpty, "No incident fits this filter."}
	case len(in.Incidents) == 0:
		l.State = State{StateEmpty, "No incident yet. Point Alertmanager's webhook at /api/v1/alerts, or investigate something by hand."}
	}
	ck := clocks{in.Now, in.Zone}
	l.Rows = ck.grouped(in.Incidents)
	l.facets(in)
	for _, s := range [][2]string{{"", "open first"}, {"burn", "burn rate"}, {"impact", "impact"}, {"started", "newest"}, {"severity", "severity"}, {"service", "service"}} {
		l.Sorts = append(l.Sorts, Choice{Text: s[1], URL: with(in.Query, "sort", s[0]), On: in.Query.Get("sort") == s[0]})
	}
	for _, s := range [][2]string{{"", "any time"}, {"1h", "last hour"}, {"24h", "last day"}, {"7d", "last week"}, {"30d", "last 30 days"}} {
		q := url.Values{}
		for k, v := range in.Query {
			if k != "from" && k != "to" {
				q[k] = v
			}
		}
		l.Spans = append(l.Spans, Choice{Text: s[1], URL: with(q, "last", s[0]), On: in.Query.Get("last") == s[0] && l.From == "" && l.To == ""})
	}
	for _, f := range append(facetFields(), [2]string{"entity", "Entity"}, [2]string{"q", "Text"}, [2]string{"from", "From"}, [2]string{"to", "To"}, [2]string{"last", "Last"}) {
		if v := in.Query.Get(f[0]); v != "" {
			l.Chosen = append(l.Chosen, Choice{Text: f[1] + ": " + short(v, 60), URL: with(in.Query, f[0], ""), On: true})
		}
	}
	for _, k := range []string{"state", "service", "severity", "trigger", "verdict", "decision", "entity", "last", "sort"} {
		if v := in.Query.Get(k); v != "" {
			l.Hidden = append(l.Hidden, Pair{k, v})
		}
	}
	if in.Next != "" {
		l.Next = with(in.Query, "cursor", in.Next)
	}
	if in.Query.Get("cursor") != "" {
		l.First = with(in.Query, "cursor", "")
	}
	return l
}

// sameCause tells incidents of one cause by what set it off, where something did:
// the same commit or decision at the same entity. Empty where that is not known.
func sameCause(i casefile.Incident) string {
	if i.Entity == "" || i.Commit == "" && i.Decision == "" {
		return ""
	}
	return strings.Join([]string{i.Entity, string(i.Mechanism), i.Commit, i.Decision}, "\x00")
}

// grouped are the rows of a page, those of the same cause under the first of them.
func (c clocks) grouped(all []casefile.Incident) []ListRow {
	var rows []ListRow
	at := map[string]int{}
	for _, i := range all {
		row, key := c.listRow(i), sameCause(i)
		if n, known := at[key]; known && key != "" {
			rows[n].Same = append(rows[n].Same, row)
			rows[n].SameWords = plural(len(rows[n].Same), "more incident of the same cause", "more incidents of the same cause")
			continue
		}
		at[key] = len(rows)
		rows = append(rows, row)
	}
	return rows
}

func (c clocks) listRow(i casefile.Incident) ListRow {
	word, shape, class := stateWords(i, report.Report{})
	r := ListRow{
		ID: text(i.ID), Link: Link{visible.Capital(short(cmp.Or(i.Title, i.AlertName, i.ID), 160), i.Service, i.Entity), incidentURL(i.ID)}, State: Badge{word, shape, class},
		Service: short(i.Service, 48), Severity: short(i.Severity, 24), Impact: short(i.Impact, 120), Since: c.at(i.StartedAt), Verdict: VerdictBadge(i.Verdict),
	}
	if i.State == casefile.StateInvestigating {
		r.Verdict = Badge{"Investigating", "…", "plain"}
	}
	if i.Entity != "" {
		r.Cause = causeKind(report.Cause{Trigger: i.Trigger, Mechanism: i.Mechanism}) + " in " + short(i.Entity, 48)
	}
	r.Lead = short(i.Lead, 40)
	if i.Burn > 0 {
		r.Burn = burn(i.Burn)
	}
	r.Budget = short(i.Budget, 200)
	if i.Decision != "" {
		r.Decision = Link{short(i.Decision, 48), decisionURL(i.Decision)}
	}
	switch {
	case !i.ResolvedAt.IsZero() && i.ResolvedAt.After(i.StartedAt):
		r.Ago = "lasted " + duration(i.ResolvedAt.Sub(i.StartedAt))
	case c.now.After(i.StartedAt):
		r.Ago = duration(c.now.Sub(i.StartedAt)) + " ago"
	}
	return r
}

func (l *List) facets(in ListInput) {
	for _, f := range facetFields() {
		g := FacetGroup{Name: f[1]}
		for _, v := range in.Facets {
			if v.Field != f[0] || v.Value == "" {
				continue
			}
			on := in.Query.Get(f[0]) == v.Value
			to := v.Value
			if on {
				to = ""
			}
			g.Choices = append(g.Choices, Choice{Text: short(v.Value, 40), Count: count(v.Count), URL: with(in.Query, f[0], to), On: on})
		}
		if len(g.Choices) > 1 || slices.ContainsFunc(g.Choices, func(c Choice) bool { return c.On }) {
			l.Facets = append(l.Facets, g)
		}
	}
}

// with is this page's address with one parameter changed, back on the first
// page unless it is the cursor that changed.
func with(q url.Values, key, value string) string {
	out := url.Values{}
	for k, v := range q {
		if k != "cursor" && len(v) > 0 && v[0] != "" {
			out.Set(k, v[0])
		}
	}
	if out.Del(key); value != "" {
		out.Set(key, value)
	}
	if len(out) == 0 {
		return "/"
	}
	return "/?" + out.Encode()
}

// AlertPage is an alert group as it was received.
type AlertPage struct {
	Base
	ID        string
	Back      string
	State     State
	Common    []Pair
	Instances []AlertInstance
	Rest      string
}

// AlertInstance is one alert of the group.
type AlertInstance struct {
	Status    Badge
	Start     Clock
	End       Clock
	Pairs     []Pair
	Generator Link
}

const maxInstances = 200

// BuildAlert makes the page of an alert group.
func BuildAlert(id string, r *report.Report, now time.Time) AlertPage {
	p := AlertPage{ID: text(id), Back: incidentURL(id)}
	p.Title, p.Section = "Alert of "+text(id), "incidents"
	if r == nil {
		p.State = State{StateLoading, "Waiting for the first report."}
		return p
	}
	ck := clocks{now: now}
	a := r.Alert
	p.Common = append([]Pair{{"receiver", text(a.Receiver)}, {"groupKey", text(a.GroupKey)}, {"status", text(a.Status)}}, pairs("label ", a.Labels)...)
	p.Common = append(p.Common, pairs("annotation ", a.Annotations)...)
	for i, x := range a.Instances {
		if i == maxInstances {
			p.Rest = plural(len(a.Instances)-i, "further alert is", "further alerts are") + " in the JSON export."
			break
		}
		one := AlertInstance{Start: ck.at(x.StartsAt), Pairs: append(pairs("label ", x.Labels), pairs("annotation ", x.Annotations)...), Status: Badge{text(x.Status), "▲", "bad"}}
		if !x.EndsAt.IsZero() {
			one.End = ck.at(x.EndsAt)
		}
		if x.Status == "resolved" {
			one.Status = Badge{"resolved", "✓", "good"}
		}
		if u := SafeURL(x.GeneratorURL); u != "" {
			one.Generator = Link{"rule", u}
		}
		p.Instances = append(p.Instances, one)
	}
	return p
}
