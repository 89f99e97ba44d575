package storybook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui"
)

// Store answers ui's ports from memory as their contracts say: a behavioural
// fake that several tests share, not a mock.
type Store struct {
	now func() time.Time

	mu      sync.Mutex
	stories map[string]*Story
	raw     map[string][]byte // reports as they are kept, by incident and revision
	order   []string
	changes []evidence.Change
	full    bool // the queue takes nothing more
	feeds   map[string][]chan ui.ProgressEvent
	seq     int64
	audited []ui.AuditEntry
	stopped casefile.ActionSwitch
}

// New fills a store with stories.
func New(now func() time.Time, stories ...Story) *Store {
	s := &Store{now: now, stories: map[string]*Story{}, raw: map[string][]byte{}, feeds: map[string][]chan ui.ProgressEvent{}}
	for _, st := range stories {
		s.put(&st)
	}
	return s
}

func (s *Store) put(st *Story) {
	if s.stories[st.Incident.ID] == nil {
		s.order = append(s.order, st.Incident.ID)
	}
	s.stories[st.Incident.ID] = st
}

// Options wires every port to the store.
func (s *Store) Options() ui.Options {
	return ui.Options{
		Incidents: s, Reports: s, Similar: s, Notes: s, Feedback: s, States: s, Leads: s, Undo: s, Intake: s, Investigations: s, Changes: s, Progress: s,
		Why: s, Decisions: s, Hot: s, Conditions: s, Present: s, Calibration: s, Health: s, Checks: checks{}, Actions: s, ActionDesk: s, ActionSwitch: s, Audit: audit{s}, Logins: logins{}, Provider: provider{},
		ParseAlert: parseAlert, ParseChanges: parseChanges, OpenBundle: s.openBundle, Now: s.now, Version: "storybook", BaseURL: "https://wherefore.example",
		Links: ui.Links{
			Trace:   "https://jaeger.example/trace/{trace:path}?uiFind={span}",
			Search:  "https://jaeger.example/search",
			Explore: "https://grafana.example/explore?left={query}&from={from}&to={to}", Logs: "https://loki.example/explore?expr={query}&from={from}&to={to}",
			Metrics: "https://prometheus.example/graph?g0.expr={query}&g0.end_input={toISO}", Silence: "https://alertmanager.example/#/silences/new?filter={matchers}",
			Commit: "https://git.example/{repository:path}/commit/{commit:path}", Line: "https://git.example/{repository:path}/blob/{revision:path}/{path:path}#L{line}",
			Owner: "https://catalog.example/groups/{owner:path}", Dashboard: "https://grafana.example/d/{service:path}?from={from}&to={to}",
			Note: "They lead to servers that the storybook invented.",
		},
	}
}

// SetFull makes the queue refuse or take.
func (s *Store) SetFull(full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = full
}

func (s *Store) story(id string) (*Story, error) {
	if st := s.stories[id]; st != nil {
		return st, nil
	}
	return nil, fmt.Errorf("there is no incident %s: %w", id, evidence.ErrNotFound)
}

// Incidents implements ui.IncidentStore; its cursor is an offset.
func (s *Store) Incidents(_ context.Context, f casefile.IncidentFilter) ([]casefile.Incident, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.matching(f)
	sortIncidents(all, f.Sort)
	from := 0
	if f.Cursor != "" {
		if _, err := fmt.Sscanf(f.Cursor, "%d", &from); err != nil || from < 0 || from > len(all) {
			return nil, "", fmt.Errorf("cursor %q: %w", f.Cursor, evidence.ErrInvalid)
		}
	}
	to := min(from+cmp.Or(f.Limit, 50), len(all))
	next := ""
	if to < len(all) {
		next = fmt.Sprint(to)
	}
	return all[from:to], next, nil
}

func (s *Store) matching(f casefile.IncidentFilter) []casefile.Incident {
	var out []casefile.Incident
	is := func(want, got string) bool { return want == "" || want == got }
	for _, id := range s.order {
		i := s.stories[id].Incident
		if is(string(f.State), string(i.State)) && is(f.Service, i.Service) && is(f.Severity, i.Severity) && is(string(f.Trigger), string(i.Trigger)) &&
			is(string(f.Verdict), string(i.Verdict)) && is(f.Decision, i.Decision) && is(f.Entity, i.Entity) &&
			(f.Since.IsZero() || !i.StartedAt.Before(f.Since)) && (f.Until.IsZero() || !i.StartedAt.After(f.Until)) &&
			(f.Text == "" || strings.Contains(strings.ToLower(i.Title+" "+i.Service+" "+i.ID), strings.ToLower(f.Text))) {
			out = append(out, i)
		}
	}
	return out
}

func sortIncidents(all []casefile.Incident, by string) {
	open := func(i casefile.Incident) int {
		if i.State == casefile.StateResolved {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b casefile.Incident) int {
		var first int
		switch by {
		case "":
			first = cmp.Compare(open(a), open(b))
		case "burn":
			first = cmp.Compare(b.Burn, a.Burn)
		case "impact":
			first = cmp.Compare(b.Affected, a.Affected)
		case "service":
			first = cmp.Compare(a.Service, b.Service)
		case "severity":
			first = cmp.Compare(a.Severity, b.Severity)
		}
		return cmp.Or(first, b.StartedAt.Compare(a.StartedAt), cmp.Compare(a.ID, b.ID))
	})
}

