package loki_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/loghttp"
	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/loki"
)

// TestLokiCountsLines has Loki's own engine read the query that is sent: it counts
// the lines that the query for lines gives, also where a parser cannot read one.
func TestLokiCountsLines(t *testing.T) {
	var sent, step string
	answer := `{"resultType":"matrix","result":[{"metric":{},"values":[[1700000030,"4"],[1700000015,"2"],[1700000045,"NaN"],[1700000060,"+Inf"],[1700000075,"-1"]]}]}`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Loki refuses what its own reading of a request does not take.
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if _, err := loghttp.ParseRangeQuery(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		sent, step = r.URL.Query().Get("query"), r.URL.Query().Get("step")
		_, _ = fmt.Fprintf(w, `{"status":"success","data":%s}`, answer)
	}))
	defer s.Close()
	l := open(t, loki.Config{Config: endpoint.Config{Address: s.URL}})
	for _, query := range []string{`{service_name="pay"} |= "paid"`, `{service_name="pay"} | json | good="true"`, `{service_name="pay"} | json # by the book`} {
		got, err := l.CountLines(t.Context(), query, window(), 15*time.Second)
		want := []evidence.Sample{{Time: time.Unix(1700000015, 0).UTC(), Value: 2}, {Time: time.Unix(1700000030, 0).UTC(), Value: 4}}
		if err != nil || !slices.Equal(got, want) || step != "15" && step != "15.000000" {
			t.Errorf("%s: got %v and %v by steps of %s, want %v by 15", query, got, err, step, want)
		}
		expr, err := syntax.ParseSampleExpr(sent)
		if err != nil {
			t.Errorf("%s: Loki does not read %s: %v", query, sent, err)
			continue
		}
		extractors, err := expr.Extractors()
		if err != nil {
			t.Fatal(err)
		}
		for line, counts := range map[string]bool{`{"msg":"paid","good":"true"}`: true, `{"msg":"paid","go`: query != `{service_name="pay"} | json | good="true"`} {
			found := false
			for _, x := range extractors {
				samples, ok := x.ForStream(labels.FromStrings("service_name", "pay")).Process(0, []byte(line), labels.EmptyLabels())
				for _, sample := range samples {
					found = found || ok && sample.Labels.Labels().Get("__error__") == ""
				}
			}
			if found != counts {
				t.Errorf("%s counts %s: %v, want %v", sent, line, found, counts)
			}
		}
	}
	answer = `{"resultType":"streams","result":[]}`
	if _, err := l.CountLines(t.Context(), `{a="b"}`, window(), time.Second); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid where no counts come", err)
	}
}
