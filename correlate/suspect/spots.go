package suspect

import (
	"regexp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/mechanism"
)

// spot is one run of lines that a commit changes: where it is, and what of.
type spot struct {
	file     string
	function string // that the lines stand in, plain; empty where the diff does not show it
	// from and to are the first and the last line of it in the new file, 0 where the
	// diff has no numbers.
	from, to int
	text     string // the lines with their signs, cut short
}

// keyworded and bracketed are lines that begin a function: by a keyword, and in
// Java, JavaScript and their kin by brackets and an open block.
var (
	keyworded = regexp.MustCompile(`^\s*(?:(?:export|default|pub|public|private|protected|internal|static|async|override|suspend|inline|abstract|final)\s+)*(?:def|func|fn|fun|function\*?)\s+(?:\([^)]*\)\s*)?([A-Za-z_$][\w$]*)`)
	assigned  = regexp.MustCompile(`^\s*(?:(?:export|const|let|var|static|public|private|readonly)\s+)*(?:[\w$.]+\.)?([A-Za-z_$][\w$]*)\s*[=:]\s*(?:async\s*)?(?:function\b|\([^()]*\)\s*(?::\s*[\w<>\[\]|. ]+)?\s*=>|[\w$]+\s*=>)`)
	bracketed = regexp.MustCompile(`^\s*(?:@\w+\s+)?(?:[\w$<>\[\],.?*]+\s+)*([A-Za-z_$][\w$]*)\s*\([^;]*$`)
)

// functionBegun is the name of the function that a line begins, empty for a line
// that begins none. A hunk's header is such a line, cut off at its end.
func functionBegun(line string, header bool) string {
	line = line[:min(len(line), mostRead)]
	for _, r := range []*regexp.Regexp{keyworded, assigned} {
		if m := r.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	open := strings.HasSuffix(strings.TrimRight(line, " \t"), "{")
	if m := bracketed.FindStringSubmatchIndex(line); m != nil && (open || header) {
		if name := line[m[2]:m[3]]; !controls(name) && !slices.ContainsFunc(strings.Fields(line[:m[2]]), controls) {
			return name
		}
	}
	return ""
}

// controls reports a word that opens a block without being a function's name.
func controls(word string) bool {
	switch word {
	case "if", "for", "while", "switch", "catch", "return", "else", "try", "with", "synchronized", "select", "do", "foreach", "elif", "except", "new", "await", "using", "lock", "super", "this", "require", "import":
		return true
	}
	return false
}

// spotsOf are the runs of changed lines of a hunk.
func spotsOf(file string, h *mechanism.Hunk, apart int) []spot {
	var out []spot
	within, last, next := functionBegun(h.Header, true), 0, 0
	if i := slices.IndexFunc(h.Lines, func(l mechanism.Line) bool { return l.Op != '-' }); i >= 0 {
		next = h.Lines[i].No
	}
	for i := range h.Lines {
		l := &h.Lines[i]
		if f := functionBegun(l.Code, false); f != "" {
			within = f
		}
		no := next // of a line that is gone, what stands there now
		if l.Op != '-' && l.No > 0 {
			no, next = l.No, l.No+1
		}
		if !l.Net || l.Code == "" {
			continue
		}
		if f := plain(within); i-last > apart+1 || len(out) == 0 || out[len(out)-1].function != f {
			out = append(out, spot{file: file, function: f, from: no, to: no})
		}
		at := &out[len(out)-1]
		at.to, last = max(at.to, no), i
		if len(at.text) < mostShown {
			at.text += string(l.Op) + l.Text + "\n"
		}
	}
	return out
}

// mostRead is how much of a line is read for what it names, in bytes.
const mostRead = 400

// mostShown is how much of a spot's text is kept, in bytes.
const mostShown = 400

// pointed are features with the changed lines that carry them, as far as they are
// known: of each the run of lines of a candidate that has the most of its names.
func (s *Scorer) pointed(i int, list []feature) []feature {
	out := slices.Clone(list)
	said := make([]map[string]bool, len(s.names.of[i].spots))
	for k := range s.names.of[i].spots {
		said[k] = s.speaks(s.names.of[i].spots[k].text)
	}
	for f := range out {
		best, at := 0, -1
		for k := range said {
			n := 0
			for _, name := range out[f].names {
				if said[k][name] {
					n++
				}
			}
			if n > best {
				best, at = n, k
			}
		}
		if at >= 0 {
			out[f].refs = append(slices.Clone(out[f].refs), s.names.of[i].spots[at].ref())
		}
	}
	return out
}

// speaks is all that a text can be found by: its names, its words and their stems,
// and its amounts.
func (s *Scorer) speaks(text string) map[string]bool {
	out := map[string]bool{}
	for n := range s.letters().namesIn(text) {
		out[n] = true
	}
	for _, w := range slices.Concat(s.letters().terms(text), mechanism.Words(text), s.letters().figuresIn(text)) {
		out[w] = true
	}
	return out
}

// functions are those that changed lines of a commit stand in, by their plain names.
func (id *identity) functions() map[string]bool {
	out := map[string]bool{}
	for _, at := range id.spots {
		if at.function != "" {
			out[at.function] = true
		}
	}
	return out
}
