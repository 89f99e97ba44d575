package bundle_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

func withCoverage(t *testing.T, c ...evidence.Coverage) *bundle.Bundle {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "b")
	s := newSample()
	w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "x"}, bundle.WriterOptions{})
	check(t, err)
	check(t, errors.Join(w.Alert(s.alert), w.Logs(s.logs...), w.Spans(s.spans...), w.Coverage(c), w.Close()))
	return open(t, dir)
}

func TestWhatFailedThenFailsAgain(t *testing.T) {
	ctx := context.Background()
	q := evidence.LogQuery{Services: []string{"bank"}, Window: evidence.Window{Start: at(0), End: at(1000)}}
	other := evidence.LogQuery{TraceID: id(1)}
	failed := evidence.Coverage{Source: "logs", Query: bundle.LogsQueryText(q), Status: evidence.CoverageFailed, Detail: "timed out"}
	fine := evidence.Coverage{Source: "logs", Query: "something else", Status: evidence.CoverageAnswered}

	b := withCoverage(t, failed)
	for _, x := range []evidence.LogQuery{q, other} {
		if _, _, err := b.Logs(ctx, x); !errors.Is(err, evidence.ErrUnavailable) || !strings.Contains(err.Error(), "timed out") {
			t.Errorf("%v: got %v, want the whole source down, with the reason", x, err)
		}
	}
	if _, err := b.Services(ctx); err != nil {
		t.Errorf("got %v, want the other sources to answer", err)
	}
	b = withCoverage(t, failed, fine)
	if _, _, err := b.Logs(ctx, q); !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("got %v, want the failed question to fail", err)
	}
	if lines, _, err := b.Logs(ctx, other); err != nil || len(lines) != 1 {
		t.Errorf("got %d lines and %v, want the other question answered", len(lines), err)
	}
	fine.Query, fine.Status, fine.Took = bundle.LogsQueryText(q), evidence.CoverageTruncated, time.Second
	b = withCoverage(t, fine)
	if _, cut, err := b.Logs(ctx, q); err != nil || !cut {
		t.Errorf("got truncated %v and %v, want the recording's truncation", cut, err)
	}
	if c, ok := b.Recorded("logs", fine.Query); !ok || c.Took != time.Second {
		t.Errorf("got %v %v, want the recorded duration", c, ok)
	}
}

func TestLinesAreFoundByTheNamesThatStandForAService(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "b")
	newSample().write(t, dir, bundle.Manifest{}, bundle.WriterOptions{})
	b := open(t, dir)
	for service, want := range map[string]int{"bank": 3, "shop/bank": 3, "Bank": 3, "ban": 0, "piggy-bank": 0} {
		got, _, err := b.Logs(context.Background(), evidence.LogQuery{Services: []string{service}})
		if err != nil || len(got) != want {
			t.Errorf("%s: got %d lines and %v, want %d", service, len(got), err, want)
		}
		for _, l := range got {
			if l.Service != service {
				t.Errorf("%s: got a line of %s, want the name that was asked for", service, l.Service)
			}
		}
	}
}

