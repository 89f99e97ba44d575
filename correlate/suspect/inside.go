package suspect

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// insideFeature asks whether a failing function is one that it changes: nats of
// surprise that a commit does, less for every place further out.
func (s *Scorer) insideFeature(i int, frames []*gathered.Frame) feature {
	best := feature{id: "commit/inside"}
	for rank, f := range frames {
		at := s.insideOf(i, f)
		if at == nil {
			continue
		}
		touching := s.names.begun[at.function]
		if v := s.furtherOut(s.names.rarity(touching), rank); v > best.value {
			best.value, best.why = v, "it changes "+functionName(f.Frame.Function)+" itself, in which the failure happens"
			best.refs = append([]evidence.Ref{at.ref()}, f.Refs...)
		}
	}
	return best
}

// insideOf is where a candidate changes the function of a failing place, nil where
// it does not.
func (s *Scorer) insideOf(i int, f *gathered.Frame) *spot {
	name := plain(functionName(f.Frame.Function))
	if len(name) < s.by.Commit.Letters.Word {
		return nil
	}
	for k := range s.names.of[i].spots {
		if at := &s.names.of[i].spots[k]; at.function == name && sameFile(at.file, f.Frame.File) {
			return at
		}
	}
	return nil
}

// lineFeature asks how near to a failing line its changed lines stand, where both
// have numbers: 1000 in the same place.
func (s *Scorer) lineFeature(i int, frames []*gathered.Frame) feature {
	best := feature{id: "commit/line"}
	for rank, f := range frames {
		if f.Frame.Line == 0 {
			continue
		}
		for k := range s.names.of[i].spots {
			at := &s.names.of[i].spots[k]
			if at.from == 0 || !sameFile(at.file, f.Frame.File) {
				continue
			}
			far := max(0, at.from-f.Frame.Line, f.Frame.Line-at.to)
			near := s.by.Commit.Places.LinesHalf
			if far > s.by.Commit.Places.LinesMost {
				continue
			}
			if v := s.furtherOut(float64(near)/float64(near+far), rank); v > best.value {
				best.value, best.why = v, fmt.Sprintf("it changes %s of %s, and line %d fails", at.rows(), at.file, f.Frame.Line)
				best.refs = append([]evidence.Ref{at.ref()}, f.Refs...)
			}
		}
	}
	return best
}

// calleeFeature asks whether it changes a function that the failing lines' own
// code calls, in nats of surprise: what was called gave something else than
// before.
func (s *Scorer) calleeFeature(i int) feature {
	best := feature{id: "commit/callee"}
	for k := range s.names.of[i].spots {
		at := &s.names.of[i].spots[k]
		if at.function == "" || !s.names.calls[at.function] {
			continue
		}
		if v := int(s.names.rarity(s.names.begun[at.function])*1000 + .5); v > best.value {
			best.value, best.why, best.refs = v, "it changes "+at.function+", which the failing line calls", []evidence.Ref{at.ref()}
		}
	}
	return best
}

// besideFeature holds the names in unchanged lines next to what it changes against
// those of the failure, in nats of surprise.
func (s *Scorer) besideFeature(i int, cd *Candidate) feature {
	list := s.sharedNames(s.names.of[i].beside, nil, nil, func(n string) int { return s.names.beside[n] })
	value, names := sumOf(list, s.by.Commit.Names.Message)
	return feature{id: "commit/beside", value: value, why: "what it changes stands next to " + strings.Join(names, ", ") + ", of which the failure speaks", refs: []evidence.Ref{commitRef(cd.Commit)}}
}

// toldFeature looks for a text that stands next to what it changes, or that it
// takes away, in what the failure says: 1000 for enough words.
func (s *Scorer) toldFeature(i int, cd *Candidate) feature {
	best, at := 0, ""
	for _, l := range slices.Concat(s.names.of[i].told, s.names.of[i].removed) {
		n := len(strings.Fields(l))
		if n > best && strings.Contains(s.names.said, " "+l+" ") {
			best, at = n, l
		}
	}
	return feature{id: "commit/told", value: min(1000, best*1000/s.by.Commit.Names.LiteralWords), why: "it changes what stands around the text that the failure says: “" + at + "”", refs: []evidence.Ref{commitRef(cd.Commit)}}
}

