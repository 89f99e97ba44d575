package mechanism

func toleranceRule() Rule {
	return Rule{ID: "tolerance", Title: "A tolerance was tightened or removed", find: findTolerance}
}

func findTolerance(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		if isTolerance(e.After) && e.lowered() {
			out = append(out, edited(e, Lowered, "tighter", "a tolerance was tightened: what used to pass at the edge is now refused", Rejected, Unhandled, WrongResult).sized(e))
		}
	}
	removed := map[string]bool{}
	for _, d := range s.settings.dropped {
		if isTolerance(d) && !s.mentions('+', toleranceWords()...) {
			removed[d.Key] = true
			out = append(out, at(d.file, d.line, Removed, "setting-removed", "a tolerance was removed: what used to pass at the edge is now refused", Rejected, Unhandled, WrongResult))
		}
	}
	if len(removed) > 0 {
		return out
	}
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if containsAny(l.lower(), toleranceWords()...) && !s.mentions('+', toleranceWords()...) {
			out = append(out, at(f, l, Removed, "removed", "a tolerance is no longer applied", Rejected, Unhandled, WrongResult))
		}
	})
	return out
}

func toleranceWords() []string {
	return []string{"leeway", "skew", "tolerance", "epsilon", "slack", "grace", "clockdrift", "clock_drift", "lenient"}
}

func isTolerance(s Setting) bool {
	for _, w := range s.Words {
		switch w {
		case "leeway", "skew", "tolerance", "epsilon", "slack", "grace", "drift", "lenient", "margin":
			return !s.has("shutdown", "termination")
		}
	}
	return false
}
