package spoken

import "regexp"

// Meaning is what a text says of the failure that it tells of, as a set: a text
// may say several things, or none.
type Meaning uint16

// What a text may say.
const (
	// OtherSide says that the failure is somebody else's: words of RPC and HTTP status
	// texts, of proxies, of socket errors.
	OtherSide Meaning = 1 << iota
	// NotSent says that a call failed before anything was sent: the caller ran out of
	// what it calls with, or would not try.
	NotSent
	// HungUp says that whoever asked did not wait for the answer.
	HungUp
	// GaveUp says that an answer did not come in time.
	GaveUp
	// NoWay says that something could not be got through to: name resolution (RFC 1035
	// response codes and resolver errors), TLS and certificates (RFC 5280), routing and
	// sockets (errno texts).
	NoWay
	// TooMuch says that there is more to do than can be done.
	TooMuch
	// awaited says that a call was sent and its answer waited for, whatever else the
	// text names: urllib3 begins such a message with the name of its pool.
	awaited
	// Misasked says that a store would not do what it was asked, since the statement
	// names what is not there, breaks a rule of the data, or is none.
	Misasked
	// Ends says that the process which writes this ends: by a signal, an exit, a panic or
	// for want of memory. It is a process' last words, and of others may be anything.
	Ends
)

// Any reports whether a text says any of some things.
func (m Meaning) Any(of Meaning) bool { return m&of != 0 }

// sayings are how software of any language says these things, as phrases for a
// [Table].
var sayings = func() *Table[Meaning] {
	t := &Table[Meaning]{}
	for _, s := range []struct {
		phrases []string
		says    Meaning
	}{
		{[]string{"upstream", "downstream", "remote error", "bad gateway", "service unavailable", "gateway timeout", "returned 5*", "status 5*", "code 5*", "rpc error", "propagat*", "caller", "read timed out", "connect timed out"}, OtherSide},
		{[]string{"pool", "pooled", "acquir*", "circuit", "breaker", "too many open files", "cannot assign requested address", "rate limit*", "marshal*", "unmarshal*", "invalid argument", "unsupported protocol", "lookup"}, NotSent},
		{[]string{"request canceled", "request cancelled", "request was canceled", "request was cancelled", "request aborted", "aborted by client", "client abort*", "client disconnect*", "client closed", "client prematurely closed", "client has gone",
			"operation was canceled", "operation was cancelled", "operation was aborted", "call was cancelled", "call cancelled", "code cancelled", "status cancelled", "status 499", "due to user request", "abort error", "broken pipe"}, HungUp},
		{[]string{"context canceled", "context cancelled", "context was canceled", "context was cancelled", "code canceled", "status canceled", "task was canceled", "task canceled", "operation canceled", "operation cancelled", "cancelled error", "cancellation exception"}, HungUp | GaveUp},
		{[]string{"timed out", "etimedout", "esockettimedout", "timeout", "timeouts", "time out", "deadline exceeded", "deadline has elapsed", "execution expired", "econnaborted", "execution time exceeded", "status 504"}, GaveUp},
		{[]string{"servfail", "nxdomain", "name resolution", "name resolver", "could not resolve", "enotfound", "getaddrinfo", "eai again", "unknown host exception", "server misbehaving",
			"tls handshake", "handshake failure", "ssl error", "ssl handshake", "pkix", "network is unreachable", "host unreachable", "quota exceeded", "rate limit exceeded", "429 too many"}, NoWay},
		{[]string{"connection refused", "connection reset", "econnrefused", "econnreset", "no route to host",
			"failed to connect", "could not connect", "unable to connect", "cannot connect", "can t connect", "can not connect", "couldn t connect", "connect failed", "connection failed",
			"failed to establish a connection", "failed to establish a new connection", "could not open connection", "communications link failure", "lost connection to"}, NoWay | OtherSide},
		{[]string{"read timed out", "read timeout", "reading response", "awaiting headers", "awaiting response"}, awaited},
		// A certificate alone may be one of birth.
		{[]string{"no such host", "x509", "peer certificate", "server certificate", "client certificate", "tls certificate", "ssl certificate", "self signed certificate", "bad certificate",
			"certificate has expired", "certificate is not valid", "certificate is not yet valid", "certificate verif*", "certificate signed by", "certificate chain", "certificate unknown", "certificate revoked", "certification path", "cert has expired", "unknown ca"}, NoWay | NotSent},
		{[]string{"duplicate key", "duplicate entry", "unique violation", "unique constraint", "foreign key violation", "foreign key constraint", "not null violation", "not null constraint", "check violation", "check constraint",
			"integrity constraint", "data integrity violation", "undefined column", "undefined table", "unknown column", "no such column", "no such table", "invalid column name", "invalid object name",
			"sql syntax", "syntax error at", "sql grammar", "invalid input syntax", "data too long", "value too long for", "numeric value out of range", "e11000"}, Misasked},
		{[]string{"shutting down", "shut down", "shutdown", "sigterm", "sigkill", "sigint", "sigquit", "sigsegv", "sigabrt", "signal terminated", "received signal", "signal received", "caught signal", "terminating", "exiting", "exit code", "exit status", "stopping server", "server stopped", "closing server",
			"panic", "fatal error", "segmentation fault", "core dumped", "out of memory", "oom killed", "uncaught exception", "unhandled exception", "unhandled rejection", "killed"}, Ends},
		{[]string{"timeout", "timeouts", "timed out", "deadline", "overload*", "too many", "queue full", "reject*", "throttl*", "exhaust*", "saturat*", "capacity", "backpressure", "shed", "shedding", "busy", "limit*"}, TooMuch},
	} {
		for _, p := range s.phrases {
			t.Add(p, s.says)
		}
	}
	return t
}()

// lookedUp is a resolver's complaint about a host's name, as Go and others word
// it: "lookup api.example.org on 10.0.0.2:53: i/o timeout".
var lookedUp = regexp.MustCompile(`(?i)\blookup [a-z0-9_-]+(\.[a-z0-9_-]+)+( on \S+)?:`)

// Says is what a text says of the failure that it tells of. Time is linear in the
// text.
func Says(text string) Meaning {
	var m Meaning
	if lookedUp.MatchString(text) {
		m = NoWay
	}
	sayings.Find(Words(text), func(s Meaning) { m |= s })
	if m.Any(awaited) {
		m &^= NotSent | awaited
	}
	return m
}
