package evidence

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Sentence is an error in words for people, a line for each that was joined.
// Errors here say what is wrong, where and what to do; the words by which
// programs tell their kind stand at the end and say nothing more, so that they
// are left out.
func Sentence(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		for _, kind := range []error{ErrNotFound, ErrInvalid, ErrUnavailable, ErrUnsupported} {
			if errors.Is(err, kind) {
				lines[i] = strings.TrimSuffix(lines[i], ": "+kind.Error())
			}
		}
	}
	return strings.Join(lines, "\n")
}

// JSONProblem says why a JSON text could not be read without naming Go's types.
func JSONProblem(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s cannot be a JSON %s", cmp.Or(wrong.Field, "it"), wrong.Value)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// Nesting is how deep the objects and lists of a JSON text lie in one another, 0
// for a plain value. It looks at bytes only, so that it can be asked before a text
// that an outsider sent is decoded; of what is no JSON it says something.
func Nesting(b []byte) int {
	deepest, depth := 0, 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		}
	}
	return deepest
}
