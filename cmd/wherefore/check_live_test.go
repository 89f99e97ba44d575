package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

// past is a service as 28 days of metrics know it: between which instants it was
// there, and between which a tenth of its requests failed.
type past struct {
	service        string
	since, until   time.Time
	badFrom, badTo time.Time
}

// history writes the past of services as blocks for Prometheus, a sample every ten
// minutes, the requests of mute, which tell no status, and the rollback of shop that was
// tried at an instant.
func history(t *testing.T, promtool string, now, tried time.Time, list []past) (blocks string) {
	t.Helper()
	dir := t.TempDir()
	text, blocks := filepath.Join(dir, "history.om"), filepath.Join(dir, "blocks")
	f, err := os.Create(text)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(f)
	const requests = 600
	step := 10 * time.Minute
	write := func(series string, p past, grows func(at time.Time) int) {
		n := 0
		for at := p.since; !at.After(p.until); at = at.Add(step) {
			n += grows(at)
			_, _ = fmt.Fprintf(out, "%s %d %d\n", series, n, at.Unix()) // said by Flush
		}
	}
	_, _ = fmt.Fprintln(out, "# TYPE http_requests counter")
	for _, p := range list {
		write(fmt.Sprintf("http_requests_total{service=%q,code=\"200\"}", p.service), p, func(time.Time) int { return requests })
		write(fmt.Sprintf("http_requests_total{service=%q,code=\"500\"}", p.service), p, func(at time.Time) int {
			if at.After(p.badFrom) && !at.After(p.badTo) {
				return requests / 9
			}
			return 0
		})
	}
	_, _ = fmt.Fprintln(out, "# TYPE rpc_requests counter")
	write(`rpc_requests_total{service="mute"}`, past{since: now.Add(-2 * time.Hour), until: now}, func(time.Time) int { return requests })
	step = 15 * time.Second
	once := func(at time.Time) int {
		if before := at.Add(-step); !at.Before(tried) && before.Before(tried) {
			return 1
		}
		return 0
	}
	around := past{since: tried.Add(-10 * time.Minute), until: tried.Add(10 * time.Minute)}
	_, _ = fmt.Fprintln(out, "# TYPE rollback_duration_seconds gauge")
	write(`rollback_duration_seconds{service="shop"}`, around, once)
	_, _ = fmt.Fprintln(out, "# TYPE rollback counter")
	write(`rollback_total{service="shop",result="success"}`, around, once)
	_, _ = fmt.Fprintln(out, "# TYPE rollback_retried counter")
	write(`rollback_retried_total{service="shop"}`, around, func(time.Time) int { return 0 })
	_, _ = fmt.Fprintln(out, "# EOF")
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), promtool, "tsdb", "create-blocks-from", "--max-block-duration", "162h", "openmetrics", "-q", text, blocks).CombinedOutput(); err != nil {
		t.Fatalf("promtool: %v\n%s", err, said)
	}
	return blocks
}

// request is a span that is a whole trace.
type request struct {
	at     time.Time
	failed bool
	undoes string // what it takes back, if it is a rollback
}

// pushRequests gives requests of a service to Jaeger, with attributes of its resource,
// and the ID of the last one's trace.
func pushRequests(t *testing.T, address, service string, resource map[string]string, list ...request) (id string) {
	t.Helper()
	type object = map[string]any
	attributes := []object{{"key": "service.name", "value": object{"stringValue": service}}}
	for k, v := range resource {
		attributes = append(attributes, object{"key": k, "value": object{"stringValue": v}})
	}
	var spans []object
	for i, r := range list {
		id = fmt.Sprintf("%x%030x", []byte(service[:1]), i+1)
		span := object{"traceId": id, "spanId": id[16:], "name": "POST /orders", "kind": 2, "startTimeUnixNano": fmt.Sprint(r.at.UnixNano()), "endTimeUnixNano": fmt.Sprint(r.at.Add(20 * time.Millisecond).UnixNano())}
		if r.undoes != "" {
			span["name"], span["attributes"] = "rollback.execute", []object{{"key": "rollback.operation", "value": object{"stringValue": r.undoes}}}
		}
		if r.failed {
			span["status"] = object{"code": 2, "message": "the ledger is closed"}
		}
		spans = append(spans, span)
	}
	body, err := json.Marshal(object{"resourceSpans": []object{{"resource": object{"attributes": attributes}, "scopeSpans": []object{{"spans": spans}}}}})
	if err != nil {
		t.Fatal(err)
	}
	if status, said := sent(t, address+"/v1/traces", string(body)); status != http.StatusOK {
		t.Fatalf("Jaeger answered %d %s", status, said)
	}
	return id
}

