package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// echoing is a source whose error page repeats the request's headers, as debug
// pages and careless proxies do.
func echoing(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		user, password, _ := r.BasicAuth()
		fmt.Fprintf(w, "exploded with %s:%s and %v and %q in %s", user, password, r.Header["X-Deploy"], r.Header.Get("Authorization"), r.Header)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestWhatASourceEchoesOfOurCredentialsGoesNowhere has Loki and Prometheus repeat
// what they were sent, and looks for it in all that leaves the program.
func TestWhatASourceEchoesOfOurCredentialsGoesNowhere(t *testing.T) {
	const bearer, password, header = "plain-words-as-a-bearer", "correct horse/battery@staple", "deploy-header-of-ours"
	file := written(t, "sources:\n"+
		"  loki: {address: '"+echoing(t)+"', username: reader, password: '"+password+"', headers: {X-Deploy: '"+header+"'}}\n"+
		"  prometheus: {address: '"+echoing(t)+"', bearer_token: '"+bearer+"', headers: {X-Deploy: '"+header+"'}}\n")
	p := serving(t, "serve", "--config", file, "--listen", "127.0.0.1:0", "--data-dir", t.TempDir())
	url := p.says(t, urlOf)
	at := time.Now().UTC().Add(-time.Minute).Format(time.RFC3339)
	payload := `{"version":"4","groupKey":"{}:{}","status":"firing","receiver":"r","alerts":[{"status":"firing","labels":{"alertname":"Burn","service":"cart"},"annotations":{"summary":"login with password=hunter22 fails"},"startsAt":"` + at + `","fingerprint":"0123456789abcdef"}]}`
	resp, err := http.Post(url+"/api/v1/alerts", "application/json", strings.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	_, id, _ := strings.Cut(string(answer), `"incident":"`)
	id, _, _ = strings.Cut(id, `"`)
	var report string
	for range 1200 {
		if report = got(t, url+"/api/v1/incidents/"+id); strings.Contains(report, `"revision":1`) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !strings.Contains(report, "exploded") {
		t.Fatalf("the error pages did not reach the report: %.2000s", report)
	}
	left := map[string]string{"the report": report, "the log": p.said()}
	for _, path := range []string{"/incidents/" + id, "/incidents", "/health", "/metrics", "/api/v1/incidents"} {
		left[path] = got(t, url+path)
	}
	for _, format := range []string{"json", "markdown", "html", "bundle"} {
		left[format] = got(t, url+"/api/v1/incidents/"+id+"/export?format="+format)
	}
	for where, text := range left {
		for _, secret := range []string{bearer, password, "battery@staple", header, "hunter22", base64.StdEncoding.EncodeToString([]byte("reader:" + password))} {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s holds %q: …%s", where, secret, text[max(0, at-80):at])
			}
		}
	}
}

// got fetches a page, unzipped where it is an archive.
func got(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
		if plain, err := io.ReadAll(z); err == nil {
			return string(plain)
		}
	}
	return string(body)
}
