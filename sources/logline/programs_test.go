package logline_test

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// TestProgramsOfTheirOwnForm: what such a line says, how bad it is, and where it was
// written.
func TestProgramsOfTheirOwnForm(t *testing.T) {
	const none = evidence.SeverityUnknown
	for _, c := range []struct {
		body   string
		level  evidence.Severity
		text   string
		caller string
		why    string
	}{
		{`2026-03-01 10:00:00.100 UTC,"app","shop",71,"10.0.0.9:4000",64f,1,"INSERT",2026-03-01 09:00:00 UTC,3/7,0,ERROR,23505,"duplicate key ""a""","Key (id)=(7)",,,,,"insert",,,"","client backend",,0`, bad, `duplicate key "a"`, "", ""},
		{`2026-03-01 10:00:00.100 UTC,"app","shop",71,"10.0.0.9:4000",64f,1,"SELECT",2026-03-01 09:00:00 UTC,3/7,0,LOG,00000,"an error was logged",,,,,,,,,"","client backend",,0`, well, "an error was logged", "", ""},
		{"E260301 10:00:00.100000 71 kv/replica.go:31 ⋮ [T1,n1] 88  not stored", bad, "not stored", "kv/replica.go", ""},
		{"03-01 10:00:00.100  1234  1260 E Till: not stored", bad, "not stored", "", ""},
		{"2026-03-01 10:00:00.10 spid51      Error: 1205, Severity: 13, State: 51.", bad, "", "", ""},
		{"2026-03-01 10:00:00.10 spid51      Error: 5701, Severity: 10, State: 2.", well, "", "", ""},
		{"2026-03-01 10:00:00.100 [ERROR][71] felix/table.go 31: not stored", bad, "not stored", "felix/table.go", ""},
		{"[   412.082113s]  WARN ThreadId(01) outbound: reconnect: Failed to connect error=x", warn, "", "", ""},
		{"2026-03-01 10:00:00,100 71 ERROR shop odoo.till: not stored", bad, "not stored", "", ""},
		{"2026-03-01 10:00:00,100 ERROR called a.b: not stored", bad, "called a.b: not stored", "", ""},
		{"[Nest] 71  - 03/01/2026, 10:00:00 AM   ERROR [Till] not stored", bad, "not stored", "", ""},
		{"[2026-03-01T10:00:00.100+0000] [Payara 6] [SEVERE] [] [eu.shop.Till] [[\n  not stored]]", bad, "not stored", "", ""},
		{"[2026-03-01T10:00:00.100+0000] [Payara 6] [SEVERE] [] [eu.shop.Till] [[", bad, "", "", ""},
		{"2026-03-01 10:00:00,100 ERROR shop.till: [[1, 2], [3, 4]] is no row", bad, "[[1, 2], [3, 4]] is no row", "", ""},
		{"[2026-03-01T10:00:00.100Z] [ERROR] [[a]]", bad, "[[a]]", "", ""},
		{"Mar 01 10:00:00 h1 systemd[1]: Starting Process error reports when automatic reporting is enabled...", well, "", "", ""},
		{"Mar 01 10:00:00 h1 systemd[1]: Failed to start Till.", bad, "", "", ""},
		{"1772359200.100   5003 10.0.0.9 TCP_MISS/503 4123 GET http://till.example/p?n=1 - HIER_DIRECT/10.0.0.12 text/html", bad, "GET http://till.example/p 503", "", ""},
		{"1772359200.100      3 10.0.0.9 TCP_HIT/200 4123 GET http://till.example/error - HIER_NONE/- text/html", well, "", "", ""},
		{"2026-03-01\t10:00:00\tAMS1-C1\t512\t10.0.0.9\tGET\td1.example\t/p\t502\t-\tcurl/8.0\t-\t-\tError", bad, "GET /p 502", "", ""},
		{`{"status":"error","message":"not stored"}`, bad, "not stored", "", ""},
		{`{"status":"info","message":"the failed ones were stored"}`, well, "", "", ""},
		{`{"status":"error","level":"info","message":"asked"}`, well, "asked", "", ""},
		{`{"status":"failed","message":"job 7 ended"}`, none, "job 7 ended", "", ""},
		{`{"EventID":7036,"Level":4,"Channel":"System","Message":"Error Reporting is running."}`, well, "", "", ""},
		{`{"EventID":7034,"Level":3,"Channel":"System","Message":"late"}`, warn, "", "", ""},
		{`{"Level":4,"Message":"late"}`, warn, "", "", ""},
		{`{"short_message":"not stored","level":3,"full_message":"not stored\n\na.AException: x\n\tat eu.shop.Till.ring(Till.java:31)\n"}`, bad, "not stored", "", ""},
		{`{"level":"Error","category":"AppServiceConsoleLogs","resultDescription":"not stored"}`, bad, "not stored", "", ""},
		{`{"outcome":"exception","exceptions":[{"name":"TypeError","message":"no row","stack":"    at ring (till.js:31:9)"}]}`, bad, "", "", "no row"},
		{`{"method":"POST","path":"/p","status":500,"exception":["KeyError","key not found: :lane"]}`, bad, "", "", "KeyError: key not found: :lane"},
	} {
		l := evidence.LogLine{Body: c.body}
		logline.Default.Read(&l)
		if l.Severity != c.level || c.text != "" && l.Text() != c.text || l.Caller.File != c.caller || l.Error != c.why {
			t.Errorf("%s: got %v, %q of %q, why %q", c.body, l.Severity, l.Text(), l.Caller.File, l.Error)
		}
	}
}

