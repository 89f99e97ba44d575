package mechanism

import (
	"regexp"
	"strings"
)

func blockingRule() Rule {
	return Rule{ID: "blocking", Title: "Work that waits or burns was put in the way of requests", find: findBlocking}
}

var (
	nestedRepeat = regexp.MustCompile(`\([^()]*[+*]\)\s*[+*]|\(\.\*[^()]*\)[+*]|\([^()]*\|[^()]*\)[*+]\$`)
	weakHash     = regexp.MustCompile(`(?i)\b(?:bcrypt|scrypt|pbkdf2|argon2)`)
)

func findBlocking(s *scan) []Match {
	var out []Match
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		low := l.lower()
		switch {
		case f.Kind != Code:
		case spins(l):
			out = append(out, at(f, l, Added, "spins", "a loop keeps a processor busy until a time or a condition comes", CPUBurn, Contention, Slow))
		case sleeps(low) && !h.inBackground(i) && !s.anyNet('-', func(r *Line) bool { return sleeps(r.lower()) }):
			out = append(out, at(f, l, Added, "pause", "a pause was put on the path of requests", Slow, Timeout, PoolExhausted))
		case blocks(l.Code) && !s.anyNet('-', func(r *Line) bool { return blocks(r.Code) }):
			out = append(out, at(f, l, Added, "waits", "a thread now waits for what used to go on by itself", Slow, Hang, PoolExhausted, Deadlock))
		case containsAny(low, "regex", "pattern", "re.compile", "match", "/") && nestedRepeat.MatchString(l.Code):
			out = append(out, at(f, l, Added, "nested-pattern", "a pattern with nested repetition takes exponential time on some inputs", CPUBurn, Slow, Timeout))
		}
	})
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if f.Kind == Code && concurrent(l.Code) && !s.anyNet('+', func(a *Line) bool { return concurrent(a.Code) }) && s.count('+', func(*Line) bool { return true }) > 0 {
			out = append(out, at(f, l, Removed, "one-after-other", "what ran side by side, or in the background, now runs one after the other", Slow, Timeout))
		}
	})
	out = append(out, nestedLoops(s)...)
	for _, e := range s.settings.edits {
		if e.After.has("cost", "rounds", "iterations", "difficulty") && e.raised() && (weakHash.MatchString(e.After.line.Code) || e.After.has("hash", "salt", "bcrypt", "password")) {
			out = append(out, edited(e, Raised, "slower-hash", "a deliberately slow hash became slower", CPUBurn, Slow, Timeout))
		}
	}
	return out
}

// spins reports whether a line loops on the clock, or on a condition with
// nothing in the loop that waits.
func spins(l *Line) bool {
	if !isLoopHeader(l) {
		return false
	}
	return containsAny(l.Code, "time.Now().Before(", "time.Since(", "Date.now() <", "System.currentTimeMillis() <", "System.nanoTime() <", "time.time() <", "time.monotonic() <", "DateTime.Now <", "DateTime.UtcNow <", "performance.now() <") ||
		strings.HasSuffix(l.Code, "{}") || strings.HasSuffix(l.Code, ";")
}

// inBackground reports whether line i stands in an endless loop, or one that
// ends with its context: a worker's, not a request's.
func (h *Hunk) inBackground(i int) bool {
	for j := i - 1; j >= 0; j-- {
		l := &h.Lines[j]
		if l.Op != '-' && l.Code != "" && l.Indent < h.Lines[i].Indent && isLoopHeader(l) {
			return isEndless(l) || containsAny(l.Code, "ctx.Err()", "ctx.Done()", "isInterrupted", "running", "stopped")
		}
	}
	return false
}

// nestedLoops finds loops within loops where there was none: work grows with the
// square of the input.
func nestedLoops(s *scan) []Match {
	var out []Match
	for _, f := range s.Files {
		if f.Kind != Code {
			continue
		}
		for _, h := range f.Hunks {
			before, inside := h.loopsAround('-'), h.loopsAround('+')
			was := false
			for i := range h.Lines {
				was = was || h.Lines[i].Op != '+' && before[i] && isLoopHeader(&h.Lines[i])
			}
			for i := range h.Lines {
				l := &h.Lines[i]
				if l.Net && l.Op == '+' && inside[i] && isLoopHeader(l) && !isOneLineLoop(l) && !was {
					out = append(out, at(f, l, Added, "nested-loop", "a loop was put within a loop: the work grows with the square of the input", CPUBurn, Slow, Timeout))
				}
			}
		}
	}
	return out
}

func sleeps(low string) bool {
	return containsAny(low, "time.sleep(", "thread.sleep(", "sleep(", "task.delay(", "await delay(", "pg_sleep")
}

func blocks(code string) bool {
	return containsAny(code, ".Result;", ".Wait();", ".GetAwaiter().GetResult()", ".block()", ".join();", "execSync(", "readFileSync(", "writeFileSync(", "runBlocking", "asyncio.run(", "toBlocking(", "future.get()", ".get();") &&
		(containsAny(code, "Sync(", "Async", "async", "uture", ".block()", "runBlocking", "Mono", "Flux", "Task", "join()"))
}

func concurrent(code string) bool {
	return strings.HasPrefix(code, "go ") || containsAny(code, "Promise.all(", "asyncio.gather(", "errgroup", "sync.WaitGroup", "parallelStream(", "CompletableFuture", "Task.WhenAll(", "ThreadPoolExecutor", "@Async", "g.Go(", "executor.submit(", "Parallel.", ".delay(", "perform_later", "apply_async(")
}
