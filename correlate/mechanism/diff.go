package mechanism

import (
	"strconv"
	"strings"
)

// maxDiff is the most of a diff that is read, in bytes: a commit larger than
// this is a vendored dump or a generated file, and no rule reads those well.
const maxDiff = 4 << 20

// Patch is a diff taken apart.
type Patch struct {
	Files []*File
	// Renamed are the names that gave way to another throughout, old and new.
	Renamed [][2]string
}

// File is the part of a patch that touches one path.
type File struct {
	Path  string // empty when the excerpt does not say and cannot be told
	Kind  Kind
	Hunks []*Hunk
}

// Hunk is one run of changed lines with some context.
type Hunk struct {
	Header string // what stands in the @@ line, without line numbers
	Lines  []Line
}

// Line is one line of a hunk.
type Line struct {
	Op     byte   // '+', '-' or ' '
	Text   string // as written, without the sign
	Code   string // without comments, blanks made one; empty when nothing is left
	Indent int    // leading blanks, a tab counted as 4
	No     int    // number in the new file, for a removed line in the old; 0 when unknown
	// Net is true for an added or removed line that has no equal on the other
	// side of the patch: neither moved, nor reformatted, nor renamed.
	Net bool
	// Moved is true for an added line that was taken away in another file and in
	// this one was not.
	Moved bool

	// aside is true for a line of a manifest in a section of what is not there when
	// the program runs.
	aside bool

	toks []token
	low  string
}

// Parse reads a unified diff or an excerpt of one. Files are the paths that the
// commit is known to touch, used where a hunk does not say which it belongs to.
func Parse(diff string, files ...string) *Patch {
	if len(diff) > maxDiff {
		diff = diff[:maxDiff]
	}
	r := reader{patch: &Patch{}, fallback: fallbackPath(files)}
	lines := strings.Split(strings.TrimSuffix(diff, "\n"), "\n")
	for i, line := range lines {
		next := ""
		if i+1 < len(lines) {
			next = lines[i+1]
		}
		r.read(strings.TrimSuffix(line, "\r"), next)
	}
	for _, f := range r.patch.Files {
		f.strip()
		if f.Kind == Code && f.saysGenerated() {
			f.Kind = Generated
		}
		if f.Kind == Manifest || f.Kind == Lock {
			f.markAside()
		}
	}
	r.patch.markNet()
	return r.patch
}

// saysGenerated reports whether one of the first lines shown marks the file as
// written by a program.
func (f *File) saysGenerated() bool {
	for _, h := range f.Hunks[:min(1, len(f.Hunks))] {
		for i := range h.Lines[:min(8, len(h.Lines))] {
			if saysGenerated(h.Lines[i].Text) {
				return true
			}
		}
	}
	return false
}

// fallbackPath is the one path that can be meant when a hunk names none.
func fallbackPath(files []string) string {
	found := ""
	for _, f := range files {
		if KindOf(f).Innocent() {
			continue
		}
		if found != "" {
			return ""
		}
		found = f
	}
	return found
}

type reader struct {
	patch    *Patch
	fallback string
	file     *File
	hunk     *Hunk
	oldPath  string
	oldNo    int // next line's number, 0 when unknown
	newNo    int
	skip     bool // within a file header
}

func (r *reader) read(line, next string) {
	switch {
	case strings.HasPrefix(line, "diff --git "):
		r.hunk, r.skip, r.oldPath = nil, true, ""
		if _, after, ok := strings.Cut(line, " b/"); ok {
			r.open(after)
		}
	case strings.HasPrefix(line, "--- ") && strings.HasPrefix(next, "+++ "):
		r.oldPath, r.skip = headerPath(line[4:]), true
	case strings.HasPrefix(line, "+++ ") && r.skip:
		p := headerPath(line[4:])
		if p == "" {
			p = r.oldPath
		}
		r.open(p)
		r.skip = false
	case strings.HasPrefix(line, "@@"):
		r.skip = false
		r.openHunk(line)
	case r.skip || strings.HasPrefix(line, `\ No newline`):
	default:
		r.add(line)
	}
}

