package page

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// The map's own units, about a pixel each in the side column and on a phone.
const (
	mapWidth  = 300
	mapHigh   = 36 // of a box
	mapPitch  = 66 // from one row to the next
	mapGap    = 12 // between boxes
	mapAcross = 3  // boxes in one row
	mapWidest = 132
	mapGlyph  = 7 // of a name, on average
)

// MapCard is who calls whom among those concerned: callers above, callees below.
type MapCard struct {
	Boxes []MapBox
	Lines []string // d attributes, from caller to callee
	View  string   // viewBox
	Text  string   // the same in words
	// Labels stand at lines, Calls say the same of each, with what was before.
	Labels []MapLabel
	Calls  []string
}

// MapLabel is how calls go now, at the middle of their line: how many take how long, and
// below it how many fail, empty for none.
type MapLabel struct {
	X, Y, Text, Below, Fails, Class string

	x, middle int // of the line: where Y is depends on how many texts there are
}

// MapBox is one entity of the map.
type MapBox struct {
	X, Y, Width  string
	Middle       string // of its text
	Above, Below string // baselines of name and word
	Name, Full   string
	Word         string // what it is in this incident
	Class        string
	URL          string // its cause on this page, else the incidents that it is in
}

// place is where a box stands.
type place struct{ x, y, width int }

func (p place) middle() int { return p.x + p.width/2 }

func (b *builder) serviceMap() *MapCard {
	m := b.rep.Map
	if m == nil || len(m.Edges) == 0 {
		return nil
	}
	rows := mapRows(m)
	c := &MapCard{View: fmt.Sprintf("0 0 %d %d", mapWidth, (len(rows)-1)*mapPitch+mapHigh+2)}
	at := map[string]place{}
	for y, row := range rows {
		wide := min(mapWidest, (mapWidth-2-(len(row)-1)*mapGap)/len(row))
		left := (mapWidth - len(row)*wide - (len(row)-1)*mapGap) / 2
		for i, n := range row {
			p := place{left + i*(wide+mapGap), y*mapPitch + 1, wide}
			at[n.Entity] = p
			box := boxOf(n, p)
			box.URL = "/?" + url.Values{"q": {n.Entity}}.Encode()
			if n.Rank > 0 && n.Rank <= shownCauses {
				box.URL = "#cause-" + strconv.Itoa(n.Rank)
			}
			c.Boxes = append(c.Boxes, box)
		}
	}
	said := map[string]string{}
	for _, n := range m.Nodes {
		word, _ := standing(n)
		said[n.Entity] = short(n.Entity, 40) + " (" + word + ")"
	}
	var words []string
	var labels []MapLabel
	for _, e := range m.Edges {
		from, ok := at[e.Caller]
		to, known := at[e.Callee]
		if !ok || !known {
			continue
		}
		c.Lines = append(c.Lines, lineOf(from, to))
		if l, ok := c.measure(m, e, from, to); ok {
			labels = append(labels, l)
		}
		words = append(words, said[e.Caller]+" calls "+said[e.Callee])
	}
	c.label(labels)
	c.Text = strings.Join(words, "; ")
	return c
}

// labelApart keeps two labels beside one another from touching.
const labelApart = 84

// label puts labels on the map that touch no other, those that are bad first. The list
// below the map has the rest too.
func (c *MapCard) label(list []MapLabel) {
	slices.SortStableFunc(list, func(a, b MapLabel) int { return strings.Compare(b.Class, a.Class) })
	for _, l := range list {
		if !slices.ContainsFunc(c.Labels, func(o MapLabel) bool { return o.middle == l.middle && max(o.x-l.x, l.x-o.x) < labelApart }) {
			c.Labels = append(c.Labels, l)
		}
	}
}

