package compose

import (
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestWhatIsLostIsAShareOfWhatTheAlertCounts: a rate of what is not good beside
// another rate says how many are hit to nobody.
func TestWhatIsLostIsAShareOfWhatTheAlertCounts(t *testing.T) {
	onset := time.Date(2026, 5, 1, 10, 6, 0, 0, time.UTC)
	counted := func(kind, good string, before, since float64) gathered.Series {
		s := level("edge", "orders_total", "rate", "1/s", map[string]string{"kind": kind, "good": good}, before, since)
		s.Alerting = true
		return s
	}
	saying := func(failed string, s gathered.Series) gathered.Series { s.Says = failed; return s }
	ratio := level("edge", "orders_total", gathered.StatExpr, "", nil, .01, .4)
	ratio.Alerting = true
	for name, c := range map[string]struct {
		series []gathered.Series
		labels map[string]string
		want   []string
		share  float64
	}{
		"both ends":              {[]gathered.Series{counted("paid", "true", 9.9, 6), counted("paid", "false", .1, 4)}, nil, []string{"40 % of orders (kind paid) failed since the onset", "usually 1 % do"}, .4},
		"the alert's own":        {[]gathered.Series{counted("paid", "true", 9.9, 6), counted("paid", "false", .1, 4), counted("sent", "true", 10, 9), counted("sent", "false", 0, 1)}, map[string]string{"slo": "sent"}, []string{"10 % of sent failed since the onset", "usually 0 % do"}, .1},
		"a milestone":            {[]gathered.Series{counted("paid", "true", 9.9, 6), saying("orders not paid", counted("paid", "false", .1, 4))}, nil, []string{"40 % of orders (kind paid) failed since the onset (orders not paid)", "usually 1 % do"}, .4},
		"one end tells no share": {[]gathered.Series{counted("paid", "false", .1, 4)}, nil, nil, 0},
		"as high as before":      {[]gathered.Series{counted("paid", "true", 6, 6), counted("paid", "false", 4, 4)}, nil, nil, 0},
		"nothing lost":           {[]gathered.Series{counted("paid", "true", 6, 6), counted("paid", "false", 0, 0)}, nil, nil, 0},
	} {
		e := &gathered.Evidence{Service: "edge", Alerting: []string{"edge"}, Onset: report.Onset{At: onset}, Metrics: append(c.series, ratio)}
		e.Request.Alert.Labels = c.labels
		got := lostShare(e)
		var says []string
		if got.ok {
			says = got.says()
		}
		if !slices.Equal(says, c.want) || got.now != c.share {
			t.Errorf("%s: got %q, %v, want %q, %v", name, says, got.now, c.want, c.share)
		}
		if got.ok {
			if chart := got.chart(onset); chart == nil || chart.Unit != "%" || chart.Samples[len(chart.Samples)-1].Value != 100*c.share {
				t.Errorf("%s: got chart %+v", name, chart)
			}
			// Neither the counters nor the alert's ratio of them are told a second time.
			if facts := measuredFacts(e, "edge"); len(facts) > 0 {
				t.Errorf("%s: got %q beside the share", name, facts)
			}
		}
	}
}

func TestAFailureSpreadsByCalls(t *testing.T) {
	call := func(caller, callee string) evidence.Edge { return evidence.Edge{Caller: caller, Callee: callee} }
	edges := []evidence.Edge{call("edge", "shop"), call("shop", "bank"), call("edge", "auth"), call("auth", "bank"), call("bank", "db"), call("db", "db"), call("db", "cache")}
	for name, c := range map[string]struct {
		cause, alerting string
		want            []string
	}{
		"a chain, the first by name of equals": {"db", "edge", []string{"db", "bank", "auth", "edge"}},
		"itself":                               {"edge", "edge", nil},
		"no way":                               {"mail", "edge", nil},
		"nobody alerts":                        {"db", "", nil},
		"one call":                             {"shop", "edge", []string{"shop", "edge"}},
		"against calls":                        {"shop", "db", nil},
	} {
		got := failurePath(&gathered.Evidence{Edges: edges}, []report.Cause{{Entity: evidence.Entity{Name: c.cause}}}, c.alerting)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestATitleSaysTheErrorWhereFailuresStart(t *testing.T) {
	place := &evidence.CodeRef{Path: "shop/cart.go", Line: 7}
	for name, c := range map[string]struct {
		mechanism report.Mechanism
		failure   report.Failure
		want      string
	}{
		"the innermost reason, with its place": {report.MechanismError, report.Failure{Service: "shop", Message: "request panicked: panic: runtime error: index out of range", Seen: 3, Place: place}, "3 failures in shop at shop/cart.go:7: “index out of range”"},
		"without a place":                      {report.MechanismError, report.Failure{Service: "shop", Message: "stock is empty", Seen: 3}, "3 failures in shop: “stock is empty”"},
		"quoted by its format":                 {report.MechanismError, report.Failure{Service: "shop", Message: `"stock is empty"`, Seen: 3}, "3 failures in shop: “stock is empty”"},
		"what it is about is no reason":        {report.MechanismError, report.Failure{Service: "shop", Message: "query seats: no such column: in_season (1)", Seen: 3}, "3 failures in shop: “no such column: in_season (1)”"},
		"one word is no reason":                {report.MechanismError, report.Failure{Service: "shop", Message: "load stock: EOF", Seen: 3}, "3 failures in shop: “load stock: EOF”"},
		"half an object is no reason":          {report.MechanismError, report.Failure{Service: "shop", Message: `refused {"why": "no more seats"}`, Seen: 3}, `3 failures in shop: “refused {"why": "no more seats"}”`},
		"it was there before":                  {report.MechanismError, report.Failure{Service: "shop", Message: "stock is empty", Seen: 3, Before: 1}, ""},
		"somebody else's":                      {report.MechanismError, report.Failure{Service: "edge", Message: "shop answered 500", Seen: 3}, ""},
		"cannot be reached":                    {report.MechanismAbsence, report.Failure{Service: "edge", Message: "dial tcp 10.0.0.1:80: connect: connection refused", Seen: 3}, "shop cannot be reached: “connection refused”"},
		"reached and slow":                     {report.MechanismAbsence, report.Failure{Service: "edge", Message: "deadline exceeded", Seen: 3}, ""},
	} {
		got := failureWords(&report.Cause{Entity: evidence.Entity{Name: "shop"}, Mechanism: c.mechanism}, []report.Failure{c.failure})
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
