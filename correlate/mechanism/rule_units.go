package mechanism

import "strings"

func unitsRule() Rule {
	return Rule{ID: "units", Title: "A unit, time zone, rounding or width of a number changed", find: findUnits}
}

func findUnits(s *scan) []Match {
	var out []Match
	for _, f := range s.Files {
		if f.Kind != Code {
			continue
		}
		for _, h := range f.Hunks {
			var removed []*Line
			for i := range h.Lines {
				if l := &h.Lines[i]; l.Net && l.Op == '-' {
					removed = append(removed, l)
				}
			}
			for i := range h.Lines {
				l := &h.Lines[i]
				if !l.Net || l.Op != '+' {
					continue
				}
				for _, r := range removed {
					if why := unitChange(r, l); why != "" {
						m := at(f, l, Changed, "unit", why, WrongResult, Rejected, Decode)
						m.Hunk = "-" + clip(r.Text) + "\n" + m.Hunk
						out = append(out, m)
						break
					}
				}
			}
		}
	}
	return out
}

// unitChange says how an added line measures something differently than the
// removed one; empty when the two are not the same statement.
func unitChange(before, after *Line) string {
	b, a := names(before), names(after)
	switch {
	case !sameStart(before, after):
		return ""
	case mentionsZone(before.lower()) != mentionsZone(after.lower()):
		return "a time zone is no longer said, or said now"
	case onlyDiffer(b, a, isUnit) || onlyDiffer(b, a, isEpoch):
		return "a time is now in another unit"
	case onlyDiffer(b, a, isWidth):
		return "a number is now of another width or precision"
	case onlyDiffer(b, a, isRounding):
		return "a number is now rounded another way"
	case len(before.tokens()) != len(after.tokens()) && factors(before) != factors(after) && equal(b, a):
		return "a factor came or went: the value is in another unit"
	}
	return ""
}

func names(l *Line) []string {
	var out []string
	for _, t := range l.tokens() {
		if t.kind == identToken {
			out = append(out, t.text)
		}
	}
	return out
}

func equal(a, b []string) bool { return strings.Join(a, " ") == strings.Join(b, " ") }

// sameStart reports whether two lines begin with the same two tokens, as the
// same statement rewritten does.
func sameStart(a, b *Line) bool {
	x, y := a.tokens(), b.tokens()
	return len(x) > 1 && len(y) > 1 && x[0] == y[0] && (x[1] == y[1] || x[0].text == "return")
}

func mentionsZone(low string) bool {
	return containsAny(low, "utc", "timezone", "zoneid", "zoneoffset", "tzinfo", ".local()", "time.local", "localtime", "gmt")
}

// onlyDiffer reports whether two lists of names of the same length differ in
// exactly one, and both sides of it are of a kind.
func onlyDiffer(a, b []string, kind func(string) bool) bool {
	if len(a) != len(b) {
		return false
	}
	n := 0
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		if !kind(a[i]) || !kind(b[i]) {
			return false
		}
		n++
	}
	return n == 1
}

func isEpoch(s string) bool {
	switch s {
	case "Unix", "UnixMilli", "UnixMicro", "UnixNano", "getTime", "toEpochMilli", "getEpochSecond", "TotalSeconds", "TotalMilliseconds", "Seconds", "Milliseconds", "Nanoseconds":
		return true
	}
	return false
}

func isWidth(s string) bool {
	switch s {
	case "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "long", "Long", "short", "Integer", "float", "float32", "float64", "double", "Double", "decimal", "Decimal", "BigDecimal", "BigInteger", "byte":
		return true
	}
	return false
}

func isRounding(s string) bool {
	switch strings.ToLower(s) {
	case "round", "floor", "ceil", "trunc", "half_up", "half_even", "half_down", "truncate", "ceiling", "fix":
		return true
	}
	return false
}

// factors counts the multiplications and divisions by a number.
func factors(l *Line) int {
	toks := l.tokens()
	n := 0
	for i := 1; i < len(toks); i++ {
		if toks[i].kind == numberToken && (toks[i-1].text == "*" || toks[i-1].text == "/") {
			n++
		}
	}
	return n
}
