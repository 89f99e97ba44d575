// Package checkpoint holds a change to the decisions that govern the files it
// touches: the decision log as a reviewer that never forgets.
//
// It is pure: it is handed the diff, the records and the files of the tree, and
// returns findings in a total order. A diff is untrusted; one that cannot be
// parsed is an error, not a pass.
package checkpoint

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff" // reads git's diffs, renames and binaries included

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/pathglob"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Change is what is reviewed.
type Change struct {
	Files    []File
	Messages []string // of the commits
}

// File is one file that the change touches; one that is moved is two, deleted where it
// was.
type File struct {
	Path    string // after the change, before it for a deleted file
	Deleted bool
	MovedTo string // where a file is now that is deleted here
	Added   []Line
}

// Line is one added line.
type Line struct {
	Number int
	Text   string
}

// ReadDiff reads a unified diff with git's headers.
func ReadDiff(r io.Reader) ([]File, error) {
	parsed, _, err := gitdiff.Parse(r)
	if err != nil {
		return nil, fmt.Errorf("read the diff: %w: %w", err, evidence.ErrInvalid)
	}
	var files []File
	for _, p := range parsed {
		f := File{Path: p.NewName, Deleted: p.IsDelete}
		if p.IsDelete {
			f.Path = p.OldName
		}
		for _, t := range p.TextFragments {
			number := int(t.NewPosition)
			for _, l := range t.Lines {
				if l.Op == gitdiff.OpAdd {
					f.Added = append(f.Added, Line{Number: number, Text: strings.TrimRight(l.Line, "\r\n")})
				}
				if l.Op != gitdiff.OpDelete {
					number++
				}
			}
		}
		files = append(files, f)
		if p.IsRename { // who governs where it was is asked, too
			files = append(files, File{Path: p.OldName, Deleted: true, MovedTo: p.NewName})
		}
	}
	return files, nil
}

// Result is what a checkpoint found.
type Result struct {
	// Covering are the decisions whose scope covers a changed file, by ID, with
	// the number of files.
	Covering map[string]int
	Findings []decision.Finding
}

// Level is the worst level among the findings, empty without any.
func (r Result) Level() string {
	worst := ""
	for _, f := range r.Findings {
		if rank(f.Level) > rank(worst) {
			worst = f.Level
		}
	}
	return worst
}

func rank(level string) int { return slices.Index([]string{"", "note", "warning", "error"}, level) }

// Reaches reports whether a level is at least as bad as another.
func Reaches(level, threshold string) bool { return rank(level) >= rank(threshold) && level != "" }

// Run holds a change to the records. tree lists the files after the change;
// with nil, must-exist is not checked, since nobody knows.
func Run(c Change, records []decision.Record, tree []string) Result {
	res := Result{Covering: map[string]int{}}
	for _, r := range records {
		if !inForce(r) {
			continue
		}
		var covered []File
		files := 0
		for _, f := range c.Files {
			if !covers(r, f.Path) {
				continue
			}
			covered = append(covered, f)
			if f.MovedTo == "" || !covers(r, f.MovedTo) { // it counts where it is
				files++
			}
		}
		if len(covered) == 0 {
			continue
		}
		res.Covering[r.ID] = files
		for _, check := range r.Checks {
			res.Findings = append(res.Findings, run(c, r, check, covered, tree)...)
		}
	}
	sortFindings(res.Findings)
	res.Findings = slices.CompactFunc(res.Findings, func(a, b decision.Finding) bool { return a == b })
	return res
}

type decisionCheck = evidence.DecisionCheck

// sortFindings puts the worst first, then by place.
func sortFindings(list []decision.Finding) {
	slices.SortFunc(list, func(a, b decision.Finding) int {
		return cmp.Or(-cmp.Compare(rank(a.Level), rank(b.Level)), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
}

// inForce leaves out what was withdrawn. A record that is being proposed counts:
// whoever proposes it wants to see what it would say.
func inForce(r decision.Record) bool {
	return !r.Deleted && r.SupersededBy == "" && !slices.Contains([]string{"rejected", "deprecated", "superseded"}, r.Status)
}

func covers(r decision.Record, path string) bool {
	return pathglob.Any(r.Scope, path)
}

func run(c Change, r decision.Record, check evidence.DecisionCheck, covered []File, tree []string) []decision.Finding {
	level, ok := decision.Level(check.Severity)
	if !ok {
		level = "warning"
	}
	at := func(path string, line int, text string) decision.Finding {
		return decision.Finding{Rule: r.ID + "/" + check.Type, About: about(r, check), Level: level, Message: text, Path: path, Line: max(line, 1), Record: r.Path}
	}
	var out []decision.Finding
	switch check.Type {
	case "code-pattern":
		re, err := regexp.Compile(check.Pattern)
		if err != nil {
			return nil // the lint says so
		}
		for _, f := range covered {
			for _, l := range f.Added {
				if re.MatchString(l.Text) {
					out = append(out, at(f.Path, l.Number, check.Message))
				}
			}
		}
	case "forbid-path":
		for _, f := range covered {
			if !f.Deleted && pathglob.Match(check.Pattern, f.Path) {
				out = append(out, at(f.Path, 1, check.Message))
			}
		}
	case "must-exist":
		if tree != nil && !slices.ContainsFunc(tree, func(p string) bool { return pathglob.Match(check.Pattern, p) }) {
			out = append(out, at(covered[0].Path, 1, check.Message+" (nothing matches "+check.Pattern+")"))
		}
	case "decision-required":
		if decides(c) {
			return nil
		}
		asked := func(path string) bool { return check.Pattern == "" || pathglob.Match(check.Pattern, path) }
		for _, f := range covered {
			again := f.MovedTo != "" && covers(r, f.MovedTo) && asked(f.MovedTo) // it is asked where it is
			if asked(f.Path) && !again {
				out = append(out, at(f.Path, 1, check.Message))
			}
		}
	}
	return out
}

func about(r decision.Record, check evidence.DecisionCheck) string {
	if r.Title != "" {
		return r.ID + ": " + r.Title
	}
	return r.ID + ": " + check.Message
}

// decides reports whether the change names a decision: in a trailer, in a tag
// on an added line, or by adding or changing a record.
func decides(c Change) bool {
	for _, m := range c.Messages {
		if len(decision.Trailers(m)) > 0 {
			return true
		}
	}
	var paths []string
	for _, f := range c.Files {
		paths = append(paths, f.Path)
	}
	globs := append(decision.DefaultGlobs(), decision.FolderGlobs(paths, nil)...)
	for _, f := range c.Files {
		if !f.Deleted && decision.Matches(globs, f.Path) {
			return true
		}
		for _, l := range f.Added {
			if len(decision.Tags(l.Text)) > 0 {
				return true
			}
		}
	}
	return false
}
