package spoken

import "testing"

// TestSays holds each meaning to what says it, and to what only looks like it.
func TestSays(t *testing.T) {
	for text, want := range map[string]Meaning{
		"":                           0,
		"cannot book the order":      0,
		"rpc error: code = Internal": OtherSide,
		"upstream connect error or disconnect/reset before headers":                   OtherSide,
		"stock answered with status 503":                                              OtherSide,
		"POST /pay returned 502":                                                      OtherSide,
		`duplicate key value violates unique constraint "orders_pkey"`:                Misasked,
		"UndefinedColumn: column voucher does not exist":                              Misasked,
		"Unknown column 'voucher' in 'field list'":                                    Misasked,
		"SQLITE_CONSTRAINT: UNIQUE constraint failed: orders.id":                      Misasked,
		"could not serialize access due to concurrent update":                         0,
		"deadlock detected":                                                           0,
		"took 503 ms":                                                                 0,
		"connect ECONNREFUSED 10.0.0.7:5432":                                          NoWay | OtherSide,
		"dial tcp 10.0.0.7:5432: connect: connection refused":                         NoWay | OtherSide,
		"lookup api.example.org on 10.0.0.2:53: i/o timeout":                          NoWay | NotSent | GaveUp | TooMuch,
		"getaddrinfo ENOTFOUND db.internal":                                           NoWay,
		"x509: certificate signed by unknown authority":                               NoWay | NotSent,
		"HikariPool-1 - Connection is not available":                                  NotSent,
		"cannot acquire a connection from the pool":                                   NotSent,
		"json: cannot unmarshal string into Go value":                                 NotSent,
		"cannot issue certificate for student 12: grade is missing":                   0,
		"birth certificate of person 9 is refused":                                    0,
		"invalid peer certificate: Expired":                                           NoWay | NotSent,
		"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed":                  NoWay | NotSent,
		"carpooling is full":                                                          0,
		"context canceled":                                                            HungUp | GaveUp,
		"write: broken pipe":                                                          HungUp,
		"HTTPConnectionPool(host='stock', port=80): Read timed out. (read timeout=2)": GaveUp | OtherSide | TooMuch,
		"ECONNABORTED": GaveUp,
		"upstream timed out (110: Connection timed out) while reading response header from upstream": OtherSide | GaveUp | TooMuch,
		"canceling statement due to user request":                                                    HungUp,
		"canceling statement due to statement timeout":                                               GaveUp | TooMuch,
		"org.apache.catalina.connector.ClientAbortException: java.io.IOException: Broken pipe":       HungUp,
		"io.grpc.StatusRuntimeException: CANCELLED: call was cancelled":                              HungUp,
		"deadline has elapsed":                                                       GaveUp | TooMuch,
		"lookup of the price failed: i/o timeout":                                    NotSent | GaveUp | TooMuch,
		"lookup api.partner.example: no answer":                                      NoWay | NotSent,
		"the order was cancelled":                                                    0,
		"java.net.SocketTimeoutException: Read timed out":                            GaveUp | OtherSide | TooMuch,
		"context deadline exceeded (Client.Timeout exceeded while awaiting headers)": GaveUp | TooMuch,
		"DEADLINE_EXCEEDED":                                                          GaveUp | TooMuch,
		"an unlimited offer was published":                                           0,
		"task pushed to 3 workers":                                                   0,
		"RejectedExecutionException: queue full":                                     TooMuch,
		"FATAL: sorry, too many clients already":                                     TooMuch,
		"429 Too Many Requests":                                                      NoWay | TooMuch,
		"\tat com.acme.timeout.Upstream.call(Upstream.java:12)":                      0,
		"user_agent=\"upstream-checker/1.0 (timeout)\" order refused":                0,
		"/srv/pool/limit.go:12: cannot book":                                         0,
	} {
		if got := Says(text); got != want {
			t.Errorf("%q: got %06b, want %06b", text, got, want)
		}
	}
}
