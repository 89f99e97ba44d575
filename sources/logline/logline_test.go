package logline

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const (
	id  = "4bf92f3577b34da6a3ce929d0e0e4736"
	low = "0000000000000000a3ce929d0e0e4736"
	sp  = "00f067aa0ba902b7"
)

// read is what a shape must give; frames as file:line.
type read struct {
	message, trace, span, caller, logger, cause, stack string
	severity                                           evidence.Severity
}

func reads(body string) read {
	l := evidence.LogLine{Body: body, Time: time.Unix(1, 0)}
	Default.Read(&l)
	r := read{message: l.Text(), trace: l.TraceID, span: l.SpanID, logger: l.Logger, cause: l.Error, severity: l.Severity}
	if l.Caller.File != "" {
		r.caller = l.Caller.File + ":" + itoa(l.Caller.Line)
	}
	r.stack, _, _ = strings.Cut(l.Stack, "\n")
	return r
}

var shapes = []struct {
	name, body string
	want       read
}{
	{"zap", `{"level":"error","ts":1789491041.77,"logger":"pay","caller":"pay/charge.go:88","msg":"charge failed","error":"dial: refused","trace_id":"` + id + `","span_id":"` + sp + `","stacktrace":"main.f\n\t/a.go:3"}`,
		read{"charge failed", id, sp, "pay/charge.go:88", "pay", "dial: refused", "main.f", 17}},
	{"zerolog", `{"level":"warn","time":"2026-01-02T03:04:05Z","caller":"/src/a.go:7","traceId":"` + strings.ToUpper(id) + `","message":"slow"}`,
		read{message: "slow", trace: id, caller: "/src/a.go:7", severity: 13}},
	{"slog", `{"time":"2026-01-02T03:04:05Z","level":"INFO+2","source":{"function":"main.f","file":"/src/a.go","line":7},"msg":"done"}`,
		read{message: "done", caller: "/src/a.go:7", severity: 9}},
	{"pino", `{"level":50,"time":1789487042282,"pid":1,"msg":"declined","err":{"type":"Error","message":"no money","stack":"Error: no money\n    at f (/a.js:1:2)"}}`,
		read{message: "declined", cause: "no money", stack: "Error: no money", severity: 17}},
	{"bunyan fatal", `{"name":"api","level":60,"msg":"gone","v":0}`, read{message: "gone", logger: "api", severity: 21}},
	{"serilog", `{"@t":"2026-01-02T03:04:05Z","@mt":"Order {Id}","@m":"Order 5","@l":"Error","@x":"System.Exception: x\n   at A.B() in /a.cs:line 3","@tr":"` + id + `","@sp":"` + sp + `","SourceContext":"Shop.Pay"}`,
		read{"Order 5", id, sp, "", "Shop.Pay", "System.Exception: x", "System.Exception: x", 17}},
	{"logrus", `time="2026-01-02T03:04:05Z" level=error msg="no luck" error="EOF" file="/src/a.go:159"`,
		read{message: "no luck", cause: "EOF", caller: "/src/a.go:159", severity: 17}},
	{"winston", `{"level":"error","message":"no luck","timestamp":"2026-01-02","trace_id":"` + id + `"}`, read{message: "no luck", trace: id, severity: 17}},
	{"dotnet json", `{"EventId":0,"LogLevel":"Warning","Category":"Shop.Web","Message":"slow","State":{"Id":3}}`, read{message: "slow", logger: "Shop.Web", severity: 13}},
	{"ecs", `{"@timestamp":"2026-01-02T03:04:05Z","log.level":"ERROR","message":"bad","log":{"logger":"a.B","origin":{"file":{"name":"B.java","line":9},"function":"f"}},"error":{"type":"X","message":"why","stack_trace":"X: why\n\tat a.B.f(B.java:9)"},"trace":{"id":"` + id + `"}}`,
		read{"bad", id, "", "B.java:9", "a.B", "why", "X: why", 17}},
	{"mongo", `{"t":{"$date":"2026-01-02T03:04:05Z"},"s":"E","c":"NETWORK","id":1,"ctx":"conn1","msg":"accept","attr":{}}`, read{message: "accept", severity: 17}},
	{"datadog decimal", `{"level":"info","msg":"ok","dd":{"trace_id":"11803532876627986230","span_id":"67667974448284343"}}`, read{message: "ok", trace: low, span: sp, severity: 9}},
	{"x-ray", `{"level":"info","msg":"ok","xray_trace_id":"Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=` + sp + `;Sampled=1"}`, read{message: "ok", trace: id, span: sp, severity: 9}},
	{"b3 single", `{"level":"info","msg":"ok","b3":"` + id + `-` + sp + `-1"}`, read{message: "ok", trace: id, span: sp, severity: 9}},
	{"b3 several", `{"level":"info","msg":"ok","X-B3-TraceId":"a3ce929d0e0e4736","X-B3-SpanId":"` + sp + `"}`, read{message: "ok", trace: low, span: sp, severity: 9}},
	{"google", `{"severity":"ERROR","message":"x","logging.googleapis.com/trace":"projects/p/traces/` + id + `","logging.googleapis.com/spanId":"` + sp + `"}`, read{message: "x", trace: id, span: sp, severity: 17}},
	{"logfmt", `ts=2026-01-02T03:04:05Z level=warn caller=a/b.go:64 msg="it is slow" traceID=` + id, read{message: "it is slow", trace: id, caller: "a/b.go:64", severity: 13}},
	{"klog", `E0910 11:23:28.000000    4711 assign.go:64] cannot assign`, read{message: "cannot assign", caller: "assign.go:64", severity: 17}},
	{"go log", `2026/09/10 12:30:08 assign.go:64: cannot assign`, read{message: "cannot assign", caller: "assign.go:64", severity: 17}},
	{"go log without a time", `assign.go:64: assigned`, read{message: "assigned", caller: "assign.go:64"}},
	{"logback", `11:23:28.123 [main] ERROR c.s.Pay - charge failed`, read{message: "charge failed", logger: "c.s.Pay", severity: 17}},
	{"a thread called as a level with a distance", `2026-01-02 03:04:05,678 ERROR [http-1] c.s.Pay - charge failed`, read{message: "charge failed", logger: "c.s.Pay", severity: 17}},
	{"a thread called as a level", `2026-01-02 03:04:05,678 WARN [error] c.s.Pay - slow`, read{message: "slow", logger: "c.s.Pay", severity: 13}},
	{"a thread called as Apache's module and level", `2026-01-02 03:04:05,678 WARN [pool:error] c.s.Pay - slow`, read{message: "slow", logger: "c.s.Pay", severity: 13}},
	{"spring 3", `2026-01-02T03:04:05.678+02:00 ERROR 1 --- [shop] [nio-8080-exec-1] [` + id + `-` + sp + `] o.s.web.Cart  : no cart`, read{"no cart", id, sp, "", "o.s.web.Cart", "", "", 17}},
	{"sleuth", `2026-01-02 03:04:05.678  INFO [shop,` + id + `,` + sp + `] 1 --- [exec-1] o.s.web.Cart : a cart`, read{"a cart", id, sp, "", "o.s.web.Cart", "", "", 9}},
	{"zap console", "2026-01-02T03:04:05.678Z\terror\tpay/charge.go:88\tcharge failed\t{\"trace_id\": \"" + id + "\", \"error\": \"EOF\"}", read{message: "charge failed", trace: id, caller: "pay/charge.go:88", cause: "EOF", severity: 17}},
	{"zap console, named", "2026-01-02T03:04:05.678Z\tinfo\tpay.core\tpay/charge.go:88\tcharged", read{message: "charged", caller: "pay/charge.go:88", logger: "pay.core", severity: 9}},
	{"coloured", "\x1b[90m2026-09-03T17:48:31.625Z\x1b[0m \x1b[32mWRN\x1b[0m saved \x1b[36mtrace_id=\x1b[0m" + id, read{message: "saved", trace: id, severity: 13}},
	{"python", `2026-01-02 03:04:05,678 - shop.pay - ERROR - charge failed`, read{message: "charge failed", logger: "shop.pay", severity: 17}},
	{"python, short", `WARNING:shop:slow`, read{message: "slow", logger: "shop", severity: 13}},
	{"gunicorn", `[2026-01-02 03:04:05 +0000] [7] [ERROR] Exception in worker process`, read{message: "Exception in worker process", severity: 17}},
	{"rails", `E, [2026-01-02T03:04:05.678901 #123] ERROR -- : no luck`, read{message: "no luck", severity: 17}},
	{"rust", `[2026-01-02T03:04:05Z WARN  shop::pay] slow`, read{message: "slow", logger: "shop::pay", severity: 13}},
	{"tracing", `2026-01-02T03:04:05.678901Z ERROR shop::pay: charge failed trace_id=` + id, read{message: "charge failed", trace: id, logger: "shop::pay", severity: 17}},
	{"dotnet console", "fail: Shop.Pay[0]\n      charge went wrong", read{message: "charge went wrong", logger: "Shop.Pay", severity: 17}},
	{"serilog text", `[03:04:05 ERR] charge went wrong`, read{message: "charge went wrong", severity: 17}},
	{"log4j", `[2026-01-02 03:04:05,678] WARN slow (kafka.server.X)`, read{message: "slow (kafka.server.X)", severity: 13}},
	{"log4j trace bracket", `2026-01-02T03:04:05.678Z INFO [` + id + `/` + sp + `] planner: saved`, read{message: "planner: saved", trace: id, span: sp, severity: 9}},
	{"nginx error", `2026/01/02 03:04:05 [error] 12#12: *9 connect() failed (111: Connection refused) while connecting to upstream, request: "GET / HTTP/1.1", upstream: "http://a"`,
		read{message: `connect() failed (111: Connection refused) while connecting to upstream, request: "GET / HTTP/1.1", upstream: "http://a"`, severity: 17}},
	{"nginx access", `10.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET /cart/7?x=1 HTTP/1.1" 502 157 "-" "curl/8" ` + id + ` ` + sp, read{message: "GET /cart/7 502", trace: id, span: sp, severity: 17}},
	{"nginx access, fine", `10.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET /errors HTTP/1.1" 200 157 "-" "Failed/8"`, read{message: "GET /errors 200", severity: 9}},
	{"envoy access", `[2026-01-02T03:04:05.678Z] "POST /pay HTTP/2" 503 UF 0 91 10 - "-" "ua" "b1f0c2d4-0000-4000-8000-000000000001" "pay" "10.0.0.2:80" traceparent=00-` + id + `-` + sp + `-01`,
		read{message: "POST /pay 503", trace: id, span: sp, severity: 17}},
	{"envoy", `[2026-01-02 03:04:05.678][12][warning][upstream] [source/common/x.cc:123] overflow`, read{message: "overflow", caller: "source/common/x.cc:123", severity: 13}},
	{"syslog 3164", `<11>Jan  2 03:04:05 web1 shop[77]: no luck`, read{message: "no luck", severity: 17}},
	{"syslog 5424", `<12>1 2026-01-02T03:04:05Z web1 shop 77 - [x trace_id="` + id + `"] slow`, read{message: "slow", trace: id, severity: 13}},
	{"priority alone", `<3>planner[12]: plan went wrong`, read{message: "plan went wrong", severity: 17}},
	{"cri", `2026-09-03T16:48:31.446Z stdout F {"level":"info","msg":"saved","traceID":"` + id + `"}`, read{message: "saved", trace: id, severity: 9}},
	{"docker", `{"log":"{\"level\":\"error\",\"msg\":\"not saved\",\"trace_id\":\"` + id + `\"}\n","stream":"stderr","time":"2026-01-02T03:04:05Z"}`, read{message: "not saved", trace: id, severity: 17}},
	{"docker in cri", `2026-09-03T16:48:31.446Z stderr F {"log":"E0910 11:23:28.000000 1 a.go:6] cannot\n","stream":"stderr"}`, read{message: "cannot", caller: "a.go:6", severity: 17}},
	{"redis", `1:M 02 Jan 2026 03:04:05.678 # Possible trouble`, read{message: "Possible trouble", severity: 13}},
	{"redis, notice", `1:M 02 Jan 2026 03:04:05.678 * Ready to accept connections`, read{message: "Ready to accept connections", severity: 9}},
	{"postgres", `2026-01-02 03:04:05.678 UTC [123] app@shop ERROR:  relation "x" does not exist`, read{message: `relation "x" does not exist`, severity: 17}},
	{"postgres, log", `2026-01-02 03:04:05.678 UTC [1] LOG:  database system is ready`, read{message: "database system is ready", severity: 9}},
	{"mysql", `2026-01-02T03:04:05.678901Z 12 [ERROR] [MY-010119] [Server] Aborting`, read{message: "Aborting", severity: 17}},
	{"elixir", `03:04:05.678 [error] no luck`, read{message: "no luck", severity: 17}},
	{"traceparent in text", `2026-09-03T14:48:30.449Z INFO "plan saved" tp=00-` + id + `-` + sp + `-01`, read{message: `"plan saved"`, trace: id, span: sp, severity: 9}},
	{"an upper-case ID in text", `saved CorrelationId=` + strings.ToUpper(id), read{message: "saved", trace: id}},
	{"a short ID in text", `INFO: plan saved, dd.trace=a3ce929d0e0e4736`, read{message: "plan saved", trace: low, severity: 9}},
	{"a stack under text", "2026-09-20T05:50:11.386Z ERROR plan failed\njava.lang.X: y\n\tat a.B(B.java:29)", read{message: "plan failed", stack: "java.lang.X: y", severity: 17}},
	{"a stack alone", "Traceback (most recent call last):\n  File \"/a.py\", line 3, in f\nKeyError: 1", read{message: "Traceback (most recent call last):", stack: "Traceback (most recent call last):", severity: 17}},
	{"words alone", "the cart at 10:15 was full", read{message: "the cart at 10:15 was full"}},
	{"JSON that is none", `{not json} but words`, read{message: `{not json} but words`}},
	{"a word of the message like a level", "error while paying", read{message: "error while paying", severity: 17}},
	{"a list", `[1,2,3]`, read{message: `[1,2,3]`}},
	{"a pair in words", "run 91 ended badly, job=label-rollup-v3", read{message: "run 91 ended badly, job=label-rollup-v3"}},
}

