package main

import (
	"context"
	"io"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/ui/browser"
)

// demonstrate runs the demo until the test ends and returns its address once
// all recorded incidents have a report.
func demonstrate(t *testing.T) (address string, incidents []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- demo(ctx, in, io.Discard, "127.0.0.1:0", "") }()
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

// TestRecordedIncidentsStandAboveTheFold looks at every recorded incident as
// the demo shows it, at both sizes.
func TestRecordedIncidentsStandAboveTheFold(t *testing.T) {
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("chromium is not installed")
	}
	address, incidents := demonstrate(t)
	ctx := browser.Start(t)
	for _, id := range incidents {
		browser.FactsAboveTheFold(t, ctx, address+"/incidents/"+id, true)
	}
}
