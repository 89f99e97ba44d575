package mechanism

import "strings"

func releaseRule() Rule {
	return Rule{ID: "release", Title: "Something that was acquired is no longer given back", find: findRelease}
}

// releases are the verbs that give something back.
func isRelease(name string) bool {
	switch strings.ToLower(name) {
	case "close", "closeidleconnections", "release", "rollback", "commit", "dispose", "disposeasync", "free", "disconnect", "returntopool", "giveback", "destroy", "shutdown", "stop", "cancel", "end", "unsubscribe", "putconn", "quietly", "closequietly", "removelistener", "removeeventlistener", "clearinterval", "cleartimeout", "discard", "done":
		return true
	}
	return false
}

func findRelease(s *scan) []Match {
	var out []Match
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if name := releaseCall(l); name != "" && isDeferred(l) && h.skippable(name) {
			out = append(out, at(f, l, Changed, "skippable", "the call that gives it back, "+name+", was deferred and is now one that an early way out skips: such a use leaks one", HandleLeak, PoolExhausted, MemoryGrowth, Hang))
			return
		}
		if name := releaseCall(l); name != "" && !s.releasesStill(name) && !s.anyNet('-', func(r *Line) bool { return acquires(r) }) && !s.acquireGone(h, i) {
			out = append(out, at(f, l, Removed, "call-removed", "the call that gives it back, "+name+", was removed: every use leaks one", HandleLeak, PoolExhausted, MemoryGrowth, Hang))
		}
		if isScoped(l) && s.scopeOpened(l) {
			out = append(out, at(f, l, Removed, "block-removed", "the block that closed it on every way out was removed", HandleLeak, PoolExhausted, MemoryGrowth))
		}
	})
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if name := acquireCall(l); name != "" && !s.releasedIn(h) {
			out = append(out, at(f, l, Added, "not-closed", "what "+name+" opens is not closed in the lines added with it", HandleLeak, PoolExhausted))
		}
	})
	return out
}

func releaseCall(l *Line) string {
	toks := l.tokens()
	for i := range toks {
		if n := callName(toks, i); n != "" && isRelease(n) && (i >= 2 && toks[i-2].text == "." || i >= 2 && toks[i-2].text == "?." || strings.EqualFold(n, "cancel") || strings.HasPrefix(n, "clear")) {
			return n
		}
	}
	return ""
}

// acquires reports whether a line takes what a release in the same change gives
// back: both going away together leaks nothing.
func acquires(l *Line) bool {
	for _, n := range l.calls() {
		switch n {
		case "Acquire", "acquire", "Lock", "lock", "TryAcquire", "Subscribe", "subscribe":
			return true
		}
	}
	return false
}

// releasesStill reports whether the same release was put back in another form.
func (s *scan) releasesStill(name string) bool {
	return s.anyNet('+', func(l *Line) bool {
		return releaseCall(l) == name || isScoped(l) || containsAny(l.lower(), "finally", "addcleanup", "t.cleanup")
	})
}

// isDeferred reports whether a line gives back whatever way its function is left.
func isDeferred(l *Line) bool { return strings.HasPrefix(l.Code, "defer ") }

// skippable reports whether a hunk's new side gives back by plain calls only, and one
// of them stands behind an early way out that something acquired before takes.
func (h *Hunk) skippable(name string) bool {
	skipped := false
	for i := range h.Lines {
		l := &h.Lines[i]
		if l.Op == '-' || releaseCall(l) != name {
			continue
		}
		if isDeferred(l) {
			return false
		}
		skipped = skipped || l.Net && l.Op == '+' && h.leftBefore(i)
	}
	return skipped
}

// leftBefore reports whether the new side of a hunk can be left between the line that
// acquires and line i, the check of the acquiring itself aside.
func (h *Hunk) leftBefore(i int) bool {
	from := -1
	for j := range i {
		if l := &h.Lines[j]; l.Op != '-' && (acquires(l) || acquireCall(l) != "") {
			from = j
		}
	}
	if from < 0 {
		return false
	}
	checked, check := false, 0 // its block is over; how far it is indented
	for j := from + 1; j < i; j++ {
		l := &h.Lines[j]
		switch {
		case l.Op == '-' || l.Code == "":
		case !checked && check == 0 && isCondition(l):
			check = l.Indent + 1
		case !checked && check > 0:
			checked = l.Indent < check
		case leaves(l):
			return true
		default:
			checked = true
		}
	}
	return false
}

// leaves reports whether a line leaves its function or its turn of a loop.
func leaves(l *Line) bool {
	switch first, _, _ := strings.Cut(strings.TrimSuffix(l.Code, ";"), " "); first {
	case "return", "continue", "break", "goto", "throw", "raise":
		return true
	}
	return strings.HasPrefix(l.Code, "panic(")
}

// acquireGone reports whether the removed release stood in a block that was
// removed altogether, with what it released.
func (s *scan) acquireGone(h *Hunk, i int) bool {
	owner := ownerOf(&h.Lines[i])
	if owner == "" {
		return false
	}
	for j := range h.Lines {
		l := &h.Lines[j]
		if j != i && l.Op == '-' && l.Net && strings.HasPrefix(strings.TrimPrefix(l.Code, "var "), owner) && strings.Contains(l.Code, "=") {
			for k := range h.Lines {
				if h.Lines[k].Op == '+' && strings.Contains(h.Lines[k].Code, owner) {
					return false
				}
			}
			return true
		}
	}
	return false
}

// ownerOf is the first name of the receiver: resp of defer resp.Body.Close().
func ownerOf(l *Line) string {
	for _, t := range l.tokens() {
		if t.kind == identToken && !isKeyword(t.text) {
			return t.text
		}
	}
	return ""
}

// isScoped reports whether a line opens a block that releases at its end.
func isScoped(l *Line) bool {
	c := l.Code
	return strings.HasPrefix(c, "with ") && strings.HasSuffix(c, ":") || strings.HasPrefix(c, "async with ") ||
		strings.HasPrefix(c, "try (") || strings.HasPrefix(c, "using (") || strings.HasPrefix(c, "using var ") || strings.HasPrefix(c, "await using ")
}

// scopeOpened reports whether an added line opens, without a scope, what the
// removed line opened with one.
func (s *scan) scopeOpened(removed *Line) bool {
	calls := removed.calls()
	return len(calls) > 0 && s.anyNet('+', func(l *Line) bool {
		return !isScoped(l) && strings.Contains(l.Code, "=") && len(l.calls()) > 0 && l.calls()[0] == calls[0]
	})
}

// acquireCall is the name of a call that opens something that must be closed.
func acquireCall(l *Line) string {
	if isScoped(l) || !strings.Contains(l.Code, "=") {
		return ""
	}
	for _, n := range l.calls() {
		switch n {
		case "Begin", "BeginTx", "beginTransaction", "openSession", "getConnection", "get_connection", "OpenFile", "QueryContext", "Acquire", "acquire", "borrowObject", "newFixedThreadPool", "newCachedThreadPool":
			return n
		}
	}
	return ""
}

func (s *scan) releasedIn(h *Hunk) bool {
	for i := range h.Lines {
		if l := &h.Lines[i]; l.Op != '-' && (releaseCall(l) != "" || isScoped(l) || containsAny(l.lower(), "finally", "return ")) {
			return true
		}
	}
	return false
}