func TestReadKnowsTheShapes(t *testing.T) {
	for _, tt := range shapes {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, reads(tt.body), cmp.AllowUnexported(read{})); d != "" {
				t.Errorf("want (-) got (+):\n%s", d)
			}
		})
	}
}
func itoa(n int) string {
	return string(appendInt(nil, n))
}
func appendInt(b []byte, n int) []byte {
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

func TestWordsCountInRunningTextOnly(t *testing.T) {
	for text, want := range map[string]bool{
		"payment failed":                                    true,
		"cannot open the ledger":                            true,
		"connection refused":                                true,
		"dial tcp 10.3.0.14:6379: i/o timeout":              true,
		"context deadline exceeded":                         true,
		"java.lang.IllegalStateException: no shelf":         true,
		"error: no such table":                              true,
		"request timed out after 3s":                        true,
		"read: connection reset by peer":                    true,
		"timeout of 3000ms exceeded":                        true,
		"query timeout (ms): 500":                           false,
		"query timeout (ms) : 500":                          false,
		"connect-timeout 30s":                               false,
		"notify-keyspace-events-on-error = off":             false,
		"error_log: /var/log/error.log":                     false,
		"error log is /var/log/app/error.log":               false,
		"GET /errors/timeout 200":                           false,
		"0 errors, 0 failed":                                false,
		"checked 12 records, no error":                      false,
		"restart policy: on-failure":                        false,
		"errors: 0":                                         false,
		"failed: 0":                                         false,
		"registered error handler":                          false,
		"request timeout is 30s":                            false,
		"using timeout 30s":                                 false,
		"loaded class ErrorMapper":                          false,
		"failure-threshold 3":                               false,
		"started with maxFailures=3 timeout=5s":             false,
		"ready":                                             false,
		"listening on /tmp/panic.sock":                      false,
		"stop-writes-on-bgsave-error yes":                   false,
		"terminated with timeout=30s error_budget=0.1":      false,
		"exited: worker (terminated by SIGKILL; killed)":    true,
		"spark.network.timeout 120s spark.task.maxFailures": false,
	} {
		if got := Words(text) == evidence.SeverityError; got != want {
			t.Errorf("%q: a failure %v, want %v", text, got, want)
		}
	}
}

func lines(bodies ...string) []evidence.LogLine {
	var list []evidence.LogLine
	for i, b := range bodies {
		list = append(list, evidence.LogLine{Time: time.Unix(100, int64(i)*1e6), Body: b})
	}
	return list
}

func bodies(list []evidence.LogLine) []string {
	var out []string
	for _, l := range list {
		out = append(out, l.Body)
	}
	return out
}

func TestJoinPutsPiecesOfOneStackTogether(t *testing.T) {
	for _, tt := range []struct {
		name     string
		in, want []string
	}{
		{"java", []string{"INFO a", "ERROR plan failed", "java.lang.X$YException: y", "\tat a.B.c(B.java:29)", "Caused by: java.io.IOException: z", "\tat a.B.d(B.java:3)", "\t... 12 more", "INFO b"},
			[]string{"INFO a", "ERROR plan failed\njava.lang.X$YException: y\n\tat a.B.c(B.java:29)\nCaused by: java.io.IOException: z\n\tat a.B.d(B.java:3)\n\t... 12 more", "INFO b"}},
		{"python", []string{"ERROR plan failed", "Traceback (most recent call last):", `  File "/a.py", line 3, in f`, "    g()", "IndexError: list index", "INFO b"},
			[]string{"ERROR plan failed\nTraceback (most recent call last):\n  File \"/a.py\", line 3, in f\n    g()\nIndexError: list index", "INFO b"}},
		{"go", []string{"panic: no", "", "goroutine 1 [running]:", "main.f(...)", "\t/b/main.go:3 +0x1", "exit status 2", "started"},
			[]string{"panic: no\n\ngoroutine 1 [running]:\nmain.f(...)\n\t/b/main.go:3 +0x1\nexit status 2", "started"}},
		{"node, in the runtime's wrapping", []string{"2026-09-03T16:48:31.446Z stderr F TypeError: x", "2026-09-03T16:48:31.447Z stderr F     at f (/a.js:1:2)", "2026-09-03T16:48:31.448Z stdout F ok"},
			[]string{"TypeError: x\n    at f (/a.js:1:2)", "2026-09-03T16:48:31.448Z stdout F ok"}},
		{"docker", []string{`{"log":"TypeError: x\n","stream":"stderr"}`, `{"log":"    at f (/a.js:1:2)\n","stream":"stderr"}`}, []string{"TypeError: x\n    at f (/a.js:1:2)"}},
		{"a line that the runtime cut", []string{"2026-09-03T16:48:31.446Z stdout P {\"msg\":", "2026-09-03T16:48:31.447Z stdout F \"x\"}", "2026-09-03T16:48:31.448Z stdout F ok"},
			[]string{`{"msg":"x"}`, "2026-09-03T16:48:31.448Z stdout F ok"}},
		{"whole lines", []string{"a", "b (c.go:3)", "at last", "  indented"}, []string{"a", "b (c.go:3)", "at last", "  indented"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, bodies(Join(lines(tt.in...)))); d != "" {
				t.Errorf("want (-) got (+):\n%s", d)
			}
			var join Joiner
			var out []evidence.LogLine
			for _, l := range lines(tt.in...) {
				if before, whole := join.Add(l); whole {
					out = append(out, before)
				}
			}
			if last, some := join.Rest(); some {
				out = append(out, last)
			}
			if got, want := strings.Join(bodies(out), "|"), strings.Join(bodies(Join(lines(tt.in...))), "|"); got != want && len(out) < len(tt.in) {
				t.Errorf("one at a time: got %q, want %q", got, want)
			}
		})
	}
	late := lines("ERROR x", "\tat a.B.c(B.java:29)")
	late[1].Time = late[0].Time.Add(time.Minute)
	if got := Join(late); len(got) != 2 {
		t.Errorf("a minute later: got %q, want two lines", bodies(got))
	}
	own := lines("order stored in 7 ms", "TypeError: x\n    at f (/a.js:1:2)")
	own[0].Severity, own[1].Severity = evidence.SeverityInfo, evidence.SeverityError
	if got := Join(own); len(got) != 2 {
		t.Errorf("a whole exception with a level of its own: got %q, want two lines", bodies(got))
	}
	if own[1].Severity = own[0].Severity; len(Join(own)) != 1 {
		t.Error("an exception of the same level as the line before: want one line")
	}
}

