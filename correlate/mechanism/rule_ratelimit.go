package mechanism

func rateLimitRule() Rule {
	return Rule{ID: "rate-limit", Title: "A rate limit or quota was lowered, introduced or removed", find: findRateLimit}
}

func findRateLimit(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		switch {
		case !isRate(e.After) || !isRate(e.Before):
		case e.lowered():
			out = append(out, edited(e, Lowered, "lower", "fewer requests are let through than before", RateLimited, Rejected, Unhandled).sized(e))
		case e.raised() && e.factor() >= s.by.Larger:
			out = append(out, edited(e, Raised, "higher", "more requests are let through to what is behind", Overload, Slow))
		}
	}
	for _, d := range s.settings.dropped {
		if isRate(d) && !s.mentions('+', "ratelimit", "rate_limit", "throttl", "limiter") {
			out = append(out, at(d.file, d.line, Removed, "removed", "a rate limit was removed: nothing protects what is behind it", Overload, Slow, RateLimited))
		}
	}
	for _, g := range s.settings.gained {
		if isRate(g) && g.Number && !s.mentions('-', "ratelimit", "rate_limit", "throttl", "limiter") {
			out = append(out, at(g.file, g.line, Added, "introduced", "a rate limit was introduced", RateLimited, Rejected, Unhandled))
		}
	}
	return out
}

func isRate(s Setting) bool {
	if !s.Number {
		return false
	}
	return s.has("ratelimit", "throttle", "throttling", "rps", "qps", "quota", "burst", "limiter") || s.has("rate") && s.has("limit", "limiter", "max", "requests") || s.has("requests") && s.has("per", "second", "minute")
}