func TestLogQLPicksLines(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "b")
	newSample().write(t, dir, bundle.Manifest{}, bundle.WriterOptions{})
	b := open(t, dir)
	for expr, want := range map[string]int{
		`{service_name="bank"}`:                            3,
		`{service_name=~"ba.+", code="7"}`:                 3,
		`{service_name="bank"} |= "refused"`:               3,
		`{service_name="bank"} != "refused"`:               0,
		`{service_name="bank"} |= "` + id(2) + `"`:         1,
		"{service_name=\"bank\"} |~ `[0-9]1$`":             1,
		`{service_name="bank"} | trace_id="` + id(0) + `"`: 1,
		`{service_name="bank"} | detected_level!="error"`:  0,
		`{service_name="}"} |= "x"`:                        0,
		// Comments, and filters of which one will do.
		"# of the bank\n{service_name=\"bank\"} # all }\n|= \"refused\" # \"no\"": 3,
		`{service_name="bank"} |= "refused#"`:                                     0,
		`{service_name="bank"} |= "` + id(2) + `" or "` + id(0) + `"`:             2,
		"{service_name=\"bank\"} |~ `nothing` or `refu.ed` |= \"card\"":           0,
		`{service_name="bank"} != "nothing" or "refused"`:                         0,
		`{service_name="bank"} != "nothing" or "nobody"`:                          3,
	} {
		got, _, err := b.Logs(context.Background(), evidence.LogQuery{Expr: expr})
		if err != nil || len(got) != want {
			t.Errorf("%s: got %d lines and %v, want %d", expr, len(got), err, want)
		}
	}
	for expr, want := range map[string]error{
		`rate({a="b"}[1m])`:                       evidence.ErrUnsupported,
		`{service_name="bank"} | json a="b"`:      evidence.ErrUnsupported,
		`{service_name="bank"} | line_format "x"`: evidence.ErrUnsupported,
		`{service_name="bank"} |= x`:              evidence.ErrInvalid,
		`{service_name="bank"} |= "x" or y`:       evidence.ErrUnsupported,
		`{service_name="bank"} | a="b" or c="d"`:  evidence.ErrUnsupported,
		`{service_name="bank"} |~ "[("`:           evidence.ErrInvalid,
		`{service_name=bank}`:                     evidence.ErrInvalid,
		`{service_name="bank`:                     evidence.ErrUnsupported,
	} {
		if _, _, err := b.Logs(context.Background(), evidence.LogQuery{Expr: expr}); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", expr, err, want)
		}
	}
}

func TestLogQLParsesBodies(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "b")
	w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "b", Dataset: "d", Tool: "t", Windows: map[string]evidence.Window{"data": {Start: at(0), End: at(60)}}}, bundle.WriterOptions{})
	check(t, err)
	check(t, w.Alert(newSample().alert))
	for i, body := range []string{`{"status_code":200,"msg":"a"}`, `{"status_code":"503","http":{"path":"/pay"},"code":"x"}`, `status_code=404 msg="not there"`, "plain"} {
		check(t, w.Logs(evidence.LogLine{Time: at(float64(i)), Service: "bank", Body: body, Attributes: map[string]string{"code": "7"}}))
	}
	check(t, w.Close())
	b := open(t, dir)
	for expr, want := range map[string]int{
		`{service_name="bank"} | json | status_code != "200"`:                             3, // what has none is not 200 either
		`{service_name="bank"} | json | status_code != "200" | status_code != ""`:         1,
		`{service_name="bank"} | json | status_code >= 500`:                               1,
		`{service_name="bank"} | json | status_code < 500`:                                1,
		`{service_name="bank"} | json | http_path="/pay" | code="7" | code_extracted="x"`: 1,
		`{service_name="bank"} | json | __error__=""`:                                     2,
		`{service_name="bank"} | logfmt | status_code=404`:                                1,
		`{service_name="bank"} | logfmt | status_code="404" |= "there"`:                   1,
		`{service_name="bank"} | json | msg > 1`:                                          1, // no number: it stays
	} {
		got, _, err := b.Logs(context.Background(), evidence.LogQuery{Expr: expr})
		if err != nil || len(got) != want {
			t.Errorf("%s: got %d lines and %v, want %d", expr, len(got), err, want)
		}
	}
}