func TestLinesOfAnySizeAreBounded(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)
	var many strings.Builder
	many.WriteString(`{"level":"error","msg":"m"`)
	for i := range 1_000_000 {
		many.WriteString(`,"k` + itoa(i) + `":1`)
	}
	many.WriteString("}")
	stack := append([]string{"ERROR x", "java.lang.AException: y"}, slicesOf("\tat a.B.c(B.java:29)", 100_000)...)
	for name, in := range map[string][]string{
		"100 MB": {`{"level":"error","msg":"m","x":"` + strings.Repeat("x", 100<<20)}, "nested": {deep}, "fields": {many.String()}, "frames": stack,
		"nested behind fields": {`{"level":"error","msg":"m","x":` + deep + "}"},
	} {
		l := Join(lines(in...))[0]
		Default.Read(&l)
		if len(l.Body) > maxBody || len(l.Attributes) > maxFields || len(l.Stack) > maxStack {
			t.Errorf("%s: %d bytes, %d fields, %d bytes of stack", name, len(l.Body), len(l.Attributes), len(l.Stack))
		}
		if l.Cut == 0 {
			t.Errorf("%s: nothing is counted as left out", name)
		}
		if name != "nested" && l.Severity != evidence.SeverityError {
			t.Errorf("%s: severity %v, want error", name, l.Severity)
		}
	}
}

