package mechanism

import (
	"regexp"
	"strings"
)

func errorsRule() Rule {
	return Rule{ID: "errors", Title: "An error is swallowed, no longer caught, or newly returned", find: findErrors}
}

var (
	emptyCatch  = regexp.MustCompile(`\bcatch\b[^{]*\{\s*\}|\bexcept\b[^:]*:\s*pass\b|\brescue\s+nil\b`)
	discards    = regexp.MustCompile(`(?:,\s*_\s*:?=|^_\s*=)\s*\w[\w.]*\(`)
	refuses     = regexp.MustCompile(`\b(?:throw\b|raise\b|panic\(|log\.Fatal|os\.Exit|sys\.exit|process\.exit|System\.exit|abort\()`)
	serverError = regexp.MustCompile(`(?i)\b(?:5\d\d|4\d\d|StatusInternalServerError|StatusBadGateway|StatusServiceUnavailable|StatusForbidden|StatusBadRequest|StatusUnprocessableEntity|INTERNAL_SERVER_ERROR|SERVICE_UNAVAILABLE|BAD_REQUEST|codes\.\w+)\b`)
)

func findErrors(s *scan) []Match {
	var out []Match
	removedRefusals := s.count('-', isRefusal)
	addedRefusals := s.count('+', isRefusal)
	if addedRefusals > removedRefusals {
		s.visit('+', func(f *File, h *Hunk, i int) {
			l := &h.Lines[i]
			if isRefusal(l) && !propagates(h, i, s.by.Nearby.Checked) {
				kind := "raised"
				if h.newFunction(i) {
					kind = "raised-in-new" // nobody called it before, so nothing that worked now fails
				}
				out = append(out, at(f, l, Added, kind, "an error is raised where none was before", Unhandled, Rejected, CrashLoop))
			}
		})
	}
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		switch {
		case isHandler(l.Code) && !s.anyNet('+', func(a *Line) bool { return isHandler(a.Code) }):
			out = append(out, at(f, l, Removed, "uncaught", "what caught the error was removed: it now ends the request", Unhandled, CrashLoop))
		case isErrorCheck(l.Code) && s.discardsNow():
			out = append(out, at(f, l, Removed, "not-looked-at", "an error is no longer looked at: what follows works on nothing", NilDeref, WrongResult, Unhandled))
		case containsAny(l.lower(), "fallback", "ordefault", "default_value") && len(l.calls()) > 0 && !s.mentions('+', "fallback", "default"):
			out = append(out, at(f, l, Removed, "no-fallback", "a fallback was removed: the fault of a dependency now reaches the caller", Unhandled, Timeout))
		}
	})
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if containsAny(l.Code, "catch", "except", "rescue") && emptyCatch.MatchString(l.Code) && !s.anyNet('-', func(r *Line) bool { return emptyCatch.MatchString(r.Code) }) {
			out = append(out, at(f, l, Added, "swallowed", "an error is swallowed", WrongResult, NilDeref))
		}
	})
	return out
}

// isRefusal reports whether a line raises an error or answers with one.
func isRefusal(l *Line) bool {
	if containsAny(l.Code, "throw", "raise", "panic", "Fatal", "xit", "abort") && refuses.MatchString(l.Code) {
		return true
	}
	return containsAny(l.Code, "http.Error(", ".status(", "WriteHeader(", "status.Error", "abort(", "ResponseEntity.", "StatusCode(", "SendStatus(", "sendStatus(") && serverError.MatchString(l.Code)
}

// propagates reports whether the refusal at line i only answers an error that
// was there already: it stands so few lines under a check of one.
func propagates(h *Hunk, i, lines int) bool {
	for j := i; j >= 0 && j > i-lines; j-- {
		if l := &h.Lines[j]; l.Op != '-' && (isErrorCheck(l.Code) || containsAny(l.Code, "catch", "except", "rescue")) {
			return true
		}
	}
	return false
}

// newFunction reports whether line i stands in a function that the diff adds
// whole.
func (h *Hunk) newFunction(i int) bool {
	for j := i; j >= 0; j-- {
		l := &h.Lines[j]
		if l.Op == '-' || l.Code == "" {
			continue
		}
		if l.Op == ' ' {
			return false
		}
		if l.Indent < h.Lines[i].Indent && functionDefined(l) != "" && !isCondition(l) {
			return true
		}
	}
	return false
}

func isHandler(code string) bool {
	return strings.HasPrefix(code, "} catch") || strings.HasPrefix(code, "catch ") || strings.HasPrefix(code, "catch(") || strings.HasPrefix(code, "except") || strings.HasPrefix(code, "rescue") ||
		containsAny(code, "recover()", ".catch(", "@ExceptionHandler", "@ControllerAdvice", "errorHandler(", "UseExceptionHandler")
}

func (s *scan) discardsNow() bool {
	return s.anyNet('+', func(l *Line) bool { return strings.Contains(l.Code, "_") && discards.MatchString(l.Code) })
}

func (s *scan) count(op byte, ok func(*Line) bool) int {
	n := 0
	s.visit(op, func(_ *File, h *Hunk, i int) {
		if ok(&h.Lines[i]) {
			n++
		}
	})
	return n
}