func TestPromQLIsPrometheusOwn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "b")
	newSample().write(t, dir, bundle.Manifest{}, bundle.WriterOptions{})
	b := open(t, dir)
	w := evidence.Window{Start: at(120), End: at(120)}
	got, err := b.QueryRange(context.Background(), "rate(calls_total[2m])", w, time.Minute)
	check(t, err)
	if d := cmp.Diff([]evidence.Series{{Labels: map[string]string{"service": "shop"}, Expr: "rate(calls_total[2m])", Samples: []evidence.Sample{{Time: at(120), Value: 1}}}}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got, err := b.QueryRange(context.Background(), "latency / 0", w, time.Minute); err != nil || len(got) != 0 {
		t.Errorf("got %v %v, want infinities left out", got, err)
	}
	for name, ask := range map[string]func() error{
		"syntax": func() error { _, err := b.QueryRange(context.Background(), "rate(", w, time.Minute); return err },
		"step":   func() error { _, err := b.QueryRange(context.Background(), "up", w, 0); return err },
		"points": func() error {
			_, err := b.QueryRange(context.Background(), "up", evidence.Window{Start: at(0), End: at(1e6)}, time.Second)
			return err
		},
		"reversed": func() error {
			_, err := b.QueryRange(context.Background(), "up", evidence.Window{Start: at(1), End: at(0)}, time.Second)
			return err
		},
		"selector": func() error { _, _, err := b.ListSeries(context.Background(), []string{"{"}, w); return err },
	} {
		if err := ask(); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	kinds, _, err := b.ListSeries(context.Background(), []string{"latency", "calls_total"}, evidence.Window{Start: at(0), End: at(1)})
	check(t, err)
	if len(kinds) != 2 || kinds[0].Kind != evidence.MetricCounter || kinds[1].Kind != evidence.MetricGauge {
		t.Errorf("got %v, want a counter and a gauge", kinds)
	}
}

func TestExemplarsSurviveAndAreSelectedByExpression(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "b")
	s := newSample()
	w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "x"}, bundle.WriterOptions{})
	check(t, err)
	ls := map[string]string{"le": "1.0", "service": "shop"}
	check(t, errors.Join(w.Alert(s.alert),
		w.Series(evidence.Series{Name: "lat_bucket", Labels: ls, Kind: evidence.MetricHistogram, Samples: []evidence.Sample{{Time: at(0), Value: 1}, {Time: at(60), Value: 2}}}),
		w.Exemplars(evidence.Exemplar{Series: "lat_bucket", Labels: ls, TraceID: id(4), SpanID: sp(4), Value: 0.7, Time: at(59)}), w.Close()))
	b := open(t, dir)
	want := []evidence.Exemplar{{Series: "lat_bucket", Labels: ls, TraceID: id(4), SpanID: sp(4), Value: 0.7, Time: at(59)}}
	got, err := b.Exemplars(context.Background(), `histogram_quantile(0.9, rate(lat_bucket{service="shop"}[1m]))`, evidence.Window{Start: at(0), End: at(60)})
	check(t, err)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got, err := b.Exemplars(context.Background(), `lat_bucket{service="bank"}`, evidence.Window{Start: at(0), End: at(60)}); err != nil || len(got) != 0 {
		t.Errorf("got %v %v, want none of another service", got, err)
	}
}

