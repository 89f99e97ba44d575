package page

import (
	"strings"
	"testing"
	"time"
)

func TestNumbersAreWorded(t *testing.T) {
	plain := func(s string) string { return strings.ReplaceAll(s, nbsp, " ") }
	for want, got := range map[string]string{
		"2 h 5 min": duration(125 * time.Minute),
		"+31,000":   points(31000), "+40": points(40), "−10": points(-10), "3,412": score(3412), "28×": burn(28.1), "1.5×": burn(1.52), "1,204": digits(1204), "0.05/s": value(0.05, "1/s"), "900 ms": value(900, "ms"),
		"4.1 s": value(4.1, "s"), "7.31 MiB": value(7.668e6, "By"), "61 %": value(61, "%"), "1.6e-06": digits(1.558e-06), "12,345,678": count(12345678), "−3": digits(-3),
		"4d5e6f7": revision("4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70"), "v1.8.2": revision("v1.8.2"), "2y": age(800 * 24 * time.Hour), "3h": age(3 * time.Hour),
		"fails with 4d5e6f7, not with": short("fails with 4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70, not with", 80), "7c1ea0b2c3d4e5f60718293a4b5c90af": text("7c1ea0b2c3d4e5f60718293a4b5c90af"),
	} {
		if plain(got) != want {
			t.Errorf("got %q, want %q", plain(got), want)
		}
	}
}

func TestOnlyWebAddressesBecomeLinks(t *testing.T) {
	for _, u := range []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "data:text/html,x", "//evil.example/x", "/relative", "http://", "https://user:secret@host/", "ftp://host/x", "vbscript:x", "http:opaque", "\x01https://x"} {
		if got := SafeURL(u); got != "" {
			t.Errorf("SafeURL(%q): got %q, want nothing", u, got)
		}
	}
	if got := SafeURL("https://host/path?q=1#f"); got != "https://host/path?q=1#f" {
		t.Errorf("got %q", got)
	}
}

func TestTemplatesEscapeWhatTheyAreFilledWith(t *testing.T) {
	l := Links{Line: "https://git.example/{repository:path}/blob/{revision}/{path:path}#L{line}", Logs: "https://loki.example/?q={query}&from={from}"}.forWindow("cart", leakWindow())
	ref := refOf("a b/../c?x#y.go", 7, "4d5e6f7")
	if got, want := l.line(ref), "https://git.example/ads/blob/4d5e6f7/a%20b/../c%3Fx%23y.go#L7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := l.query("logs", `{a="b"}&evil=1 {from}`), "https://loki.example/?q=%7Ba%3D%22b%22%7D%26evil%3D1+%7Bfrom%7D&from=1722479467000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	ref.Revision = ""
	if got := l.line(ref); got != "" {
		t.Errorf("got %q for a line at no revision, want no link", got)
	}
	if got := (Links{Trace: "javascript:{trace}"}).forWindow("", leakWindow()).trace("alert(1)", ""); got != "" {
		t.Errorf("got %q from a template that is no web address", got)
	}
}