// sent posts JSON.
func sent(t *testing.T, address, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// announce tells a server of a change of a service.
func announce(t *testing.T, base, kind, service string, at time.Time, more string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/api/v1/changes", strings.NewReader(fmt.Sprintf(
		`{"specversion": "1.0", "type": "dev.wherefore.%s.v1", "id": "x-%s-%d", "source": "chaos", "time": %q, "data": {"service": %q, "summary": "something is another one now", %s}}`,
		kind, service, at.Unix(), at.Format(time.RFC3339Nano), service, more)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/cloudevents+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("the %s of %s: %s", kind, service, resp.Status)
	}
}

// shopRepository is shop's, with a decision whose rollback was tried twice in a row.
func shopRepository(t *testing.T, tried time.Time) (dir, revision string) {
	t.Helper()
	drill := fmt.Sprintf(`, idempotency_guard: "a value that holds already is not set again", drill: [{at: %[1]s, seconds: 2, result: done}, {at: %[1]s, seconds: 1, result: already done}] }`, tried.Format(time.RFC3339))
	s := newShop(t, map[string]string{"decisions/DEC-2026-0007.yaml": strings.Replace(wellRecord, " }\nscope", drill+"\nscope", 1)}, 0)
	for _, args := range [][]string{{"add", "decisions"}, {"-c", "user.name=Ines Costa", "-c", "user.email=ines@shop.example", "commit", "-q", "-m", "Wait for the ledger"}} {
		runGit(t, append([]string{"-C", s.dir}, args...)...)
	}
	return s.dir, runGit(t, "-C", s.dir, "rev-parse", "HEAD")
}

// inFrontOf holds an address for one of a server's until the test is over: what is given
// the server's port once it ended never answers for it.
func inFrontOf(t *testing.T, s *servers.Server, use string) (address string) {
	t.Helper()
	ctx := t.Context()
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			asks, err := l.Accept()
			if err != nil {
				return
			}
			if s.Ended() {
				_ = asks.Close()
				continue
			}
			answers, err := new(net.Dialer).DialContext(ctx, "tcp", s.Addresses[use])
			if err != nil {
				_ = asks.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{asks, answers}, {answers, asks}} {
				go func() {
					_, _ = io.Copy(way[0], way[1]) // either side may break off
					_ = way[0].Close()
					_ = way[1].Close()
				}()
			}
		}
	}()
	return l.Addr().String()
}

