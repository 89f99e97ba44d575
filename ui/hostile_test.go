package ui_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html" // the parser that browsers' rules are written down in

	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// pages are all pages of the book, hostile ones included.
func pages() []string {
	out := []string{"/", "/?service=" + url.QueryEscape(storybook.Payloads()[1]) + "&q=" + url.QueryEscape(storybook.Payloads()[0]), "/decisions", "/decisions/DEC-2024-0872?check=now",
		"/decisions/" + url.PathEscape(storybook.Payloads()[0]), "/login?next=" + url.QueryEscape(storybook.Payloads()[0]), "/audit", "/audit?actor=" + url.QueryEscape(storybook.Payloads()[0]),
		"/investigate", "/investigate?service=" + url.QueryEscape(storybook.Payloads()[1]) + "&alert=" + url.QueryEscape(storybook.Payloads()[3]),
		"/incidents/INC-hostile/alert", "/incidents/" + url.PathEscape(storybook.Payloads()[0]), "/nothing/" + url.PathEscape(storybook.Payloads()[1]), "/incidents/INC-hostile?said=" + url.QueryEscape(storybook.Payloads()[0]),
		"/incidents/INC-two-revisions?revision=1", "/services/ad-server", "/services/" + url.PathEscape(storybook.Payloads()[0])}
	for _, s := range storybook.Stories() {
		out = append(out, "/incidents/"+s.Incident.ID)
	}
	return out
}

// elements that our pages are made of; a payload that became markup would
// bring others.
const elements = " a article aside b body br button caption circle code datalist dd defs details dialog div dl dt em fieldset figcaption figure footer form g h1 h2 h3 head header html input kbd label legend li line link main marker meta nav noscript ol option p path pre progress q rect script section select span strong summary svg table tbody td text textarea tfoot th thead time title tr ul "

// TestHostileTextStaysText parses every page and looks at what it is made of.
func TestHostileTextStaysText(t *testing.T) {
	_, h := book(t)
	for _, p := range pages() {
		w := get(t, h, p)
		doc, err := html.Parse(strings.NewReader(w.Body.String()))
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		scripts := 0
		for n := range doc.Descendants() {
			switch n.Type {
			case html.ElementNode:
				if n.Data == "script" {
					scripts++
				}
				checkElement(t, p, n)
			case html.TextNode:
				if i := strings.IndexFunc(n.Data, invisible); i >= 0 {
					t.Errorf("%s: text holds an invisible character: %.60q", p, n.Data[i:])
				}
			}
		}
		if scripts != 1 {
			t.Errorf("%s: got %d scripts, want our own only", p, scripts)
		}
	}
}

func invisible(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) || r == 0x3164 || r != '\n' && r != '\t' && unicode.IsControl(r)
}

func checkElement(t *testing.T, page string, n *html.Node) {
	t.Helper()
	if !strings.Contains(elements, " "+n.Data+" ") {
		t.Errorf("%s: holds the element %s", page, n.Data)
	}
	for _, a := range n.Attr {
		switch {
		case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "autofocus":
			t.Errorf("%s: %s has the attribute %s", page, n.Data, a.Key)
		case a.Key == "href" || a.Key == "src" || a.Key == "action":
			u, err := url.Parse(a.Val)
			if err != nil || u.Scheme != "" && u.Scheme != "https" && u.Scheme != "http" || u.Scheme == "" && u.Host != "" {
				t.Errorf("%s: %s leads to %.80q", page, n.Data, a.Val)
			}
		case strings.IndexFunc(a.Val, invisible) >= 0:
			t.Errorf("%s: %s of %s holds an invisible character", page, a.Key, n.Data)
		}
	}
}

func TestPayloadsAreShown(t *testing.T) {
	_, h := book(t)
	page := get(t, h, "/incidents/INC-hostile").Body.String()
	for _, want := range []string{"&lt;script&gt;window.pwned=1&lt;/script&gt;", "␛[31mcleared", "⟨U+202E⟩", "⟨U+200B⟩", "␀nul␡del"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	_, h := book(t)
	for _, p := range []string{"/", "/incidents/INC-confirmed", "/static/app.css", "/api/v1/incidents", "/api/v1/nothing", "/nothing", "/health", "/favicon.ico"} {
		head := get(t, h, p).Header()
		csp := head.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: got policy %q", p, csp)
		}
		if head.Get("X-Content-Type-Options") != "nosniff" || head.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: lacks nosniff or the frame ban", p)
		}
		if !strings.HasPrefix(p, "/static/") && p != "/favicon.ico" && head.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got Cache-Control %q", p, head.Get("Cache-Control"))
		}
	}
}

func TestOtherSitesCannotPost(t *testing.T) {
	_, h := book(t)
	r := httptest.NewRequest("POST", "/incidents/INC-confirmed/state", strings.NewReader("action=resolve"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Errorf("got %d for a form sent by another site", w.Code)
	}
}

func TestExportsAreStoredNotShown(t *testing.T) {
	_, h := book(t)
	for _, f := range []string{"markdown", "csv", "jsonl", "json", "html", "bundle"} {
		w := get(t, h, "/api/v1/incidents/INC-hostile/export?format="+f)
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Disposition"), `attachment; filename="INC-hostile-r1.`) && f != "bundle" {
			t.Errorf("%s: got %d, %q", f, w.Code, w.Header().Get("Content-Disposition"))
		}
	}
	if w := get(t, h, "/api/v1/incidents/INC-confirmed/export?format=pdf"); w.Code != http.StatusBadRequest {
		t.Errorf("pdf: got %d", w.Code)
	}
}
