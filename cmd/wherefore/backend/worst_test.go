package backend_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
	"google.golang.org/grpc"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
)

// mostHeap is what one investigation may take of memory, whatever is answered.
const mostHeap = 1 << 30

// soon is the deadline over sources that do not answer, patience over those that do,
// on a busy machine late.
const soon, patience = time.Second, 2 * time.Minute

// TestSourcesAtTheirWorstStillGetAReport puts the real clients behind a proxy that
// spoils the connections, or in front of servers that answer badly. Each time there
// is a report, soon, which says what failed; and nothing runs on afterwards.
func TestSourcesAtTheirWorstStillGetAReport(t *testing.T) {
	if testing.Short() {
		t.Skip("every kind takes as long as an investigation may")
	}
	every, http1 := []string{"logs", "metrics", "traces"}, []string{"logs", "metrics"}
	for name, c := range map[string]struct {
		answer   http.HandlerFunc
		toxic    string // empty for none, "down" for a proxy that is closed
		failed   []string
		say      string
		deadline time.Duration
	}{
		"refused":            {long, "down", every, "refused", patience},
		"silence for 30 s":   {long, `{"type":"timeout","attributes":{"timeout":30000}}`, every, "", soon},
		"reset":              {long, `{"type":"reset_peer","attributes":{"timeout":0}}`, every, "", soon},
		"cut in the middle":  {long, `{"type":"limit_data","attributes":{"bytes":700}}`, http1, "", soon},
		"a byte a second":    {long, `{"type":"slicer","attributes":{"average_size":1,"delay":1000000}}`, every, "", soon},
		"HTTP 500":           {status(http.StatusInternalServerError), "", http1, "500", patience},
		"HTTP 429":           {status(http.StatusTooManyRequests), "", http1, "429", 8 * time.Second}, // less than it asks to be left alone for
		"truncated JSON":     {said(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"`), "", http1, "", soon},
		"a billion series":   {endless, "", http1, "", soon},
		"samples of nowhere": {said(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1e300,"NaN"],[-1,"x"]]}]}}`), "", []string{"metrics"}, "", patience},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent(), ofProxy("toxics.(*ToxicStub).Run"), ofProxy("(*ToxicLink).read"), ofProxy("(*ToxicLink).write"), ofProxy("(*Proxy).server"))
			up := httptest.NewServer(c.answer)
			defer up.Close()
			traces := traceServer(t)
			defer traces.stop()
			proxies := newProxies(t)
			defer proxies.stop()
			web, rpc := proxies.to(t, up.Listener.Addr().String(), c.toxic), proxies.to(t, traces.address, c.toxic)
			r, heap := investigated(t, rpc, "http://"+web, c.deadline)
			if r.Verdict.Word != report.Inconclusive {
				t.Errorf("got verdict %s from no evidence", r.Verdict.Word)
			}
			if heap > mostHeap {
				t.Errorf("it took %d MB", heap>>20)
			}
			failed := map[string]string{}
			for _, row := range r.Coverage {
				if row.Status == evidence.CoverageFailed {
					failed[row.Source] += row.Detail + "\n"
				}
			}
			for _, source := range c.failed {
				if !strings.Contains(failed[source], c.say) || failed[source] == "" {
					t.Errorf("the report says of the %s %q; want them failed, and %q", source, failed[source], c.say)
				}
			}
		})
	}
}

// TestASourceByAnotherClockIsSaid answers at once, by a clock that is hours behind.
func TestASourceByAnotherClockIsSaid(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(-5*time.Hour).UTC().Format(http.TimeFormat))
		said(`{"status":"success","data":{"resultType":"matrix","result":[]}}`)(w, r)
	}))
	defer up.Close()
	traces := traceServer(t)
	defer traces.stop()
	r, _ := investigated(t, traces.address, up.URL, patience)
	told := map[string]bool{}
	for _, row := range r.Coverage {
		if strings.Contains(row.Detail, "of a server whose clock is 5h0m behind ours") {
			told[row.Source] = true
		}
	}
	if !told["metrics"] {
		t.Errorf("the coverage tells of the clocks of %v: %+v", told, r.Coverage)
	}
}

// investigated is the report of one question, and the most memory that was in use.
func investigated(t *testing.T, traces, web string, deadline time.Duration) (report.Report, uint64) {
	t.Helper()
	const never = 10 * time.Minute
	cfg := config.Default()
	cfg.Engine.Deadline, cfg.Engine.SourceDeadline = deadline, deadline/2
	cfg.Sources = config.Sources{
		Jaeger:     &jaeger.Config{Config: endpoint.Config{Address: traces, Timeout: never}},
		Loki:       &loki.Config{Config: endpoint.Config{Address: web, Timeout: never}},
		Prometheus: &prometheus.Config{Config: endpoint.Config{Address: web, Timeout: never}},
	}
	s, err := backend.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	most := watched(t)
	// The bound is far above the deadline because the machine may be busy; a source
	// that is waited for would exceed it.
	ctx, cancel := context.WithTimeout(t.Context(), deadline+2*time.Minute)
	defer cancel()
	r, err := correlate.New(s.Sources, backend.EngineOptions(cfg, "test")).Investigate(ctx, correlate.Request{
		Alert: backend.Question("shop", "", time.Date(2026, 3, 1, 2, 51, 0, 0, time.UTC)), Now: time.Date(2026, 3, 1, 2, 53, 0, 0, time.UTC), Revision: 1,
	})
	heap := most()
	if err != nil || ctx.Err() != nil {
		t.Fatalf("no report in time: %v", err)
	}
	return r, heap
}

// watched looks at the heap until the function is called, which says the most.
func watched(t *testing.T) (most func() uint64) {
	t.Helper()
	stop := make(chan struct{})
	var seen uint64
	var done sync.WaitGroup
	done.Go(func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for {
			metrics.Read(sample)
			seen = max(seen, sample[0].Value.Uint64())
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	return func() uint64 {
		close(stop)
		done.Wait()
		return seen
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(code)
	}
}

func said(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

// long is an answer that takes more than one packet.
func long(w http.ResponseWriter, r *http.Request) {
	said(`{"status":"success","data":{"resultType":"matrix","result":[]},"padding":"`+strings.Repeat("x", 64<<10)+`"}`)(w, r)
}

// endless is one series after another, for as long as somebody reads.
func endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, err := io.WriteString(w, `{"status":"success","data":{"resultType":"matrix","result":[`)
	for n := 0; err == nil && r.Context().Err() == nil; n++ {
		_, err = fmt.Fprintf(w, `{"metric":{"__name__":"m","n":"%d"},"values":[[1772333460,"1"]]},`, n)
	}
}

// ofProxy leaves out what the proxy itself leaves behind.
func ofProxy(function string) goleak.Option {
	dot := "."
	if strings.HasPrefix(function, "toxics.") {
		dot = "/"
	}
	return goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2" + dot + function)
}

// rpcServer speaks gRPC and knows no service.
type rpcServer struct {
	address string
	stop    func()
}

func traceServer(t *testing.T) rpcServer {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	go func() { _ = s.Serve(l) }()
	return rpcServer{l.Addr().String(), s.Stop}
}

// proxies spoil connections.
type proxies struct {
	server *toxiproxy.ApiServer
	all    []*toxiproxy.Proxy
}

func newProxies(t *testing.T) *proxies {
	t.Helper()
	return &proxies{server: toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())}
}

// to is the address of a proxy to an address that does as a toxic says.
func (p *proxies) to(t *testing.T, address, toxic string) string {
	t.Helper()
	x := toxiproxy.NewProxy(p.server, fmt.Sprint("proxy-", len(p.all)), "127.0.0.1:0", address)
	if err := x.Start(); err != nil {
		t.Fatal(err)
	}
	listen := x.Listen
	if toxic == "down" {
		x.Stop()
		return listen
	}
	p.all = append(p.all, x)
	if toxic != "" {
		if _, err := x.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			t.Fatal(err)
		}
	}
	return listen
}

func (p *proxies) stop() {
	for _, x := range p.all {
		x.Stop()
	}
}
