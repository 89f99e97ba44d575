package report

import (
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// ProfileView is what profiles of one service and kind say of an incident: what of
// its code spends or holds more than before.
type ProfileView struct {
	Service string               `json:"service"`
	Kind    evidence.ProfileKind `json:"kind"`
	// Unit of all amounts: cores, By or goroutines.
	Unit string `json:"unit"`
	// Before and During are when the two profiles were taken; Before is zero where
	// there was none and requests that fail or are slow are held against the others.
	Before evidence.Window `json:"before,omitzero"`
	During evidence.Window `json:"during"`
	// Was and Now are what the whole process spent or held.
	Was float64 `json:"was"`
	Now float64 `json:"now"`
	// Traced is how many of the samples carry the ID of a request that is known, Bad
	// of them of one that failed or was slow.
	Traced int `json:"traced,omitempty"`
	Bad    int `json:"bad,omitempty"`
	// Places are the functions of the service's own code that grew most, most first;
	// where there is nothing to compare with, one that most is spent in.
	Places []ProfilePlace `json:"places,omitempty"`
	// Flame is both profiles as one tree, from the entry of the program inwards.
	Flame *FlameNode `json:"flame,omitempty"`
	// Notes limit what it means.
	Notes []string `json:"notes,omitempty"`
}

// ProfilePlace is a function that spends or holds more than before, what it calls
// outside of the service's own code included.
type ProfilePlace struct {
	Function string `json:"function"`
	// Frame is the line of the function that grew most, as the profile names it; it has
	// the function alone where the profile is of another build than what ran.
	Frame evidence.Frame `json:"frame"`
	// Begins is the line at which the function begins in the build that was profiled,
	// 0 where the profile does not tell.
	Begins int     `json:"-"`
	Was    float64 `json:"was"`
	Now    float64 `json:"now"`
	// BadShare and RestShare are the function's part of what requests that failed or
	// were slow spent, and of what all others did, 0 to 1; 0 where no sample carries
	// the ID of a request.
	BadShare  float64 `json:"badShare,omitempty"`
	RestShare float64 `json:"restShare,omitempty"`
	// Callers are the nearest lines of the service's own code that call it on the way
	// that grew most, innermost first.
	Callers []evidence.Frame `json:"callers,omitempty"`
	// Blame is what is behind the line at the running revision, nil where nobody
	// could say.
	Blame *evidence.Blame `json:"blame,omitempty"`
}

func at(path string, line int) string {
	if line <= 0 {
		return path
	}
	return path + ":" + strconv.Itoa(line)
}

// Line is the place as path:line, by the repository where that is known.
func (p *ProfilePlace) Line() string {
	if p.Blame != nil && p.Blame.Ref.Path != "" {
		return at(p.Blame.Ref.Path, p.Blame.Ref.Line)
	}
	if p.Frame.File == "" {
		return ""
	}
	return at(p.Frame.Slashed(), p.Frame.Line)
}

// Short is the function with the last part of its package's path alone.
func (p *ProfilePlace) Short() string { return p.Function[strings.LastIndexByte(p.Function, '/')+1:] }

// Commit is the commit that made the line what it is, false where that is not known.
func (p *ProfilePlace) Commit() (evidence.BlameLine, bool) {
	if p.Blame == nil {
		return evidence.BlameLine{}, false
	}
	for _, l := range p.Blame.Lines {
		if l.Line == p.Blame.Ref.Line {
			return l, l.Commit != ""
		}
	}
	return evidence.BlameLine{}, false
}

// FlameNode is one function in a tree of calls, with what it and all below it spent
// or held.
type FlameNode struct {
	Name string  `json:"name"`
	Was  float64 `json:"was"`
	Now  float64 `json:"now"`
	// Own is true where the code is the service's.
	Own   bool         `json:"own,omitempty"`
	Below []*FlameNode `json:"below,omitempty"` // largest first
}
