package mechanism

import (
	"regexp"
	"strings"
)

func endpointRule() Rule {
	return Rule{ID: "endpoint", Title: "An address, port, certificate or TLS setting changed", find: findEndpoint}
}

var (
	hostLike = regexp.MustCompile(`(?i)^(?:[a-z][a-z0-9+.-]*://)?(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*(?::\d+)?(?:/\S*)?$|^[a-z][a-z0-9+.-]*://\S+$|^[a-z0-9_.-]+:\d{2,5}$`)
	tlsSet   = regexp.MustCompile(`(?i)minversion|maxversion|ssl_?protocols|tls_?version|ciphersuites|ssl_ciphers|insecureskipverify|verify_?ssl|verify=|rejectunauthorized|servername|ca_?file|ca_?cert|cert_?file|key_?file|trust_?store|key_?store|root_?ca|clientauth|sslmode`)
)

func findEndpoint(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		switch {
		case isPort(e.After) && e.After.Number && e.Before.Number:
			out = append(out, edited(e, Changed, "port", "a port changed: who still knows the old one is refused", Unreachable, Timeout))
		case isAddress(e.After, e.Before):
			out = append(out, edited(e, Changed, "address", "an address changed", NameFailure, Unreachable, Timeout, Unhandled, Rejected))
		case tlsSet.MatchString(e.After.line.Code) && e.Before.Raw != e.After.Raw:
			out = append(out, edited(e, Changed, "tls-setting", "a setting of TLS changed", TLSFailure, Unreachable, Rejected))
		}
	}
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		switch {
		case requiresTLS(l) && !s.anyNet('+', requiresTLS):
			out = append(out, at(f, l, Removed, "certificate-removed", "a certificate or trusted root is no longer given", TLSFailure, Unreachable))
		case isCipher(l) && !s.ciphersKept():
			out = append(out, at(f, l, Removed, "cipher-removed", "a cipher that older peers may need was removed", TLSFailure, Unreachable))
		}
	})
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if containsAny(l.Code, "VersionTLS13", "TLSv1.3", "TLS1_3", "RequireAndVerifyClientCert", "ssl_verify_client on", "mode: STRICT") && !s.anyNet('-', func(r *Line) bool {
			return containsAny(r.Code, "VersionTLS13", "TLSv1.3", "RequireAndVerifyClientCert", "mode: STRICT")
		}) && !firedOn(out, f, l) {
			out = append(out, at(f, l, Added, "tls-stricter", "TLS is now stricter than before: peers that cannot follow are refused", TLSFailure, Unreachable, Rejected))
		}
	})
	return out
}

func firedOn(ms []Match, f *File, l *Line) bool {
	for _, m := range ms {
		if m.File == f.Path && m.Line == l.No && m.Line > 0 {
			return true
		}
	}
	return false
}

func isPort(s Setting) bool {
	return s.has("port", "ports") || s.keyHas("targetport", "containerport", "nodeport")
}

func isAddress(after, before Setting) bool {
	if after.Number || before.Number || after.Raw == before.Raw {
		return false
	}
	named := after.has("host", "hostname", "url", "uri", "endpoint", "address", "addr", "server", "servers", "broker", "brokers", "dsn", "domain", "upstream", "nameserver", "bucket", "region", "queue", "topic", "namespace")
	return hostLike.MatchString(after.Raw) && hostLike.MatchString(before.Raw) && !version.MatchString(after.Raw[max(0, len(after.Raw)-6):]) || named && !strings.Contains(after.Raw, " ") && after.Raw != "" && before.Raw != ""
}

func requiresTLS(l *Line) bool {
	return containsAny(l.Code, "RootCAs", "AppendCertsFromPEM", "LoadX509KeyPair", "Certificates:", "trustStore", "cafile=", "ca_certs=", "update-ca-certificates", "ca-certificates")
}

func isCipher(l *Line) bool {
	return containsAny(l.Code, "TLS_RSA_", "TLS_ECDHE_", "ECDHE-", "AES128", "AES256")
}

// ciphersKept reports whether at least as many ciphers are listed as before.
func (s *scan) ciphersKept() bool {
	return s.count('+', isCipher) >= s.count('-', isCipher)
}
