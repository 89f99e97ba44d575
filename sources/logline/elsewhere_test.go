package logline_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stacktrace"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

const (
	aTrace = "7c1d0e6a8b9f4c2d91e37a5b6c4d2e1f"
	aSpan  = "b7ad6b7169203331"
	bad    = evidence.SeverityError
	warn   = evidence.SeverityWarn
	well   = evidence.SeverityInfo
)

// reading is what lines have to say: each field that is set has to come out; quiet
// says that the line is no failure, whatever its level.
type reading struct {
	name, kind                                    string
	lines                                         []string
	level                                         evidence.Severity
	quiet                                         bool
	trace, text, file, caller, why, callerIsNotIn string
	line                                          int
}

// elsewhere are lines on which other readers of logs are known to go wrong.
var elsewhere = []reading{
	// The level is a field's, whatever the words say.
	{name: "a warning that speaks of an error", kind: "level", lines: []string{`{"message":"An error happened while closing","level":"WARNING","severity":"WARNING"}`}, level: warn},
	{name: "spaces around the level", kind: "level", lines: []string{`{ "level" : "INFO" , "msg" : "error count was reset" }`}, level: well},
	{name: "ECS, padded", kind: "level", lines: []string{`{"@timestamp":"2026-07-06T15:29:50Z","log.level":"ERROR ","message":"not stored"}`}, level: bad, text: "not stored"},
	{name: "nested in body", kind: "level", lines: []string{`{"body":{"message":"slow answer, an error may follow","level":"warn"}}`}, level: warn},
	{name: "priority as a word", kind: "level", lines: []string{`{"priority":"ERROR","message":"not stored","thread":"main"}`}, level: bad},
	{name: "hclog's JSON", kind: "level", lines: []string{`{"@level":"error","@message":"not stored","@module":"core","@timestamp":"2026-07-06T15:29:50.1Z","error":"no key"}`}, level: bad, text: "not stored", why: "no key"},
	{name: "loguru's own JSON", kind: "level", lines: []string{`{"text":"2026-07-06 15:29:50.123 | ERROR | till:ring:31 - not stored\n","record":{"elapsed":{"repr":"0:00:01","seconds":1.0},"exception":null,"extra":{},"file":{"name":"till.py","path":"/app/till.py"},"function":"ring","level":{"icon":"x","name":"ERROR","no":40},"line":31,"message":"not stored","module":"till","name":"till"}}`}, level: bad, text: "not stored", caller: "/app/till.py"},
	{name: "Windows' event", kind: "level", lines: []string{`{"source":"Depot","channel":"Application","computer":"h1","level":4,"levelText":"Information","message":"the error counter is reset"}`}, level: well},
	{name: "Windows' event that is an error", kind: "level", lines: []string{`{"source":"Depot","channel":"Application","computer":"h1","level":2,"levelText":"Error","message":"not stored"}`}, level: bad},
	{name: "the journal's JSON", kind: "level", lines: []string{`{"PRIORITY":"3","MESSAGE":"not stored","_SYSTEMD_UNIT":"depot.service","SYSLOG_IDENTIFIER":"depot","_PID":"71"}`}, level: bad, text: "not stored"},
	{name: "GELF", kind: "level", lines: []string{`{"version":"1.1","host":"h1","short_message":"not stored","timestamp":1783351790.123,"level":3,"_app":"depot"}`}, level: bad, text: "not stored"},
	{name: "GELF that informs", kind: "level", lines: []string{`{"version":"1.1","host":"h1","short_message":"error budget renewed","timestamp":1783351790.123,"level":6}`}, level: well},
	{name: "Application Insights", kind: "level", lines: []string{`{"time":"2026-07-06T15:29:50Z","severityLevel":3,"message":"not stored","operation_Id":"` + aTrace + `"}`}, level: bad, trace: aTrace},
	{name: "Application Insights that informs", kind: "level", lines: []string{`{"time":"2026-07-06T15:29:50Z","severityLevel":1,"message":"the failed ones were retried","operation_Id":"` + aTrace + `"}`}, level: well, trace: aTrace},

	// A line inside a shipper's record.
	{name: "Vector around JSON", kind: "wrap", lines: []string{`{"host":"h1","message":"{\"level\":\"error\",\"msg\":\"not stored\",\"trace_id\":\"` + aTrace + `\"}","source_type":"docker_logs","timestamp":"2026-07-06T15:29:50Z"}`}, level: bad, text: "not stored", trace: aTrace},
	{name: "Vector around text", kind: "wrap", lines: []string{`{"file":"/var/log/pods/shop_depot-0_7c/depot/0.log","kubernetes":{"pod_name":"depot-0"},"message":"2026-07-06 15:29:50 ERROR not stored","source_type":"kubernetes_logs","stream":"stderr","timestamp":"2026-07-06T15:29:50Z"}`}, level: bad, text: "not stored", callerIsNotIn: "/var/log"},
	{name: "Fluent Bit with the pod's names", kind: "wrap", lines: []string{`{"log":"{\"level\":\"error\",\"msg\":\"not stored\"}\n","kubernetes":{"pod_name":"depot-0","labels":{"app":"depot"}},"time":"2026-07-06T15:29:50Z"}`}, level: bad, text: "not stored"},
	{name: "FireLens", kind: "wrap", lines: []string{`{"container_id":"7c1d","container_name":"/ecs-depot-3","source":"stdout","log":"{\"level\":50,\"msg\":\"not stored\",\"time\":1783351790123}"}`}, level: bad, text: "not stored"},
	{name: "Lambda of Node", kind: "wrap", lines: []string{"2026-07-06T15:29:50.123Z\t7c1d0e6a-8b9f-4c2d-91e3-7a5b6c4d2e1f\tERROR\tInvoke Error \t" + `{"errorType":"TypeError","errorMessage":"no row","stack":["TypeError: no row","    at ring (/var/task/till.js:31:9)","    at Runtime.handler (/var/task/desk.js:9:3)"]}`}, level: bad, file: "/var/task/till.js", line: 31},
	{name: "Lambda of Python", kind: "wrap", lines: []string{"[ERROR] KeyError: 'x'\nTraceback (most recent call last):\n\u00a0\u00a0File \"/var/task/desk.py\", line 9, in sell\n\u00a0\u00a0\u00a0\u00a0till.ring()\n\u00a0\u00a0File \"/var/task/till.py\", line 31, in ring\n\u00a0\u00a0\u00a0\u00a0return rows[key]"}, level: bad, file: "/var/task/till.py", line: 31},

	// Heads of text.
	{name: "Apache httpd", kind: "head", lines: []string{"[Mon Jul 06 15:29:50.123456 2026] [proxy:error] [pid 71:tid 140] [client 10.0.1.2:4000] AH01114: HTTP: no connection to the back end: depot"}, level: bad},
	{name: "RabbitMQ", kind: "head", lines: []string{"2026-07-06 15:29:50.123456+00:00 [error] <0.731.0> queue depot is not there"}, level: bad, text: "queue depot is not there"},
	{name: "Kafka", kind: "head", lines: []string{"[2026-07-06 15:29:50,123] ERROR [ReplicaManager broker=1] append to depot-0 did not work (kafka.server.ReplicaManager)"}, level: bad},
	{name: "Elasticsearch", kind: "head", lines: []string{"[2026-07-06T15:29:50,123][WARN ][o.e.c.r.a.DiskThresholdMonitor] [node-1] high disk watermark [90%] exceeded"}, level: warn},
	{name: "Cassandra", kind: "head", lines: []string{"ERROR [ReadStage-3] 2026-07-06 15:29:50,123 StorageProxy.java:91 - not stored"}, level: bad, text: "not stored", caller: "StorageProxy.java"},
	{name: "ClickHouse", kind: "head", lines: []string{"2026.07.06 15:29:50.123456 [ 71 ] {7c1d0e6a} <Error> TCPHandler: Code: 241. the memory limit is exceeded"}, level: bad},
	{name: "ClickHouse that informs", kind: "head", lines: []string{"2026.07.06 15:29:50.123456 [ 71 ] {} <Information> Context: the error log is at /var/log/e.log"}, level: well},
	{name: "CoreDNS", kind: "head", lines: []string{"[ERROR] plugin/errors: 2 depot.svc.cluster.local. A: read udp 10.0.0.4:4000->10.0.0.10:53: i/o timeout"}, level: bad},
	{name: "hclog", kind: "head", lines: []string{`2026-07-06T15:29:50.123Z [ERROR] core.till: not stored: error="no key"`}, level: bad, why: "no key"},
	{name: "java.util.logging in one record", kind: "head", lines: []string{"Jul 06, 2026 3:29:50 PM eu.depot.Post take\nSEVERE: not stored"}, level: bad, text: "not stored"},
	{name: "Tomcat", kind: "head", lines: []string{"06-Jul-2026 15:29:50.123 SEVERE [http-nio-8080-exec-3] eu.depot.Post.take not stored"}, level: bad},
	{name: "Tomcat that informs", kind: "head", lines: []string{"06-Jul-2026 15:29:50.123 INFO [main] eu.depot.Post.<clinit> failure detector on"}, level: well},
	{name: "WildFly", kind: "head", lines: []string{"15:29:50,123 ERROR [io.undertow.request] (default task-7) UT005023: not stored"}, level: bad},
	{name: "semantic_logger", kind: "head", lines: []string{"2026-07-06 15:29:50.123456 E [71:puma srv 003] Depot -- not stored"}, level: bad},
	{name: "charm", kind: "head", lines: []string{`2026/07/06 15:29:50 ERRO <till/till.go:31> not stored err="no key"`}, level: bad, caller: "till/till.go", why: "no key"},
	{name: "winston's colours", kind: "head", lines: []string{"2026-07-06 15:29:50.123 [\x1b[31merror\x1b[39m]: not stored"}, level: bad, text: "not stored"},
	{name: "seconds since 1970", kind: "head", lines: []string{"1783351790.123 ERROR not stored"}, level: bad, text: "not stored"},
	{name: "pgbouncer", kind: "head", lines: []string{"2026-07-06 15:29:50.123 UTC [71] WARNING C-0x7f31: depot/app@10.0.0.4:4000 pooler error: no more connections allowed (max_client_conn)"}, level: warn},
	{name: "logrus with its place", kind: "head", lines: []string{`time="2026-07-06T15:29:50Z" level=error msg="not stored" func=main.ring file="/src/till/till.go:31"`}, level: bad, caller: "/src/till/till.go"},

	// A request and its answer.
	{name: "IIS", kind: "access", lines: []string{"2026-07-06 15:29:50 10.0.0.4 POST /posting id=7 443 - 10.0.1.2 curl/8.0 - 500 0 0 312"}, level: bad},
	{name: "IIS that answered", kind: "access", lines: []string{"2026-07-06 15:29:50 10.0.0.4 GET /error/report - 443 - 10.0.1.2 curl/8.0 - 200 0 0 312"}, quiet: true},
	{name: "Caddy", kind: "access", lines: []string{`{"level":"info","ts":1783351790.123,"logger":"http.log.access","msg":"handled request","request":{"method":"POST","host":"depot","uri":"/p"},"duration":0.01,"status":502}`}, level: bad},
	{name: "Google's request", kind: "access", lines: []string{`{"severity":"INFO","httpRequest":{"requestMethod":"POST","requestUrl":"https://depot/p","status":503,"latency":"0.1s"},"timestamp":"2026-07-06T15:29:50Z"}`}, level: bad},
	{name: "a load balancer of AWS", kind: "access", lines: []string{`https 2026-07-06T15:29:50.186641Z app/lb/50dc6c495c0c9188 10.0.1.2:2817 10.0.0.1:80 0.086 0.048 0.037 502 502 0 57 "GET https://depot.example:443/ HTTP/1.1" "curl/7.46.0" - - arn:aws:x "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 0`}, level: bad, trace: "5833736423a8c76965a2ef7629b185e3"},
	{name: "an ingress whose caller came from a page of errors", kind: "access", lines: []string{`{"http_referer":"https://g.example/explore?var-levels=detected_level|error","request":"POST /api/query HTTP/2.0","status":200,"upstream_status":200,"req_id":"af2d87f86957d58e6ab2c33b69f8d8b5"}`}, quiet: true},
	{name: "pino's request and answer", kind: "access", lines: []string{`{"level":30,"time":1783351790123,"req":{"id":7,"method":"POST","url":"/p"},"res":{"statusCode":503},"msg":"request completed"}`}, level: bad},

	// Words that tell of no failure.
	{name: "counts of none", kind: "words", lines: []string{"2026-07-06T15:29:50Z sync done, processed=12 errors=0 failed=0"}, quiet: true},
	{name: "no error yet", kind: "words", lines: []string{"2026-07-06T15:29:50Z last error: none, uptime 12 h"}, quiet: true},
	{name: "an empty list", kind: "words", lines: []string{`{"msg":"checked","errors":[],"failed":0}`}, quiet: true},
	{name: "an empty error", kind: "words", lines: []string{`time=2026-07-06T15:29:50Z msg="checked" err="" error=null`}, quiet: true},
	{name: "an error that is false", kind: "words", lines: []string{`{"msg":"checked","error":false}`}, quiet: true},
	{name: "a page of that name", kind: "words", lines: []string{"GET /error 200 3.1 ms"}, quiet: true},

	// Stacks.
	{name: "Quarkus' frames have no file", kind: "stack", lines: []string{`{"timestamp":"2026-07-06T15:29:50Z","loggerName":"eu.shop.Till","level":"ERROR","message":"not stored","mdc":{"traceId":"` + aTrace + `","spanId":"` + aSpan + `"},"exception":{"refId":1,"exceptionType":"java.lang.IllegalStateException","message":"closed","frames":[{"class":"eu.shop.Till","method":"ring","line":31},{"class":"eu.shop.Desk","method":"sell","line":9}]}}`}, level: bad, trace: aTrace, file: "eu/shop/Till.java", line: 31, why: "closed"},
	{name: "ECS' list of lines", kind: "stack", lines: []string{`{"log.level":"ERROR","message":"not stored","error.type":"java.lang.IllegalStateException","error.message":"closed","error.stack_trace":["java.lang.IllegalStateException: closed","\tat eu.shop.Till.ring(Till.java:31)","\tat eu.shop.Desk.sell(Desk.java:9)"]}`}, level: bad, file: "eu/shop/Till.java", line: 31},
	{name: "one line with written line ends", kind: "stack", lines: []string{`2026-07-06 15:29:50,859+0200 ERROR [main] eu.shop.Desk [] - not stored java.lang.IllegalStateException: closed\n\tat eu.shop.Till.ring(Till.java:31)\n\tat eu.shop.Desk.sell(Desk.java:9)\n`}, level: bad, file: "eu/shop/Till.java", line: 31},
	{name: "the first cause first", kind: "stack", lines: []string{"2026-07-06 15:29:50 ERROR not stored\njava.lang.IllegalAccessException: closed\n\tat eu.shop.Till.ring(Till.java:31)\n\t... 3 common frames omitted\nWrapped by: java.lang.IllegalStateException: failed\n\tat eu.shop.Desk.sell(Desk.java:9)"}, level: bad, file: "eu/shop/Till.java", line: 31},
	{name: ".NET's exception in one line", kind: "stack", lines: []string{`{"EventId":0,"LogLevel":"Error","Category":"Shop.Till","Message":"not stored","Exception":"System.InvalidOperationException: closed    at Shop.Till.Ring(String lane) in /src/Till.cs:line 31    at Shop.Desk.Sell() in /src/Desk.cs:line 9"}`}, level: bad, file: "/src/Till.cs", line: 31},
	{name: "cockroachdb's errors", kind: "stack", lines: []string{`{"level":"error","msg":"not stored","error":"no key","errorVerbose":"no key\n(1) attached stack trace\n  -- stack trace:\n  | eu/shop/till.(*Till).Ring\n  | \t/src/till/till.go:31\n  | runtime.goexit\n  | \t/usr/local/go/src/runtime/asm_amd64.s:1700\nWraps: (2) no key\nError types: (1) *withstack.withStack (2) *errutil.leafError"}`}, level: bad, file: "/src/till/till.go", line: 31},
	{name: "Rust's panic of old", kind: "stack", lines: []string{"thread 'tokio-runtime-worker' panicked at 'no row', src/till.rs:31:9", "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"}, level: bad, file: "src/till.rs", line: 31},
	{name: "Rust's panic", kind: "stack", lines: []string{"thread 'main' panicked at src/till.rs:31:9:", "called `Option::unwrap()` on a `None` value", "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"}, level: bad, file: "src/till.rs", line: 31},
	{name: "Node's last words", kind: "stack", lines: []string{"/app/src/till.js:31", "    throw new Error('no row');", "    ^", "", "Error: no row", "    at ring (/app/src/till.js:31:9)", "    at sell (/app/src/desk.js:9:3)", "", "Node.js v20.1.0"}, level: bad, file: "/app/src/till.js", line: 31},
	{name: "a development server's file", kind: "stack", lines: []string{"TypeError: no row", "    at ring (/app/src/till.ts?t=1783351790:31:9)", "    at sell (/app/src/desk.ts?v=2:9:3)"}, level: bad, file: "/app/src/till.ts", line: 31},
	{name: "a cause in logfmt", kind: "stack", lines: []string{`level=error message="not stored" cause="java.lang.IllegalStateException: closed\n\tat eu.shop.Till.ring(Till.java:31)\n\tat eu.shop.Desk.sell(Desk.java:9)"`}, level: bad, file: "eu/shop/Till.java", line: 31, why: "java.lang.IllegalStateException: closed"},
	{name: "java.util.logging line by line", kind: "stack", lines: []string{"Jul 06, 2026 3:29:50 PM eu.shop.Till ring", "SEVERE: not stored", "java.lang.IllegalStateException: closed", "\tat eu.shop.Till.ring(Till.java:31)"}, level: bad, file: "eu/shop/Till.java", line: 31},

	// Traces.
	{name: "a UUID in brackets", kind: "trace", lines: []string{"2026-07-06 15:29:50 ERROR [trace_id=7c1d0e6a-8b9f-4c2d-91e3-7a5b6c4d2e1f] not stored"}, trace: aTrace},
	{name: "Jaeger's header", kind: "trace", lines: []string{"2026-07-06 15:29:50 ERROR not stored uber-trace-id: " + aTrace + ":" + aSpan + ":0:1"}, trace: aTrace},
	{name: ".NET's scopes in JSON", kind: "trace", lines: []string{`{"LogLevel":"Error","Category":"Shop.Till","Message":"not stored","Scopes":[{"Message":"SpanId:` + aSpan + `","SpanId":"` + aSpan + `","TraceId":"` + aTrace + `"}]}`}, trace: aTrace, level: bad},
	{name: "Google's header", kind: "trace", lines: []string{`{"severity":"ERROR","message":"not stored","x-cloud-trace-context":"` + aTrace + `/1;o=1"}`}, trace: aTrace},
	{name: "Elastic's agent", kind: "trace", lines: []string{"2026-07-06 15:29:50 ERROR [trace.id=" + aTrace + " transaction.id=" + aSpan + "] not stored"}, trace: aTrace},
	{name: "New Relic's tail", kind: "trace", lines: []string{"2026-07-06 15:29:50 ERROR not stored NR-LINKING|MTE0|h1|" + aTrace + "|" + aSpan + "|depot|"}, trace: aTrace},
	{name: "Quarkus' text", kind: "trace", lines: []string{"15:29:50 ERROR traceId=" + aTrace + ", parentId=, spanId=" + aSpan + ", sampled=true [eu.sh.Till] (executor-thread-1) not stored"}, trace: aTrace, level: bad},
	{name: ".NET's scopes in text", kind: "trace", lines: []string{"fail: Shop.Till[0]\n      => SpanId:" + aSpan + ", TraceId:" + aTrace + ", ParentId:0000000000000000 => ConnectionId:0HN\n      not stored"}, trace: aTrace, level: bad},
	{name: "OpenTelemetry's own form", kind: "trace", lines: []string{`{"Timestamp":1635744193756,"TraceId":"` + aTrace + `","SpanId":"` + aSpan + `","Attributes":{"a":"b"},"Resource":{"service.name":"depot"},"SeverityText":"ERROR","Body":"not stored"}`}, trace: aTrace, level: bad, text: "not stored"},
}

