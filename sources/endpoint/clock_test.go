package endpoint_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// TestAClockFarFromOursIsSaid has servers by the dates of their answers.
func TestAClockFarFromOursIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		off  time.Duration
		age  time.Duration // of what a cache answers
		want string
	}{
		"ours":           {0, 0, ""},
		"a minute ahead": {time.Minute, 0, ""},
		"hours behind":   {-5 * time.Hour, 0, "5h0m behind ours"},
		"hours ahead":    {3*time.Hour + 31*time.Minute, 0, "3h30m ahead of ours"},
		"out of a cache": {-2 * time.Hour, 2 * time.Hour, ""},
		"says no date":   {time.Duration(-1 << 63), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Date"] = nil
				if c.off != time.Duration(-1<<63) {
					w.Header().Set("Date", time.Now().Add(c.off).UTC().Format(http.TimeFormat))
				}
				if c.age > 0 {
					w.Header().Set("Age", strconv.Itoa(int(c.age.Seconds())))
				}
			}))
			defer server.Close()
			h, err := endpoint.NewHTTP(endpoint.Config{Address: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			var losses evidence.Losses
			ctx := evidence.WithLosses(t.Context(), &losses)
			for range 2 {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := h.Client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
			}
			left, dated := evidence.Clocks(losses.List())
			said, n := evidence.DescribeLosses(dated)
			if len(left) > 0 || c.want == "" && n > 0 || c.want != "" && (n != 2 || !strings.Contains(said, c.want)) {
				t.Errorf("got %d: %q, want two answers %q", n, said, c.want)
			}
			err = h.Probe(t.Context(), "ready")
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("the probe says %v, want %q", err, c.want)
			}
		})
	}
}
