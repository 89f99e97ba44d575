package ui_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"golang.org/x/net/html" // as in hostile_test.go

	"github.com/wherefore-dev/wherefore/ui/browser"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

func post(t *testing.T, h http.Handler, path string, v url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestTheInvestigateFormTakesWhatPeopleType(t *testing.T) {
	_, h := book(t)
	const id = "7c1ea0b2c3d4e5f60718293a4b5c90af"
	for name, v := range map[string]url.Values{
		"RFC 3339":             {"service": {"cart"}, "at": {"2024-08-01T02:51:07Z"}},
		"without a zone":       {"service": {" cart "}, "at": {"2024-08-01 02:51"}},
		"Unix seconds":         {"service": {"cart"}, "at": {"1722480667"}},
		"a time of day":        {"service": {"cart"}, "at": {"02:51"}},
		"ten years ago":        {"service": {"cart"}, "at": {"2014-08-01T02:51:07Z"}},
		"a trace ID":           {"trace_id": {id}},
		"in upper case":        {"trace_id": {strings.ToUpper(id)}},
		"with blanks":          {"trace_id": {" 7c1ea0b2 c3d4e5f6 0718293a 4b5c90af "}},
		"a traceparent":        {"trace_id": {"00-" + id + "-00f067aa0ba902b7-01"}},
		"an address in Jaeger": {"trace_id": {"https://jaeger.example/trace/" + id + "?uiFind=00f067aa0ba902b7"}},
		"a webhook":            {"alert": {"\n" + webhook + "\n"}},
	} {
		if w := post(t, h, "/investigate", v); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/incidents/INC-") {
			t.Errorf("%s: got %d to %q, want a redirect to the incident", name, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestTheInvestigateFormSaysWhatIsWrongBesideTheField(t *testing.T) {
	_, h := book(t)
	for _, c := range []struct {
		form, field, value, says string
		status                   int
	}{
		{"service", "at", "yesterday", "is no time that can be read", 400},
		{"service", "at", "2034-08-01T02:51:07Z", "is in the future, now it is 2024-08-01T03:05:07Z", 400},
		{"trace_id", "trace_id", "7c1e", "holds no trace ID", 400},
		{"trace_id", "trace_id", strings.Repeat("0", 32), "holds no trace ID", 400},
		{"alert", "alert", "alerts:\n- labels: {a: b}\n", "This is not JSON", 400},
		{"alert", "alert", "[FIRING:1] AdFillRateLow ad-server\n • service: ad-server", "This is not JSON", 400},
		{"alert", "alert", "</textarea><script>window.pwned=1</script>", "This is not JSON", 400},
		{"alert", "alert", `{"version":"4"}`, "no alerts", 400},
		{"alert", "alert", strings.Repeat(" ", 1<<20) + webhook, "the form is larger than 1024 KiB", 413},
	} {
		v := url.Values{c.field: {c.value}}
		if c.form == "service" {
			v.Set("service", "cart")
		}
		w := post(t, h, "/investigate", v)
		doc, err := html.Parse(strings.NewReader(w.Body.String()))
		if err != nil {
			t.Fatal(err)
		}
		typed, wrong, words := fieldOf(doc, c.field)
		if w.Code != c.status || !wrong || !strings.Contains(words, c.says) || strings.Contains(words, ": invalid") {
			t.Errorf("%.40q in %s: got %d, marked %v, %q; want %d and %q", c.value, c.field, w.Code, wrong, words, c.status, c.says)
		}
		if c.status == 400 && strings.TrimSpace(typed) != strings.TrimSpace(c.value) {
			t.Errorf("%.40q in %s: the form holds %.60q, not what was typed", c.value, c.field, typed)
		}
		if c.form == "service" {
			if kept, _, _ := fieldOf(doc, "service"); kept != "cart" {
				t.Errorf("%q: the service is lost", c.value)
			}
		}
	}
}

// fieldOf is what a field holds, whether it is marked as wrong, and what it is
// described by.
func fieldOf(doc *html.Node, name string) (value string, wrong bool, words string) {
	for n := range doc.Descendants() {
		a := attributes(n)
		if a["name"] != name {
			continue
		}
		value, wrong = a["value"], a["aria-invalid"] == "true"
		if n.Data == "textarea" {
			value = textOf(n)
		}
		for d := range doc.Descendants() {
			if id := attributes(d)["id"]; id != "" && id == a["aria-describedby"] {
				words = textOf(d)
			}
		}
	}
	return value, wrong, words
}

func attributes(n *html.Node) map[string]string {
	m := map[string]string{}
	for _, a := range n.Attr {
		m[a.Key] = a.Val
	}
	return m
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// TestAFailedInvestigationIsToldInTheBrowser goes the way of a phone without
// script: five megabytes pasted are told of, and a wrong time leaves the rest.
func TestAFailedInvestigationIsToldInTheBrowser(t *testing.T) {
	ctx := browser.Start(t)
	_, server := serveBook(t)
	var words, service string
	var width int
	run(t, ctx, emulation.SetScriptExecutionDisabled(true), chromedp.EmulateViewport(360, 740), chromedp.Navigate(server.URL+"/investigate"),
		chromedp.SetValue("#service", "cart"), chromedp.SetValue("#at", "noon"), chromedp.Submit("#at"), chromedp.WaitVisible("#at-wrong"),
		chromedp.Text("#at-wrong", &words), chromedp.Value("#service", &service), chromedp.Evaluate(`document.documentElement.scrollWidth`, &width))
	if !strings.Contains(words, `"noon" is no time`) || service != "cart" || width > 360 {
		t.Errorf("got %q with service %q on %d px", words, service, width)
	}
	run(t, ctx, chromedp.SetValue("#alert", strings.Repeat("x", 5<<20)), chromedp.Submit("#alert"), chromedp.WaitVisible("#alert-wrong"), chromedp.Text("#alert-wrong", &words))
	if !strings.Contains(words, "larger than 1024 KiB") {
		t.Errorf("five megabytes: got %q", words)
	}
}

func TestTheInvestigateFormOffersKnownServices(t *testing.T) {
	_, h := book(t)
	page := get(t, h, "/investigate").Body.String()
	for _, want := range []string{`<option value="ad-server">`, `<option value="checkout">`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not offer %s", want)
		}
	}
	if strings.Contains(page, storybook.Payloads()[0]) {
		t.Error("a service's name is not escaped")
	}
}
