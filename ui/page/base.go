// Package page holds one view model per page and the templ components that
// write them. A view model is plain data, ready to be printed: every text in
// it has been made visible, every link checked, every number worded. The
// components hold no logic beyond "if" and "for".
//
// Models are built by pure functions over reports, so that every state of
// every card can be shown without a server.
package page

//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.1118 generate -path .

import (
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/ui/visible"
)

// Base is what every page has.
type Base struct {
	Title string
	// About is what a pasted link says below the title in a chat, empty for
	// nothing.
	About   string
	Section string // incidents, decisions or investigate: marked in the navigation
	CSS, JS string // addresses of the static files
	Version string
	Zone    string // name of the reader's time zone, empty when unknown
	// Person is who looks, empty when nobody is known; FormToken goes into forms.
	Person, FormToken string
	Leave             bool // they can log out
	Audit             bool // they may read the audit
}

// Link is text that may lead somewhere; an empty URL makes it plain text.
type Link struct {
	Text string
	URL  string
}

// Kinds of card state.
const (
	StateLoading = "loading"
	StateEmpty   = "empty"
	StatePartial = "partial"
	StateFailed  = "failed"
	StateStale   = "stale"
)

// State says why a card is not simply full. The zero value means that it is.
type State struct {
	Kind string
	Text string
}

// Hides reports whether the card has nothing to show but its state.
func (s State) Hides() bool {
	return s.Kind == StateLoading || s.Kind == StateEmpty || s.Kind == StateFailed
}

// Shape goes before the state's text, so that colour is never alone.
func (s State) Shape() string {
	switch s.Kind {
	case StateLoading:
		return "…"
	case StatePartial:
		return "◐"
	case StateFailed:
		return "✕"
	case StateStale:
		return "↻"
	}
	return ""
}

// Clock is one instant, ready to be printed.
type Clock struct {
	ISO   string // RFC 3339, UTC, for the time element
	UTC   string // 02:51:07 UTC, with the date when it is not today
	Time  string // 02:51:07, where the date and zone stand beside it
	Near  string // the same, with the date unless it is the onset's day
	Local string // 10:51 UTC+08:00 in the reader's zone, empty when it is unknown
}

// clocks words instants for one reader.
type clocks struct {
	now  time.Time
	zone *time.Location // nil when unknown
}

// at words an instant; the date is left out when it is today, the year when it
// is this one.
func (c clocks) at(t time.Time) Clock {
	if t.IsZero() {
		return Clock{UTC: "unknown"}
	}
	t = t.UTC()
	layout := "15:04:05 UTC"
	if t.Format(time.DateOnly) != c.now.UTC().Format(time.DateOnly) {
		layout = "2 Jan, 15:04:05 UTC"
	}
	if t.Year() != c.now.UTC().Year() {
		layout = "2 Jan 2006, 15:04:05 UTC"
	}
	out := Clock{ISO: t.Format(time.RFC3339Nano), UTC: t.Format(layout), Time: t.Format(time.TimeOnly)}
	if c.zone != nil && c.zone != time.UTC {
		out.Local = t.In(c.zone).Format("15:04 UTC-07:00")
	}
	return out
}

// near is at, without the date on the day that the page's head names.
func (b *builder) near(t time.Time) Clock {
	c := b.at(t)
	c.Near = strings.TrimSuffix(c.UTC, " UTC")
	if day := b.marks.Onset.UTC(); !t.IsZero() && day.Truncate(24*time.Hour).Equal(t.UTC().Truncate(24*time.Hour)) {
		c.UTC, c.Near = c.Time+" UTC", c.Time
	}
	return c
}

// text makes one line of hostile text visible and bounds it: no single text
// may push the facts off the page.
func text(s string) string { return short(s, 600) }

// short is text within n runes. Full commit hashes in it are cut to the seven
// digits that people compare.
func short(s string, n int) string {
	return visible.Within(s, n, func(s string) string { return visible.ShortHashes(visible.Text(s)) })
}

// texts applies text to all, leaving empty ones out.
func texts(in []string) []string {
	out := make([]string, 0, len(in))
	for _, s := range in {
		if s = text(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// anchor makes an HTML id out of anything.
func anchor(prefix, s string) string {
	var b strings.Builder
	b.WriteString(prefix)
	for _, r := range strings.ToLower(s) {
		if b.Len() > 80 {
			break
		}
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
		}
	}
	return b.String()
}
