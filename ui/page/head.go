package page

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// Head is what the eye meets first: state, service, since when, owner, the
// cause in one sentence and how sure the report is.
type Head struct {
	StateWord, StateShape, StateClass string

	Service      string
	Severity     string
	Since        Clock
	Ago          string
	Acknowledged string
	Owner        Link
	Lead         string // who leads the handling, empty for nobody

	// Now says whether it is still so, and is empty until somebody asks; Asks is where
	// a script asks, empty where nobody can.
	Now, Asks string

	// Hit is what is broken and for whom, empty while nobody knows.
	Hit string
	// Error is what the program itself says; Errors is how many more there are.
	Error  *ErrorRow
	Errors string
	// Said is true where the cause's sentence does not hold the error's text.
	Said bool

	Cause     string // one sentence, bounded
	CauseFull string // the whole of it, when it is too long for a phone
	Long      bool   // it is set smaller

	Verdict Badge
	For     string
	Against string // with the strongest of it
	// Sources are how many had data, Without those that had none.
	Sources, Without string
	// Runner is the second cause, of another entity.
	Runner string
	// Data is where the evidence ends; Old says that it speaks of no present, and that
	// nobody can be asked for one.
	Data    Clock
	Old     bool
	Because []string
	// NoCode says of what kind the cause is when it is known and is not code.
	NoCode string
	// Brief is the error's text for the head, with addresses cut to their paths.
	Brief string
}

// oldData is the age from which on evidence says nothing of the present any more.
const oldData = time.Hour

// nobody stands in the casebook where nobody was named.
const nobody = "unknown"

// Badge is a word with a shape and a class for its colour.
type Badge struct{ Word, Shape, Class string }

// How much of the cause's sentence fits above the fold, and from where on it
// is too long for a phone.
const (
	maxCause   = 250
	phoneCause = 140
)

func (b *builder) head() Head {
	inc := b.in.Incident
	h := Head{
		Service: short(cmp.Or(b.rep.Service, inc.Service, "unknown service"), 60), Severity: short(cmp.Or(b.rep.Severity, inc.Severity), 24),
		Owner: Link{Text: short(b.rep.Owner, 60), URL: b.fill(b.Owner, "owner", b.rep.Owner)},
	}
	h.Lead = short(inc.Lead, 40)
	since := inc.StartedAt
	if b.loaded && !b.rep.Onset.At.IsZero() {
		since = b.rep.Onset.At
	}
	h.Since, h.Ago = b.at(since), b.ago(since)
	h.StateWord, h.StateShape, h.StateClass = stateWords(inc, b.rep)
	if b.in.Can["now"] && b.loaded && h.StateClass != "good" && inc.AlertName != evidence.NameByHand && b.in.Recorded.IsZero() {
		h.Asks = "/api/v1/incidents/" + inc.ID + "/now"
		if p := b.in.Present; p != nil {
			h.Now = short(p.Says, 160)
		}
	}
	if who := short(inc.AcknowledgedBy, 40); who == nobody {
		h.Acknowledged = "acknowledged, nobody said by whom"
	} else if who != "" {
		h.Acknowledged = "acknowledged by " + who
	}
	sentence := short(cmp.Or(b.rep.Title, inc.Title), 4000)
	switch about := b.askedAbout(); {
	case b.loaded || b.in.Failures["report"] != "":
	case inc.Failed != "":
		sentence = "The investigation of " + about + " failed"
	default:
		sentence = "Looking for the cause of " + about
	}
	sentence = b.sentence(sentence)
	h.Cause = visible.Cut(sentence, maxCause)
	if h.Long = visible.Cut(sentence, phoneCause) != sentence; h.Long {
		h.CauseFull = sentence
	}
	h.Hit = short(cmp.Or(b.rep.Impact.Headline, b.waitingHit()), 110)
	if rows := b.failures(); len(rows) > 0 {
		h.Error = &rows[0]
		h.Brief = pathsOnly(h.Error.Text)
		h.Said = !strings.Contains(visible.Cut(sentence, maxCause), h.Error.Text)
		if n := len(rows) - 1; n > 0 {
			h.Errors = plural(n, "other error", "other errors")
		}
	}
	b.verdict(&h)
	return h
}