func slicesOf(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}

// TestOneIncidentInThreeShapes: what was said is the same however it was shipped.
func TestOneIncidentInThreeShapes(t *testing.T) {
	at := time.Unix(1, 0)
	fields := map[string]string{"caller": "pay/charge.go:88", "error": "EOF", "order": "17"}
	for name, l := range map[string]evidence.LogLine{
		"OTLP":   {Time: at, Severity: 17, Body: "charge failed", TraceID: id, SpanID: sp, Attributes: fields},
		"JSON":   {Time: at, Body: `{"level":"error","msg":"charge failed","caller":"pay/charge.go:88","error":"EOF","order":17,"trace_id":"` + id + `","span_id":"` + sp + `"}`},
		"logfmt": {Time: at, Body: `level=error msg="charge failed" caller=pay/charge.go:88 error=EOF order=17 trace_id=` + id + ` span_id=` + sp},
	} {
		Default.Read(&l)
		l.Body, l.Message = l.Text(), ""
		want := evidence.LogLine{Time: at, Severity: 17, Body: "charge failed", TraceID: id, SpanID: sp, Error: "EOF", Attributes: fields,
			Caller: evidence.Frame{File: "pay/charge.go", Line: 88, Rung: evidence.LocationCaller}}
		if d := cmp.Diff(want, l); d != "" {
			t.Errorf("%s: want (-) got (+):\n%s", name, d)
		}
	}
}

