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

// Misfit says why a JSON text could not be read without naming Go's types.
func Misfit(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s cannot be a JSON %s", cmp.Or(wrong.Field, "it"), wrong.Value)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}
