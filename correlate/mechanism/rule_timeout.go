package mechanism

func timeoutRule() Rule {
	return Rule{ID: "timeout", Title: "A timeout or deadline was shortened, removed or made very long", find: findTimeout}
}

func findTimeout(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		if !isTimeout(e.After) || !isTimeout(e.Before) || !e.After.Number {
			continue
		}
		switch {
		case e.After.Value == 0 && e.Before.Value > 0:
			out = append(out, edited(e, Removed, "off", "a timeout was switched off: a call that gets no answer now waits for ever", Hang, PoolExhausted, Slow))
		case e.lowered():
			out = append(out, edited(e, Lowered, "shorter", "a timeout was shortened: calls that used to finish are now cut off", Timeout).sized(e))
		case e.raised() && e.factor() >= s.by.MuchLonger:
			out = append(out, edited(e, Raised, "longer", "a timeout was made much longer: callers hold on to slow calls", Hang, PoolExhausted, Slow).sized(e))
		}
	}
	for _, d := range s.settings.dropped {
		if isTimeout(d) && d.Number && !s.keepsTimeout() {
			out = append(out, at(d.file, d.line, Removed, "removed", "a timeout was removed: a call that gets no answer now waits for ever", Hang, PoolExhausted, Slow))
		}
	}
	for _, g := range s.settings.gained {
		if isTimeout(g) && g.Number && g.Value > 0 && g.Value < 1 {
			out = append(out, at(g.file, g.line, Added, "introduced", "a timeout of less than a second was introduced", Timeout))
		}
	}
	return out
}

func isTimeout(s Setting) bool {
	if s.has("idle", "keepalive", "lifetime", "ttl", "health", "interval", "period") {
		return false // how long something may rest, not how long a call may take
	}
	return s.has("timeout", "timeouts", "deadline") || s.keyHas("timeout", "deadline")
}

// keepsTimeout reports whether an added line still speaks of a timeout.
func (s *scan) keepsTimeout() bool {
	return s.anyNet('+', func(l *Line) bool { return containsAny(l.lower(), "timeout", "deadline") })
}
