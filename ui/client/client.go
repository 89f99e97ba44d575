// Package client asks a wherefore server by its API, for programs in Go: what
// /api/v1/openapi.json describes, in the types of the server itself.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Client asks one server. It may be used concurrently; its fields are not changed
// after the first call.
type Client struct {
	// URL is the server's address, as https://wherefore.example.
	URL string
	// Token is sent as a bearer token; empty where the server needs none.
	Token string
	// HTTP is http.DefaultClient when nil. Its timeout bounds every call but Export.
	HTTP *http.Client
}

// Problem is the server's answer that something is wrong (RFC 9457).
type Problem struct {
	Type   string `json:"type"` // address of a page about it, on the server
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// RetryAfter is how long to wait before another attempt makes sense, 0 for
	// never.
	RetryAfter time.Duration `json:"-"`
}

func (p *Problem) Error() string {
	if p.Detail == "" {
		return fmt.Sprintf("wherefore answered %d %s", p.Status, p.Title)
	}
	return fmt.Sprintf("wherefore answered %d: %s", p.Status, p.Detail)
}

// ErrNoReport says that an incident has no report yet.
var ErrNoReport = errors.New("the incident has no report yet")

// largest bounds an answer that is read whole: reports have some hundred kB.
const largest = 64 << 20

// ask sends a request and reads its answer into out, which may be nil. It returns
// the status.
func (c *Client) ask(ctx context.Context, method, path string, query url.Values, in, out any) (status int, retry time.Duration, err error) {
	resp, err := c.send(ctx, method, path, query, in)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	body, err := io.ReadAll(io.LimitReader(resp.Body, largest+1))
	switch {
	case err != nil:
		return 0, 0, fmt.Errorf("read the answer to %s %s: %w", method, path, err)
	case len(body) > largest:
		return 0, 0, fmt.Errorf("the answer to %s %s is larger than %d bytes", method, path, largest)
	case resp.StatusCode == http.StatusAccepted && method == http.MethodGet:
		return resp.StatusCode, retryOf(resp), nil // only the incident: there is no report yet
	case out == nil:
		return resp.StatusCode, 0, nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return 0, 0, fmt.Errorf("the answer to %s %s is not what the API describes, is this a wherefore server? %w", method, path, err)
	}
	return resp.StatusCode, 0, nil
}

// send sends a request; what is no success is an error, a *Problem where the
// server said one.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	address := strings.TrimSuffix(c.URL, "/") + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json, application/problem+json, */*;q=0.1")
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	h := c.HTTP
	if h == nil {
		h = http.DefaultClient
	}
	resp, err := h.Do(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }() // what is behind the problem is nobody's
	p := &Problem{}
	if json.NewDecoder(io.LimitReader(resp.Body, 1<<16)).Decode(p) != nil || p.Title == "" {
		p = &Problem{Title: http.StatusText(resp.StatusCode)}
	}
	p.Status, p.RetryAfter = resp.StatusCode, retryOf(resp)
	return nil, p
}

// retryOf reads the header Retry-After, in seconds.
func retryOf(resp *http.Response) time.Duration {
	n, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Second
}

func incidentPath(id, rest string) string { return "/api/v1/incidents/" + url.PathEscape(id) + rest }

// Page is one page of incidents.
type Page struct {
	Incidents []casefile.Incident `json:"incidents"`
	// Next asks for the next page as Filter.Cursor; empty on the last.
	Next string `json:"next"`
}