// TestEachCheckOfWhatRunsFailsByARealCause has real servers hold what services did
// and sent: 28 days of hours, an experiment, lines, spans and metrics. Then one server
// after the other is ended, which is a drill of what asks it.
func TestEachCheckOfWhatRunsFailsByARealCause(t *testing.T) {
	t.Parallel() // it waits for half a minute
	promtool, err := servers.Find("promtool")
	if err != nil {
		t.Skip(err) // before a server is started for nothing
	}
	jaeger, loki := servers.Start(t, servers.Jaeger), servers.Start(t, servers.Loki)
	now := time.Now().UTC()
	const day = 24 * time.Hour
	long := now.Add(-29 * day)
	bad, experiment, tried := now.Add(-5*day), now.Add(-3*day), now.Add(-time.Hour).Truncate(time.Second)
	dir, revision := shopRepository(t, tried)
	services := []past{
		{service: "shop", since: long, until: now},
		{service: "slow", since: long, until: now, badFrom: bad, badTo: bad.Add(5 * time.Hour)},
		// An hour is known once all of it is kept, and hours are full ones: begun within
		// one, the days would be 15 or an hour short of it, as the clock is.
		{service: "young", since: now.Truncate(time.Hour).Add(-15 * day), until: now},
		{service: "gone", since: long, until: now.Add(-13 * day)},
		{service: "shaken", since: long, until: now, badFrom: experiment.Add(-20 * time.Minute), badTo: experiment.Add(time.Hour)},
	}
	prometheus := servers.Start(t, servers.PrometheusOptions{DataDir: history(t, promtool, now, tried, services)}.Start)
	config := fmt.Sprintf("listen: 127.0.0.1:0\ndata_dir: %q\nsources: {jaeger: {address: %q}, loki: {address: %q}, prometheus: {address: %q}}\ninvestigate: {timeout: 4m, fold: 0s, follow_up: 0s}\nrepositories: [{name: shop, url: %q, services: {shop: .}}]\nslo:\n  objectives:\n",
		t.TempDir(), inFrontOf(t, jaeger, "query"), "http://"+inFrontOf(t, loki, "http"), prometheus.URL("http"), dir)
	for _, s := range services {
		config += fmt.Sprintf("    - {name: availability, service: %[1]s, target: 99, bad: 'sum(rate(http_requests_total{service=%[1]q,code=\"500\"}[5m]))', all: 'sum(rate(http_requests_total{service=%[1]q}[5m]))'}\n", s.service)
	}
	base := serving(t, "serve", "--config", written(t, config)).says(t, urlOf)
	requests := []request{{at: tried, undoes: "config"}} // the others fail in the end
	for at := now.Add(-20 * time.Minute); at.Before(now); at = at.Add(5 * time.Second) {
		requests = append(requests, request{at: at, failed: at.After(now.Add(-time.Minute))})
	}
	id := pushRequests(t, jaeger.URL("otlp"), "shop", map[string]string{"service.version": revision, "deployment.environment.name": "production"}, requests...)
	pushLogs(t, loki.URL("http"), "shop", now.Add(-time.Minute), []any{"order not paid", map[string]string{"trace_id": id}})
	pushRequests(t, jaeger.URL("otlp"), "mute", nil, request{at: now.Add(-time.Minute)})
	pushLogs(t, loki.URL("http"), "mute", now.Add(-time.Minute), []any{"order paid"})
	until := func(at time.Time) string { return fmt.Sprintf(`"attributes": {"until": %q}`, at.Format(time.RFC3339)) }
	announce(t, base, "experiment", "shop", now.Add(-2*day), until(now.Add(-2*day).Add(20*time.Minute)))
	announce(t, base, "experiment", "shaken", experiment, until(experiment.Add(20*time.Minute)))
	announce(t, base, "config", "shop", now.Add(-time.Minute), `"from": "400", "to": "4", "attributes": {"key": "/shop/ledger_timeout_ms", "decision_id": "DEC-2026-0007"}`)

	check := func(service string, level int, id string, more ...string) casefile.CheckResult {
		t.Helper()
		out, errOut, _ := runApp(t, append([]string{"check", "--server", base, "--service", service, "--level", fmt.Sprint(level), "--format", "json"}, more...)...)
		if out == "" {
			t.Fatal(errOut)
		}
		return checkOf(t, out, id)
	}
	// What was sent is to be found a moment later.
	for end := time.Now().Add(patience); check("mute", 4, "logs-traced").Status != "FAIL" || check("mute", 4, "version-sent").Status != "FAIL"; time.Sleep(time.Second) {
		if time.Now().After(end) {
			t.Fatalf("got %+v, %+v", check("mute", 4, "logs-traced"), check("mute", 4, "version-sent"))
		}
	}
	for _, c := range []struct {
		service          string
		level            int
		id, status, says string
	}{
		{"shop", 3, "slo-attained", "PASS", "hours met their objective"},
		{"slow", 3, "slo-attained", "FAIL", "hours met their objective"},
		{"young", 3, "slo-attained", "INCONCLUSIVE", "15 of 28 days are kept"},
		{"shop", 3, "chaos-survived", "PASS", "was survived"},
		{"shaken", 3, "chaos-survived", "FAIL", "% were bad by availability, 1 % may be"},
		{"slow", 3, "chaos-survived", "INCONCLUSIVE", "was announced"},
		{"shop", 4, "sli-live", "PASS", "measured now: availability"},
		{"gone", 4, "sli-live", "FAIL", "availability gives nothing over the last hour"},
		{"shop", 4, "logs-traced", "PASS", ""},
		{"mute", 4, "logs-traced", "FAIL", "0 of 1 log lines"},
		{"shop", 4, "status-labelled", "PASS", ""},
		{"mute", 4, "status-labelled", "FAIL", "rpc_requests_total"},
		{"shop", 4, "version-sent", "PASS", ""},
		{"mute", 4, "version-sent", "FAIL", "0 of 1 spans"},
		{"shop", 4, "environment-sent", "PASS", ""},
		{"mute", 4, "environment-sent", "FAIL", "0 of 1 spans"},
		{"mote", 4, "environment-sent", "INCONCLUSIVE", "no source knows the service mote"},
	} {
		if got := check(c.service, c.level, c.id); got.Status != c.status || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s of %s: got %s %q, want %s %q", c.id, c.service, got.Status, got.Message, c.status, c.says)
		}
	}

	// What stands before Loki and Jaeger has one health that tells of Loki, and one that
	// is that of its own process.
	behind, err := url.Parse(jaeger.URL("ui"))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", httputil.NewSingleHostReverseProxy(behind))
	mux.HandleFunc("/alive", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		status := `{"status":"ok"}`
		if loki.Ended() {
			status = `{"status":"degraded","reasons":["loki_down"]}`
		}
		_, _ = io.WriteString(w, status)
	})
	front := httptest.NewServer(mux)
	t.Cleanup(front.Close)
	announce(t, base, "experiment", "shop", now.Add(-time.Second), until(now.Add(time.Hour)))
	var health struct{ Status string }
	for end := time.Now().Add(patience); !ask(t, front.URL+"/health", &health) || health.Status != "ok"; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("health says %q before the drill", health.Status)
		}
	}
	// Nobody starts Loki again.
	if got := check("shop", 4, "self-healing", "--drill", front.URL+"/health", "--fault", fmt.Sprintf("kill -9 %d", loki.PID()), "--watch", "1s"); got.Status != "FAIL" || !strings.Contains(got.Message, "stayed degraded") {
		t.Errorf("self-healing: got %s %q", got.Status, got.Message)
	}
	notLocated(t, base, now)
	const ok = "said ok all through"
	var degrades, honest casefile.CheckResult
	// A look of the drill that a busy machine keeps waiting is no ok, so that there is more
	// than one try; only the first ends Jaeger, whose number may be another's afterwards.
	fault := fmt.Sprintf("kill -9 %d", jaeger.PID())
	for range 4 {
		out, errOut, _ := runApp(t, "check", "--server", base, "--service", "shop", "--level", "4", "--format", "json", "--drill", front.URL+"/alive", "--fault", fault)
		if out == "" {
			t.Fatal(errOut)
		}
		fault = "true"
		if degrades, honest = checkOf(t, out, "health-degrades"), checkOf(t, out, "health-honest"); strings.Contains(degrades.Message, ok) {
			break
		}
	}
	for _, got := range []casefile.CheckResult{degrades, honest} {
		if got.Status != "FAIL" || !strings.Contains(got.Message, ok) {
			t.Errorf("%s: got %s %q", got.ID, got.Status, got.Message)
		}
	}
}

