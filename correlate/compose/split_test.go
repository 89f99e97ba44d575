package compose

import (
	"fmt"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// asked are requests to one service that say the same of themselves.
type asked struct {
	operation     string
	attributes    map[string]string
	before        bool
	requests, hit int
}

// requestsOfAll is evidence of such requests, failed ones first.
func requestsOfAll(lists ...asked) *gathered.Evidence {
	onset := casetest.WorldOnset
	c := &gathered.Evidence{Onset: report.Onset{At: onset}}
	for _, a := range lists {
		for i := range a.requests {
			at := onset.Add(time.Minute)
			if a.before {
				at = onset.Add(-time.Minute)
			}
			c.Traces = append(c.Traces, gathered.Trace{Sampled: true, Baseline: a.before, Trace: evidence.Trace{Spans: []evidence.Span{
				{Service: "shop", Operation: a.operation, Attributes: a.attributes, Start: at, Duration: time.Millisecond, Failed: i < a.hit},
			}}})
		}
	}
	return c
}

// TestWhoIsHitIsSaidWhereItIsMeasured: by route and by on whose behalf a request was
// sent, where that differs by more than chance, and never by what names a person.
func TestWhoIsHitIsSaidWhereItIsMeasured(t *testing.T) {
	of := func(name, value string) map[string]string { return map[string]string{name: value} }
	many := make([]asked, mostParts+1)
	for i := range many {
		many[i] = asked{operation: fmt.Sprintf("GET /orders/%d", i), requests: 1, hit: i % 2}
	}
	for name, x := range map[string]struct {
		in   []asked
		want []string
	}{
		"one route": {[]asked{{"GET /a", nil, false, 40, 1}, {"POST /b", nil, false, 30, 28}},
			[]string{"POST /b: 28 of 30 requests failed, 1 of 40 to other routes"}},
		"two of three routes": {[]asked{{"GET /a", nil, false, 20, 0}, {"POST /b", nil, false, 20, 12}, {"POST /c", nil, false, 20, 11}},
			[]string{"POST /b, POST /c: 23 of 40 requests failed, none of 20 to other routes"}},
		"all alike": {[]asked{{"GET /a", nil, false, 40, 20}, {"POST /b", nil, false, 30, 14}},
			[]string{"no one route stands out: 20 of 40 GET /a, 14 of 30 POST /b failed"}},
		"apart, if not beyond chance": {[]asked{{"GET /a", nil, false, 20, 12}, {"POST /b", nil, false, 20, 20}}, nil},
		"few requests":                {[]asked{{"GET /a", nil, false, 4, 0}, {"POST /b", nil, false, 4, 4}}, nil},
		"by chance":                   {[]asked{{"GET /a", nil, false, 20, 0}, {"POST /b", nil, false, 20, 1}}, nil},
		"one route alone":             {[]asked{{"GET /a", nil, false, 40, 20}}, nil},
		"a route for each order":      {many, nil},
		"as much before": {[]asked{{"GET /a", nil, false, 40, 0}, {"POST /b", nil, false, 30, 20}, {"GET /a", nil, true, 40, 0}, {"POST /b", nil, true, 30, 20}},
			nil},
		"the route that is given": {[]asked{{"a", map[string]string{"http.route": "/a/{id}", "http.request.method": "GET"}, false, 40, 30}, {"b", map[string]string{"http.route": "/b"}, false, 40, 0}},
			[]string{"GET /a/{id}: 30 of 40 requests failed, none of 40 to other routes"}},
		"one customer": {[]asked{{"GET /a", of("app.customerId", "acme"), false, 20, 19}, {"GET /a", of("app.customerId", "zeta"), false, 40, 0}},
			[]string{"app.customerId acme: 19 of 20 requests failed, none of 40 others"}},
		"told by those that failed alone": {[]asked{{"GET /a", of("tenant", "acme"), false, 10, 10}, {"GET /a", of("tenant", "zeta"), false, 10, 10}, {"GET /a", nil, false, 60, 0}}, nil},
		"a person":                        {[]asked{{"GET /a", of("customer.email", "ann"), false, 20, 19}, {"GET /a", of("customer.email", "bob"), false, 40, 0}}, nil},
		"an address of a person":          {[]asked{{"GET /a", of("customer", "ann@shop.example"), false, 20, 19}, {"GET /a", of("customer", "bob@shop.example"), false, 40, 0}}, nil},
		"where it runs":                   {[]asked{{"GET /a", of("cloud.account.id", "1"), false, 20, 19}, {"GET /a", of("cloud.account.id", "2"), false, 40, 0}}, nil},
	} {
		var got []string
		for _, s := range splits(requestsOfAll(x.in...), "shop", failing()) {
			got = append(got, s.Says)
		}
		if fmt.Sprint(got) != fmt.Sprint(x.want) {
			t.Errorf("%s: got %q, want %q", name, got, x.want)
		}
	}
}

func TestASplitListsThosePartsThatAreHitMost(t *testing.T) {
	var in []asked
	for i := range 2 * shownParts {
		in = append(in, asked{operation: fmt.Sprintf("GET /%02d", i), requests: 10, hit: 10 * (i / shownParts)})
	}
	got := splits(requestsOfAll(in...), "shop", failing())
	if len(got) != 1 || len(got[0].Parts) != shownParts || got[0].Others != shownParts || got[0].Parts[0].Name != "GET /08" || got[0].Parts[shownParts-1].Hit != 10 {
		t.Errorf("got %+v", got)
	}
}

// TestAmongSeveralThatAlertASplitSaysWhose: both have the same routes.
func TestAmongSeveralThatAlertASplitSaysWhose(t *testing.T) {
	for name, c := range map[string]struct {
		alerting []string
		hit      [2]int
		want     string
	}{
		"one alerts":     {[]string{"shop"}, [2]int{1, 28}, "POST /b: 28 of 30 requests failed, 1 of 40 to other routes"},
		"two alert":      {[]string{"shop", "till"}, [2]int{1, 28}, "at shop, POST /b: 28 of 30 requests failed, 1 of 40 to other routes"},
		"two, hit alike": {[]string{"shop", "till"}, [2]int{20, 14}, "at shop, no one route stands out: 20 of 40 GET /a, 14 of 30 POST /b failed"},
	} {
		e := requestsOfAll(asked{"GET /a", nil, false, 40, c.hit[0]}, asked{"POST /b", nil, false, 30, c.hit[1]})
		e.Alerting = c.alerting
		if got := splits(e, "shop", failing()); len(got) != 1 || got[0].Says != c.want {
			t.Errorf("%s: got %+v, want %q", name, got, c.want)
		}
	}
}
