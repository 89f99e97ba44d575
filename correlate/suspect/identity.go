package suspect

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
)

// identity is what a commit speaks of: the names in its changed lines, its hunk
// headers and its paths, as far as they can run, and those of its message.
type identity struct {
	names    map[string]bool
	kept     map[string]bool // of names: those that its lines had before as well
	message  map[string]bool
	figures  map[string]bool
	parts    map[string]bool // of its longer names
	defined  map[string]bool // names to which its changed lines give or take a meaning
	literals []string        // spaced words of strings that it adds
	// moved are the names that it moved to another file or renamed throughout, in
	// lines that do the same as before.
	moved map[string]bool
	// gone are the names that it takes away and nowhere puts back.
	gone map[string]bool
	// depends are the dependencies whose versions it changes.
	depends []string
	spots   []spot
	// beside are the names in unchanged lines next to changed ones, told the phrases
	// in their strings; removed the phrases that it takes away.
	beside        map[string]bool
	told, removed []string
}

// readIdentity reads a commit. Its size does not count: each name counts once.
func (by letters) readIdentity(cm evidence.Commit) identity {
	id := identity{names: map[string]bool{}, kept: map[string]bool{}, message: by.namesIn(cm.Message), figures: map[string]bool{}, moved: map[string]bool{}, defined: map[string]bool{}, parts: map[string]bool{}, beside: map[string]bool{}, gone: map[string]bool{}, depends: mechanism.Dependencies(by.Package, cm.Diff, cm.Files...)}
	added, removed := map[string]bool{}, map[string]bool{}
	before := map[string]bool{} // texts that it takes away
	patch := mechanism.Parse(cm.Diff, cm.Files...)
	for _, r := range patch.Renamed {
		unite(id.moved, by.namesIn(r[0]))
		unite(id.moved, by.namesIn(r[1]))
	}
	for _, f := range patch.Files {
		if f.Kind.Innocent() {
			continue
		}
		unite(id.names, by.namesIn(strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))))
		for _, h := range f.Hunks {
			if slices.ContainsFunc(h.Lines, func(l mechanism.Line) bool { return l.Net }) {
				unite(id.names, by.namesIn(h.Header))
				id.spots = append(id.spots, spotsOf(f.Path, h, by.Apart)...)
				by.readBeside(&id, f.Path, h)
			}
			for i := range h.Lines {
				l := &h.Lines[i]
				if linked(f.Path, l.Code) {
					continue
				}
				switch {
				case l.Moved && defines.MatchString(l.Code):
					unite(id.moved, by.namesIn(l.Code))
					continue
				case !l.Net:
					continue
				default:
					unite(id.parts, by.partsIn(l.Code))
					for _, m := range definition.FindAllStringSubmatch(l.Code, -1) {
						id.defined[plain(m[1])] = true
					}
				}
				switch l.Op {
				case '+':
					unite(added, by.namesIn(l.Code))
					id.literals = append(id.literals, l.Phrases(by.Phrase)...)
				default:
					unite(removed, by.namesIn(l.Code))
					for _, p := range l.Phrases(by.Phrase) {
						before[p] = true
					}
				}
				for _, n := range by.figuresIn(l.Code) {
					id.figures[n] = true
				}
			}
		}
	}
	unite(id.names, id.moved)
	unite(id.names, added)
	unite(id.names, removed)
	for n := range removed {
		if _, ok := added[n]; !ok {
			id.gone[n] = true
		}
	}
	for n := range added {
		if _, ok := removed[n]; ok {
			id.kept[n] = true
		}
	}
	id.literals = slices.DeleteFunc(id.literals, func(p string) bool { return before[p] })
	id.removed = slices.DeleteFunc(slices.Sorted(maps.Keys(before)), func(p string) bool { return slices.Contains(id.literals, p) })
	for n := range id.names {
		delete(id.beside, n)
	}
	return id
}

// readBeside reads the lines of a hunk that stay as they are. What a file uses was
// there before and says nothing of what was changed, and the module's own path
// stands in every stack.
func (by letters) readBeside(id *identity, file string, h *mechanism.Hunk) {
	for i := range h.Lines {
		if l := &h.Lines[i]; l.Op == ' ' && l.Code != "" && !linked(file, l.Code) && !imports.MatchString(l.Code) {
			unite(id.beside, by.namesIn(l.Code))
			id.told = append(id.told, l.Phrases(by.Phrase)...)
		}
	}
}

// linked reports a line that names what a file uses, in a language whose compiler
// would have found it missing.
func linked(file, code string) bool {
	switch path.Ext(file) {
	case ".go":
		return goImport.MatchString(code)
	case ".java", ".kt", ".scala", ".cs", ".rs":
		code = strings.TrimPrefix(code, "global ")
		return strings.HasPrefix(code, "import ") || strings.HasPrefix(code, "package ") || strings.HasPrefix(code, "using ") || strings.HasPrefix(code, "use ")
	}
	return false
}

// imports are lines that name what a file uses, in the languages that load it as they
// run. "use" and "alias" are PHP's, Perl's and Elixir's.
var imports = regexp.MustCompile(`^(?:import\b|use\s+[\w\\]|alias\s+[A-Z]|from\s+\S+\s+import\b|export\s.*\bfrom\s+['"]|require(?:_relative|_once)?[\s(]|include(?:_once)?\s|#include\b|(?:const|let|var)\s+\S.*=\s*require\()`)

var goImport = regexp.MustCompile(`^(?:import )?(?:[\w.]+ )?"[\w./-]+"$`)

// definition is where a line gives a function, a type or a constant its name.
var definition = regexp.MustCompile(`\b(?:class|def|func|fn|function|type|interface|struct|enum|record|trait)\s+(?:\([^)]*\)\s*)?([A-Za-z_$][A-Za-z0-9_$]{2,59})`)

// defines are lines that give something its name.
var defines = regexp.MustCompile(`\b(?:class|def|func|fn|function|type|interface|struct|enum|record|trait|module|namespace|const|let|var|val|export)\b`)

func unite(to, from map[string]bool) {
	for n, c := range from {
		to[n] = to[n] || c
	}
}
