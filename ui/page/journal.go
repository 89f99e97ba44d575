package page

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// FindingsCard holds what was ruled out, not checked, and not observable.
type FindingsCard struct {
	RuledOut, NotChecked, Gaps, Warnings []string
	State                                State
}

func (b *builder) findings() FindingsCard {
	r := b.rep
	c := FindingsCard{RuledOut: findings(r.RuledOut), NotChecked: findings(r.NotChecked), Gaps: findings(r.Gaps), Warnings: texts(r.Warnings)}
	c.State = b.state(len(c.RuledOut)+len(c.NotChecked)+len(c.Gaps)+len(c.Warnings) == 0, "Nothing was ruled out or left unchecked.")
	return c
}

// shownFindings is how many of a list are open.
const shownFindings = 5

func findings(in []report.Finding) []string {
	var out []string
	for i, f := range in {
		if i == 20 {
			return append(out, plural(len(in)-i, "more", "more")+" in the JSON export")
		}
		line := short(f.Text, 240)
		if f.Entity != "" && !strings.HasPrefix(line, short(f.Entity, 40)) {
			line = short(f.Entity, 40) + ": " + line
		}
		out = append(out, line)
	}
	return out
}

// SimilarCard lists incidents beside this one or like it.
type SimilarCard struct {
	State State
	Rows  []SimilarRow
}

// SimilarRow is one of them.
type SimilarRow struct {
	Link    Link
	When    Clock
	Because string
	Title   string
	Ended   string
}

