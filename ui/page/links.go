package page

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Links are URL templates for the places that a page points to; an empty one
// leaves the link out. "{name}" is replaced by the value, escaped for a query;
// "{name:path}" by the value escaped segment by segment, slashes kept;
// "{name:json}" by the value as it stands inside a JSON string, escaped for a
// query. Only http and https URLs are shown. Names in all: service, from, to (Unix
// milliseconds), fromS, toS (Unix seconds), fromISO, toISO (RFC 3339).
type Links struct {
	Trace     string `yaml:"trace"`     // Jaeger or Tempo; + trace, span
	Search    string `yaml:"search"`    // Jaeger's search page, to which its parameters are added
	Explore   string `yaml:"explore"`   // Grafana Explore; + query, trace
	Logs      string `yaml:"logs"`      // Loki; + query, trace
	Metrics   string `yaml:"metrics"`   // Prometheus; + query
	Silence   string `yaml:"silence"`   // Alertmanager; + alert, matchers
	Commit    string `yaml:"commit"`    // + repository, commit
	Line      string `yaml:"line"`      // + repository, path, line, revision
	Owner     string `yaml:"owner"`     // + owner
	Dashboard string `yaml:"dashboard"` // a service's dashboard
	// Note is said beside the links, where they need a word.
	Note string `yaml:"note"`
}

// linker fills templates for one incident.
type linker struct {
	Links
	shared []string // name, value, … of what all templates know
}

func (l Links) forWindow(service string, w evidence.Window) linker {
	start, end := w.Start.UTC(), w.End.UTC()
	return linker{l, []string{
		"service", service,
		"from", strconv.FormatInt(start.UnixMilli(), 10), "to", strconv.FormatInt(end.UnixMilli(), 10),
		"fromS", strconv.FormatInt(start.Unix(), 10), "toS", strconv.FormatInt(end.Unix(), 10),
		"fromISO", start.Format("2006-01-02T15:04:05Z"), "toISO", end.Format("2006-01-02T15:04:05Z"),
	}}
}

// TraceURLs gives the addresses of traces, and of spans of them, for an incident in a
// window; each is empty where no page for traces is configured.
func (l Links) TraceURLs(service string, w evidence.Window) func(trace, span string) string {
	return l.forWindow(service, w).trace
}

// fill replaces the names of a template and returns the empty string when the
// result is no web address.
func (l linker) fill(template string, pairs ...string) string {
	if template == "" {
		return ""
	}
	all := append(append([]string(nil), pairs...), l.shared...)
	old := make([]string, 0, 2*len(all))
	for i := 0; i+1 < len(all); i += 2 {
		old = append(old, "{"+all[i]+"}", url.QueryEscape(all[i+1]), "{"+all[i]+":path}", pathEscape(all[i+1]), "{"+all[i]+":json}", url.QueryEscape(jsonEscape(all[i+1])))
	}
	return SafeURL(strings.NewReplacer(old...).Replace(template))
}

// jsonEscape is a value for the inside of a JSON string.
func jsonEscape(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(quoted[1 : len(quoted)-1])
}

func pathEscape(s string) string {
	parts := strings.Split(s, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

// SafeURL returns u when it is an absolute http or https address with a host
// and without credentials, else the empty string.
func SafeURL(u string) string {
	p, err := url.Parse(strings.TrimSpace(u))
	if err != nil || p.Scheme != "http" && p.Scheme != "https" || p.Host == "" || p.User != nil {
		return ""
	}
	return p.String()
}

func (l linker) trace(id, span string) string { return l.fill(l.Trace, "trace", id, "span", span) }

// search is the configured search page with parameters.
func (l linker) search(params url.Values) string {
	if l.Search == "" {
		return ""
	}
	u, err := url.Parse(l.fill(l.Search))
	if err != nil || u.Host == "" {
		return ""
	}
	q := u.Query()
	for name, values := range params {
		q[name] = values
	}
	u.RawQuery = q.Encode()
	return SafeURL(u.String())
}

func (l linker) commit(repository, sha, own string) string {
	if u := SafeURL(own); u != "" {
		return u
	}
	return l.fill(l.Commit, "repository", repository, "commit", sha)
}

// line links to a line of code at the revision that ran, never at a branch.
func (l linker) line(ref evidence.CodeRef) string {
	if ref.Revision == "" {
		return ""
	}
	return l.fill(l.Line, "repository", ref.Repository, "path", ref.Path, "line", strconv.Itoa(ref.Line), "revision", ref.Revision)
}

// query links to where a query can be run again.
func (l linker) query(source, query string) string {
	switch source {
	case "logs":
		return l.fill(l.Logs, "query", query, "trace", "")
	case "metrics", "rules":
		return l.fill(l.Metrics, "query", query)
	}
	return ""
}

func decisionURL(id string) string { return "/decisions/" + url.PathEscape(id) }

func incidentURL(id string) string { return "/incidents/" + url.PathEscape(id) }