// notLocated asks about an incident that was looked into while Loki was down: nothing
// is located where a source told nothing, and what is wrong is wrong all the same. How
// far its rollback can be trusted is known by what others tell.
func notLocated(t *testing.T, base string, at time.Time) {
	t.Helper()
	if status, said := sent(t, base+"/api/v1/alerts", fmt.Sprintf(`{"version":"4","groupKey":"{}:{}","status":"firing","receiver":"r","alerts":[{"status":"firing","labels":{"alertname":"Slow","service":"shop"},"annotations":{},"startsAt":%q,"fingerprint":"0123456789abcdef"}]}`,
		at.Format(time.RFC3339))); status >= http.StatusMultipleChoices {
		t.Fatalf("the alert: %d %s", status, said)
	}
	id, r := reportOf(t, base, "Slow")
	if b := r.Rollback; b == nil || b.Readiness == nil || b.Readiness.Level != 3 || b.Source != "DEC-2026-0007" {
		text, err := json.Marshal(b)
		t.Errorf("got the rollback %s, %v, want three points of DEC-2026-0007", text, err)
	}
	for _, c := range []struct{ expect, status, says string }{{"", "INCONCLUSIVE", "logs: failed"}, {"nobody", "FAIL", "expected nobody"}} {
		_, said := sent(t, base+"/api/v1/checks", fmt.Sprintf(`{"level":5,"incident":%q,"expect":{"entity":%q}}`, id, c.expect))
		var got casefile.CheckResult
		if err := json.Unmarshal([]byte(said), &got); err != nil || got.Status != c.status || !strings.Contains(got.Message, c.says) {
			t.Errorf("by the API: got %s, want %s %q", said, c.status, c.says)
		}
		args := []string{"check", "--server", base, "--level", "5", "--incident", id, "--format", "json", "--within", "0"}
		if c.expect != "" {
			args = append(args, "--expect-entity", c.expect)
		}
		out, errOut, _ := runApp(t, args...)
		if err := json.Unmarshal([]byte(out), &got); err != nil || got.Status != c.status || !strings.Contains(got.Message, c.says) {
			t.Errorf("by the command: got %s%s, want %s %q", out, errOut, c.status, c.says)
		}
	}
}
