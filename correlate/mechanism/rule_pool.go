package mechanism

import "strings"

func poolRule() Rule {
	return Rule{ID: "pool", Title: "The size of a pool of connections, workers or permits changed", find: findPool}
}

func findPool(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		if !isPoolSize(e.After) || !isPoolSize(e.Before) {
			continue
		}
		switch {
		case e.After.Value == 0 && e.Before.Value > 0 && e.After.Number:
			out = append(out, edited(e, Changed, "zero", "a pool limit was set to zero, which means none or unlimited", TooManyConns, PoolExhausted))
		case e.lowered():
			out = append(out, edited(e, Lowered, "smaller", "a pool was made smaller: under the same load callers wait for a free slot", PoolExhausted, Timeout, Slow, ConsumerLag).sized(e))
		case e.raised() && e.factor() >= s.by.Larger:
			out = append(out, edited(e, Raised, "larger", "a pool was made larger: what it connects to may refuse the surplus", TooManyConns, Overload))
		}
	}
	for _, d := range s.settings.dropped {
		if isPoolSize(d) && d.Number {
			out = append(out, at(d.file, d.line, Removed, "size-removed", "the size of a pool is no longer set: the default applies", PoolExhausted, TooManyConns))
		}
	}
	for _, g := range s.settings.gained {
		if isPoolSize(g) && g.Number && g.Value > 0 && g.Value <= s.by.SmallPool {
			out = append(out, at(g.file, g.line, Added, "small-introduced", "a small limit on a pool was introduced", PoolExhausted, Timeout, Slow))
		}
	}
	return append(out, boundsGone(s)...)
}

// boundsGone finds semaphores and other bounds on what runs at once that are no
// longer taken, and connections that are opened for every request.
func boundsGone(s *scan) []Match {
	var out []Match
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if boundsWork(l.lower()) && !s.anyNet('+', func(a *Line) bool { return boundsWork(a.lower()) }) {
			out = append(out, at(f, l, Removed, "bound-removed", "what bounded how much runs at once was removed", Overload, Slow, MemoryGrowth, CPUBurn))
		}
	})
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if opensPool(l.Code) && l.Indent > 0 && !containsAny(l.lower(), "self.", "this.", "once", "static") && !s.anyNet('-', func(r *Line) bool { return opensPool(r.Code) }) && h.perRequest() {
			out = append(out, at(f, l, Added, "per-request", "a connection or client is made for every request instead of being shared", TooManyConns, HandleLeak, Slow))
		}
	})
	return out
}

func boundsWork(low string) bool {
	return containsAny(low, "sem.acquire", "semaphore", "sem <-", "errgroup.setlimit", ".setlimit(", "bulkhead", "plimit(", "p-limit", "semaphoreslim", "withconcurrency")
}

func opensPool(code string) bool {
	return containsAny(code, "sql.Open(", "pgxpool.New(", "createPool(", "new Pool(", "DriverManager.getConnection(", "psycopg2.connect(", "redis.NewClient(", "MongoClient(", "mongo.Connect(", "new HttpClient(", "grpc.Dial(", "grpc.NewClient(", "create_engine(", "redis.createClient(")
}

// perRequest reports whether the hunk's function takes a request or a context.
func (h *Hunk) perRequest() bool {
	for i := range h.Lines {
		if l := &h.Lines[i]; l.Op != '-' && functionDefined(l) != "" {
			return containsAny(l.lower(), "ctx", "context", "req", "request")
		}
	}
	return containsAny(strings.ToLower(h.Header), "ctx", "req", "handle")
}

// isPoolSize tells how many of something there may be at once from how long one
// of them lives or rests.
func isPoolSize(s Setting) bool {
	if s.has("idle", "timeout", "lifetime", "ttl", "interval", "period", "health", "wait", "age", "time", "retry", "retries", "memory", "mem", "cpu", "delay") {
		return false
	}
	if s.has("pool", "conns", "connections", "conn", "connection") && s.has("max", "size", "limit", "pool", "min", "maximum", "active", "open", "total", "capacity") {
		return true
	}
	return s.has("workers", "threads", "permits", "semaphore", "concurrency", "parallelism", "bulkhead", "goroutines", "inflight") && !s.has("log", "rate") ||
		s.keyHas("maxconns", "poolsize", "maxconcurren")
}
