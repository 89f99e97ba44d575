package page

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TimelineCard is what happened, in lanes over one axis and as a list.
type TimelineCard struct {
	State State
	Lanes []Lane
	Ticks []Tick
	// Onset, Fired and the change of the report stand across all lanes.
	Onset, Fired string // static class, as "x42"
	Lag          string // "the alert came 14 s after the onset"
	Interval     string // onset's interval and where it was found
	Rows         []TimelineRow
	More         []TimelineRow
	Rest         string
}

// Lane is one kind of event.
type Lane struct {
	Name  string
	Marks []Mark
	Rows  int // how many rows its marks need, for the lane's height
}

// Mark is one event in a lane.
type Mark struct {
	X     string // static class of its place, x0 to x100
	Row   string // static class of its row, r0 to r4
	End   bool   // its label stands to the left of it
	Label string // empty when there was no room
	Class string
	Title string
	Early bool // it lies before the axis begins
	under int  // how many more it stands for
}

// Tick is a time on the axis.
type Tick struct{ X, Text string }

// TimelineRow is one event in the list.
type TimelineRow struct {
	Anchor string
	When   Clock
	Delta  string // against the onset
	Lane   string
	Text   string
	Entity string
	First  bool
	Class  string
	Refs   []Link
}

const (
	laneRows  = 5  // rows of labels in one lane
	shownRows = 14 // list rows that are open
	maxRows   = 100
	maxLabels = 30 // labels in one lane
	bareApart = 3  // percent of the width within which marks without a label are one
)

// lanes in the order of the page, with their names.
func lanes() [][2]string {
	return [][2]string{{"changes", "Changes"}, {"alerts", "Alerts, SLO"}, {"metrics", "Metrics"}, {"logs", "Logs"},
		{"traces", "Traces"}, {"decisions", "Decisions"}, {"notes", "Notes"}}
}

func (b *builder) timeline() TimelineCard {
	events := b.events()
	c := TimelineCard{State: b.state(len(events) == 0, "Nothing is known to have happened.", "traces", "logs", "metrics", "changes")}
	if len(events) == 0 {
		return c
	}
	b.rowsInto(&c, events)
	ax := b.axis(events)
	c.Ticks = ax.ticks()
	if ax.holds(b.marks.Onset) {
		c.Onset = ax.class(b.marks.Onset)
	}
	if ax.holds(b.rep.FiredAt) {
		c.Fired = ax.class(b.rep.FiredAt)
	}
	if lag := b.rep.FiredAt.Sub(b.marks.Onset); !b.marks.Onset.IsZero() && !b.rep.FiredAt.IsZero() && lag >= 0 {
		c.Lag = "the alert came " + roughly(lag) + " after the onset"
	}
	if o := b.rep.Onset; o.From != "" {
		c.Interval = "onset found in " + text(string(o.From))
		if o.Latest.After(o.Earliest) {
			c.Interval += ", between " + b.near(o.Earliest).UTC + " and " + o.Latest.UTC().Format("15:04:05") + "; what lies between came at the onset"
		}
	}
	for _, l := range lanes() {
		if lane := b.lane(l[0], l[1], events, ax); len(lane.Marks) > 0 {
			c.Lanes = append(c.Lanes, lane)
		}
	}
	return c
}

// events are the report's and the notes, in order of time; the order of equal
// times is the report's.
func (b *builder) events() []report.TimelineEvent {
	if !b.loaded {
		return nil
	}
	all := slices.Clone(b.rep.Timeline)
	for _, n := range b.in.Notes {
		all = append(all, report.TimelineEvent{Time: n.Time, Lane: "notes", Text: n.Author + ": " + n.Text})
	}
	slices.SortStableFunc(all, func(a, b report.TimelineEvent) int { return a.Time.Compare(b.Time) })
	return all
}

// rowsInto fills the list. When there are too many rows, what happened nearest
// to the onset is kept.
func (b *builder) rowsInto(c *TimelineCard, events []report.TimelineEvent) {
	keep := events
	if len(events) > maxRows {
		at, _ := slices.BinarySearchFunc(events, b.marks.Onset, func(e report.TimelineEvent, t time.Time) int { return e.Time.Compare(t) })
		from := min(max(at-maxRows/3, 0), len(events)-maxRows)
		keep = events[from : from+maxRows]
		c.Rest = plural(len(events)-maxRows, "event farther from the onset is", "events farther from the onset are") + " in the CSV and JSONL exports."
	}
	for i, e := range keep {
		r := TimelineRow{Anchor: "t-" + strconv.Itoa(i+1), When: b.near(e.Time), Lane: laneName(e.Lane), Text: short(e.Text, 280),
			Entity: short(e.Entity, 48), First: e.First, Class: laneClass(e.Lane)}
		if !b.marks.Onset.IsZero() {
			r.Delta = b.fromOnset(e.Time)
		}
		for _, ref := range e.Refs {
			if l := b.refLink(ref); l.URL != "" && len(r.Refs) < 2 {
				r.Refs = append(r.Refs, l)
			}
		}
		if len(c.Rows) < shownRows {
			c.Rows = append(c.Rows, r)
		} else {
			c.More = append(c.More, r)
		}
	}
}

// fromOnset says when something happened against the onset. The onset is an
// interval: of what lies in it nobody can tell whether it came before or after.
func (b *builder) fromOnset(t time.Time) string {
	if o := b.rep.Onset; o.Latest.After(o.Earliest) && !t.Before(o.Earliest) && !t.After(o.Latest) {
		return "at onset"
	}
	return delta(t.Sub(b.marks.Onset))
}

// delta words a time against the onset.
func delta(d time.Duration) string {
	switch {
	case d.Abs() < time.Second/2:
		return "onset"
	case d > 0:
		return "+" + roughly(d)
	}
	return "−" + roughly(d)
}

