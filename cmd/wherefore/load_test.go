package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// load is how long each part of TestIntakeUnderLoad lasts; go test -run Load -v
// -load 10s ./cmd/wherefore measures.
var load = flag.Duration("load", 0, "how long each part of TestIntakeUnderLoad lasts; 0 skips it")

// TestIntakeUnderLoad compares alerts with requests that do nothing, on a server
// of its own, which flushes every commit to the disk. It is a measurement: only
// what is lost fails it.
func TestIntakeUnderLoad(t *testing.T) {
	if *load == 0 {
		t.Skip("a measurement; give it -load 10s")
	}
	file, _ := configured(t)
	url := serving(t, "serve", "--config", file).says(t, urlOf)
	var n, m atomic.Int64
	// The same bytes are made and sent, so that what is compared is what becomes of them.
	nothing := func() []byte { return group(m.Add(1), 1) }
	noop := measured(t, url+"/api/v1/nothing", nothing)
	one := measured(t, url+"/api/v1/alerts", func() []byte { return group(n.Add(1), 1) })
	again := measured(t, url+"/api/v1/nothing", nothing)
	ten := measured(t, url+"/api/v1/alerts", func() []byte { return group(n.Add(1), 10) })
	t.Logf("POST that does nothing      %s", noop)
	t.Logf("POST of one alert           %s", one)
	t.Logf("POST that does nothing      %s", again)
	t.Logf("POST of a group of ten      %s, %.0f alerts/s", ten, 10*ten.rate)
	t.Logf("rate %.2f and p99 %.1f times the request's that does nothing", one.rate/((noop.rate+again.rate)/2), float64(one.p99)/float64((noop.p99+again.p99)/2))
	resp, err := http.Get(url + "/api/v1/incidents?limit=1")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
}

// group is a webhook of a group of its own, with some alerts.
func group(n int64, alerts int) []byte {
	var list []string
	for i := range alerts {
		list = append(list, fmt.Sprintf(`{"status":"firing","labels":{"alertname":"rule%d","service":"service%d","severity":"warning","instance":"i%d"},"annotations":{"summary":"errors"},
			"startsAt":%q,"endsAt":"0001-01-01T00:00:00Z","generatorURL":"","fingerprint":"%x"}`, n, n, i, time.Now().UTC().Format(time.RFC3339Nano), n*100+int64(i)))
	}
	return fmt.Appendf(nil, `{"version":"4","receiver":"load","groupKey":"{}:{n=\"%d\"}","status":"firing","groupLabels":{},"commonLabels":{"alertname":"rule%d","service":"service%d","severity":"warning"},
		"commonAnnotations":{},"externalURL":"http://am","truncatedAlerts":0,"alerts":[%s]}`, n, n, n, strings.Join(list, ","))
}

// figures are what one part came to.
type figures struct {
	rate     float64 // answers a second
	p50, p99 time.Duration
	refused  int // 5xx
}

func (f figures) String() string {
	return fmt.Sprintf("%.0f/s, p50 %s, p99 %s, %d refused", f.rate, f.p50.Round(100*time.Microsecond), f.p99.Round(100*time.Microsecond), f.refused)
}

// measured posts from 16 clients, each over one connection.
func measured(t *testing.T, url string, body func() []byte) figures {
	t.Helper()
	return shared(t, 16, []string{url}, body)
}

// shared posts from some clients, each over one connection, to some servers in turn.
func shared(t *testing.T, clients int, urls []string, body func() []byte) figures {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var took []time.Duration
	var f figures
	started := time.Now()
	var wg sync.WaitGroup
	for i := range clients {
		url := urls[i%len(urls)]
		wg.Go(func() {
			for time.Since(started) < *load {
				content := body()
				at := time.Now()
				resp, err := client.Post(url, "application/json", bytes.NewReader(content))
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				mu.Lock()
				took = append(took, time.Since(at))
				if resp.StatusCode >= http.StatusInternalServerError {
					f.refused++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	f.rate = float64(len(took)) / time.Since(started).Seconds()
	f.p50, f.p99 = took[len(took)/2], took[len(took)*99/100]
	return f
}
