package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook/pgtest"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// TestAnotherServerFinishesWhatADeadOneHadBegun has two servers share a database,
// and kills the one that investigates.
func TestAnotherServerFinishesWhatADeadOneHadBegun(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until the lease of a dead server has run out")
	}
	dsn := pgtest.Fresh(t)
	// The only source says nothing while the first lives, and refuses all afterwards.
	asked, dead := make(chan struct{}), make(chan struct{})
	seen := sync.OnceFunc(func() { close(asked) })
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/loki/api/") {
			seen()
		}
		select {
		case <-dead:
		case <-r.Context().Done():
		}
		w.WriteHeader(http.StatusBadRequest)
	}))
	defer source.Close()
	died := sync.OnceFunc(func() { close(dead) })
	defer died()
	server := func() (*process, string) {
		file := written(t, fmt.Sprintf("listen: 127.0.0.1:0\ndata_dir: %s\ncasebook: {database: %q}\nsources: {loki: {address: %q}}\ninvestigate: {timeout: 4m, follow_up: 0s}\n",
			filepath.Join(t.TempDir(), "data"), dsn, source.URL))
		p := serving(t, "serve", "--config", file)
		return p, p.says(t, urlOf)
	}
	first, url := server()
	resp, err := http.Post(url+"/api/v1/alerts", "application/json", strings.NewReader(string(group(1, 1))))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	for _, i := range incidents(t, url) {
		if i.State != casefile.StateInvestigating {
			t.Fatalf("got %s before anybody was killed", i.State)
		}
	}
	select {
	case <-asked:
	case <-time.After(patience):
		t.Fatal("nobody asks the source")
	}
	if code := first.stop(t, syscall.SIGKILL); code != -1 {
		t.Fatalf("the first ended with %d, want it killed", code)
	}
	died()
	_, other := server()
	for range 1200 {
		list := incidents(t, other)
		if len(list) == 1 && list[0].State == casefile.StateReported && list[0].Revision == 1 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("the other server has %+v after two minutes, want the report", incidents(t, other))
}

func incidents(t *testing.T, url string) []casefile.Incident {
	t.Helper()
	resp, err := http.Get(url + "/api/v1/incidents")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var page struct{ Incidents []casefile.Incident }
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
		t.Fatal(err)
	}
	return page.Incidents
}
