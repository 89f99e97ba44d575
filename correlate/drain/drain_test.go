package drain_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/wherefore-dev/wherefore/correlate/drain"
)

func TestMask(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"took 12.5ms after 3 attempts", "took <*> after <*> attempts"},
		{"10:44:31.123 INFO  order 1d314add-566d-4f76-bcf8-64057f56520c saved", "<*> INFO order <*> saved"},
		{"TraceID: 6926fc51ca821581ad9f03504e7fbfda", "TraceID: <*>"},
		{"dial tcp 10.0.0.1:5432: refused", "dial tcp <*>: refused"},
		{"GET /users/8841/cart returned 503", "GET /users/<*>/cart returned 503"},
		{"status=500 bytes=500", "status=500 bytes=<*>"},
		{"p99 of http2 is v2", "p99 of http2 is v2"},
		{"at profile/etcd.go:118 key a", "at profile/etcd.go:118 key a"},
		{"o.s.OrderServiceImpl#361 fails", "o.s.OrderServiceImpl#361 fails"},
		{"ad-server says java.lang.NullPointerException", "ad-server says java.lang.NullPointerException"},
		{"cpu 93%", "cpu <*>"},
		{"", ""},
	} {
		if got := drain.Mask(c.line); got != c.want {
			t.Errorf("Mask(%q): got %q, want %q", c.line, got, c.want)
		}
	}
}

func TestLinesOfOneStatementShareATemplate(t *testing.T) {
	p := drain.New()
	lines := []string{
		"failed to get value for alice: context deadline exceeded (attempt 1)",
		"failed to get value for bob: context deadline exceeded (attempt 4)",
		"logged in: user alice from Vienna",
		"logged in: user bob from Oslo",
		"shutting down",
	}
	var got []int
	for _, l := range lines {
		got = append(got, p.Add(l))
	}
	if diff := cmp.Diff([]int{0, 0, 1, 1, 2}, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if got, want := p.Template(0), "failed to get value for <*> context deadline exceeded (attempt <*>)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := p.Template(1), "logged in: user <*> from <*>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStatementsAtDifferentPlacesStayApart(t *testing.T) {
	p := drain.New()
	a := p.Add("WARN a.Orders#31 order not found in the store at all")
	b := p.Add("WARN a.Orders#34 order not found in the store at all")
	if a == b {
		t.Errorf("both lines went to %q", p.Template(a))
	}
}

func TestOutcomesStayApart(t *testing.T) {
	if a, b := drain.Mask("served GET status=200"), drain.Mask("served GET status=500"); a == b {
		t.Errorf("both are %q", a)
	}
}

func TestAFloodOfFirstWordsStaysBounded(t *testing.T) {
	p := drain.New()
	for i := range 5000 {
		p.Add(fmt.Sprintf("%c%c%c starts a line", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26))
	}
	if got := p.Add("zzz starts a line"); got > 110 {
		t.Errorf("got group %d, want the tree to stop branching at about a hundred", got)
	}
}

func BenchmarkAdd(b *testing.B) {
	lines := make([]string, 10_000)
	for i := range lines {
		lines[i] = fmt.Sprintf("12:30:%02d.%03d INFO o.c.Orders#%d TraceID: %032x [get][order %d][user u%d]", i%60, i%1000, i%40, i, i*7, i%300)
	}
	for b.Loop() {
		p := drain.New()
		for _, l := range lines {
			p.Add(l)
		}
	}
	b.ReportMetric(float64(len(lines))*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