// headerPath is the path in a --- or +++ line, empty for /dev/null.
func headerPath(s string) string {
	s, _, _ = strings.Cut(s, "\t")
	s = strings.Trim(strings.TrimSpace(s), `"`)
	if s == "/dev/null" {
		return ""
	}
	if strings.HasPrefix(s, "a/") || strings.HasPrefix(s, "b/") {
		return s[2:]
	}
	return s
}

func (r *reader) open(p string) {
	r.hunk = nil
	for _, f := range r.patch.Files {
		if f.Path == p {
			r.file = f
			return
		}
	}
	r.file = &File{Path: p, Kind: KindOf(p)}
	r.patch.Files = append(r.patch.Files, r.file)
}

// openHunk reads "@@ -1,2 +3,4 @@ func", "@@ path @@ func", "@@ path: func" and
// "@@ func".
func (r *reader) openHunk(line string) {
	head := strings.TrimSpace(strings.TrimPrefix(line, "@@"))
	r.oldNo, r.newNo = 0, 0
	if strings.HasPrefix(head, "-") {
		ranges, after, _ := strings.Cut(head, "@@")
		head = strings.TrimSpace(after)
		for field := range strings.FieldsSeq(ranges) {
			start, _, _ := strings.Cut(field[1:], ",")
			n, err := strconv.Atoi(start)
			switch {
			case err != nil:
			case field[0] == '-':
				r.oldNo = n
			case field[0] == '+':
				r.newNo = n
			}
		}
	} else {
		first, after, _ := strings.Cut(head, " ")
		if p := strings.TrimSuffix(first, ":"); looksLikePath(p) {
			r.open(p)
			head = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(after), "@@"))
		}
	}
	if r.file == nil {
		r.open(r.fallback)
	}
	r.hunk = &Hunk{Header: strings.TrimSpace(strings.TrimSuffix(head, "@@"))}
	r.file.Hunks = append(r.file.Hunks, r.hunk)
}

// mostExtension is how long an extension is at most, with its dot.
const mostExtension = 6

// looksLikePath tells a path from the start of a function's signature.
func looksLikePath(s string) bool {
	if s == "" || strings.ContainsAny(s, "(){}<>;=\"'*") {
		return false
	}
	if strings.Contains(s, "/") {
		return true
	}
	dot := strings.LastIndexByte(s, '.')
	return dot > 0 && len(s)-dot <= mostExtension && dot < len(s)-1 || strings.HasPrefix(s, "Dockerfile") || s == "Gemfile"
}

func (r *reader) add(text string) {
	if r.hunk == nil {
		if text == "" {
			return
		}
		if r.file == nil {
			r.open(r.fallback)
		}
		r.hunk = &Hunk{}
		r.file.Hunks = append(r.file.Hunks, r.hunk)
	}
	op := byte(' ')
	if text != "" && (text[0] == '+' || text[0] == '-' || text[0] == ' ') {
		op, text = text[0], text[1:]
	}
	l := Line{Op: op, Text: text, Indent: indent(text)}
	if op == '-' {
		l.No = r.oldNo
	} else {
		l.No = r.newNo
	}
	if op != '+' && r.oldNo > 0 {
		r.oldNo++
	}
	if op != '-' && r.newNo > 0 {
		r.newNo++
	}
	r.hunk.Lines = append(r.hunk.Lines, l)
}

func indent(s string) int {
	n := 0
	for i := range len(s) {
		switch s[i] {
		case ' ':
			n++
		case '\t':
			n += len("    ")
		default:
			return n
		}
	}
	return n
}

// strip fills in Code, following block comments on either side on their own.
func (f *File) strip() {
	c := commentsOf(f.Path)
	for _, h := range f.Hunks {
		var oldBlock, newBlock bool
		for i := range h.Lines {
			l := &h.Lines[i]
			switch l.Op {
			case '-':
				l.Code, oldBlock = c.strip(l.Text, oldBlock)
			case '+':
				l.Code, newBlock = c.strip(l.Text, newBlock)
			default:
				l.Code, newBlock = c.strip(l.Text, newBlock)
				oldBlock = newBlock
			}
		}
	}
}
