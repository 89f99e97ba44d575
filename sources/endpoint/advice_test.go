package endpoint_test

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

func TestARefusalSaysWhatToPutRight(t *testing.T) {
	for text, want := range map[string]string{
		"tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of \"x509: ECDSA\" and \"An authority\")":      "tls.ca_file",
		`connection error: desc = "transport: authentication handshake failed: x509: certificate signed by unknown authority (possibly because of \"x\")"`: "tls.ca_file",
		"remote error: tls: unknown certificate authority":             "tls.cert_file",
		"remote error: tls: certificate required":                      "tls.cert_file",
		"write tcp 127.0.0.1:1->127.0.0.1:2: write: broken pipe":       "tls.cert_file",
		"x509: certificate is valid for a.example, not b.example":      "tls.server_name",
		"Client sent an HTTP request to an HTTPS server.":              "https://",
		"http: server gave HTTP response to HTTPS client":              "http://",
		"tls: first record does not look like a TLS handshake":         "grpc://",
		`connection error: desc = "error reading server preface: EOF"`: "grpcs://",
		"no org id": "org_id",
	} {
		got := endpoint.Advised(text)
		before, advice, ok := strings.Cut(got, "; ")
		if !ok || !strings.Contains(advice, want) {
			t.Errorf("%q: got %q, want advice on %s", text, got, want)
		}
		if strings.Contains(got, "possibly because") || strings.Count(before, `"`)%2 == 1 {
			t.Errorf("%q: got %q, want the guess left out and quotes in pairs", text, got)
		}
	}
	if got, want := endpoint.Advised(`HTTP 502; transport: received unexpected content-type "text/html" data: "<html>"`), "HTTP 502"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := endpoint.Advised("disk full\x1b[31m"); got != "disk full[31m" {
		t.Errorf("got %q for what nobody can advise on, want it clean", got)
	}
}
