package access

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"github.com/wherefore-dev/wherefore/ui"
)

// maxAnswer bounds what a target of actions answers, in bytes.
const maxAnswer = 64 << 10

// target is what signs an answer; it may do nothing else.
const target Role = "target"

func init() { actions[target] = []ui.Action{ui.ActAnswer} }

// answered finds the target that signed an answer. Without a signature nobody is
// let in, also where access is not configured. The body is read for it, and put
// back.
func (g *Gate) answered(r *http.Request) (*identity, error) {
	if g.answers == nil {
		return nil, fmt.Errorf("no target of actions is configured: %w", ui.ErrWho)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the body could not be read to its end: %w", ui.ErrWho)
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("the body is larger than %d bytes: %w", maxAnswer, &http.MaxBytesError{Limit: maxAnswer})
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	name, tenant, err := g.answers(r.Header, body)
	if err != nil {
		return nil, err
	}
	return &identity{name: name, by: "signature of the target " + name, role: target, tenant: tenant}, nil
}
