package errorclass

import (
	"strings"
	"testing"
)

func TestErrorsHaveTheirClass(t *testing.T) {
	for _, c := range []struct {
		status, kind, text string
		class              Class
		rule               string
	}{
		{"", "", "context deadline exceeded", Fatal, "deadline"},
		{"404", "", "upstream: context deadline exceeded", Fatal, "deadline"},
		{"DEADLINE_EXCEEDED", "", "", Fatal, "deadline"},
		{"DeadlineExceeded", "", "", Fatal, "deadline"},
		{"4", "", "", Fatal, "deadline"},
		{"504", "", "", Fatal, "deadline"},
		{"500", "", "", Fatal, "server-status"},
		{"503", "", "too many requests", Fatal, "server-status"},
		{"500", "", "sql: no rows in result set", Fatal, "server-status"},
		{"UNAVAILABLE", "", "connection refused", Fatal, "server-status"},
		{"14", "", "", Fatal, "server-status"},
		{"13", "", "", Fatal, "server-status"},
		{"8", "", "grpc: received message larger than max", Fatal, "server-status"},
		{"8", "", "quota of 100 requests is used up", Noisy, "rate-limit"},
		{"429", "", "", Noisy, "rate-limit"},
		{"", "ThrottlingException", "Rate limit exceeded", Noisy, "rate-limit"},
		{"", "", "429 Too Many Requests", Noisy, "rate-limit"},
		{"", "", "redis: nil", Recoverable, "empty-answer"},
		{"2", "", "redis: nil", Recoverable, "empty-answer"},
		{"", "", "get user 4711: sql: no rows in result set", Recoverable, "empty-answer"},
		{"", "ActiveRecord::RecordNotFound", "Couldn't find User", Recoverable, "empty-answer"},
		{"", "app.models.User.DoesNotExist", "matching query does not exist.", Recoverable, "empty-answer"},
		{"", "org.springframework.dao.EmptyResultDataAccessException", "", Recoverable, "empty-answer"},
		{"401", "", "token expired", Recoverable, "caller-mistake"},
		{"404", "", "", Recoverable, "caller-mistake"},
		{"NOT_FOUND", "", "", Recoverable, "caller-mistake"},
		{"16", "", "", Recoverable, "caller-mistake"},
		{"Unauthenticated", "", "", Recoverable, "caller-mistake"},
		{"10", "", "transaction conflict", Recoverable, "conflict"},
		{"499", "", "", Recoverable, "caller-gone"},
		{"Canceled", "", "", Recoverable, "caller-gone"},
		{"", "", "write response: context canceled", Recoverable, "caller-gone"},
		{"", "java.net.SocketTimeoutException", "Read timed out", Fatal, "timeout"},
		{"", "requests.exceptions.ReadTimeout", "", Fatal, "timeout"},
		{"", "", "dial tcp 10.0.0.1:5432: connect: connection refused", Fatal, "unreachable"},
		{"", "Error", "getaddrinfo ENOTFOUND payments", Fatal, "unreachable"},
		{"", "java.lang.NullPointerException", "", Fatal, "crash"},
		{"", "KeyError", "'price'", Fatal, "crash"},
		{"", "", "panic: runtime error: index out of range [3]", Fatal, "crash"},
		{"200", "", "the coupon has no use", Fatal, ""},
		{"", "PaymentDeclined", "card was declined", Fatal, ""},
		{"", "MyKeyErrorHandlerFailure", "", Fatal, ""},
		{"", "", "", Fatal, ""},
		{"", "", "write tcp 10.0.0.1:80: broken pipe", Recoverable, "caller-gone"},
		{"", "", "/srv/timeout/limit.go:12: cannot book", Fatal, ""},
		{"", "", "the user quota page is out of date", Fatal, ""},
	} {
		got := (*Classifier)(nil).Classify(Error{c.status, c.kind, c.text})
		if got.Class != c.class || got.Rule != c.rule || got.Unclassified != (c.rule == "") {
			t.Errorf("%q %q %q: got %+v, want %s by %q", c.status, c.kind, c.text, got, c.class, c.rule)
		}
	}
}

func TestConfiguredRulesComeFirst(t *testing.T) {
	c, err := New([]Rule{
		{Class: Fatal, Status: []string{"401"}, Text: []string{"LICENSE"}},
		{Class: Recoverable, Type: []string{"PaymentDeclined"}},
		{Class: Noisy, Status: []string{"5xx"}, Text: []string{"brownout"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		e     Error
		class Class
		rule  string
	}{
		{Error{"401", "", "license has run out"}, Fatal, "configured 1"},
		{Error{"401", "", "token expired"}, Recoverable, "caller-mistake"},
		{Error{"", "shop.PaymentDeclined", ""}, Recoverable, "configured 2"},
		{Error{"503", "", "Brownout: search is off"}, Noisy, "configured 3"},
	} {
		if got := c.Classify(x.e); got.Class != x.class || got.Rule != x.rule {
			t.Errorf("%+v: got %+v, want %s by %s", x.e, got, x.class, x.rule)
		}
	}
}

func TestAWrongRuleIsSaid(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		says string
	}{
		{Rule{Class: "bad", Status: []string{"500"}}, `rule 1: class is "bad" and must be fatal, recoverable or noisy`},
		{Rule{Class: Fatal}, "would fit every error"},
		{Rule{Class: Fatal, Text: []string{" "}}, "has no word in it"},
		{Rule{Class: Fatal, Status: []string{"60"}}, `status "60" is no HTTP status`},
		{Rule{Class: Fatal, Status: []string{"BROKEN"}}, `status "BROKEN" is no HTTP status`},
		{Rule{Class: Fatal, Text: make([]string, 200)}, "more than 100 values"},
	} {
		if _, err := New([]Rule{c.rule}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want it to say %q", c.rule, err, c.says)
		}
	}
	if _, err := New(make([]Rule, 501)); err == nil {
		t.Error("501 rules were taken")
	}
}