// missed is where a runtime, a compiler, a linker or a database says that a name is
// not there.
var missed = regexp.MustCompile("(?i)" + strings.Join([]string{
	`([\w$.]+)['"’` + "`" + `]? (?:is not|isn't) (?:a function|a constructor|defined)\b`,
	`\bundefined: ([\w.]+)`, `([\w$]+\.[\w$.]+) undefined \(`,
	`\bno (?:field or method|attribute|method|member|property|such (?:column|table|function|method|field|property))[: ]+['"` + "`" + `]?([\w$.]+)`,
	`\b(?:column|relation|table|function|field|attribute|property|method) ['"` + "`" + `]?([\w$.]+)['"` + "`" + `]?(?:\([^)]*\))? does not exist`,
	`\bunknown (?:column|field|flag|option|command|key|parameter|property)[: ]+['"` + "`" + `-]*([\w$.]+)`,
	`\bnosuch(?:method|field)error: [^\n(]*?([\w$]+)['"(]`,
	`\bcannot find symbol\s+symbol:\s+\w+ (\w+)`,
	`\b(?:cannot import name|does not provide an export named) ['"](\w+)`,
}, "|"))

// missedIn are the names that a failing system misses, plain and without what they
// are of.
func missedIn(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range missed.FindAllStringSubmatch(text, -1) {
		for _, name := range m[1:] {
			name = strings.Trim(name, ".")
			if n := plain(name[strings.LastIndexByte(name, '.')+1:]); n != "" {
				out[n] = true
			}
		}
	}
	return out
}

// missingFeature asks whether it takes away a name that the failure says is not there:
// nats of surprise that a commit does.
func (s *Scorer) missingFeature(i int, cd *Candidate) feature {
	best := feature{id: "commit/missing", refs: []evidence.Ref{commitRef(cd.Commit)}}
	for _, n := range slices.Sorted(maps.Keys(s.names.missed)) {
		if !s.names.of[i].gone[n] {
			continue
		}
		if v := int(s.names.rarity(s.names.gone[n])*1000 + .5); v > best.value {
			best.value, best.why, best.names = v, "it takes "+n+" away, which the failure misses", []string{n}
		}
	}
	return best
}

// languageFeature speaks against a commit whose code is all in other languages
// than that of the failing places: a page's script does not fail in the server.
func (s *Scorer) languageFeature(i int, cd *Candidate, frames []*gathered.Frame) feature {
	failing := map[string]bool{}
	for _, f := range frames {
		if f.Frame.Rung == evidence.LocationStack {
			if l := languageOf(f.Frame.File); l != "" {
				failing[l] = true
			}
		}
	}
	if len(failing) == 0 || len(s.names.of[i].spots) == 0 {
		return feature{id: "commit/language"}
	}
	other := ""
	for _, at := range s.names.of[i].spots {
		l := languageOf(at.file)
		if l == "" || failing[l] {
			return feature{id: "commit/language"} // what is no program's source may be read by any
		}
		other = l
	}
	return feature{id: "commit/language", value: 1000, why: "its code is " + other + ", what fails is " + strings.Join(slices.Sorted(maps.Keys(failing)), " and "), refs: []evidence.Ref{commitRef(cd.Commit)}}
}

// languageOf is the family of languages of a source file, by what runs together;
// empty for what is no program's source.
func languageOf(file string) string {
	ext := file[strings.LastIndexByte(file, '.')+1:]
	switch ext {
	case "go", "py", "rb", "php", "rs":
		return map[string]string{"go": "Go", "py": "Python", "rb": "Ruby", "php": "PHP", "rs": "Rust"}[ext]
	case "java", "kt", "kts", "scala", "groovy", "clj":
		return "of the JVM"
	case "js", "mjs", "cjs", "ts", "tsx", "jsx", "vue":
		return "JavaScript"
	case "cs", "fs", "vb":
		return "of .NET"
	case "ex", "exs", "erl":
		return "Elixir"
	}
	return ""
}

// calledName is a call or the reading of a member in a line of code.
var calledName = regexp.MustCompile(`([A-Za-z_$][\w$]{2,59})\s*\(|\.([A-Za-z_$][\w$]{2,59})`)

func (x *identities) readCalls(line string) {
	for _, m := range calledName.FindAllStringSubmatch(line[:min(len(line), mostRead)], -1) {
		if name := m[1] + m[2]; !controls(name) && !isFiller(strings.ToLower(name)) {
			x.calls[plain(name)] = true
		}
	}
}

// sameFile is touchesFile of a single path.
func sameFile(path, frame string) bool {
	return touchesFile(evidence.Commit{Files: []string{path}}, frame)
}

// rows says which lines a spot is.
func (at *spot) rows() string {
	if at.from == at.to {
		return fmt.Sprintf("line %d", at.from)
	}
	return fmt.Sprintf("lines %d to %d", at.from, at.to)
}

// ref points at the lines of a spot.
func (at *spot) ref() evidence.Ref {
	id := at.file
	if at.from > 0 {
		id = fmt.Sprintf("%s:%d", at.file, at.from)
	}
	return evidence.Ref{Kind: evidence.RefCode, ID: id, Text: at.text}
}
