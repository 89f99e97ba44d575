package mechanism

import "strings"

// isLoopHeader reports whether a line begins a loop, in any of the languages.
func isLoopHeader(l *Line) bool {
	c := strings.TrimPrefix(strings.TrimPrefix(l.Code, "} "), "await ")
	for _, p := range []string{"for ", "for(", "foreach ", "foreach(", "while ", "while(", "async for "} {
		if strings.HasPrefix(c, p) {
			return true
		}
	}
	if strings.HasSuffix(c, "{") || strings.HasSuffix(c, "=>") || strings.HasSuffix(c, "->") || strings.HasSuffix(c, "|") || strings.HasSuffix(c, "(") {
		return containsAny(c, ".forEach(", ".map(", ".flatMap(", ".each do", ".each {", ".map do", ".map {", ".stream()")
	}
	return containsAny(c, " for ") && strings.Contains(c, " in ") && strings.ContainsAny(c, "[({") // a comprehension
}

// isEndless reports whether a loop header is one of a background loop, which
// is not run per request.
func isEndless(l *Line) bool {
	switch strings.TrimSpace(strings.TrimSuffix(l.Code, "{")) {
	case "for", "for ;;", "for (;;)", "while (true)", "while True:", "while true", "loop do":
		return true
	}
	return false
}

// isRetry reports whether a loop header is one of attempts at one thing: it goes over
// no elements.
func isRetry(l *Line) bool {
	return isLoopHeader(l) && containsAny(l.lower(), "retr", "attempt", "tries")
}

// loopsAround says, for every line of one side of a hunk, whether it stands in
// a loop over elements that the hunk shows. The side is '+' for the new file, '-' for the old.
// Blocks are read off indentation, which excerpts keep.
func (h *Hunk) loopsAround(side byte) []bool {
	inside := make([]bool, len(h.Lines))
	var loops []int // indents of open loops
	if containsAny(h.Header, "for ", "while ") && strings.HasSuffix(h.Header, "{") && !strings.Contains(h.Header, "func ") {
		loops = append(loops, -1)
	}
	for i := range h.Lines {
		l := &h.Lines[i]
		if l.Code == "" || l.Op != ' ' && l.Op != side {
			continue
		}
		for len(loops) > 0 && l.Indent <= loops[len(loops)-1] {
			loops = loops[:len(loops)-1]
		}
		inside[i] = len(loops) > 0
		if isLoopHeader(l) && !isEndless(l) && !isRetry(l) {
			if len(loops) == 0 && isOneLineLoop(l) {
				inside[i] = true
			}
			loops = append(loops, l.Indent)
		}
	}
	return inside
}

// isOneLineLoop reports whether the body stands on the header's own line.
func isOneLineLoop(l *Line) bool {
	c := l.Code
	return strings.Contains(c, " for ") && strings.Contains(c, " in ") || strings.Contains(c, "{") && strings.HasSuffix(c, "}") || strings.Contains(c, ".map(") && strings.HasSuffix(c, ")")
}