func TestKeysAreConfigurable(t *testing.T) {
	r, err := New(Keys{TraceID: []string{"x_corr"}, Severity: []string{"how-bad"}, Message: []string{"was"}, Caller: []string{"at_line"}})
	if err != nil {
		t.Fatal(err)
	}
	l := evidence.LogLine{Body: `{"msg":"no","was":"said","xCorr":"` + id + `","how_bad":"warn","at_line":"a.go:3"}`}
	r.Read(&l)
	if l.Message != "said" || l.TraceID != id || l.Severity != evidence.SeverityWarn || l.Caller.Line != 3 || l.Attributes["caller"] != "a.go:3" {
		t.Errorf("got %+v", l)
	}
	if _, err := New(Keys{Stack: []string{"--"}}); err == nil || !strings.Contains(err.Error(), "stack") {
		t.Errorf("got %v, want an error that names the key", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range shapes {
		f.Add(s.body)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list := Join(lines(s, s, "\tat a.B.c(B.java:29)"))
		for _, l := range list {
			Default.Read(&l)
			again := evidence.LogLine{Time: l.Time, Body: l.Body}
			Default.Read(&again)
			if again.Text() != l.Text() || again.TraceID != l.TraceID || again.Severity != l.Severity || again.Stack != l.Stack {
				t.Errorf("read twice: %+v, then %+v", l, again)
			}
		}
	})
}

// BenchmarkRead reads each shape; BenchmarkDecoderAlone is what the JSON decoder
// costs on the same JSON lines.
func BenchmarkRead(b *testing.B) {
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			for b.Loop() {
				l := evidence.LogLine{Body: s.body, Time: time.Unix(1, 0)}
				Default.Read(&l)
			}
		})
	}
}

func BenchmarkDecoderAlone(b *testing.B) {
	for _, s := range shapes {
		if !strings.HasPrefix(s.body, `{"`) {
			continue
		}
		b.Run(s.name, func(b *testing.B) {
			for b.Loop() {
				var m map[string]any
				_ = json.Unmarshal([]byte(s.body), &m)
			}
		})
	}
}
