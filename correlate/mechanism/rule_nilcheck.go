package mechanism

import (
	"regexp"
	"strings"
)

func nilCheckRule() Rule {
	return Rule{ID: "nil-check", Title: "A check for nothing, or for the bounds of a list, was removed", find: findNilCheck}
}

var (
	nilTest    = regexp.MustCompile(`([A-Za-z_][\w.\[\]()?]*?)\s*(?:==|!=|===|!==|\bis not\b|\bis\b)\s*(?:nil|null|None|undefined)\b`)
	boundsTest = regexp.MustCompile(`\b(?:len|size|length|count|Count|Length)\b(?:\(\s*([\w.]+)\s*\)|\(\))?\s*(?:==|!=|<|>|<=|>=|===|!==)\s*\d|\b(?:isEmpty|is_empty|empty\?|nil\?|blank\?|isPresent|Any)\b|[<>]=?\s*(?:len\(|[\w.]+\.(?:length|size|Length|Count))`)
	constIndex = regexp.MustCompile(`[\w)]\[(?:\d+|-1|len\(\w+\) ?- ?1)\]|\.get\(0\)|\.First\(\)|\.first\(\)|\.Single\(\)`)
)

func findNilCheck(s *scan) []Match {
	var out []Match
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		switch {
		case !isCondition(l) && !hasSafeAccess(l.Code):
		case nilTest.MatchString(l.Code) && !isErrorCheck(l.Code):
			subject := nilTest.FindStringSubmatch(l.Code)[1]
			if s.testedStill(subject) {
				return
			}
			kind := "unchecked"
			if h.usedAfter(subject) {
				kind = "unchecked-and-used"
			}
			out = append(out, at(f, l, Removed, kind, subject+" is no longer checked for nothing before it is used", NilDeref, Unhandled, CrashLoop))
		case isPresenceTest(l) && !s.anyNet('+', isPresenceTest):
			out = append(out, at(f, l, Removed, "found-unchecked", "it is no longer checked whether the value was found", NilDeref, WrongResult, Unhandled))
		case isCondition(l) && boundsTest.MatchString(l.Code) && !s.anyNet('+', func(a *Line) bool { return boundsTest.MatchString(a.Code) }):
			out = append(out, at(f, l, Removed, "bounds-unchecked", "a check for an empty list or for its bounds was removed", OutOfRange, NilDeref, Unhandled))
		case hasSafeAccess(l.Code) && s.unsafeSuccessor(l):
			out = append(out, at(f, l, Removed, "intolerant", "an access that tolerated nothing became one that does not", NilDeref, Unhandled, CrashLoop))
		}
	})
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		switch {
		case containsAny(l.Code, "[", "(0)", "irst", "ingle") && constIndex.MatchString(l.Code) && !s.anyNet('-', func(r *Line) bool { return constIndex.MatchString(r.Code) }) && !h.guarded(i, s.by.Nearby.Guard):
			out = append(out, at(f, l, Added, "by-position", "an element is taken by position without looking whether it is there", OutOfRange, NilDeref, Unhandled))
		case containsAny(l.Code, ".unwrap()", ".expect(", "!!.") && !s.anyNet('-', func(r *Line) bool { return containsAny(r.Code, ".unwrap()", ".expect(", "!!.") }):
			out = append(out, at(f, l, Added, "panics", "the absence of a value now ends in a panic", NilDeref, Unhandled, CrashLoop))
		}
	})
	return out
}

// isCondition reports whether a line branches on something.
func isCondition(l *Line) bool {
	c := l.Code
	return strings.HasPrefix(c, "if ") || strings.HasPrefix(c, "if(") || strings.HasPrefix(c, "} else if") || strings.HasPrefix(c, "elif ") || strings.HasPrefix(c, "unless ") ||
		strings.Contains(c, " ? ") || strings.Contains(c, " if ") || strings.Contains(c, " && ") || strings.HasPrefix(c, "while ")
}

// isPresenceTest reports whether a line branches on the second value of a look-up
// or on a key being there.
func isPresenceTest(l *Line) bool {
	return isCondition(l) && containsAny(l.Code, "!ok", "; ok", "!found", "!exists", ".has(", "containsKey(", "ContainsKey(", " not in ", "hasOwnProperty(", ".key?(") && !containsAny(l.Code, "for ")
}

func isErrorCheck(code string) bool {
	return containsAny(code, "err != nil", "err == nil", "error != null", "error == null", "Err != nil", "ex != null")
}

// hasSafeAccess reports whether a line reads something in a way that tolerates
// its absence.
func hasSafeAccess(code string) bool {
	return containsAny(code, "?.", ".orElse(", ".orElseGet(", ".ifPresent(", "getOrDefault(", "FirstOrDefault", "SingleOrDefault", "Objects.requireNonNullElse", "Optional.ofNullable", "&.", " ?? ", ".unwrap_or", "TryGetValue", ".dig(") ||
		strings.Contains(code, ".get(") && strings.Contains(code, ", ")
}

// unsafeSuccessor reports whether an added line does what the removed one did,
// without the tolerance.
func (s *scan) unsafeSuccessor(removed *Line) bool {
	want := longNames(removed, s.by.Spelled.Name)
	return s.anyNet('+', func(l *Line) bool {
		if hasSafeAccess(l.Code) || nilTest.MatchString(l.Code) {
			return false
		}
		shared := 0
		for n := range longNames(l, s.by.Spelled.Name) {
			if want[n] {
				shared++
			}
		}
		return shared >= s.by.Spelled.Shared
	})
}

func longNames(l *Line, least int) map[string]bool {
	out := map[string]bool{}
	for _, t := range l.tokens() {
		if t.kind == identToken && len(t.text) >= least && !isKeyword(t.text) {
			out[t.text] = true
		}
	}
	return out
}

// testedStill reports whether an added line checks the same thing, in whatever
// form.
func (s *scan) testedStill(subject string) bool {
	last := subject[strings.LastIndexByte(subject, '.')+1:]
	return s.anyNet('+', func(l *Line) bool {
		return strings.Contains(l.Code, last) && (nilTest.MatchString(l.Code) || hasSafeAccess(l.Code) || boundsTest.MatchString(l.Code) || strings.HasPrefix(l.Code, "if ")) ||
			containsAny(l.Code, "requireNonNull", "checkNotNull", "ArgumentNullException", "assert ")
	})
}

// usedAfter reports whether the new side of the hunk goes on to use a member of
// the subject.
func (h *Hunk) usedAfter(subject string) bool {
	for i := range h.Lines {
		if l := &h.Lines[i]; l.Op != '-' && containsAny(l.Code, subject+".", subject+"[", subject+"->", "*"+subject) {
			return true
		}
	}
	return false
}

// guarded reports whether a condition stands within so many lines up from line i in
// the new file.
func (h *Hunk) guarded(i, lines int) bool {
	for j := i; j >= 0 && j > i-lines; j-- {
		if l := &h.Lines[j]; l.Op != '-' && (isCondition(l) || boundsTest.MatchString(l.Code) || isLoopHeader(l)) {
			return true
		}
	}
	return false
}
