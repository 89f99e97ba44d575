package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// ProfilesSection is what profiles tell of the first causes, empty where they tell
// nothing.
type ProfilesSection struct {
	Cards []ProfileCard
}

// ProfileCard is one service's profile of one kind.
type ProfileCard struct {
	Anchor string
	Title  string // "Processor time of bidder"
	Says   string // how much it was and is, and of when
	Rows   []ProfileRow
	Notes  []string
	Flame  Flame
}

// ProfileRow is one function that grew.
type ProfileRow struct {
	Function string
	Place    string // path:line
	Was, Now string
	Commit   Link
	Decision Link
	Callers  []string // path:line of who calls it, innermost first
}

// Flame is a tree of calls as a picture: every function a bar as wide as what it
// spends now, the more coloured the more of that is new.
type Flame struct {
	Width, Height int
	Label         string // the picture in words
	Bars          []Bar
}

// Bar is one function.
type Bar struct {
	X, Y, Width string
	TextX       string
	TextY       string
	Class       string // same, more, most or less
	Text        string // as much of the name as fits
	Title       string // the whole name, and its amounts
}

// Sizes of the picture, in the units of its view box.
const (
	flameWidth   = 960
	flameRow     = 18
	flameLetter  = 6.6 // how wide a letter is
	flameThin    = 1.5 // narrower bars are left out
	maxFlameBars = 60
	maxProfiles  = 3
)

func (b *builder) profiles() ProfilesSection {
	var s ProfilesSection
	// One of which no line can be named is shown after the others where it says why.
	list := slices.DeleteFunc(slices.Clone(b.rep.Profiles), func(p report.ProfileView) bool { return len(p.Places)+len(p.Notes) == 0 })
	slices.SortStableFunc(list, func(x, y report.ProfileView) int {
		return cmp.Compare(min(len(y.Places), 1), min(len(x.Places), 1))
	})
	for _, p := range list[:min(len(list), maxProfiles)] {
		c := ProfileCard{Anchor: "profile-" + strconv.Itoa(len(s.Cards)+1), Title: profileTitles[p.Kind] + " of " + short(p.Service, 48), Says: b.profileSays(p)}
		for i := range p.Places {
			c.Rows = append(c.Rows, b.profileRow(&p, &p.Places[i]))
		}
		for _, n := range p.Notes {
			c.Notes = append(c.Notes, short(n, 240))
		}
		if len(s.Cards) == 0 && len(p.Places) > 0 { // one weighs as much as three charts
			c.Flame = flameOf(&p)
		}
		s.Cards = append(s.Cards, c)
	}
	return s
}

// profileTitles word the kinds.
var profileTitles = map[evidence.ProfileKind]string{
	evidence.ProfileCPU: "Processor time", evidence.ProfileHeap: "Memory in use", evidence.ProfileGoroutine: "Goroutines", evidence.ProfileWait: "Waiting",
}

func (b *builder) profileSays(p report.ProfileView) string {
	now := profileAmount(p.Now, p.Unit) + " at " + b.at(p.During.Start).UTC
	switch {
	case !p.Before.IsZero():
		return now + ", " + profileAmount(p.Was, p.Unit) + " at " + b.at(p.Before.Start).UTC
	case p.Traced > 0 && len(p.Places) > 0 && p.Places[0].BadShare > 0:
		return fmt.Sprintf("%s; %d of %d samples that carry the ID of a request are of one that failed or was slow", now, p.Bad, p.Traced)
	}
	return now + "; there is no profile from before"
}

// profileAmount says an amount in a profile's unit.
func profileAmount(x float64, unit string) string {
	switch unit {
	case "cores":
		return strconv.FormatFloat(x, 'f', 2, 64) + " cores"
	case "waiting":
		return strconv.FormatFloat(x, 'f', 2, 64) + " at a time"
	case "goroutines":
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return value(x, unit)
}

func (b *builder) profileRow(p *report.ProfileView, x *report.ProfilePlace) ProfileRow {
	r := ProfileRow{Function: short(x.Short(), 100), Place: short(x.Line(), 120), Now: profileAmount(x.Now, p.Unit)}
	switch {
	case !p.Before.IsZero():
		r.Was = profileAmount(x.Was, p.Unit)
	case x.BadShare > 0:
		r.Now, r.Was = percent(x.BadShare)+" of bad requests'", percent(x.RestShare)+" of the others'"
	default:
		r.Was = "not known"
	}
	if c, ok := x.Commit(); ok {
		r.Commit = Link{Text: short(c.Commit, 7)}
		if x.Blame.Ref.Path != "" {
			r.Commit.URL = b.line(x.Blame.Ref)
		}
		if len(c.Decisions) > 0 {
			r.Decision = Link{short(c.Decisions[0], 48), decisionURL(c.Decisions[0])}
		}
	}
	for _, f := range x.Callers {
		r.Callers = append(r.Callers, short(fmt.Sprintf("%s:%d", f.Slashed(), f.Line), 100))
	}
	return r
}

func percent(x float64) string { return strconv.FormatFloat(100*x, 'f', 0, 64) + " %" }

// flameOf draws a profile's tree, the entry at the top.
func flameOf(p *report.ProfileView) Flame {
	root := p.Flame
	if root == nil || root.Now <= 0 {
		return Flame{}
	}
	f := Flame{Width: flameWidth}
	deepest := 0
	var walk func(n *report.FlameNode, x float64, depth int)
	walk = func(n *report.FlameNode, x float64, depth int) {
		w := flameWidth * n.Now / root.Now
		if w < flameThin || len(f.Bars) == maxFlameBars {
			return
		}
		deepest = max(deepest, depth)
		f.Bars = append(f.Bars, barOf(n, p.Unit, root.Now, x, w, depth))
		for _, c := range n.Below {
			walk(c, x, depth+1)
			x += flameWidth * c.Now / root.Now
		}
	}
	walk(root, 0, 0)
	f.Height = (deepest + 1) * flameRow
	f.Label = fmt.Sprintf("%s by function, the entry of the program at the top: every bar is as wide as what the function and all that it calls spend now", profileTitles[p.Kind])
	if !p.Before.IsZero() {
		f.Label += ", and coloured by how much of that is new"
	}
	return f
}

// barOf is one function's bar; its colour tells which part of the whole it gained.
func barOf(n *report.FlameNode, unit string, whole, x, w float64, depth int) Bar {
	name := visibleName(n.Name)
	c := Bar{X: coordinate(x), Y: strconv.Itoa(depth * flameRow), Width: coordinate(math.Max(w-0.5, 0.5)), TextX: coordinate(x + 3), TextY: strconv.Itoa(depth*flameRow + 13),
		Title: short(n.Name, 160) + ": " + profileAmount(n.Now, unit) + ", " + profileAmount(n.Was, unit) + " before"}
	switch gained := (n.Now - n.Was) / whole; {
	case gained >= 0.2:
		c.Class = "most"
	case gained >= 0.02:
		c.Class = "more"
	case gained <= -0.02:
		c.Class = "less"
	default:
		c.Class = "same"
	}
	if room := int((w - 6) / flameLetter); room >= 4 {
		c.Text = short(name, room)
	}
	return c
}

// visibleName is a function's name without the path of its package.
func visibleName(name string) string {
	return text(name[strings.LastIndexByte(name, '/')+1:])
}