// about is the word, who is hit and what the program says, for a pasted link.
func (h Head) about() string {
	parts := []string{h.Verdict.Word}
	if h.Hit != "" {
		parts = append(parts, h.Hit)
	}
	if h.Error != nil && h.Said {
		parts = append(parts, short(h.Error.Text, 120))
	}
	return strings.Join(parts, " · ")
}

// waitingHit is what the alert says while there is no report that measured it.
func (b *builder) waitingHit() string {
	if b.loaded {
		return ""
	}
	return b.in.Incident.Title
}

// askedAbout names what is investigated: the alert, or what a person asked about.
func (b *builder) askedAbout() string {
	inc := b.in.Incident
	if inc.AlertName == evidence.NameByHand {
		return "what is wrong with " + cmp.Or(short(inc.Service, 60), "that request")
	}
	return cmp.Or(short(inc.AlertName, 60), "this alert")
}

func stateWords(inc casefile.Incident, rep report.Report) (word, shape, class string) {
	switch {
	case inc.State == casefile.StateResolved || rep.State == evidence.StatusResolved:
		return "RESOLVED", "✓", "good"
	case inc.AcknowledgedBy != "":
		return "ACKNOWLEDGED", "◆", "warn"
	}
	return "FIRING", "▲", "bad"
}

// ago words how long ago something was, up to the incident's end.
func (b *builder) ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if end := b.in.Incident.ResolvedAt; !end.IsZero() && end.After(t) {
		return "lasted " + duration(end.Sub(t))
	}
	if d := b.now.Sub(t); d > 0 {
		return duration(d)
	}
	return ""
}

func (b *builder) verdict(h *Head) {
	v := b.rep.Verdict
	h.Verdict = VerdictBadge(v.Word)
	switch {
	case b.in.Failures["report"] != "":
		h.Verdict = Badge{"Report not readable", "✕", "bad"}
		return
	case !b.loaded && b.in.Incident.Failed != "":
		h.Verdict = Badge{"Investigation failed", "✕", "bad"}
		return
	case !b.loaded:
		h.Verdict = Badge{"Investigating", "…", "plain"}
		return
	}
	h.For, h.Against = plural(v.For, "finding for it", "findings for it"), b.against(v.Against)
	if a := b.rep.Answers(); a.Asked() > 0 {
		had, without := visible.Sources(a.Told, a.Empty, a.Failed)
		h.Sources, h.Without = had, short(without, 110-len(had))
	}
	h.Because = texts(v.Because)
	if v.NoCodeCause && v.Word != report.Inconclusive && len(b.rep.Causes) > 0 {
		h.NoCode = notCode(b.rep.Causes[0])
	}
	if len(b.rep.Causes) > 1 && b.rep.Causes[1].Score > 0 {
		h.Runner = short(b.rep.Causes[1].Entity.Name, 40)
	}
	h.Data, h.Old = b.near(b.rep.Window.End), h.Asks == "" && h.StateClass != "good" && b.now.Sub(b.rep.Window.End) > oldData
}

// against says how much speaks against the first cause, and the strongest of it.
func (b *builder) against(n int) string {
	if n == 0 || len(b.rep.Causes) == 0 {
		return "none against it"
	}
	for _, t := range byWeight(b.rep.Causes[0].Terms) {
		if t.Points < 0 {
			said := fmt.Sprintf("%d against it", n)
			return said + ": " + visible.Cut(text(t.Short()), 110)
		}
	}
	return fmt.Sprintf("%d against it", n)
}

// notCode says of what kind a cause is that no commit of code brought about.
func notCode(c report.Cause) string {
	switch c.Trigger {
	case report.TriggerFlag:
		return "a changed flag"
	case report.TriggerConfig:
		return "a changed configuration"
	case report.TriggerMigration:
		return "a migration"
	case report.TriggerLoad:
		return "load, no change"
	}
	return "no change of code"
}

