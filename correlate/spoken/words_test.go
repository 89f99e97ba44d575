package spoken

import (
	"strings"
	"testing"
)

func TestWordsAreWhatSomebodySaid(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"ModuleNotFoundError: No module named 'fleet'", "module not found error no module named fleet"},
		{"getaddrinfo ENOTFOUND db.example.net", "getaddrinfo enotfound #"},
		{"org.acme.orm.jpa.vendor.KeyStoreException: closed", "key store exception closed"},
		{"\tat com.acme.mutex.Guard.getKey(KeyStore.java:134)", ""},
		{"  File \"/srv/x/py3/cart.py\", line 12, in slow\n    raise Deadlock(x)\nValueError: bad", "value error bad"},
		{"reader.go:429: EOF", "eof"},
		{"took 403ms for /users/504", "took # for"},
		{"took 403 ms", "took # ms"},
		{"upstream answered with status 503", "upstream answered with status 503"},
		{`"GET /x HTTP/1.1" 429 17`, "get # http 429"},
		{`{"status":429,"msg":"Too Many Requests"}`, "status 429 msg too many requests"},
		{`user_agent="Googlebot crawler" ok`, "ok"},
		{"read tcp 10.0.0.1:99->10.0.0.2:80: i/o timeout", "read tcp # io timeout"},
		{"OOMKilled", "oom killed"},
		{"span 401abc0199", "span #"},
		{"mutex.Lock(m) then vendor/lib/x", "# m then #"},
		{"x509: certificate has expired", "x509 certificate has expired"},
	} {
		if got := strings.Trim(strings.Join(Words(c.text), " "), " #"); got != strings.Trim(c.want, " #") {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestTableFindsWholeWords(t *testing.T) {
	var table Table[string]
	for _, p := range []string{"enotfound", "rate limit", "redeliver*", "out of bound*"} {
		table.Add(p, p)
	}
	for text, want := range map[string]string{
		"FileNotFoundError": "", "ENOTFOUND host": "enotfound", "RateLimitExceeded": "rate limit", "redelivered twice": "redeliver*",
		"corporate limit": "", "ArrayIndexOutOfBoundsException": "out of bound*", "rate. limit": "",
	} {
		got := ""
		table.Find(Words(text), func(v string) { got += v })
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
