package mechanism

import "strings"

func conditionRule() Rule {
	return Rule{ID: "condition", Title: "A condition was turned round, narrowed, widened or dropped", find: findCondition}
}

func findCondition(s *scan) []Match {
	var out []Match
	var removed []*Line
	for _, f := range s.Files {
		if f.Kind != Code {
			continue
		}
		for _, h := range f.Hunks {
			removed = removed[:0]
			for i := range h.Lines {
				if l := &h.Lines[i]; l.Net && l.Op == '-' && branches(l) {
					removed = append(removed, l)
				}
			}
			for i := range h.Lines {
				l := &h.Lines[i]
				if !l.Net || l.Op != '+' || !branches(l) {
					continue
				}
				for _, r := range removed {
					if d, why := turned(r, l); why != "" {
						m := at(f, l, d, "turned", why, WrongResult, Rejected, Unhandled)
						if isLoopHeader(l) {
							m.Signatures = []Signature{OutOfRange, WrongResult, Unhandled}
						}
						m.Hunk = "-" + clip(r.Text) + "\n" + m.Hunk
						out = append(out, m)
						break
					}
				}
			}
		}
	}
	return append(out, guardsGone(s)...)
}

func branches(l *Line) bool {
	return isCondition(l) || isLoopHeader(l) || strings.HasPrefix(l.Code, "return ")
}

// guardsGone finds early exits that were removed with nothing in their place:
// what they kept out now goes on.
func guardsGone(s *scan) []Match {
	if s.anyNet('+', isCondition) {
		return nil
	}
	var out []Match
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if f.Kind != Code || !isCondition(l) || isErrorCheck(l.Code) || nilTest.MatchString(l.Code) || boundsTest.MatchString(l.Code) || !h.exitsBelow(i, s.by.Nearby.Exit) {
			return
		}
		if low := l.lower(); containsAny(low, "idempot", "dedup", "duplicate", "already", "processed", "seen") {
			out = append(out, at(f, l, Removed, "twice", "what kept the same thing from being done twice was removed", WrongResult, RetryStorm, Unhandled))
		} else {
			out = append(out, at(f, l, Removed, "no-way-out", "an early way out was removed: cases that it kept out now go on", WrongResult, Unhandled, Overload))
		}
	})
	return out
}

// exitsBelow reports whether the removed branch at line i leaves the function or
// the round of the loop, in so many lines.
func (h *Hunk) exitsBelow(i, lines int) bool {
	if containsAny(h.Lines[i].Code, "return", "continue", "throw", "raise") {
		return true
	}
	for j := i + 1; j < len(h.Lines) && j <= i+lines; j++ {
		l := &h.Lines[j]
		if l.Op == '-' && containsAny(l.Code, "return", "continue", "throw", "raise", "break") {
			return true
		}
	}
	return false
}

// turned says how two conditions differ when they differ in operators only, or
// in one clause more or less.
func turned(before, after *Line) (Direction, string) {
	b, a := before.tokens(), after.tokens()
	if len(b) == len(a) {
		differ := 0
		for i := range b {
			if b[i] == a[i] {
				continue
			}
			if !isComparison(b[i]) || !isComparison(a[i]) {
				return "", ""
			}
			differ++
		}
		if differ == 1 {
			return Inverted, "a comparison was changed: cases at or beyond the edge are treated the other way"
		}
		return "", ""
	}
	if withoutBang(b) == withoutBang(a) {
		return Inverted, "a condition was negated: it now holds in the opposite cases"
	}
	short, long, d, verb := b, a, Added, "added to"
	if len(short) > len(long) {
		short, long, d, verb = a, b, Removed, "removed from"
	}
	if clauses(long) == clauses(short)+1 && shares(short, long) {
		return d, "a clause was " + verb + " a condition"
	}
	return "", ""
}

func isComparison(t token) bool {
	switch t.text {
	case "<", ">", "<=", ">=", "==", "!=", "===", "!==", "&&", "||":
		return t.kind == punctToken
	case "and", "or":
		return t.kind == identToken
	}
	return false
}

func withoutBang(toks []token) string {
	var b strings.Builder
	for _, t := range toks {
		if t.kind == punctToken && t.text == "!" || t.kind == identToken && t.text == "not" {
			continue
		}
		b.WriteString(t.text)
		b.WriteByte(' ')
	}
	return b.String()
}

func clauses(toks []token) int {
	n := 1
	for _, t := range toks {
		switch t.text {
		case "&&", "||", "and", "or":
			n++
		}
	}
	return n
}

// shares reports whether all names of the short condition occur in the long one.
func shares(short, long []token) bool {
	have := map[string]bool{}
	for _, t := range long {
		have[t.text] = true
	}
	for _, t := range short {
		if t.kind == identToken && !have[t.text] {
			return false
		}
	}
	return true
}
