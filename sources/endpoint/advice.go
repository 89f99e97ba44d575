package endpoint

import "strings"

// advices say what to put right in the configuration, by what a client or a
// server says of a refusal. The first that fits counts: what the other side says
// ("remote error") is about us, what our side says is about the other.
var advices = []struct{ sign, advice string }{
	{"remote error: tls", badClientCert},
	{"signed by unknown authority", "set tls.ca_file to the authority that signed the server's certificate"},
	{"certificate is not trusted", "set tls.ca_file to the authority that signed the server's certificate"},
	{"certificate is valid for", "set tls.server_name to a name in the server's certificate"},
	{"doesn't contain any IP SANs", "set tls.server_name to a name in the server's certificate"},
	{"HTTP request to an HTTPS server", "begin the address with https://"},
	{"HTTP response to HTTPS client", "the server speaks no TLS; begin the address with http://"},
	{"first record does not look like a TLS handshake", "the server speaks no TLS; begin the address with grpc://, and leave tls out"},
	{"error reading server preface: EOF", "where the server speaks TLS, begin the address with grpcs://"},
	// A server that refuses the certificate may hang up before it says so.
	{"broken pipe", "the server hung up; " + maybeClientCert},
	{"connection reset by peer", "the server hung up; " + maybeClientCert},
	{"http2: client conn could not be established", "the server hung up; " + maybeClientCert},
	{"404 page not found", "check the path in the address"},
	{"no org id", "set org_id to the tenant"},
}

const (
	badClientCert   = "the server does not take the client's certificate; set tls.cert_file and tls.key_file to one that it trusts"
	maybeClientCert = "where it wants a client's certificate, set tls.cert_file and tls.key_file"
)

// Advised is text from outside made clean, and what to do about it where that is
// known.
func Advised(text string) string {
	// What crypto/x509 guesses of the reason says nothing to an operator.
	cut, _, guessed := strings.Cut(text, " (possibly because of")
	// Nor what gRPC says of a page that came instead of an answer.
	cut, _, _ = strings.Cut(cut, "; transport: received unexpected content-type")
	clean := Clean(cut)
	if guessed && strings.Count(clean, `"`)%2 == 1 {
		clean += `"` // grpc quotes the whole
	}
	for _, a := range advices {
		if strings.Contains(text, a.sign) {
			return clean + "; " + a.advice
		}
	}
	return clean
}