// TestLinesOnWhichReadersGoWrong reads each as it was shipped, a line of another
// matter behind it.
func TestLinesOnWhichReadersGoWrong(t *testing.T) {
	for _, c := range slices.Concat(elsewhere, posted) {
		t.Run(c.kind+"/"+c.name, func(t *testing.T) {
			var lines []evidence.LogLine
			for _, l := range append(c.lines, "2026-07-06 15:29:59 INFO well") {
				lines = append(lines, evidence.LogLine{Body: l})
			}
			if lines = logline.Join(lines); len(lines) != 2 {
				t.Fatalf("got %d lines, want this one and what came after it", len(lines))
			}
			l := lines[0]
			logline.Default.Read(&l)
			if c.level != 0 && l.Severity.String() != c.level.String() || c.quiet && l.Severity >= bad {
				t.Errorf("level: got %v, want %v", l.Severity, c.level)
			}
			if c.trace != "" && l.TraceID != c.trace {
				t.Errorf("trace: got %q, want %q", l.TraceID, c.trace)
			}
			if c.text != "" && strings.TrimSpace(l.Text()) != c.text {
				t.Errorf("text: got %q, want %q", l.Text(), c.text)
			}
			if c.why != "" && l.Error != c.why && !strings.Contains(l.Text(), c.why) {
				t.Errorf("error: got %q, want %q", l.Error, c.why)
			}
			if c.caller != "" && l.Caller.File != c.caller || c.callerIsNotIn != "" && strings.Contains(l.Caller.File, c.callerIsNotIn) {
				t.Errorf("caller: got %q, want %q", l.Caller.File, c.caller)
			}
			if c.file == "" {
				return
			}
			frames, _ := stacktrace.Parse(l.Stack)
			if len(frames) == 0 || frames[0].File != c.file || frames[0].Line != c.line {
				t.Errorf("stack: got %+v of %q, want %s:%d first", frames, l.Stack, c.file, c.line)
			}
		})
	}
}