func (b *builder) similar() SimilarCard {
	c := SimilarCard{State: State{StateEmpty, "None began beside it or is like it."}}
	if why := b.in.Failures["similar"]; why != "" {
		c.State = State{StateFailed, "Not known: " + text(why)}
	} else if len(b.in.Similar) > 0 {
		c.State = State{}
	}
	beside := 0
	for _, s := range b.in.Similar {
		if slices.Contains(s.Alike, casefile.AlikeService) {
			if beside++; beside > casefile.MostBeside {
				continue // the API has them all
			}
		}
		row := SimilarRow{Link: Link{text(s.ID), incidentURL(s.ID)}, When: b.at(s.StartedAt), Because: text(s.Because), Title: short(s.Title, 120)}
		if !s.ResolvedAt.IsZero() {
			row.Ended = "ended after " + duration(s.ResolvedAt.Sub(s.StartedAt))
		}
		if s.EndedBy != "" {
			row.Ended = strings.TrimPrefix(row.Ended+"; last note: "+short(s.EndedBy, 120), "; ")
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// Journal is what people wrote and may write.
type Journal struct {
	Judged        []string // how often people found each verdict right
	Notes         []NoteRow
	NotesState    State
	Feedback      []FeedbackRow
	FeedbackState State
	// Revision and the first cause are what feedback is about.
	Revision      string
	Acknowledge   bool
	Resolve       bool
	Reopen        bool
	From, To      string // of the form that runs it again, RFC 3339
	CanCorrect    bool
	FirstEntity   string
	FeedbackNames []string // entities offered for a correction
}

// NoteRow is one note.
type NoteRow struct {
	Anchor, Author, Text string
	When                 Clock
	Undo                 string // its number while it can be taken back
}

// FeedbackRow is one judgment.
type FeedbackRow struct {
	Author, Words, Note string
	When                Clock
	Undo                string // its number while it can be taken back
}

func (b *builder) journal() Journal {
	inc := b.in.Incident
	resolved := inc.State == casefile.StateResolved
	j := Journal{Judged: judgedWords(b.in.Judged), Revision: strconv.Itoa(b.rep.Revision), Acknowledge: inc.AcknowledgedBy == "" && !resolved, Resolve: !resolved, Reopen: resolved, CanCorrect: b.loaded}
	if why := b.in.Failures["notes"]; why != "" {
		j.NotesState = State{StateFailed, "The notes could not be read: " + text(why)}
	} else if len(b.in.Notes) == 0 {
		j.NotesState = State{StateEmpty, "No notes yet."}
	}
	if why := b.in.Failures["feedback"]; why != "" {
		j.FeedbackState = State{StateFailed, "The feedback could not be read: " + text(why)}
	} else if len(b.in.Feedback) == 0 {
		j.FeedbackState = State{StateEmpty, "Nobody has judged this cause yet."}
	}
	for _, n := range b.in.Notes {
		j.Notes = append(j.Notes, NoteRow{"note-" + strconv.FormatInt(n.ID, 10), short(n.Author, 60), visible.ShortBlock(n.Text, maxNoteRunes), b.at(n.Time), b.undoable(n.ID, n.Time)})
	}
	for _, f := range b.in.Feedback {
		j.Feedback = append(j.Feedback, FeedbackRow{short(f.Author, 60), feedbackWords(f), visible.ShortBlock(f.Note, maxNoteRunes), b.at(f.Time), b.undoable(f.ID, f.Time)})
	}
	for i, e := range b.rep.Ranked {
		if i < 30 {
			j.FeedbackNames = append(j.FeedbackNames, text(e.Entity))
		}
	}
	if len(b.rep.Causes) > 0 {
		j.FirstEntity = text(b.rep.Causes[0].Entity.Name)
	}
	if !b.rep.Window.IsZero() {
		j.From, j.To = b.rep.Window.Start.UTC().Format(time.RFC3339), b.rep.Window.End.UTC().Format(time.RFC3339)
	}
	return j
}

// undoable is the number of what somebody wrote while it can be taken back.
func (b *builder) undoable(id int64, at time.Time) string {
	if !b.in.Can["undo"] || b.now.Sub(at) > casefile.UndoWithin {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// judgedWords says how often people found each verdict right.
func judgedWords(in []Judged) []string {
	var out []string
	for _, j := range in {
		if j.Judged > 0 {
			out = append(out, fmt.Sprintf("%s: %s of %s judged right", text(string(j.Verdict)), count(j.Right), count(j.Judged)))
		}
	}
	return out
}

const maxNoteRunes = 10_000

func feedbackWords(f casefile.Feedback) string {
	words := map[string]string{"confirm": "confirmed the cause", "reject": "rejected the cause", "correct": "corrected the cause to"}[f.Judgment]
	for _, p := range [][2]string{{"", f.Entity}, {"trigger ", string(f.Trigger)}, {"commit ", revision(f.Commit)}, {"decision ", f.Decision}} {
		if p[1] != "" && f.Judgment == "correct" {
			words += " " + p[0] + text(p[1])
		}
	}
	return fmt.Sprintf("%s (revision %d)", words, f.Revision)
}

// Origin is where the report comes from.
type Origin struct {
	Address         string // for paper
	Engine, Weights string
	Window          string
	Baseline        string
	Onset           string
	Revisions       []RevisionRow
}

// RevisionRow is one revision of the report.
type RevisionRow struct {
	Link    Link
	When    Clock
	Why     string
	Current bool
	Bundle  string // "evidence kept", "evidence being recorded"
	Poorer  string // "fewer answers from traces", empty where it had no fewer
	SHA256  string // of the evidence bundle
}

// bundleWords say what became of a report's evidence, nothing where it never was
// to be kept.
func bundleWords(s casefile.BundleState) string {
	switch s {
	case casefile.BundleRecording:
		return "evidence being recorded"
	case casefile.BundleKept:
		return "evidence kept"
	case casefile.BundleDropped:
		return "evidence no longer kept"
	case casefile.BundleFailed:
		return "evidence could not be recorded"
	}
	return ""
}

// poorerWords say what a revision lacked that did not replace the one before it.
func poorerWords(r Revision) string {
	if len(r.Poorer) == 0 {
		return ""
	}
	return "fewer answers from " + text(strings.Join(r.Poorer, " and "))
}

// poorer says of a later look that had fewer answers that it did not replace the
// report that is shown, or, with aside, that the one shown is such a look.
func (b *builder) poorer(current Revision) (words string, aside bool) {
	for _, r := range b.in.Revisions {
		if len(r.Poorer) == 0 {
			continue
		}
		from := text(strings.Join(r.Poorer, " and "))
		if r.Number == b.rep.Revision {
			return fmt.Sprintf("This is revision %d, which had fewer answers from %s than revision %d and did not replace it.", r.Number, from, current.Number), true
		}
		if r.Number > current.Number && current.Number == b.rep.Revision {
			return fmt.Sprintf("Looked at again since (revision %d), with fewer answers from %s: this report rests on more and stays.", r.Number, from), false
		}
	}
	return "", false
}

func (b *builder) origin() Origin {
	o := Origin{Address: text(b.in.Address), Engine: text(b.rep.Engine), Weights: text(b.rep.Weights), Window: b.windowWords(b.rep.Window), Baseline: b.windowWords(b.rep.Baseline)}
	for i, r := range b.in.Revisions {
		if i == 20 {
			break
		}
		o.Revisions = append(o.Revisions, RevisionRow{
			Link: Link{"revision " + strconv.Itoa(r.Number), incidentURL(b.in.Incident.ID) + "?revision=" + strconv.Itoa(r.Number)},
			When: b.at(r.At), Why: text(r.Why), Current: r.Number == b.rep.Revision, Bundle: bundleWords(r.Bundle), SHA256: short(r.BundleSHA256, 64), Poorer: poorerWords(r),
		})
	}
	return o
}

// pairs lists a map by name.
func pairs(prefix string, m map[string]string) []Pair {
	var out []Pair
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, Pair{prefix + short(k, 80), short(m[k], 400)})
	}
	return out
}
