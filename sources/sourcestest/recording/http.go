// Package recording records what real servers answered and plays it back, over
// HTTP and over gRPC, so that the adapters meet true answers where no server is
// installed. Requests are kept without credentials: no header of theirs is
// kept at all.
package recording

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// exchange is one request and its answer.
type exchange struct {
	Request string   `json:"request"` // method, path, query and body; or gRPC method and message
	Status  int      `json:"status"`  // HTTP status, or gRPC code
	Message string   `json:"message,omitempty"`
	Type    string   `json:"type,omitempty"` // content type
	Bodies  [][]byte `json:"bodies"`         // one for HTTP, one a message for gRPC
}

// tape is a list of exchanges in a file.
type tape struct {
	mu   sync.Mutex
	list map[string]exchange
}

// put keeps the last answer to each request.
func (t *tape) put(e exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list[e.Request] = e
}

func (t *tape) get(request string) (exchange, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, ok := t.list[request]
	return e, ok
}

func load(file string) (*tape, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var list []exchange
	if err := errors.Join(json.NewDecoder(z).Decode(&list), z.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	t := &tape{list: map[string]exchange{}}
	for _, e := range list {
		t.put(e)
	}
	return t, nil
}

// save writes the exchanges in order of request, so that a new recording of the
// same answers is the same file.
func (t *tape) save(file string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]exchange, 0, len(t.list))
	for _, e := range t.list {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b exchange) int { return strings.Compare(a.Request, b.Request) })
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	e := json.NewEncoder(z)
	e.SetIndent("", " ")
	if err := errors.Join(e.Encode(list), z.Close()); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// RecordHTTP passes requests on to a server and writes what it answered to a
// file when the test is over. It returns the address to use in its place.
func RecordHTTP(t testing.TB, file, server string) string {
	t.Helper()
	keep := &tape{list: map[string]exchange{}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, err := pass(server, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		keep.put(e)
		answer(w, e)
	}))
	t.Cleanup(func() {
		s.Close()
		if t.Failed() {
			return
		}
		if err := keep.save(file); err != nil {
			t.Error(err)
		}
	})
	return s.URL
}

// ReplayHTTP answers from a file. It returns the address to use.
func ReplayHTTP(t testing.TB, file string) string {
	t.Helper()
	played, err := load(file)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, _, err := requestText(r)
		e, ok := played.get(request)
		if err != nil || !ok {
			http.Error(w, "not in the recording; run the test with -record", http.StatusNotImplemented)
			return
		}
		answer(w, e)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// requestText is what tells requests apart.
func requestText(r *http.Request) (text string, body []byte, err error) {
	body, err = io.ReadAll(r.Body)
	return r.Method + " " + r.URL.RequestURI() + " " + string(body), body, err
}

func pass(server string, r *http.Request) (exchange, error) {
	text, body, err := requestText(r)
	if err != nil {
		return exchange{}, err
	}
	out, err := http.NewRequestWithContext(r.Context(), r.Method, server+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return exchange{}, err
	}
	out.Header = r.Header.Clone()
	out.Header.Del("Accept-Encoding") // the client here undoes compression
	resp, err := http.DefaultClient.Do(out)
	if err != nil {
		return exchange{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	return exchange{Request: text, Status: resp.StatusCode, Type: resp.Header.Get("Content-Type"), Bodies: [][]byte{steady(said)}}, err
}

func answer(w http.ResponseWriter, e exchange) {
	w.Header().Set("Content-Type", e.Type)
	w.WriteHeader(e.Status)
	for _, b := range e.Bodies {
		if _, err := w.Write(b); err != nil {
			return // the client has gone
		}
	}
}

// steady drops the statistics that Loki adds to an answer, which differ each
// time.
func steady(body []byte) []byte {
	var whole map[string]json.RawMessage
	var data map[string]json.RawMessage
	if json.Unmarshal(body, &whole) != nil || json.Unmarshal(whole["data"], &data) != nil || data["stats"] == nil {
		return body
	}
	delete(data, "stats")
	inner, err1 := json.Marshal(data)
	whole["data"] = inner
	out, err2 := json.Marshal(whole)
	if errors.Join(err1, err2) != nil {
		return body
	}
	return out
}
