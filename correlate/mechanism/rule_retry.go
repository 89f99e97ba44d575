package mechanism

func retryRule() Rule {
	return Rule{ID: "retry", Title: "Retries were added, multiplied or taken away, or their backoff shortened", find: findRetry}
}

func findRetry(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		switch {
		case isRetryCount(e.After) && e.raised():
			out = append(out, edited(e, Raised, "more", "more attempts per call: a failing dependency now gets a multiple of the load", RetryStorm, Overload).sized(e))
		case isRetryCount(e.After) && e.lowered():
			out = append(out, edited(e, Lowered, "fewer", "fewer attempts per call: passing faults now reach the caller", Unhandled, Timeout).sized(e))
		case isBackoff(e.After) && e.lowered():
			out = append(out, edited(e, Lowered, "faster", "attempts follow each other faster: a failing dependency gets no time to recover", RetryStorm, Overload).sized(e))
		}
	}
	if s.mentions('+', "backoff", "jitter") {
		return out
	}
	for _, d := range s.settings.dropped {
		if isBackoff(d) && !isCacheTime(d) {
			out = append(out, at(d.file, d.line, Removed, "pause-removed", "the pause between attempts was removed", RetryStorm, Overload))
		}
	}
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		low := l.lower()
		if steady(low) && !s.anyNet('+', func(a *Line) bool { return steady(a.lower()) }) && s.mentions('+', "sleep", "delay", "wait") {
			out = append(out, at(f, l, Changed, "no-growth", "the pause between attempts no longer grows", RetryStorm, Overload))
		}
		if containsAny(low, "backoff", "jitter", "@retryable", "retryer", "breaker", "circuit", "hystrix", "resilience4j") && !containsAny(low, "ttl", "expir", "import ") && !s.mentions('+', "breaker", "circuit") && len(l.tokens()) > 1 {
			out = append(out, at(f, l, Removed, "policy-removed", "a backoff, retry policy or circuit breaker was removed", RetryStorm, Overload, Unhandled))
		}
	})
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if isRetry(l) && !s.mentions('-', "retr", "attempt") {
			out = append(out, at(f, l, Added, "endless", "a retry loop without a pause was added", RetryStorm, Overload))
		}
	})
	return out
}

// steady reports whether a line pauses for a time that grows with the attempts.
func steady(low string) bool {
	return containsAny(low, "sleep", "delay", "wait", "after(") && containsAny(low, "<<", "**", "pow(", "* attempt", "* 2", "*= 2", "exp(", "*attempt", "attempt)")
}

func isRetryCount(s Setting) bool {
	return s.has("retries", "retry", "attempts", "attempt") && !isBackoff(s) && !isTimeout(s)
}

func isBackoff(s Setting) bool {
	return s.has("backoff", "jitter") || s.has("retry", "retries", "attempt") && s.has("delay", "interval", "wait", "sleep", "pause")
}

// mentions reports whether a net line of one sign contains any of the words.
func (s *scan) mentions(op byte, words ...string) bool {
	return s.anyNet(op, func(l *Line) bool { return containsAny(l.lower(), words...) })
}