// Incidents lists incidents, open ones first, then newest first. Of the filter,
// zero fields select all.
func (c *Client) Incidents(ctx context.Context, f casefile.IncidentFilter) (Page, error) {
	q := url.Values{}
	for name, value := range map[string]string{
		"state": string(f.State), "service": f.Service, "severity": f.Severity, "trigger": string(f.Trigger), "verdict": string(f.Verdict),
		"decision": f.Decision, "entity": f.Entity, "q": f.Text, "sort": f.Sort, "cursor": f.Cursor,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for name, bound := range map[string]time.Time{"from": f.Since, "to": f.Until} {
		if !bound.IsZero() {
			q.Set(name, bound.UTC().Format(time.RFC3339Nano))
		}
	}
	if f.Limit > 0 {
		q.Set("limit", strconv.Itoa(f.Limit))
	}
	var p Page
	_, _, err := c.ask(ctx, http.MethodGet, "/api/v1/incidents", q, nil, &p)
	return p, err
}

// Report returns one revision of an incident's report, the newest for 0. It is
// ErrNoReport before the first.
func (c *Client) Report(ctx context.Context, id string, revision int) (report.Report, error) {
	r, _, err := c.report(ctx, id, revision)
	return r, err
}

func (c *Client) report(ctx context.Context, id string, revision int) (r report.Report, retry time.Duration, err error) {
	q := url.Values{}
	if revision > 0 {
		q.Set("revision", strconv.Itoa(revision))
	}
	status, retry, err := c.ask(ctx, http.MethodGet, incidentPath(id, ""), q, nil, &r)
	if err == nil && status == http.StatusAccepted {
		err = ErrNoReport
	}
	return r, retry, err
}

// Wait asks until an incident has a report or ctx ends.
func (c *Client) Wait(ctx context.Context, id string) (report.Report, error) {
	for {
		r, retry, err := c.report(ctx, id, 0)
		if !errors.Is(err, ErrNoReport) {
			return r, err
		}
		select {
		case <-time.After(max(retry, time.Second)):
		case <-ctx.Done():
			return r, errors.Join(err, ctx.Err())
		}
	}
}

// Similar is an incident that began beside another or is like it.
type Similar struct {
	Incident casefile.Incident `json:"incident"`
	// Because says in words what the two share, and may change; Alike names it, the
	// first being why it is listed.
	Because string           `json:"because"`
	Alike   []casefile.Alike `json:"alike"`
	EndedBy string           `json:"ended_by"` // its last note, empty when there is none
}

// Similar lists the incidents that began beside one or are like it, most alike
// first, at most 20.
func (c *Client) Similar(ctx context.Context, id string) ([]Similar, error) {
	var out struct{ Incidents []Similar }
	_, _, err := c.ask(ctx, http.MethodGet, incidentPath(id, "/similar"), nil, nil, &out)
	return out.Incidents, err
}

// Investigation asks for exactly one of a service with a time, a trace, an alert
// as its sender wrote it, and a known incident again.
type Investigation struct {
	Service  string          `json:"service,omitempty"`
	At       time.Time       `json:"at,omitzero"`
	TraceID  string          `json:"trace_id,omitempty"`
	Alert    json.RawMessage `json:"alert,omitempty"`
	Incident string          `json:"incident,omitempty"`
	// From and To are the window to look at instead of the one found in the data.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// Accepted says which incident a request led to.
type Accepted struct {
	Incident string `json:"incident"`
	URL      string `json:"url"`
	Ignored  bool   `json:"ignored"` // an alert that is configured to open none
}

// Investigate starts an investigation; Wait waits for its report.
func (c *Client) Investigate(ctx context.Context, in Investigation) (a Accepted, err error) {
	_, _, err = c.ask(ctx, http.MethodPost, "/api/v1/investigations", nil, in, &a)
	return a, err
}

// Alert sends an alert as Alertmanager's webhook does. It is durable once this
// returns.
func (c *Client) Alert(ctx context.Context, webhook json.RawMessage) (a Accepted, err error) {
	_, _, err = c.ask(ctx, http.MethodPost, "/api/v1/alerts", nil, webhook, &a)
	return a, err
}

// Announce sends a change in one of the forms of docs/changes.md, and returns the
// IDs under which it is kept.
func (c *Client) Announce(ctx context.Context, change json.RawMessage) ([]string, error) {
	var out struct {
		Accepted []string `json:"accepted"`
	}
	_, _, err := c.ask(ctx, http.MethodPost, "/api/v1/changes", nil, change, &out)
	return out.Accepted, err
}

// Why asks for the commit and the decisions behind a line, counted from 1. An
// empty repository will do where there is one, an empty revision is the running
// one.
func (c *Client) Why(ctx context.Context, repo, file string, line int, rev string) (w casefile.Line, err error) {
	q := url.Values{"file": {file}, "line": {strconv.Itoa(line)}}
	if repo != "" {
		q.Set("repo", repo)
	}
	if rev != "" {
		q.Set("rev", rev)
	}
	_, _, err = c.ask(ctx, http.MethodGet, "/api/v1/why", q, nil, &w)
	return w, err
}

// Check asks whether a level of maturity holds.
func (c *Client) Check(ctx context.Context, in casefile.CheckRequest) (r casefile.CheckResult, err error) {
	_, _, err = c.ask(ctx, http.MethodPost, "/api/v1/checks", nil, in, &r)
	return r, err
}

// AddNote writes a note on an incident. The author is who the token belongs to,
// else the one named.
func (c *Client) AddNote(ctx context.Context, id, author, text string) (n casefile.Note, err error) {
	_, _, err = c.ask(ctx, http.MethodPost, incidentPath(id, "/notes"), nil, map[string]string{"author": author, "text": text}, &n)
	return n, err
}

// SetState acknowledges, resolves or reopens an incident.
func (c *Client) SetState(ctx context.Context, id string, action casefile.StateAction, by string) (inc casefile.Incident, err error) {
	_, _, err = c.ask(ctx, http.MethodPost, incidentPath(id, "/state"), nil, map[string]string{"action": string(action), "by": by}, &inc)
	return inc, err
}

// Export returns an incident's newest report in a format, as markdown; the caller
// closes it.
func (c *Client) Export(ctx context.Context, id, format string) (io.ReadCloser, error) {
	resp, err := c.send(ctx, http.MethodGet, incidentPath(id, "/export"), url.Values{"format": {format}}, nil)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}
