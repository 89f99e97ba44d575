package backend_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
)

func TestAnAlertIsLookedAtAsOfWhenItMeant(t *testing.T) {
	fired := time.Date(2026, 3, 1, 2, 51, 0, 0, time.UTC)
	a := evidence.Alert{Instances: []evidence.AlertInstance{{StartsAt: fired.Add(-time.Hour)}, {StartsAt: fired}}}
	chosen := evidence.Window{Start: fired, End: fired.Add(3 * time.Minute)}
	for name, c := range map[string]struct {
		alert  evidence.Alert
		window evidence.Window
		now    time.Time
		want   time.Time
	}{
		"fresh":                     {a, evidence.Window{}, fired.Add(time.Minute), fired.Add(time.Minute)},
		"a year old":                {a, evidence.Window{}, fired.AddDate(1, 0, 0), fired},
		"a chosen window":           {a, chosen, fired.AddDate(1, 0, 0), chosen.End},
		"a window that is not over": {a, chosen, fired.Add(time.Minute), fired.Add(time.Minute)},
		"without an instance":       {evidence.Alert{TraceID: "7"}, evidence.Window{}, fired, fired},
	} {
		if got := backend.AsOf(c.alert, c.window, c.now); !got.Equal(c.want) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestARepositoryThatIsNotThereIsNamed(t *testing.T) {
	cfg := config.Default()
	cfg.DataDir = t.TempDir()
	cfg.Repositories = []config.Repository{{Name: "shop", URL: "/no/such/repository"}}
	_, err := backend.Dial(t.Context(), cfg)
	if err == nil || err.Error() != `repositories[0] "shop": there is no folder /no/such/repository; url is the path of a git repository or an https or ssh address` {
		t.Errorf("got %v, want the repository and the folder", err)
	}
}

// withoutUsersGit has git run without the user's configuration and the system's, which
// may want commits signed, or run hooks.
func withoutUsersGit(t *testing.T) {
	t.Helper()
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
}

// TestRelativePathsAreTheUsers is the default: a data folder and a repository
// beside the configuration, while git runs elsewhere.
func TestRelativePathsAreTheUsers(t *testing.T) {
	t.Chdir(t.TempDir())
	withoutUsersGit(t)
	for _, args := range [][]string{{"init", "--quiet", "shop"}, {"-C", "shop", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "-m", "start"}} {
		if out, err := exec.CommandContext(t.Context(), "git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v %s", args, err, out)
		}
	}
	cfg := config.Default()
	cfg.Repositories = []config.Repository{{Name: "shop", URL: "shop"}}
	s, err := backend.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.Connect(t.Context())
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(cfg.DataDir, "mirrors", "shop.git", "HEAD")); err != nil {
		t.Errorf("no mirror stands in the data folder: %v", err)
	}
}

func TestTheRunningCodeIsReadFromAMirrorThatFollows(t *testing.T) {
	withoutUsersGit(t)
	origin := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", origin, "-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	commit := func(text string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(origin, "main.go"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		git("add", ".")
		git("commit", "-q", "-m", "change")
		return git("rev-parse", "HEAD")
	}
	git("init", "-q")
	commit("package main\n")
	cfg := config.Default()
	cfg.DataDir = filepath.Join(t.TempDir(), "data")
	cfg.Repositories = []config.Repository{{Name: "shop", URL: origin}}
	s, err := backend.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	// The second commit comes after the mirror was made.
	second := commit("package main\n\nfunc main() {}\n")
	b, err := s.Code.Blame(t.Context(), "shop", evidence.Frame{File: "main.go", Line: 3, Rung: evidence.LocationSpan}, second)
	if err != nil || len(b.Lines) == 0 || b.Ref.Revision != second {
		t.Errorf("got %+v (%v), want the line at %s", b, err, second)
	}
}

// TestARepositoryThatCannotBeFetchedStopsNothing: the sources are there, the
// probe names the repository, and so does each question about code.
func TestARepositoryThatCannotBeFetchedStopsNothing(t *testing.T) {
	cfg := config.Default()
	cfg.DataDir = t.TempDir()
	cfg.Repositories = []config.Repository{{Name: "shop", URL: "https://ada:sesame@127.0.0.1:1/shop.git", Fetch: time.Hour}}
	cfg.Sources.Prometheus = &prometheus.Config{Config: endpoint.Config{Address: "http://127.0.0.1:1"}}
	s, err := backend.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Connect(t.Context())
	var probes []string
	for _, p := range s.Probes {
		probes = append(probes, p.Name)
		if err := p.Ping(t.Context()); p.Name == "repository_shop" && (!errors.Is(err, evidence.ErrUnavailable) || strings.Contains(err.Error(), "sesame")) {
			t.Errorf("got %v from the probe, want the repository unavailable, without its password", err)
		}
	}
	if strings.Join(probes, " ") != "prometheus repository_shop" {
		t.Errorf("got the probes %v", probes)
	}
	if _, err := s.Code.Blame(t.Context(), "shop", evidence.Frame{File: "main.go", Line: 3}, "v1"); !errors.Is(err, evidence.ErrUnavailable) || !strings.Contains(err.Error(), "repository shop") || strings.Contains(err.Error(), "sesame") {
		t.Errorf("got %v, want the repository unavailable, without its password", err)
	}
}