// measure says how a line's calls go, and how its label does; false where nobody
// measured them, or a line of one row leaves no room.
func (c *MapCard) measure(m *report.ServiceMap, e evidence.Edge, from, to place) (l MapLabel, ok bool) {
	at := slices.IndexFunc(m.Measured, func(x report.MeasuredCalls) bool { return x.Caller == e.Caller && x.Callee == e.Callee })
	if at < 0 {
		return l, false
	}
	x := m.Measured[at]
	now := callsWords(x.Since)
	words := short(e.Caller, 40) + " → " + short(e.Callee, 40) + ": " + now
	if x.Before != nil {
		words += ", before " + callsWords(*x.Before)
	}
	c.Calls = append(c.Calls, words+" ("+plural(x.Since.Calls, "call", "calls")+" sampled)")
	l = MapLabel{x: (from.middle() + to.middle()) / 2, middle: (from.y + to.y + mapHigh) / 2, Text: now}
	l.X, l.Y = strconv.Itoa(l.x), strconv.Itoa(l.middle+3)
	if x.Since.Failed > 0 {
		l.Text, l.Fails = tookWords(x.Since), failing(x.Since)
		l.Y, l.Below = strconv.Itoa(l.middle-3), strconv.Itoa(l.middle+8)
	}
	if x.Since.Failed > 0 && (x.Before == nil || x.Since.Failed > 2*x.Before.Failed) {
		l.Class = "bad"
	}
	return l, from.y != to.y
}

// tookWords say how many calls there were, where that is known, and how long they took.
func tookWords(x report.CallsSide) string {
	words := duration(time.Duration(x.Median * float64(time.Second)))
	if x.Rate != nil {
		words = value(*x.Rate, "1/s") + ", " + words
	}
	return words
}

// callsWords say how calls went.
func callsWords(x report.CallsSide) string {
	if x.Failed == 0 {
		return tookWords(x)
	}
	return tookWords(x) + ", " + failing(x)
}

// failing says which share of calls fail.
func failing(x report.CallsSide) string {
	return fmt.Sprintf("%.0f%s%% fail", max(1, 100*x.Failed), nbsp)
}

// mapRows puts each entity a row below the nearest that calls it, those that
// nobody calls into the first row. A row holds a few; more of one depth take
// several rows.
func mapRows(m *report.ServiceMap) [][]report.MapNode {
	depth := map[string]int{}
	var queue []string
	start := func(from func(report.MapNode) bool) {
		for _, n := range m.Nodes {
			if _, ok := depth[n.Entity]; !ok && from(n) {
				depth[n.Entity] = 0
				queue = append(queue, n.Entity)
			}
		}
		for ; len(queue) > 0; queue = queue[1:] {
			for _, e := range m.Edges {
				if _, ok := depth[e.Callee]; e.Caller == queue[0] && !ok {
					depth[e.Callee] = depth[e.Caller] + 1
					queue = append(queue, e.Callee)
				}
			}
		}
	}
	start(func(n report.MapNode) bool {
		return !slices.ContainsFunc(m.Edges, func(e evidence.Edge) bool { return e.Callee == n.Entity })
	})
	start(func(n report.MapNode) bool { return n.Alerting }) // in a ring of calls nobody is first
	start(func(report.MapNode) bool { return true })
	var rows [][]report.MapNode
	for d := 0; d < len(m.Nodes); d++ {
		level := slices.DeleteFunc(slices.Clone(m.Nodes), func(n report.MapNode) bool { return depth[n.Entity] != d })
		for part := range slices.Chunk(level, mapAcross) {
			rows = append(rows, part)
		}
	}
	return rows
}

func boxOf(n report.MapNode, p place) MapBox {
	box := MapBox{
		X: strconv.Itoa(p.x), Y: strconv.Itoa(p.y), Width: strconv.Itoa(p.width), Middle: strconv.Itoa(p.middle()),
		Above: strconv.Itoa(p.y + 15), Below: strconv.Itoa(p.y + 29), Name: short(n.Entity, p.width/mapGlyph), Full: short(n.Entity, 80),
	}
	box.Word, box.Class = standing(n)
	return box
}

// standing words what an entity is in this incident.
func standing(n report.MapNode) (word, class string) {
	switch {
	case n.Rank == 1:
		return "first cause", "cause"
	case n.Alerting:
		return "alerts", "alerts"
	case n.Hit > 0:
		return "hit", "hit"
	}
	return "not hit", "calm"
}

// lineOf leads from a caller to what it calls: straight down, up, or in a bow
// over what stands between two of one row.
func lineOf(from, to place) string {
	switch {
	case from.y < to.y:
		return fmt.Sprintf("M%d %dL%d %d", from.middle(), from.y+mapHigh, to.middle(), to.y-2)
	case from.y > to.y:
		return fmt.Sprintf("M%d %dL%d %d", from.middle(), from.y, to.middle(), to.y+mapHigh+2)
	}
	return fmt.Sprintf("M%d %dQ%d %d %d %d", from.middle(), from.y+mapHigh, (from.middle()+to.middle())/2, from.y+mapPitch, to.middle(), to.y+mapHigh+2)
}