// addresses are URLs with a path in an error's text.
var addresses = regexp.MustCompile(`https?://[^\s"'/]+(/[^\s"']*)`)

// pathsOnly cuts URLs to their paths: what failed stands after them and must not
// be cut off.
func pathsOnly(s string) string { return addresses.ReplaceAllString(s, "…$1") }

// VerdictBadge gives a verdict its shape and colour.
func VerdictBadge(w report.VerdictWord) Badge {
	switch w {
	case report.Confirmed:
		return Badge{string(w), "●", "sure"}
	case report.Likely:
		return Badge{string(w), "◕", "sure"}
	case report.LeadOnly:
		return Badge{string(w), "◔", "warn"}
	case report.Inconclusive:
		return Badge{string(w), "○", "plain"}
	}
	return Badge{"No verdict", "…", "plain"}
}

// openIn lists where to look on: at the cause, in the incident's window.
func (b *builder) openIn() []Link {
	if !b.loaded {
		return nil
	}
	r := b.rep
	trace := r.Alert.TraceID
	if r.Trace != nil {
		trace = r.Trace.Trace.ID
	}
	traces := ""
	if trace != "" {
		traces = b.trace(trace, "")
	}
	speaker := b.speaker()
	query := evidence.LogQuery{Services: []string{speaker}}.String()
	grafana, loki := b.fill(b.Explore, "query", query, "trace", trace), b.fill(b.Logs, "query", query, "trace", trace)
	return withURL([]Link{
		{"Jaeger", traces}, {"Grafana", grafana}, {"Loki", loki}, {"Prometheus", b.measures()},
		{"Silence", b.fill(b.Silence, "alert", r.Alert.Name(), "matchers", matchers(r.Alert))},
		{"Dashboard", cmp.Or(b.fill(b.Dashboard), SafeURL(r.Alert.Annotation("dashboard_url")))}, {"Runbook", SafeURL(r.Alert.Annotation("runbook_url"))},
	})
}

// speaker is whose log lines tell of the cause: its own, else those of who met
// with its failure.
func (b *builder) speaker() string {
	if len(b.rep.Causes) > 0 && b.rep.Causes[0].Entity.Kind == evidence.KindService {
		return b.rep.Causes[0].Entity.Name
	}
	if len(b.rep.Failures) > 0 {
		return b.rep.Failures[0].Service
	}
	return b.rep.Service
}

// measures opens what the cause was measured by, else the alert's expression.
// The address that an alert came with is asked last: it has no time in it, and
// in a recording nobody answers there.
func (b *builder) measures() string {
	if len(b.rep.Causes) > 0 {
		for _, t := range byWeight(b.rep.Causes[0].Terms) {
			if t.Points > 0 && t.Query != "" && slices.ContainsFunc(b.rep.Coverage, func(c evidence.Coverage) bool { return c.Source == "metrics" && c.Query == t.Query }) {
				if u := b.fill(b.Metrics, "query", t.Query); u != "" {
					return u
				}
			}
		}
	}
	own := ""
	for _, i := range b.rep.Alert.Instances {
		if own = SafeURL(i.GeneratorURL); own != "" {
			break
		}
	}
	if u, err := url.Parse(own); err == nil && u.Query().Get("g0.expr") != "" && b.Metrics != "" {
		return b.fill(b.Metrics, "query", u.Query().Get("g0.expr"))
	}
	if own != "" && b.in.Recorded.IsZero() {
		return own
	}
	return b.fill(b.Metrics, "query", "ALERTS")
}

func withURL(in []Link) []Link {
	var out []Link
	for _, l := range in {
		if l.URL != "" {
			out = append(out, l)
		}
	}
	return out
}

// logQL escapes a value for the inside of a quoted LogQL string.
func logQL(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s)
}

// matchers words the alert's name and service as a silence's filter.
func matchers(a evidence.Alert) string {
	return `alertname="` + logQL(a.Name()) + `"`
}
