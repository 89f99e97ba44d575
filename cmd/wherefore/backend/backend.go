// Package backend connects what a configuration names: a client for every
// source, and the engine's options.
package backend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/health"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/profiler"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/action"
	"github.com/wherefore-dev/wherefore/correlate/errorclass"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/pprof"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
	"github.com/wherefore-dev/wherefore/sources/pyroscope"
	"github.com/wherefore-dev/wherefore/sources/record"
)

// Sources is a set of connected backends.
type Sources struct {
	correlate.Sources
	// Record is the same clients, as a recording reads from them.
	Record record.Sources
	// Index is where code and decisions come from, nil without a repository.
	Index  *blameindex.Source
	Probes []health.Probe
	// Targets are whom profiles are taken from, and Shelf is where they are put; nil
	// where none is configured.
	Targets []profiler.Target
	Shelf   *pprof.Shelf
	// CoolDown is how long a target is left alone after profiles of it were taken.
	CoolDown time.Duration
	closes   []func() error
}

// Close closes them all.
func (s *Sources) Close() error {
	var err error
	for _, c := range s.closes {
		err = errors.Join(err, c())
	}
	return err
}

// Check finds a key file that cannot be used and repositories that are nowhere
// on this machine, without fetching any.
func Check(ctx context.Context, cfg config.Config) error {
	if err := blameindex.CheckKeyFile(cfg.Decisions.KeyFile); err != nil {
		return fmt.Errorf("decisions.key_file: %w", err)
	}
	if _, err := decision.ParseFolderForms(cfg.Decisions.Forms); err != nil {
		return fmt.Errorf("decisions.forms: %w", err)
	}
	for i, r := range cfg.Repositories {
		if !isLocal(r.URL) {
			continue
		}
		if why := missing(ctx, r.URL); why != "" {
			return fmt.Errorf("repositories[%d] %q: %s; url is the path of a git repository or an https or ssh address", i, r.Name, why)
		}
	}
	return nil
}

// missing says why there is no repository at a path, nothing when there is one.
func missing(ctx context.Context, path string) string {
	if st, err := os.Stat(path); err != nil || !st.IsDir() {
		return "there is no folder " + path
	}
	repo, err := git.Open(ctx, path)
	switch {
	case errors.Is(err, evidence.ErrNotFound):
		return path + " is no git repository"
	case err != nil:
		return err.Error()
	case !sameFolder(path, repo.Top) && !sameFolder(path, repo.Dir):
		return fmt.Sprintf("%s lies inside the repository %s, which is the one to name", path, repo.Top)
	}
	return ""
}

func sameFolder(a, b string) bool {
	one, err1 := os.Stat(a)
	other, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(one, other)
}

// isLocal tells a path from an address: https://host/x, ssh://, host:path.
func isLocal(url string) bool {
	colon := strings.IndexByte(url, ':')
	return colon < 0 || strings.Contains(url[:colon], "/")
}

// Dial readies a client for every configured source and opens the
// repositories. It sends nothing: a source that is down is found by its probe
// and said in the reports.
func Dial(ctx context.Context, cfg config.Config) (_ *Sources, err error) {
	s, shelf := &Sources{}, newShelf(time.Now)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if c := cfg.Sources.Jaeger; c != nil {
		client, err := jaeger.New(*c)
		if err != nil {
			return s, fmt.Errorf("sources.%w", err)
		}
		shared := sharedJaeger{client, shelf}
		s.Traces, s.Graph, s.Record.Traces = shared, shared, client
		s.add("jaeger", client, client.Beat)
	}
	if c := cfg.Sources.Loki; c != nil {
		client, err := loki.New(*c)
		if err != nil {
			return s, fmt.Errorf("sources.%w", err)
		}
		s.Logs, s.Record.Logs = sharedLoki{client, shelf}, client
		s.add("loki", client, client.Ready)
	}
	if c := cfg.Sources.Prometheus; c != nil {
		client, err := prometheus.New(*c)
		if err != nil {
			return s, fmt.Errorf("sources.%w", err)
		}
		shared := sharedPrometheus{client, shelf}
		s.Metrics, s.Exemplars, s.Rules = shared, shared, shared
		s.Record.Metrics, s.Record.Rules = client, client
		s.add("prometheus", client, client.Ready)
	}
	if err := s.profiles(cfg); err != nil {
		return s, err
	}
	if err := Check(ctx, cfg); err != nil {
		return s, err
	}
	if len(cfg.Repositories) > 0 {
		if err := os.MkdirAll(filepath.Join(cfg.DataDir, "mirrors"), 0o750); err != nil {
			return s, fmt.Errorf("data_dir: %w", err)
		}
		forms, err := decision.ParseFolderForms(cfg.Decisions.Forms)
		if err != nil {
			return s, fmt.Errorf("decisions.forms: %w", err)
		}
		code, err := blameindex.NewSource(ctx, places(cfg), blameindex.Options{KeyFile: cfg.Decisions.KeyFile, Vocabulary: decision.Vocabulary{Forms: forms}})
		if err != nil {
			return s, fmt.Errorf("repositories: %w", err)
		}
		s.Code, s.Decisions, s.Index = code, code, code
		s.closes = append(s.closes, code.Close)
		for _, m := range code.Mirrors() {
			s.Probes = append(s.Probes, health.Probe{Name: "repository_" + m.Name, Near: true, Ping: func(context.Context) error { return code.Check(m.Name) }})
		}
	}
	return s, nil
}

