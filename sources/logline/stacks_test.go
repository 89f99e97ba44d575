package logline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stacktrace"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// docker is a line as Docker's json-file driver keeps it, with or without spaces.
func docker(s string) string {
	return fmt.Sprintf(`{"log": %q, "stream": "stderr", "time": "2026-03-01T10:00:00.1Z"}`, s+"\n")
}

func each(f func(string) string, lines ...string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = f(l)
	}
	return out
}

func prefixed(with string) func(string) string {
	return func(s string) string { return with + s }
}

// TestStacksAreReadInWhateverWrapping reads the records of one failure: they are
// one line, which is a failure and whose innermost place is known.
func TestStacksAreReadInWhateverWrapping(t *testing.T) {
	java := []string{"2026-03-01 10:00:00.100 ERROR 1 --- [main] shop.Till : not rung up", "java.lang.IllegalStateException: closed", "\tat eu.shop.Till.ring(Till.java:31)", "\tat eu.shop.Desk.sell(Desk.java:9)"}
	golang := []string{"http: panic serving 10.0.0.9:4000: no such key", "goroutine 7 [running]:", "net/http.(*conn).serve.func1()", "\t/usr/local/go/src/net/http/server.go:1898 +0xbe", "eu/shop/till.(*Till).Ring(...)", "\t/src/till/till.go:31", "created by net/http.(*Server).Serve in goroutine 1", "\t/usr/local/go/src/net/http/server.go:3285 +0x4b4"}
	python := []string{"[2026-03-01 10:00:00,100: ERROR/MainProcess] task failed", "Traceback (most recent call last):", `  File "/app/desk.py", line 9, in sell`, "    till.ring()", `  File "/app/till.py", line 31, in ring`, "    return self.rows[key]", "KeyError: 'x'"}
	ruby := []string{"2026-03-01 10:00:00 +0000 Rack app: #<KeyError: key not found: :lane>", "/gems/rack-3.0/lib/rack.rb:7:in `call'", "/app/till.rb:31:in `ring'"}
	php := []string{"[01-Mar-2026 10:00:00 UTC] PHP Fatal error:  Uncaught TypeError: no row in /app/src/Till.php:31", "Stack trace:", "#0 /app/src/Desk.php(9): Till->ring()", "#1 {main}", "  thrown in /app/src/Till.php on line 31"}
	elixir := []string{"10:00:00.100 [error] GenServer Till terminating", "** (KeyError) key :x not found", "    (shop 0.4.2) lib/shop/till.ex:31: Shop.Till.ring/1", "    (stdlib 5.2) gen_server.erl:1103: :gen_server.try_handle_call/4"}
	fpm := func(s string) string {
		return `[01-Mar-2026 10:00:00] WARNING: [pool www] child 31 said into stderr: "` + strings.TrimPrefix(s, "[01-Mar-2026 10:00:00 UTC] ") + `"`
	}
	for _, c := range []struct {
		name  string
		lines []string
		file  string
	}{
		{"Java", java, "eu/shop/Till.java"},
		{"Java by Docker", each(docker, java...), "eu/shop/Till.java"},
		{"Java by docker compose", each(prefixed("till-1  | "), java...), "eu/shop/Till.java"},
		{"Java by kubectl", each(prefixed("[pod/till-5c7b8d9f4-x2v4q/till] "), java...), "eu/shop/Till.java"},
		{"Java by stern", each(prefixed("till-5c7b8d9f4-x2v4q till "), java...), "eu/shop/Till.java"},
		{"Java by the journal", each(prefixed("Mar 01 10:00:00 h1 till[71]: "), java...), "eu/shop/Till.java"},
		{"Go's server by the journal", each(prefixed("Mar 01 10:00:00 h1 till[71]: "), golang...), "/src/till/till.go"},
		{"Go's server", golang, "/src/till/till.go"},
		{"Go's server by Docker", each(docker, golang...), "/src/till/till.go"},
		{"Go's server in one record", []string{"2026/03/01 10:00:00 " + strings.Join(golang, "\n")}, "/src/till/till.go"},
		{"Python by Docker", each(docker, python...), "/app/till.py"},
		{"loguru's mark at the failing frame", []string{strings.Join(python[:4], "\n") + "\n> File \"/app/till.py\", line 31, in ring\n    return self.rows[key]\nKeyError: 'x'"}, "/app/till.py"},
		{"Ruby", ruby, "/app/till.rb"},
		{"PHP", php, "/app/src/Till.php"},
		{"PHP in one record", []string{strings.Join(php, "\n")}, "/app/src/Till.php"},
		{"PHP by PHP-FPM", each(fpm, php...), "/app/src/Till.php"},
		{"Monolog's context", []string{`[2026-03-01T10:00:00+00:00] app.CRITICAL: no row {"exception":"[object] (TypeError(code: 0): no row at /app/src/Till.php:31)"} []`}, "/app/src/Till.php"},
		{"Monolog's JSON", []string{`{"message":"no row","context":{"exception":{"class":"TypeError","file":"/app/src/Till.php:31","trace":["/app/src/Desk.php:9"]}},"level":400,"level_name":"ERROR"}`}, "/app/src/Till.php"},
		{"Elixir", elixir, "lib/shop/till.ex"},
		{"Elixir in a JSON message", []string{`{"severity":"error","message":"** (KeyError) key :x not found\n\n    (shop 0.4.2) lib/shop/till.ex:31: Shop.Till.ring/1"}`}, "lib/shop/till.ex"},
		{"structlog's frames", []string{`{"event":"failed","level":"error","exception":[{"exc_type":"KeyError","frames":[{"filename":"/app/desk.py","lineno":9,"name":"sell"},{"filename":"/app/till.py","lineno":31,"name":"ring"}]}]}`}, "/app/till.py"},
		{"Log4j's frames", []string{`{"level":"ERROR","message":"failed","thrown":{"name":"X","extendedStackTrace":[{"class":"eu.shop.Till","method":"ring","file":"Till.java","line":31}]}}`}, "eu/shop/Till.java"},
		{"eyre's location", []string{"2026-03-01T10:00:00Z ERROR shop: failed err=\n   0: no row\n\nLocation:\n   src/till.rs:31\n"}, "src/till.rs"},
	} {
		var lines []evidence.LogLine
		for _, l := range append(c.lines, "2026-03-01 10:00:01.000 INFO well") {
			lines = append(lines, evidence.LogLine{Body: l})
		}
		lines = logline.Join(lines)
		if len(lines) != 2 {
			t.Errorf("%s: got %d lines, want the failure and what came after it: %+v", c.name, len(lines), lines)
			continue
		}
		logline.Default.Read(&lines[0])
		frames, _ := stacktrace.Parse(lines[0].Stack)
		found := evidence.Frame{}
		for _, f := range frames {
			if !strings.HasPrefix(f.File, "/usr/local/") && !strings.HasPrefix(f.File, "/gems/") {
				found = f
				break
			}
		}
		if found.File != c.file || found.Line != 31 || lines[0].Severity < evidence.SeverityError {
			t.Errorf("%s: got %s:%d of severity %v, want %s:31 of a failure (%q)", c.name, found.File, found.Line, lines[0].Severity, c.file, lines[0].Stack)
		}
	}
}

// TestWhatLooksLikeALabelIsNone keeps lines whose beginning is their own.
func TestWhatLooksLikeALabelIsNone(t *testing.T) {
	for line, want := range map[string]string{
		"step-1 done | 3 left":                         "step-1 done | 3 left",
		"till-5c7b8d9f4-x2v4q restarted":               "till-5c7b8d9f4-x2v4q restarted",
		"till-5c7b8d9f4-x2v4q desk restarted":          "till-5c7b8d9f4-x2v4q desk restarted",
		"[pod/x is gone":                               "[pod/x is gone",
		"http: TLS handshake error from 10.0.0.9: EOF": "http: TLS handshake error from 10.0.0.9: EOF",
		"2026/03/01 10:00:00 log: rotation went wrong": "log: rotation went wrong",
	} {
		l := evidence.LogLine{Body: line}
		logline.Default.Read(&l)
		if l.Text() != want || l.Severity == evidence.SeverityInfo {
			t.Errorf("%q: got %q of severity %v, want %q", line, l.Text(), l.Severity, want)
		}
	}
}