func laneName(lane string) string {
	for _, l := range lanes() {
		if l[0] == lane {
			return l[1]
		}
	}
	return text(lane)
}

// laneClass is the lane's own name when it is one of ours, never foreign text.
func laneClass(lane string) string {
	for _, l := range lanes() {
		if l[0] == lane {
			return l[0]
		}
	}
	return "other"
}

// axis is the time range that the lanes show.
type axis struct{ from, to time.Time }

// axis spans the events near the incident: what is older than twice the
// incident window before the onset stands at the left edge.
func (b *builder) axis(events []report.TimelineEvent) axis {
	w := b.rep.Window
	if w.Duration() <= 0 {
		w = evidence.Window{Start: events[0].Time, End: events[len(events)-1].Time.Add(time.Second)}
	}
	reach := evidence.Window{Start: w.Start.Add(-max(2*w.Duration(), 15*time.Minute)), End: w.End.Add(w.Duration())}
	ax := axis{w.End, w.Start}
	for _, e := range events {
		if reach.Contains(e.Time) {
			ax.from, ax.to = evidence.Earlier(ax.from, e.Time), evidence.Later(ax.to, e.Time)
		}
	}
	for _, t := range []time.Time{b.marks.Onset, b.rep.FiredAt} {
		if reach.Contains(t) {
			ax.from, ax.to = evidence.Earlier(ax.from, t), evidence.Later(ax.to, t)
		}
	}
	if !ax.from.Before(ax.to) {
		ax = axis{w.Start, w.End}
	}
	pad := max(ax.to.Sub(ax.from)/25, time.Second)
	return axis{ax.from.Add(-pad), ax.to.Add(pad)}
}

func (a axis) holds(t time.Time) bool { return !t.Before(a.from) && !t.After(a.to) }

// percent is where t lies, 0 to 100.
func (a axis) percent(t time.Time) int {
	p := int(100 * float64(t.Sub(a.from)) / float64(a.to.Sub(a.from)))
	return min(max(p, 0), 100)
}

func (a axis) class(t time.Time) string { return "x" + strconv.Itoa(a.percent(t)) }

// ticks are at round times, up to eight of them. So near to an edge that their
// text would be cut there are none.
func (a axis) ticks() []Tick {
	const edge = 4 // percent
	span := a.to.Sub(a.from)
	step := 365 * 24 * time.Hour
	for _, s := range []time.Duration{time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
		15 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour} {
		if span/s <= 6 {
			step = s
			break
		}
	}
	layout := "15:04"
	if step < time.Minute {
		layout = "15:04:05"
	} else if step >= 24*time.Hour {
		layout = "2 Jan"
	}
	var out []Tick
	for t := a.from.UTC().Truncate(step).Add(step); !t.After(a.to) && len(out) < 8; t = t.Add(step) {
		if p := a.percent(t); p >= edge && p <= 100-edge {
			out = append(out, Tick{a.class(t), t.Format(layout)})
		}
	}
	return out
}

// lane places the marks of one kind. A label takes a row where it does not
// overlap another; where all rows are taken, the mark stands without a label,
// and those near each other as one, so that a lane shows its whole time however much
// happened.
func (b *builder) lane(id, name string, events []report.TimelineEvent, ax axis) Lane {
	l := Lane{Name: name}
	var ends [laneRows]int // percent up to which a row is taken
	labels, bare := 0, -1  // bare is the last mark without a label
	bareAt := 0
	for _, e := range events {
		if e.Lane != id {
			continue
		}
		m := Mark{X: ax.class(e.Time), Class: id, Early: e.Time.Before(ax.from), Row: "r0"}
		at := ax.percent(e.Time)
		if labels < maxLabels {
			m.tell(at, short(label(e), 34), &ends, &l)
		}
		switch {
		case m.Label != "":
			labels++
		case bare >= 0 && at-bareAt < bareApart:
			l.Marks[bare].under++
			continue
		default: // only what is shown takes a row
			m.stand(at, &ends, &l)
			bare, bareAt = len(l.Marks), at
		}
		m.Title = b.at(e.Time).UTC + " " + short(e.Text, 160)
		l.Marks = append(l.Marks, m)
	}
	for i := range l.Marks {
		if n := l.Marks[i].under; n > 0 {
			l.Marks[i].Title += " and " + count(n) + " more"
		}
	}
	return l
}

// label is the start of an event's text; the first symptom is named.
func label(e report.TimelineEvent) string {
	if e.First {
		return "first symptom: " + e.Text
	}
	return e.Text
}

// tell finds room for a label, about one percent of the width per character; without
// room there is none.
func (m *Mark) tell(at int, label string, ends *[laneRows]int, l *Lane) {
	width := len([]rune(label))*95/100 + 3
	from := at
	if at+width > 101 {
		m.End, from = true, at-width
	}
	if m.take(from, from+width, ends, l) {
		m.Label = label
	} else {
		m.End = false
	}
}

// stand finds room for a mark without a label; where there is none it covers another.
func (m *Mark) stand(at int, ends *[laneRows]int, l *Lane) {
	if !m.take(at, at, ends, l) {
		l.Rows = max(l.Rows, 1)
	}
}

// take occupies the first row that is free from one percent to another.
func (m *Mark) take(from, to int, ends *[laneRows]int, l *Lane) bool {
	for i := range ends {
		if from >= ends[i] {
			m.Row, ends[i], l.Rows = "r"+strconv.Itoa(i), to+1, max(l.Rows, i+1)
			return true
		}
	}
	return false
}

// Height is the lane's static class, for one to five rows.
func (l Lane) Height() string { return "rows" + strconv.Itoa(cmp.Or(l.Rows, 1)) }
