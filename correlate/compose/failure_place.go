package compose

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/drain"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stacktrace"
)

// spanError is what a failing span says went wrong: its exception, else its
// status, else the attributes that libraries write errors to.
func spanError(s *evidence.Span) (kind, message, stack string) {
	for _, e := range s.Events {
		if m := cmp.Or(e.Attributes["exception.message"], e.Attributes["exception.type"]); m != "" {
			kind, message, stack = e.Attributes["exception.type"], oneLine(m), e.Attributes["exception.stacktrace"]
		}
	}
	if message != "" {
		return telling(kind), message, stack
	}
	at := func(name string) string {
		if v := s.Attributes[name]; v != "true" && v != "false" {
			return v
		}
		return ""
	}
	kind = at("exception.type")
	message = oneLine(cmp.Or(at("exception.message"), s.StatusMessage, at("error.message"), at("error"), kind))
	return telling(kind), message, cmp.Or(at("exception.stacktrace"), at("code.stacktrace"))
}

// telling is a type that says what went wrong, empty for those of Go's wrappers,
// which any error may have.
func telling(kind string) string {
	switch kind {
	case "*errors.errorString", "*errors.joinError", "*fmt.wrapError", "*fmt.wrapErrors", "*errors.fundamental", "*errors.withStack", "*errors.withMessage":
		return ""
	}
	return kind
}

var digits = regexp.MustCompile(`[0-9]+`)

// oneOfMany is a name with a number behind, as "shard-3" and "worker_12"; names in
// capitals, as "ORA-01555", are codes. kindOfError is where the number says which
// error it is.
var (
	oneOfMany   = regexp.MustCompile(`\b[a-z][a-z_]*[-_][0-9]+\b`)
	kindOfError = regexp.MustCompile(`(?:code|error|errno|status|http|exit|signal)[-_][0-9]+$`)
)

// sameError is a message without what varies from call to call, the same for
// the same error. What numbers mean in an address or a path is known to nobody,
// so that there all of them vary, as they do in the names of one of many.
func sameError(message string) string {
	words := strings.Fields(drain.Mask(message))
	for i, w := range words {
		if strings.Contains(w, "/") {
			words[i] = digits.ReplaceAllString(w, "#")
			continue
		}
		words[i] = oneOfMany.ReplaceAllStringFunc(w, func(name string) string {
			if kindOfError.MatchString(name) {
				return name
			}
			return digits.ReplaceAllString(name, "#")
		})
	}
	return strings.Join(words, " ")
}

// stackPlace is the innermost place of a stack that is the service's own code,
// as the repository knows it, else as the stack names it.
func (v *voices) stackPlace(service, stack string) *evidence.CodeRef {
	if stack == "" {
		return nil
	}
	frames, _ := stacktrace.Parse(stack)
	// The stack of a panic that Go recovered begins with who recovered it.
	for i := len(frames) - 1; i >= 0; i-- {
		if strings.HasSuffix(frames[i].File, "runtime/panic.go") {
			frames = frames[i+1:]
			break
		}
	}
	return v.place(service, frames)
}

// place is the first of some frames that a repository knows, else the first that
// is no library's.
func (v *voices) place(service string, frames []evidence.Frame) *evidence.CodeRef {
	for _, f := range frames {
		for i := range v.c.Frames {
			known := &v.c.Frames[i]
			if known.Blame != nil && known.Service == service && known.Frame.File == f.File && known.Frame.Line == f.Line {
				ref := known.Blame.Ref
				return &ref
			}
		}
	}
	for _, f := range frames {
		if stacktrace.Own(f) {
			return &evidence.CodeRef{Path: f.File, Line: f.Line, Function: f.Function, Rung: cmp.Or(f.Rung, evidence.LocationStack), RevisionRung: evidence.RevisionUnknown}
		}
	}
	return nil
}