// profiles readies whoever profiles are taken from.
func (s *Sources) profiles(cfg config.Config) error {
	if c := cfg.Sources.Pprof; c != nil {
		checked, err := c.Checked()
		if err != nil {
			return fmt.Errorf("sources.%w", err)
		}
		clients, err := pprof.Clients(checked)
		if err != nil {
			return fmt.Errorf("sources.%w", err)
		}
		s.CoolDown = checked.CoolDown
		for _, x := range clients {
			s.closes = append(s.closes, x.Close)
		}
		for _, x := range pprof.Groups(clients) {
			s.Targets = append(s.Targets, x)
		}
	}
	if c := cfg.Sources.Pyroscope; c != nil {
		clients, err := pyroscope.Clients(*c, time.Now)
		if err != nil {
			return fmt.Errorf("sources.%w", err)
		}
		for _, x := range clients {
			s.Targets, s.closes = append(s.Targets, x), append(s.closes, x.Close)
		}
	}
	if len(s.Targets) == 0 {
		return nil
	}
	var err error
	if s.Shelf, err = pprof.OpenShelf(filepath.Join(cfg.DataDir, "profiles")); err != nil {
		return fmt.Errorf("data_dir: %w", err)
	}
	s.Profiles, s.Record.Profiles = s.Shelf, s.Shelf
	return nil
}

// Connect waits until every repository was fetched that never was, for somebody
// who asks once. One that cannot be reached is said where it is asked about.
func (s *Sources) Connect(ctx context.Context) {
	if s.Index != nil {
		_ = s.Index.Connect(ctx) // told again by each question, and by the probe
	}
}

// places says where each service's code is. A repository that names no service
// holds the code of all that have none of their own.
func places(cfg config.Config) []blameindex.Place {
	var list []blameindex.Place
	for _, r := range cfg.Repositories {
		// A mirror of our own survives force pushes, and is fetched once more when
		// telemetry names a revision that it lacks.
		p := blameindex.Place{Name: r.Name, Repository: r.URL, Mirror: filepath.Join(cfg.DataDir, "mirrors", r.Name+".git"), Fetch: r.Fetch,
			Database: filepath.Join(cfg.DataDir, "index-"+r.Name+".db"), URL: r.Page}
		if abs, err := filepath.Abs(r.URL); err == nil && isLocal(r.URL) {
			p.Repository = abs // git runs elsewhere
		}
		if r.BuildPrefix != "" {
			p.BuildPrefixes = map[string]string{r.BuildPrefix: ""}
		}
		if len(r.Services) == 0 {
			list = append(list, p)
		}
		for service, prefix := range r.Services {
			p.Service, p.Prefix = service, strings.Trim(path.Clean("/"+prefix), "/")
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b blameindex.Place) int { return cmp.Compare(a.Service, b.Service) })
	return list
}

// client is what every backend's client can.
type client interface {
	Ready(ctx context.Context) error
	Ping(ctx context.Context) error
	Hear(ctx context.Context, told func(error))
	io.Closer
}

// add probes a backend; beat is the cheapest that tells whether anybody is there.
func (s *Sources) add(name string, c client, beat func(context.Context) error) {
	s.Probes = append(s.Probes, health.Probe{Name: name, Beat: beat, Ping: c.Ready, Question: c.Ping, Hear: c.Hear})
	s.closes = append(s.closes, c.Close)
}

// EngineOptions are the configuration's, completed from what stands elsewhere
// in it.
func EngineOptions(cfg config.Config, version string) correlate.Options {
	o := cfg.Engine
	o.Version, o.SLOs = version, cfg.SLO.Specs()
	if cfg.Actions.Enabled {
		o.BurnWindows = []time.Duration{action.ShortWindow, action.LongWindow}
	}
	if len(cfg.ErrorClasses) > 0 {
		o.ErrorClasses, _ = errorclass.New(cfg.ErrorClasses) // they were checked when the file was read
	}
	if o.Owners == nil {
		o.Owners = cfg.Owners
	}
	if o.Deadline == 0 {
		// The engine ends gathering itself, so that there is a report within the
		// time that the runner allows.
		o.Deadline = cfg.Investigate.Timeout * 7 / 10
	}
	return o
}

// ReplayOptions are the engine's options over a recording: no source of it is
// slow, so that nothing but a machine that is busy could cost it evidence. It waits
// for that longer than any machine takes: the same evidence gives the same report.
func ReplayOptions(cfg config.Config, version string) correlate.Options {
	o := EngineOptions(cfg, version)
	const patience = 10 * time.Minute
	o.Deadline, o.SourceDeadline = patience, patience
	return o
}

// Question is the alert that stands for a person's question about a service at
// an instant, or about a trace.
func Question(service, traceID string, at time.Time) evidence.Alert {
	labels := map[string]string{"alertname": evidence.NameByHand}
	key := "trace/" + traceID
	if service != "" {
		labels["service"] = service
		key = "service/" + service
	}
	return evidence.Alert{
		Receiver: evidence.ReceiverByHand, GroupKey: key + "@" + at.UTC().Format(time.RFC3339Nano), Status: evidence.StatusFiring,
		Labels: labels, TraceID: traceID,
		Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, Labels: labels, StartsAt: at.UTC()}},
	}
}

// lateness is how long after an alert fired an investigation still counts as
// of the present. Alertmanager's group and repeat intervals stay well below.
const lateness = 15 * time.Minute

// AsOf is the latest instant that an investigation may look at. A fresh alert
// is looked at as of now; an old one as of when its newest instance fired, for
// what came after is not what it was about, and a recording of it has no more
// either; a window chosen by a person ends where they said.
func AsOf(a evidence.Alert, w evidence.Window, now time.Time) time.Time {
	if !w.End.IsZero() && w.End.Before(now) {
		return w.End
	}
	newest := a.Newest()
	if newest.IsZero() || now.Sub(newest) < lateness {
		return now
	}
	return newest
}
