package logline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// TestMarksOfMoreShapes: a line's level is told by its format's own mark, by the
// status of a request, and by words only where they tell of a failure.
func TestMarksOfMoreShapes(t *testing.T) {
	const none = evidence.SeverityUnknown
	for body, want := range map[string]evidence.Severity{
		"2026-07-06 15:29:50.6664|ERROR|Depot.Post|not stored":                                                                      evidence.SeverityError,
		"2026-07-06 15:29:50.6664|INFO|Depot.Post|stored":                                                                           evidence.SeverityInfo,
		`t=2026-07-07T09:31:50+0000 lvl=eror msg="not stored"`:                                                                      evidence.SeverityError,
		"E20260708 05:28:38.855000    7 post.cc:78] not stored":                                                                     evidence.SeverityError,
		"E0708 05:28:38.855000    7 post.cc:78] not stored":                                                                         evidence.SeverityError,
		"2026-07-09 11:29:50.666 UTC [718] FEHLER:  doppelter Schlüsselwert":                                                        evidence.SeverityError,
		`{"timestamp":"2026-07-09 13:28:02.000 UTC","error_severity":"ERROR","message":"not stored"}`:                               evidence.SeverityError,
		"[2026-07-10T05:33:02.850+0000] {post.py:78} ERROR - not stored":                                                            evidence.SeverityError,
		`10.0.1.2:30000 [08/Jul/2026:17:28:02.000] web~ depot/l1 10/0/30/69/109 503 2750 - - ---- 1/1/1/1/0 0/0 "POST /p HTTP/1.1"`: evidence.SeverityError,
		`{"DownstreamStatus":502,"RequestMethod":"POST","RequestPath":"/p","level":"info","msg":""}`:                                evidence.SeverityError,
		`{"DownstreamStatus":200,"RequestMethod":"POST","RequestPath":"/p","level":"info","msg":""}`:                                evidence.SeverityInfo,
		`[GIN] 2026/07/09 - 05:28:50 | 500 |    1.234567ms |        10.0.1.2 | POST     "/p"`:                                       evidence.SeverityError,
		"POST /p 500 12.345 ms - 21":                                                evidence.SeverityError,
		"method=POST path=/p format=json status=500 duration=4.12":                  evidence.SeverityError,
		"http: panic serving 10.2.0.9:30091: assignment to entry in nil map":        evidence.SeverityError,
		`{"level":"info","msg":"the job has its status","status":500}`:              evidence.SeverityInfo, // of no request
		"none of 12 parts failed":                                                   none,
		"0 of 12 checks failed":                                                     none,
		"circuit closed: recovered after failure":                                   none,
		"will try again in 5 s if the call fails":                                   none,
		"2026-07-09T11:29:50Z error budget remaining: 99.2 percent, error rate 0.0": none,
		"no route, the call failed":                                                 evidence.SeverityError,
		"cannot reach it if the proxy is gone":                                      evidence.SeverityError,
	} {
		l := evidence.LogLine{Body: body}
		if logline.Default.Read(&l); l.Severity != want {
			t.Errorf("%s: got %v, want %v", body, l.Severity, want)
		}
	}
}

// TestPiecesOfMoreStacks: a stack that was shipped line by line is one line,
// whatever is around each of them.
func TestPiecesOfMoreStacks(t *testing.T) {
	around := map[string]func(string) string{
		"bare": func(s string) string { return s },
		"docker": func(s string) string {
			return `{"log": "` + strings.NewReplacer("\t", `\t`, `"`, `\"`).Replace(s) + `\n", "stream": "stderr"}`
		},
		"cri":    func(s string) string { return "2026-07-06T15:29:50.666Z stderr F " + s },
		"heroku": func(s string) string { return "2026-07-06T15:29:50.666000+00:00 app[web.1]: " + s },
	}
	for name, text := range map[string]string{
		"java":    "2026-07-06T15:29:50Z ERROR not kept\njava.util.NoSuchElementException: null\n\tat eu.depot.Reserve.take(Reserve.java:64)",
		"go http": "2026/07/06 15:29:50 http: panic serving 10.2.0.9:3: nil map\ngoroutine 131 [running]:\ndepot/board.(*Board).Put(...)\n\t/src/board/board.go:141",
		"php":     "[06-Jul-2026 15:29:50 UTC] PHP Fatal error:  Uncaught TypeError: null in /app/src/Depot.php:61\nStack trace:\n#0 /app/src/Controller.php(38): Depot->apply()\n#1 {main}\n  thrown in /app/src/Depot.php on line 61",
		"laravel": "[2026-07-06 15:29:50] production.ERROR: not kept\n[stacktrace]\n#0 /app/src/Depot.php(61): Builder->first()\n#1 {main}",
		"monolog": "[2026-07-06 15:29:50] production.ERROR: not kept {\"exception\":\"[object] (TypeError(code: 0): not kept at /app/src/Depot.php:61)\n[stacktrace]\n#0 /app/src/Controller.php(38): Depot->apply()\n\"} ",
		"perl":    "[2026-07-06 15:29:50] [error] Can't locate object method \"cut\" at /app/lib/Depot.pm line 61.\n\tDepot::cut('Depot=HASH(0x55d)', 7) called at /app/bin/app.psgi line 12",
		"erlang":  "=CRASH REPORT==== 6-Jul-2026::15:29:50.120042 ===\n    exception error: bad argument\n      in function  maps:get/2 (maps.erl, line 377)\n      in call from depot:cut/2 (src/depot.erl, line 88)",
		"elixir":  "15:29:50.091 [error] Worker terminating\n** (FunctionClauseError) no clause\n    (depot 0.4.2) lib/depot/cutter.ex:88: Depot.Cutter.cut(nil, 91)",
		"ruby":    "2026-07-06 15:29:50 +0000 Rack app: #<NoMethodError: undefined method>\n/app/lib/depot.rb:12:in `take'\n/app/lib/web.rb:4:in `post'",
		"python":  "2026-07-06 15:29:50 ERROR not kept\nTraceback (most recent call last):\n  File \"/code/depot.py\", line 96, in take\nKeyError: 'kWh'",
	} {
		for how, wrap := range around {
			var lines []evidence.LogLine
			at := time.Date(2026, 7, 6, 15, 29, 50, 0, time.UTC)
			for s := range strings.SplitSeq(text, "\n") {
				lines = append(lines, evidence.LogLine{Time: at, Body: wrap(s)})
			}
			got := logline.Join(lines)
			if len(got) != 1 {
				t.Errorf("%s, %s: got %d lines, want 1", name, how, len(got))
				continue
			}
			if logline.Default.Read(&got[0]); got[0].Stack == "" || got[0].Severity < evidence.SeverityError {
				t.Errorf("%s, %s: got %v with the stack %q", name, how, got[0].Severity, got[0].Stack)
			}
		}
	}
}
