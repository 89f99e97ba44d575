package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// Bounds on the code in a document, which is read and not searched.
const (
	mostHunks = 3
	mostLines = 14 // of one view
)

// suspectCode is what the blamed commit changed, as far as the report rests on it, and
// the lines that failed or are suspected at the revision that ran; nothing where code is
// not the cause.
func suspectCode(r report.Report, c report.Cause) []block {
	k, named := c.Commit()
	if !named || r.Verdict.NoCodeCause {
		return nil
	}
	var blocks []block
	if hunks := hunksOf(c, k); len(hunks) > 0 {
		blocks = append(blocks, block{text: "What commit " + visible.ShortHashes(k.SHA) + " changed there:"}, block{code: strings.Join(hunks, "\n"), language: "diff"})
	}
	for _, v := range r.Code {
		if lines := linesOf(v, k.SHA); lines != "" {
			at := ""
			if v.Ref.Revision != "" {
				at = " at " + visible.ShortHashes(v.Ref.Revision)
			}
			return append(blocks, block{text: fmt.Sprintf("%s%s, the suspect lines marked:", v.Ref.Path, at)}, block{code: lines})
		}
	}
	return blocks
}

// hunksOf are the hunks of a commit that the findings of a cause and of the commit
// refer to, each once.
func hunksOf(c report.Cause, k report.CommitScore) []string {
	var out []string
	for _, t := range append(slices.Clone(k.Terms), c.Terms...) {
		place := ""
		for _, ref := range t.Refs {
			if ref.Kind == evidence.RefCode {
				place = ref.ID
			}
		}
		for _, ref := range t.Refs {
			if hunk := strings.TrimRight(ref.Text, "\n"); ref.Kind == evidence.RefCommit && ref.ID == k.SHA && changes(hunk) && len(out) < mostHunks {
				if place != "" {
					hunk = "@@ " + place + " @@\n" + hunk
				}
				if !slices.ContainsFunc(out, func(o string) bool { return strings.HasSuffix(o, strings.TrimRight(ref.Text, "\n")) }) {
					out = append(out, hunk)
				}
			}
		}
	}
	return out
}

// changes reports whether a text has a line that was added or removed.
func changes(hunk string) bool {
	for line := range strings.Lines(hunk) {
		if strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
			return true
		}
	}
	return false
}

// linesOf are the lines around those of a view that are suspected, or that a commit
// wrote, with their numbers; empty where it has none.
func linesOf(v report.CodeView, commit string) string {
	marked := func(l evidence.BlameLine) bool { return slices.Contains(v.Suspect, l.Line) || l.Commit == commit }
	first := slices.IndexFunc(v.Lines, marked)
	if first < 0 {
		return ""
	}
	const above = 3
	from := max(0, first-above)
	var b strings.Builder
	for _, l := range v.Lines[from:min(len(v.Lines), from+mostLines)] {
		sign := " "
		if marked(l) {
			sign = ">"
		}
		fmt.Fprintf(&b, "%s %4d  %s\n", sign, l.Line, strings.TrimRight(strings.ReplaceAll(l.Text, "\n", " "), " \r"))
	}
	return b.String()
}
