package loki_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/loki"
)

// TestPagesFitWhatAQuerierMaySend has a Loki whose answers of more than 4 MiB never
// come, as where the querier cannot send them to the front end.
func TestPagesFitWhatAQuerierMaySend(t *testing.T) {
	const lines, most = 3000, 4 << 20
	for name, length := range map[string]func(i int) int{
		"of two KiB":                        func(int) int { return 2 << 10 },
		"short ones, and long ones at last": func(i int) int { return 100 + b2i(i >= 480)*(6<<10) },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if label, ok := strings.CutPrefix(r.URL.Path, "/loki/api/v1/label/"); ok {
					fmt.Fprint(w, labelValues(strings.TrimSuffix(label, "/values")))
					return
				}
				q := r.URL.Query()
				from, _ := strconv.ParseInt(q.Get("start"), 10, 64)
				to, _ := strconv.ParseInt(q.Get("end"), 10, 64)
				limit, _ := strconv.Atoi(q.Get("limit"))
				var values []string
				size := 0
				for i := range lines { // one every second
					ts := window().Start.Add(time.Duration(i) * time.Second).UnixNano()
					if ts >= from && ts < to && len(values) < limit {
						values = append(values, fmt.Sprintf(`["%d","line %04d %s"]`, ts, i, strings.Repeat("x", length(i))))
						size += length(i)
					}
				}
				if size > most {
					<-r.Context().Done()
					return
				}
				fmt.Fprintf(w, `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"service_name":"a"},"values":[%s]}]}}`, strings.Join(values, ","))
			}))
			t.Cleanup(server.Close)
			l := open(t, loki.Config{Config: endpoint.Config{Address: server.URL, Timeout: time.Second}})
			got, truncated, err := l.Logs(t.Context(), evidence.LogQuery{Services: []string{"a"}, Window: window(), Limit: 2 * lines})
			if err != nil || len(got) != lines || truncated {
				t.Errorf("got %d lines, truncated %v, %v; want all %d", len(got), truncated, err, lines)
			}
		})
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
