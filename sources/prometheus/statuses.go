package prometheus

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// maxSaid is how much of an error's body is read, in bytes.
const maxSaid = 4 << 10

// statuses turns an answer that is no success and not the API's own error into
// an error. client_golang would read the whole body of a proxy's error page
// first and then say little.
type statuses struct{ next http.RoundTripper }

func (s statuses) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err != nil || resp.StatusCode < 300 {
		return resp, err
	}
	switch resp.StatusCode {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented: // client_golang asks again with GET
		return resp, nil
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp, nil // http.Client decides
	}
	said, _ := io.ReadAll(io.LimitReader(resp.Body, maxSaid)) // what came is enough
	_ = resp.Body.Close()                                     // it was a failure already
	var own struct {
		Status string `json:"status"`
	}
	if json.Unmarshal(said, &own) == nil && own.Status == "error" && resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
		resp.Body = io.NopCloser(bytes.NewReader(said))
		return resp, nil
	}
	return nil, endpoint.StatusError(resp.StatusCode, string(said))
}
