package lineage

import "github.com/wherefore-dev/wherefore/blameindex/git"

// Name is a commit's or a path's: as text, or as the row that the caller knows
// it by when it is from an earlier ownership.
type Name struct {
	Text string
	Row  int64
}

// Span is a stretch of lines that one commit owns.
type Span struct {
	Line, Lines int // first line, from 1, and how many
	// Commit and Path say where the stretch stood first, at OrigLine. Both are
	// zero where nobody can know, because an object is missing or corrupt.
	Commit, Path Name
	OrigLine     int
}

// Unknown reports that nobody can know whose the lines are.
func (s Span) Unknown() bool { return s.Commit == Name{} }

// Spans are what git blame found.
func Spans(found []git.Span) []Span {
	out := make([]Span, len(found))
	for i, s := range found {
		out[i] = Span{Line: s.Line, Lines: s.Lines, OrigLine: s.OrigLine}
		if s.Commit != "" {
			out[i].Commit, out[i].Path = Name{Text: s.Commit}, Name{Text: s.Path}
		}
	}
	return out
}

// rows numbers the rows that are met, behind the names that have a number.
type rows struct {
	after int32
	ids   map[int64]int32
	list  []int64
}

func (r *rows) id(row int64) int32 {
	id, ok := r.ids[row]
	if !ok {
		id = r.after + int32(len(r.list))
		r.ids[row] = id
		r.list = append(r.list, row)
	}
	return id
}

func (r *rows) name(id int32, texts []string) Name {
	if id < r.after {
		return Name{Text: texts[id]}
	}
	return Name{Row: r.list[id-r.after]}
}