// Facets implements ui.IncidentStore.
func (s *Store) Facets(_ context.Context, f casefile.IncidentFilter) ([]casefile.Facet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fields := []string{"state", "service", "severity", "trigger", "verdict", "decision"}
	n := map[casefile.Facet]int{}
	for _, i := range s.matching(f) {
		for k, v := range []string{string(i.State), i.Service, i.Severity, string(i.Trigger), string(i.Verdict), i.Decision} {
			if v != "" {
				n[casefile.Facet{Field: fields[k], Value: v}]++
			}
		}
	}
	var out []casefile.Facet
	for x, c := range n {
		x.Count = c
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b casefile.Facet) int {
		return cmp.Or(cmp.Compare(slices.Index(fields, a.Field), slices.Index(fields, b.Field)), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	const most = 20
	of := map[string]int{}
	return slices.DeleteFunc(out, func(f casefile.Facet) bool { of[f.Field]++; return of[f.Field] > most }), nil
}

// Incident implements ui.IncidentStore.
func (s *Store) Incident(_ context.Context, id string) (casefile.Incident, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return casefile.Incident{}, err
	}
	return st.Incident, nil
}

// Report implements ui.ReportStore.
func (s *Store) Report(_ context.Context, id string, revision int) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return nil, err
	}
	if st.Fails["report"] {
		return nil, fmt.Errorf("report of %s: the file is damaged at byte 4096: %w", id, evidence.ErrUnavailable)
	}
	if revision == 0 {
		if revision = len(st.Reports); len(st.Poorer) > 0 {
			revision--
		}
	}
	if revision < 1 || revision > len(st.Reports) {
		return nil, fmt.Errorf("incident %s has no report of revision %d: %w", id, revision, evidence.ErrNotFound)
	}
	key := fmt.Sprint(id, "/", revision)
	if s.raw[key] == nil {
		if s.raw[key], err = json.Marshal(st.Reports[revision-1]); err != nil {
			return nil, err
		}
	}
	return s.raw[key], nil
}

// Revisions implements ui.ReportStore.
func (s *Store) Revisions(_ context.Context, id string) ([]ui.ReportRevision, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return nil, err
	}
	var out []ui.ReportRevision
	for i := len(st.Reports) - 1; i >= 0; i-- {
		v := ui.ReportRevision{Number: i + 1, At: st.At[i], Why: "alert", Bundle: casefile.BundleKept, BundleSHA256: sha256Of(bundleOf(id))}
		if i < len(st.Bundles) {
			v.Bundle = st.Bundles[i]
		}
		if v.Bundle != casefile.BundleKept && v.Bundle != casefile.BundleDropped {
			v.BundleSHA256 = ""
		}
		if i == len(st.Reports)-1 {
			v.Poorer = st.Poorer
		}
		out = append(out, v)
	}
	return out, nil
}

// Similar implements ui.SimilarIncidents.
func (s *Store) Similar(_ context.Context, id string, limit int) ([]ui.SimilarIncident, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.story(id)
	if err != nil {
		return nil, err
	}
	if st.Fails["similar"] {
		return nil, fmt.Errorf("similar incidents: %w", evidence.ErrUnavailable)
	}
	return st.Similar[:min(limit, len(st.Similar))], nil
}

// bundleOf is a stand-in for an evidence bundle.
func bundleOf(id string) []byte { return []byte("bundle of " + id) }

func sha256Of(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (s *Store) openBundle(_ context.Context, id string, _ int) (ui.Bundle, error) {
	return ui.Bundle{ReadSeekCloser: nopCloser{bytes.NewReader(bundleOf(id))}, SHA256: sha256Of(bundleOf(id))}, nil
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// parseAlert takes the part of a webhook that the tests send.
func parseAlert(body []byte) (evidence.Alert, error) {
	var in struct {
		Version, Receiver, GroupKey, Status string
		CommonLabels                        map[string]string
		Alerts                              []evidence.AlertInstance
	}
	if err := json.Unmarshal(body, &in); err != nil || len(in.Alerts) == 0 {
		return evidence.Alert{}, fmt.Errorf("the body has no alerts: %w", evidence.ErrInvalid)
	}
	return evidence.Alert{Receiver: in.Receiver, GroupKey: in.GroupKey, Status: in.Status, Labels: in.CommonLabels, Instances: in.Alerts}, nil
}

// parseChanges takes the part of a CloudEvent that the tests send.
func parseChanges(_ http.Header, body []byte) ([]evidence.Change, error) {
	var in struct {
		SpecVersion, ID string
		Data            evidence.Change
	}
	if err := json.Unmarshal(body, &in); err != nil || in.ID == "" {
		return nil, fmt.Errorf("the body is no change event: %w", evidence.ErrInvalid)
	}
	in.Data.ID = in.ID
	return []evidence.Change{in.Data}, nil
}

// Judged implements ui.Calibration.
func (s *Store) Judged(context.Context) ([]ui.Judged, error) {
	return []ui.Judged{{Verdict: report.Confirmed, Judged: 12, Right: 11}, {Verdict: report.LeadOnly, Judged: 5, Right: 2}}, nil
}