func TestCommitsBetweenRevisions(t *testing.T) {
	sha := func(c string) string { return strings.Repeat(c, 40) }
	names := func(list []evidence.Commit) string {
		s := ""
		for _, c := range list {
			s += c.SHA[:1]
		}
		return s
	}
	linear := []evidence.Commit{{SHA: sha("a"), Time: at(1)}, {SHA: sha("b"), Time: at(2)}, {SHA: sha("c"), Time: at(3), Services: []string{"bank"}}, {SHA: sha("d"), Time: at(4)}}
	// b and c are two branches from a that d merges; e stays outside.
	branched := []evidence.Commit{{SHA: sha("a"), Time: at(1)}, {SHA: sha("b"), Time: at(2), Parents: []string{sha("a")}}, {SHA: sha("c"), Time: at(3), Parents: []string{sha("a")}},
		{SHA: sha("d"), Time: at(4), Parents: []string{sha("b"), sha("c")}}, {SHA: sha("e"), Time: at(3.5), Parents: []string{sha("c")}}}
	for name, tc := range map[string]struct {
		history []evidence.Commit
		q       evidence.CommitQuery
		want    string
	}{
		"between two":               {linear, evidence.CommitQuery{From: sha("a"), To: sha("d")}, "dcb"},
		"by prefix":                 {linear, evidence.CommitQuery{From: sha("a")[:8], To: sha("b")[:7]}, "b"},
		"for another service":       {linear, evidence.CommitQuery{Service: "shop", From: sha("a"), To: sha("d")}, "db"},
		"unknown before: window":    {linear, evidence.CommitQuery{To: sha("c"), Window: evidence.Window{Start: at(2), End: at(9)}}, "cb"},
		"the last, however old":     {linear, evidence.CommitQuery{To: sha("d"), Window: evidence.Window{Start: at(4), End: at(9)}, Least: 3}, "dcb"},
		"the last, none later":      {linear, evidence.CommitQuery{Window: evidence.Window{Start: at(2), End: at(3)}, Least: 2}, "ba"},
		"unknown before, forgotten": {linear, evidence.CommitQuery{From: sha("9"), To: sha("b")}, "ba"},
		"a merge brings a branch":   {branched, evidence.CommitQuery{From: sha("b"), To: sha("d")}, "dc"},
		"outside the ancestry":      {branched, evidence.CommitQuery{From: sha("a"), To: sha("e")}, "ec"},
		"at most":                   {linear, evidence.CommitQuery{To: sha("d"), Limit: 2}, "dc"},
		"by a deploy's version":     {linear, evidence.CommitQuery{Service: "shop", From: "v1", To: "v2"}, "ba"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "b")
			s := newSample()
			s.commits = tc.history
			s.write(t, dir, bundle.Manifest{}, bundle.WriterOptions{})
			got, err := open(t, dir).Commits(context.Background(), tc.q)
			if err != nil || names(got) != tc.want {
				t.Errorf("got %s and %v, want %s", names(got), err, tc.want)
			}
		})
	}
	dir := filepath.Join(t.TempDir(), "b")
	newSample().write(t, dir, bundle.Manifest{}, bundle.WriterOptions{})
	if _, err := open(t, dir).Commits(context.Background(), evidence.CommitQuery{To: "v9"}); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v, want an unknown revision not found", err)
	}
}

func TestSecretsAreMaskedAndCounted(t *testing.T) {
	for text, want := range map[string]string{
		"Authorization: Bearer abcdef0123456789xyz":                           "Authorization: Bearer [redacted]",
		"jwt eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl end":                          "jwt [redacted] end",
		"key AKIAIOSFODNN7EXAMPLE.":                                           "key [redacted].",
		"postgres://app:hunter2@db:5432/x":                                    "postgres://app:[redacted]@db:5432/x",
		"login password=hunter2 ok":                                           "login password=[redacted] ok",
		`{"api_key":"12345678","n":1}`:                                        `{"api_key":"[redacted]","n":1}`,
		"-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----": "[redacted]",
		"token is expired":                                                    "token is expired",
		"https://host:443/path":                                               "https://host:443/path",
		"secretary arrives at a=b":                                            "secretary arrives at a=b",
	} {
		r := bundle.NewRedactor()
		if got := r.Text(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		n := 0
		for _, c := range r.Counts() {
			n += c
		}
		if (n > 0) != (text != want) {
			t.Errorf("%q: counted %v", text, r.Counts())
		}
	}
	const code = "+\ttoken = parse(x)\n+\tsecret=load()"
	if got := bundle.NewRedactor().Code(code); got != code {
		t.Errorf("got %q, want code to stay", got)
	}
	dir := filepath.Join(t.TempDir(), "b")
	s := newSample()
	s.logs[0].Body, s.logs[0].Attributes = "password=hunter2", map[string]string{"token": "abcdefgh"}
	s.write(t, dir, bundle.Manifest{}, bundle.WriterOptions{Redact: bundle.NewRedactor()})
	raw, err := os.ReadFile(filepath.Join(dir, "logs.jsonl"))
	check(t, err)
	if strings.Contains(string(raw), "hunter2") || strings.Contains(string(raw), "abcdefgh") {
		t.Error("a secret was written")
	}
	var m bundle.Manifest
	raw, err = os.ReadFile(filepath.Join(dir, "manifest.json"))
	check(t, err)
	check(t, json.Unmarshal(raw, &m))
	if m.Redactions["field"] != 2 {
		t.Errorf("got %v, want two fields counted", m.Redactions)
	}
}
