package loki_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/loki"
)

// TestWhatIsTooMuchAtOnceIsAskedForInPieces has Loki and our own bound refuse
// what is too large, each in its own way.
func TestWhatIsTooMuchAtOnceIsAskedForInPieces(t *testing.T) {
	const lines = 64
	for name, c := range map[string]struct {
		mostLines int // that Loki gives at once, 0 for any number
		mostTime  time.Duration
		status    int
		said      string // by Loki, of more
		long      int    // the line that is long, -1 for none
		maxBytes  int64
		want      int
		truncated bool
	}{
		"lines of one answer":           {5, 0, http.StatusBadRequest, "max entries limit per query exceeded, limit > max_entries_limit_per_query (16 > 5)", -1, 1 << 20, lines, false},
		"bytes of one answer":           {5, 0, http.StatusInternalServerError, "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (4300000 vs. 4194304)", -1, 1 << 20, lines, false},
		"time that is asked about":      {0, 20 * time.Minute, http.StatusBadRequest, "the query time range exceeds the limit (query length: 1h0m0s, limit: 20m0s)", -1, 1 << 20, lines, false},
		"bytes that are looked through": {0, 20 * time.Minute, http.StatusBadRequest, "the query would read too many bytes (query: 3.0 GiB, limit: 1.0 GiB); consider adding more specific stream selectors", -1, 1 << 20, lines, false},
		"bytes that we read":            {0, 0, 0, "", -1, 1000, lines, false},
		"a line that is too long":       {0, 0, 0, "", 9, 1000, lines - 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			var questions atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if label, ok := strings.CutPrefix(r.URL.Path, "/loki/api/v1/label/"); ok {
					fmt.Fprint(w, labelValues(strings.TrimSuffix(label, "/values")))
					return
				}
				questions.Add(1)
				q := r.URL.Query()
				from, _ := strconv.ParseInt(q.Get("start"), 10, 64)
				to, _ := strconv.ParseInt(q.Get("end"), 10, 64)
				limit, _ := strconv.Atoi(q.Get("limit"))
				if c.mostLines > 0 && limit > c.mostLines || c.mostTime > 0 && time.Duration(to-from) > c.mostTime {
					http.Error(w, c.said, c.status)
					return
				}
				var values []string
				for i := range lines { // one every fifty seconds
					ts, text := window().Start.Add(time.Duration(i)*50*time.Second).UnixNano(), fmt.Sprintf("line %02d", i)
					if i == c.long {
						text = strings.Repeat("x", 4000)
					}
					if ts >= from && ts < to && len(values) < limit {
						values = append(values, fmt.Sprintf(`["%d","%s"]`, ts, text))
					}
				}
				fmt.Fprintf(w, `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"service_name":"a"},"values":[%s]}]}}`, strings.Join(values, ","))
			}))
			t.Cleanup(server.Close)
			l := open(t, loki.Config{Config: endpoint.Config{Address: server.URL, MaxBytes: c.maxBytes}, PageSize: 16})
			var losses evidence.Losses
			got, truncated, err := l.Logs(evidence.WithLosses(t.Context(), &losses), evidence.LogQuery{Services: []string{"a"}, Window: window(), Limit: 100})
			if err != nil || len(got) > c.want || len(got) < c.want-1 || truncated != c.truncated {
				t.Errorf("got %d lines, truncated %v, %v; want %d, %v", len(got), truncated, err, c.want, c.truncated)
			}
			// A line that is too large is found within eight, and is no reason to ask for
			// each one behind it alone.
			if most := int32(30); c.long >= 0 && questions.Load() > most {
				t.Errorf("%d questions were asked, want at most %d", questions.Load(), most)
			}
			if said, n := evidence.DescribeLosses(losses.List()); n > 1 || (n == 1) != c.truncated {
				t.Errorf("said to be lost: %q", said)
			}
		})
	}
}

// TestManyLongLinesCostOnlyThemselves: each of them takes some refusals to find, and
// where no more are to be had what was read is told with its loss.
func TestManyLongLinesCostOnlyThemselves(t *testing.T) {
	const lines = 400
	for name, c := range map[string]struct {
		every     int // how many lines from one long one to the next
		least     int // lines to be had
		exhausted bool
	}{
		"four": {100, lines - 4 - 4, false},
		"ten":  {40, 150, true},
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
				for i := range lines { // one every eight seconds
					ts, text := window().Start.Add(time.Duration(i)*8*time.Second).UnixNano(), fmt.Sprintf("line %03d", i)
					if i%c.every == c.every-1 {
						text = strings.Repeat("x", 40000)
					}
					if ts >= from && ts < to && len(values) < limit {
						values = append(values, fmt.Sprintf(`["%d","%s"]`, ts, text))
					}
				}
				fmt.Fprintf(w, `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"service_name":"a"},"values":[%s]}]}}`, strings.Join(values, ","))
			}))
			t.Cleanup(server.Close)
			l := open(t, loki.Config{Config: endpoint.Config{Address: server.URL, MaxBytes: 20000}, PageSize: 100})
			var losses evidence.Losses
			got, truncated, err := l.Logs(evidence.WithLosses(t.Context(), &losses), evidence.LogQuery{Services: []string{"a"}, Window: window(), Limit: 1000})
			said, _ := evidence.DescribeLosses(losses.List())
			if err != nil || len(got) < c.least || !truncated {
				t.Errorf("got %d lines, truncated %v, %v; want at least %d, cut", len(got), truncated, err, c.least)
			}
			if strings.Contains(said, "too large too often") != c.exhausted || !strings.Contains(said, "larger than max_bytes") {
				t.Errorf("said to be lost: %q", said)
			}
		})
	}
}
