package pprof_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/pprof"
)

// process answers as one does; how names what it is like.
func process(t *testing.T, how string) pprof.Target {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch how {
		case "locked":
			http.Error(w, "who are you?", http.StatusUnauthorized)
		case "hangs":
			<-r.Context().Done()
		default:
			_, _ = w.Write(cpu(func(p *profile.Profile) {
				p.Mapping[0].BuildID, p.Comments = how, []string{"wherefore: what a process says"}
			}))
		}
	}))
	t.Cleanup(s.Close)
	c := pprof.Target{Service: "cart", Config: endpoint.Config{Address: s.URL}}
	if how == "hangs" {
		c.Timeout = 50 * time.Millisecond
	}
	return c
}

// TestAllProcessesOfAServiceAreJoined: what one of several does must be seen, and who
// of them gives nothing must be said.
func TestAllProcessesOfAServiceAreJoined(t *testing.T) {
	for _, c := range []struct {
		name      string
		processes []string
		total     int64 // in the profile of one: 60 ms
		of        int
		build     string
		notes     string
		fails     string
	}{
		{"one", []string{"a"}, 60e6, 1, "a", "", ""},
		{"three", []string{"a", "a", "a"}, 180e6, 3, "a", "", ""},
		{"in the middle of a roll-out", []string{"a", "b"}, 120e6, 2, "several", "its processes run different builds", ""},
		{"one is locked", []string{"a", "locked", "a"}, 120e6, 2, "a", "1 of 3 processes gave no profile: ", ""},
		{"one hangs", []string{"hangs", "a"}, 60e6, 1, "a", "1 of 2 processes gave no profile: ", ""},
		{"more than are asked", slices.Repeat([]string{"a"}, 10), 480e6, 8, "a", "8 of 10 processes were asked", ""},
		{"none", []string{"locked", "locked"}, 0, 0, "", "", "401"},
	} {
		var targets []pprof.Target
		for _, how := range c.processes {
			targets = append(targets, process(t, how))
		}
		clients, err := pprof.Clients(pprof.Config{CPU: time.Second, Targets: append(targets, pprof.Target{Service: "other", Config: targets[0].Config})})
		if err != nil {
			t.Fatal(err)
		}
		groups := pprof.Groups(clients)
		if len(groups) != 2 || groups[0].Name() != "cart" || groups[1].Name() != "other" {
			t.Fatalf("%s: got %d groups", c.name, len(groups))
		}
		raw, p, err := groups[0].Take(t.Context(), evidence.ProfileCPU)
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%s: got %v, want %s", c.name, err, c.fails)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if said := strings.Join(p.Notes, "; "); p.Service != "cart" || p.Total != c.total || p.Processes != c.of || p.Build != c.build || p.Duration != 30*time.Second ||
			!strings.HasPrefix(said, c.notes) || (c.notes == "") != (said == "") {
			t.Errorf("%s: got %d ns of %d processes of build %s over %s, %q", c.name, p.Total, p.Processes, p.Build, p.Duration, p.Notes)
		}
		if again, err := pprof.Parse(bytes.NewReader(raw)); err != nil || again.Total != p.Total || again.Processes != p.Processes || !slices.Equal(again.Notes, p.Notes) {
			t.Errorf("%s: read again it is %+v (%v)", c.name, again, err)
		}
	}
}

// TestABadAnswerIsOneSentence has what an endpoint may send instead of a profile; each
// is said in one line, and none is read further than the bounds.
func TestABadAnswerIsOneSentence(t *testing.T) {
	const mib = 1 << 20
	sent := 0
	var bomb bytes.Buffer // 400 KB on the wire
	z := gzip.NewWriter(&bomb)
	_, _ = io.Copy(z, io.LimitReader(zeros{}, 400*mib))
	_ = z.Close()
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"400 MB", func(w http.ResponseWriter, _ *http.Request) {
			for chunk := make([]byte, mib); sent < 400; sent++ {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}, "larger than max_bytes"},
		{"400 MB once unpacked", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bomb.Bytes()) }, "has more than 64 MiB once unpacked"},
		{"401", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no\nentry", http.StatusUnauthorized) }, "401"},
		{"a page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Log in</html>") }, "is no profile in pprof's format"},
		{"half a profile", func(w http.ResponseWriter, _ *http.Request) { b := cpu(nil); _, _ = w.Write(b[:len(b)/2]) }, "is not gzipped whole"},
		{"locks", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(cpu(func(p *profile.Profile) {
				p.SampleType = []*profile.ValueType{{Type: "contentions", Unit: "count"}, {Type: "delay", Unit: "nanoseconds"}}
			}))
		}, "counts contentions, delay"},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, "the answer"},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "within"},
	} {
		s := httptest.NewServer(c.answer)
		timeout := time.Minute
		if c.name == "hangs" {
			timeout = 50 * time.Millisecond
		}
		_, _, err := clientOf(t, endpoint.Config{Address: s.URL, Timeout: timeout}).Take(context.Background(), evidence.ProfileCPU)
		s.Close()
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 400 || !strings.Contains(err.Error(), "cart") {
			t.Errorf("%s: got %q, want one sentence with %q and the service", c.name, err, c.want)
		}
	}
	if sent > 100 {
		t.Errorf("%d MiB were taken from who sends 400", sent)
	}
}
