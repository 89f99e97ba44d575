package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/fixtures/testenv"
	"github.com/wherefore-dev/wherefore/ui/browser"
)

// demonstrate runs the demo until the test ends and returns its address once
// all recorded incidents have a report.
func demonstrate(t *testing.T) (address string, incidents []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- demo(ctx, in, io.Discard, "127.0.0.1:0", "", false) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	})
	buf := make([]byte, 4096)
	n, err := out.Read(buf)
	said := regexp.MustCompile(`shows (\d+) recorded incidents at (http://[^/]+)/`).FindStringSubmatch(string(buf[:n]))
	if err != nil || said == nil {
		t.Fatalf("the demo said %q, %v", buf[:n], err)
	}
	for range 600 {
		incidents = browser.Reported(t, said[2])
		if len(incidents) >= 10 {
			return said[2], incidents
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("only %d of %s recorded incidents have a report after two minutes", len(incidents), said[1])
	return "", nil
}

func TestTheDemoAnswersFromItsRecordings(t *testing.T) {
	address, incidents := demonstrate(t)
	var recorded struct {
		Trace struct{ Trace struct{ ID string } }
	}
	fetch(t, address+"/api/v1/incidents/"+incidents[0], &recorded)
	for _, c := range []struct{ body, says string }{
		{`{"service":"edge","at":"2026-11-22T10:04:27Z"}`, ""},
		{`{"trace_id":"` + recorded.Trace.Trace.ID + `"}`, ""},
		{`{"alert":[{"labels":{"alertname":"A","service":"edge"},"startsAt":"2026-11-22T10:04:27Z","status":{"state":"active"}}]}`, ""},
		{`{"service":"edge","at":"2016-11-22T10:04:27Z"}`, "the one nearest to that time is of 2026-11-22T09:25:02Z to 2026-11-22T09:32:03Z"},
		{`{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`, "none has the trace 4bf92f3577b34da6a3ce929d0e0e4736"},
	} {
		var got struct{ Incident, Detail string }
		resp, err := http.Post(address+"/api/v1/investigations", "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		err = json.NewDecoder(resp.Body).Decode(&got)
		_ = resp.Body.Close()
		if err != nil || !strings.Contains(got.Detail, c.says) || (got.Incident == "") != (c.says != "") {
			t.Errorf("%s: got %d %+v, %v", c.body, resp.StatusCode, got, err)
		}
		if got.Incident == "" {
			continue
		}
		var report struct{ Verdict struct{ Word string } }
		for range 600 {
			if fetch(t, address+"/api/v1/incidents/"+got.Incident, &report); report.Verdict.Word != "" {
				break
			}
			time.Sleep(200 * time.Millisecond)
		}
		if report.Verdict.Word == "" {
			t.Errorf("%s: no report after two minutes", c.body)
		}
	}
}

// fetch decodes what an address answers.
func fetch(t *testing.T, address string, into any) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
}

// TestRecordedIncidentsStandAboveTheFold looks at every recorded incident as
// the demo shows it, at both sizes.
func TestRecordedIncidentsStandAboveTheFold(t *testing.T) {
	testenv.NeedsBrowser(t)
	address, incidents := demonstrate(t)
	ctx := browser.Start(t)
	for _, id := range incidents {
		browser.FactsAboveTheFold(t, ctx, address+"/incidents/"+id, true)
	}
}
