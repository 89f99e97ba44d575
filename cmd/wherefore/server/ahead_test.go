package server_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
)

// readAhead notes what is to be read ahead.
type readAhead chan string

func (r readAhead) Prepare(_ context.Context, service, from, to string, _ time.Time) error {
	r <- service + " " + from + ".." + to
	return nil
}

func TestAnAnnouncedDeploymentIsReadAhead(t *testing.T) {
	asked := make(readAhead, 10)
	w := start(t, nil, server.Backend{Code: asked})
	for _, change := range []string{
		`{"specversion":"1.0","id":"f1","type":"dev.wherefore.flag.v1","source":"/flags","time":"2026-03-01T12:00:00Z","data":{"service":"stock","to":"on"}}`,
		`{"specversion":"1.0","id":"d1","type":"dev.wherefore.deploy.v1","source":"/ci","time":"2026-03-01T12:00:00Z","data":{"service":"stock","from":"v1","to":"v2"}}`,
	} {
		if code, text := w.send(http.MethodPost, "/api/v1/changes", http.Header{"Content-Type": {"application/cloudevents+json"}}, change); code >= 300 {
			t.Fatalf("got %d: %s", code, text)
		}
	}
	select {
	case got := <-asked:
		if got != "stock v1..v2" {
			t.Errorf("got %q, want the deployment", got)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("nothing was read ahead")
	}
}
