package page

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// ServiceInput is what the page of a service is built from.
type ServiceInput struct {
	Name            string
	Level           int // that it has reached
	Newest, History []casefile.CheckResult
	Now             time.Time
	Zone            *time.Location
}

// ServiceView is the page of a service: its level and what that rests on.
type ServiceView struct {
	Base
	Name, Reached string
	BadgeURL      string
	Levels        []LevelView
	History       []CheckRow
}

// LevelView is one level with its checks.
type LevelView struct {
	Name   string
	Status Badge
	Rows   []CheckRow
}

// CheckRow is the result of a check.
type CheckRow struct {
	Name, Message, Revision string
	Help                    Link
	Status                  Badge
	When                    Clock
	Made                    bool // it was made at least once
	Evidence                Link
	Places                  []string
}

// BuildService makes the page of a service.
func BuildService(in ServiceInput) ServiceView {
	v := ServiceView{Name: short(in.Name, 120), BadgeURL: "/services/" + url.PathEscape(in.Name) + "/badge.svg"}
	v.Title, v.Section = v.Name, "services"
	v.Reached = "It has reached level " + strconv.Itoa(in.Level) + " of " + strconv.Itoa(maturity.Levels) + "."
	ck := clocks{in.Now, in.Zone}
	byID := map[string]casefile.CheckResult{}
	for _, r := range in.Newest {
		byID[r.ID] = r
	}
	for level := 1; level <= maturity.Levels; level++ {
		l := LevelView{Name: "Level " + strconv.Itoa(level), Status: Badge{"reached", "✓", "good"}}
		if level > in.Level {
			l.Status = Badge{"not reached", "○", "plain"}
		}
		for _, c := range maturity.Checks() {
			if c.Level != level {
				continue
			}
			row := CheckRow{Name: c.Name, Help: checkLink(c.ID), Status: Badge{"never made", "○", "plain"}}
			if r, ok := byID[c.ID]; ok {
				row = checkRow(ck, r)
				row.Name = c.Name
			}
			l.Rows = append(l.Rows, row)
		}
		v.Levels = append(v.Levels, l)
	}
	for _, r := range in.History {
		v.History = append(v.History, checkRow(ck, r))
	}
	return v
}

// checkLink leads to the page of a check, which stored results may name that are no
// more.
func checkLink(id string) Link {
	l := ruleLink("check/" + id)
	l.Text = text(id)
	return l
}

func checkRow(ck clocks, r casefile.CheckResult) CheckRow {
	row := CheckRow{Name: short(cmp.Or(r.Name, r.ID), 120), Message: short(r.Message, 400), Revision: revision(r.Revision), Help: checkLink(r.ID),
		Status: checkBadge(r.Status), When: ck.at(r.ExecutedAt), Made: true}
	if len(r.Evidence) > len("/incidents/") && r.Evidence[:len("/incidents/")] == "/incidents/" {
		id := r.Evidence[len("/incidents/"):]
		row.Evidence = Link{short(id, 60), incidentURL(id)}
	}
	const most = 5
	for i, p := range r.Places {
		if i == most {
			row.Places = append(row.Places, plural(len(r.Places)-most, "more", "more"))
			break
		}
		if p.Path != "" {
			row.Places = append(row.Places, fmt.Sprintf("%s:%d", short(p.Path, 160), p.Line))
		}
	}
	return row
}

func checkBadge(status string) Badge {
	switch status {
	case maturity.Pass:
		return Badge{status, "✓", "good"}
	case maturity.Warn:
		return Badge{status, "◐", "warn"}
	case maturity.Fail:
		return Badge{status, "✕", "bad"}
	}
	return Badge{short(status, 20), "○", "plain"}
}

// levelColours are those of a badge, by level; white stands out on each by at
// least 4.5 to 1.
var levelColours = []string{"#6b6b6b", "#a33a2c", "#8f5a00", "#6b6a00", "#2f7031", "#1f6f43"}

// LevelBadge is a level as an SVG image. The lengths of its texts are fixed, so
// that it looks the same whatever font the reader has.
func LevelBadge(level int) []byte {
	level = slices.Max([]int{0, min(level, maturity.Levels)})
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="112" height="20" role="img" aria-label="maturity: level %d">
<title>maturity: level %d</title>
<rect width="60" height="20" fill="#444"/><rect x="60" width="52" height="20" fill="%s"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="6" y="14" textLength="48">maturity</text><text x="66" y="14" textLength="40">level %d</text></g>
</svg>
`, level, level, levelColours[level], level)
}
