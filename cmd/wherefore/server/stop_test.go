package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui"
)

// TestStoppingEndsStreamsAndLetsRequestsEnd stops a server while somebody
// follows an investigation that is under way, somebody else sends headers one by
// one, and an export is being written.
func TestStoppingEndsStreamsAndLetsRequestsEnd(t *testing.T) {
	exporting, finish := make(chan struct{}), make(chan struct{})
	w := start(t, nil, server.Backend{
		Investigate: func(ctx context.Context, _ casebook.Job, say func(correlate.Progress)) (report.Report, error) {
			say(correlate.Progress{Stage: "gather"})
			<-ctx.Done()
			return report.Report{}, ctx.Err()
		},
		Record: func(ctx context.Context, _, _ string, _ int, out io.Writer, _ func(context.Context)) error {
			close(exporting)
			<-finish
			_, err := io.WriteString(out, "all of it")
			return errors.Join(ctx.Err(), err)
		},
	})
	_, answer := w.do(http.MethodPost, "/api/v1/alerts", "", body("Burn"))
	_, id, _ := strings.Cut(answer, `"incident":"`)
	id, _, _ = strings.Cut(id, `"`)
	stream := w.open("GET /api/v1/incidents/" + id + "/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
	for line := ""; !strings.Contains(line, "gather"); {
		var err error
		if line, err = stream.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	list := w.open("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
	for line := ""; !strings.Contains(line, "event: list"); {
		var err error
		if line, err = list.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	slow := w.open("GET /health HTTP/1.1\r\nX-Slow: ")
	exported := make(chan string, 1)
	go func() {
		resp, err := http.Get(w.url + "/api/v1/incidents/" + id + "/export?format=bundle")
		if err != nil {
			exported <- err.Error()
			return
		}
		defer resp.Body.Close()
		all, err := io.ReadAll(resp.Body)
		if err != nil {
			exported <- err.Error()
			return
		}
		exported <- string(all)
	}()
	<-exporting
	stopped := make(chan struct{})
	go func() { w.stop(); close(stopped) }()
	for name, s := range map[string]io.Reader{"an incident": stream, "the list": list} {
		if rest, err := io.ReadAll(s); err != nil || !strings.HasSuffix(string(rest), "0\r\n\r\n") {
			t.Errorf("the stream of %s ended with %v after %q", name, err, rest)
		}
	}
	close(finish)
	<-stopped
	if rest, err := io.ReadAll(slow); err != nil {
		t.Errorf("the slow one ended with %v after %q", err, rest)
	}
	if got := <-exported; got != "all of it" {
		t.Errorf("the export that was under way: got %q", got)
	}
}

// whyFunc implements ui.WhyLookup.
type whyFunc func(ctx context.Context) error

func (f whyFunc) Why(ctx context.Context, _, _ string, _ int, _ string) (ui.WhyAnswer, error) {
	return ui.WhyAnswer{}, f(ctx)
}

func TestRequestsCarryLoggerAndBuild(t *testing.T) {
	w := start(t, nil, server.Backend{Ports: server.Ports{Why: whyFunc(func(ctx context.Context) error {
		if server.Build(ctx) != "test" || !server.Logger(ctx).Core().Enabled(zap.DebugLevel) {
			t.Errorf("got build %q and a logger that writes nothing", server.Build(ctx))
		}
		return nil
	})}})
	if status, b := w.do(http.MethodGet, "/api/v1/why?file=a.go&line=1", "", ""); status != http.StatusOK {
		t.Errorf("got %d %s", status, b)
	}
}

// TestSlowSendersAreCut keeps a server that runs from being held by whoever sends a
// header or a byte of a body a minute, at whatever address: what takes longer than a
// page lifts its deadlines for those alone who may have it.
func TestSlowSendersAreCut(t *testing.T) {
	w := start(t, func(c *config.Config) { c.Webhook.BearerToken = "secret" }, server.Backend{})
	slow := map[string]*bufio.Reader{}
	for _, begun := range []string{
		"GET /health HTTP/1.1\r\nX-Slow: ",
		"POST /api/v1/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n",
		"POST /api/v1/incidents/INC-1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n",
		"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n",
		"GET /api/v1/incidents/INC-1/export?format=bundle HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n",
	} {
		slow[begun] = w.open(begun)
	}
	for begun, r := range slow {
		if rest, err := io.ReadAll(r); err != nil {
			t.Errorf("%q: got %v after %q, want the connection closed", begun, err, rest)
		}
	}
}

// open connects, sends the beginning of a request, and leaves the connection
// open. Reading gives up after a minute.
func (w world) open(request string) *bufio.Reader {
	w.t.Helper()
	c, err := new(net.Dialer).DialContext(w.t.Context(), "tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = c.Close() })
	_, err = io.WriteString(c, request)
	if err := errors.Join(err, c.SetReadDeadline(time.Now().Add(time.Minute))); err != nil {
		w.t.Fatal(err)
	}
	return bufio.NewReader(c)
}
