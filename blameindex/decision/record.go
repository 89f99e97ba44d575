package decision

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// The kinds of record.
const (
	KindDecision = "decision"
	KindRule     = "rule" // checks on changes, without the five dimensions
)

// MaxSize is the most bytes of a record that are read; a longer one is a fault.
const MaxSize = 1 << 20

// Record is one decision or rule as it was written.
type Record struct {
	evidence.Decision
	Kind string
	// Form is the form that it is written in.
	Form string
	// Governs is the decision that a rule belongs to, empty for a decision.
	Governs string
	// References are the places in code that the record names as file:line.
	References []Reference
	// Refusal is the first fault that refuses it, in a record that came from an
	// index, which keeps of a refused one where it stands and this.
	Refusal string `json:",omitempty"`
	// MaxSeconds is how long its rollback may take, 0 when the record does not say it.
	MaxSeconds float64 `json:",omitempty"`
	// Faults are what is wrong with it, by line. A record with a fault that is
	// not a note is refused.
	Faults []Fault

	lines map[string]int // line of each field that is there
}

// Reference is a place in code named by a record.
type Reference struct {
	Path string
	Line int
}

// Fault is one thing wrong with a record.
type Fault struct {
	Path string
	Line int // from 1
	// Dimension is why, what, who, when, how, or the field outside of the five,
	// as "scope"; "syntax" when the file could not be read at all.
	Dimension string
	Message   string
	// Note marks advice: it is shown and refuses nothing.
	Note bool
}

// String is the fault as compilers write it.
func (f Fault) String() string {
	kind := "error"
	if f.Note {
		kind = "note"
	}
	return fmt.Sprintf("%s:%d: %s: %s: %s", f.Path, f.Line, kind, f.Dimension, f.Message)
}

// Document is what one file holds.
type Document struct {
	Records []Record
	// Faults are of the file itself: it could not be parsed.
	Faults []Fault
	// Template is true for a file that is there to be copied and holds no record.
	Template bool `json:",omitempty"`
}

// Refused reports whether a fault of the record is more than a note.
func (r Record) Refused() bool {
	return r.Refusal != "" || slices.ContainsFunc(r.Faults, func(f Fault) bool { return !f.Note })
}

// AllFaults lists the file's and its records' faults by line.
func (d Document) AllFaults() []Fault {
	all := slices.Clone(d.Faults)
	for _, r := range d.Records {
		all = append(all, r.Faults...)
	}
	SortFaults(all)
	return all
}

// SortFaults puts faults in the order of path, line, dimension, message.
func SortFaults(fs []Fault) {
	slices.SortFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(a.Message, b.Message))
	})
}

func (r *Record) fault(field, dimension, format string, args ...any) {
	r.Faults = append(r.Faults, Fault{Path: r.Path, Line: r.at(field), Dimension: dimension, Message: fmt.Sprintf(format, args...)})
}

func (r *Record) note(field, dimension, format string, args ...any) {
	r.fault(field, dimension, format, args...)
	r.Faults[len(r.Faults)-1].Note = true
}

// at is the line of a field, of the record where the field is absent.
func (r *Record) at(field string) int {
	if l := r.lines[field]; l > 0 {
		return l
	}
	return max(r.Line, 1)
}