// TestAProxysTargetIsSplit into the host and the path that it was asked for.
func TestAProxysTargetIsSplit(t *testing.T) {
	for body, want := range map[string][2]string{
		"1772359200.100   5003 10.0.0.9 TCP_MISS/503 4123 GET http://till.example:81/p?n=1 - HIER_DIRECT/10.0.0.12 text/html": {"till.example", "/p"},
		"1772359200.100   5003 10.0.0.9 TCP_TUNNEL/200 4123 CONNECT till.example:443 - HIER_DIRECT/10.0.0.12 -":               {"till.example", ""},
		`10.0.0.9 - - [01/Mar/2026:10:00:00 +0000] "GET http://till.example HTTP/1.1" 200 12 "-" "curl/8.0"`:                  {"till.example", "/"},
		`10.0.0.9 - - [01/Mar/2026:10:00:00 +0000] "GET /p?to=http://till.example HTTP/1.1" 200 12 "-" "curl/8.0"`:            {"", "/p"},
		`10.0.0.9 - - [01/Mar/2026:10:00:00 +0000] "OPTIONS * HTTP/1.1" 200 12 "-" "curl/8.0"`:                                {"", "*"},
	} {
		l := evidence.LogLine{Body: body}
		logline.Default.Read(&l)
		if got := [2]string{l.Attributes["server.address"], l.Attributes["url.path"]}; got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

// TestPiecesOfFurtherStacks: stacks of further languages, shipped line by line.
func TestPiecesOfFurtherStacks(t *testing.T) {
	for name, text := range map[string]string{
		"Lua":     "2026/03/01 10:00:00 [error] 71#71: *3 lua entry thread aborted: runtime error: /srv/till.lua:31: no row\nstack traceback:\ncoroutine 0:\n\t/srv/till.lua:31: in function 'ring'\n\tcontent_by_lua(nginx.conf:60):2: in main chunk, client: 10.0.0.9",
		"Julia":   "ERROR: KeyError: key \"x\" not found\nStacktrace:\n [1] ring(x::Int64)\n   @ Shop /app/src/till.jl:31",
		"Haskell": "shop: Prelude.head: empty list\nCallStack (from HasCallStack):\n  ring, called at src/Till.hs:31:9 in shop:Till",
		"OCaml":   "Fatal error: exception Not_found\nRaised at Shop.ring in file \"lib/till.ml\", line 31, characters 4-20\nCalled from Shop.sell in file \"lib/desk.ml\", line 9, characters 4-20",
		"Phoenix": "10:00:00.100 request_id=F7 [error] #PID<0.7.0> running ShopWeb.Endpoint (connection #PID<0.6.0>, stream id 1) terminated\nServer: localhost:4000 (http)\nRequest: POST /p\n** (exit) an exception was raised:\n    ** (KeyError) key :x not found\n        (shop 0.4.2) lib/till.ex:31: Shop.Till.ring/1",
		"Dart":    "Unhandled exception:\n#0      Till.ring (package:shop/till.dart:31:9)\n#1      main (package:shop/main.dart:9:3)",
	} {
		var lines []evidence.LogLine
		for s := range strings.SplitSeq(text+"\n10:00:01.000 [info] well", "\n") {
			lines = append(lines, evidence.LogLine{Body: s})
		}
		got := logline.Join(lines)
		if len(got) != 2 {
			t.Errorf("%s: got %d lines, want 2: %+v", name, len(got), got)
			continue
		}
		if logline.Default.Read(&got[0]); got[0].Stack == "" || got[0].Severity < evidence.SeverityError {
			t.Errorf("%s: got %v with the stack %q", name, got[0].Severity, got[0].Stack)
		}
	}
}
