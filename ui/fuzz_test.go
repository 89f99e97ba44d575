package ui_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/export"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// FuzzListFilters asks for the list, as a page and as JSON, with whatever stands
// behind the question mark: that is answered or refused, and never breaks.
func FuzzListFilters(f *testing.F) {
	for _, q := range []string{
		"", "state=reported&service=shop&severity=critical", "trigger=code&verdict=Lead+only&sort=burn&limit=200", "q=%22%3Cscript%3E&entity=a&decision=DEC-1&facets=1",
		"cursor=eyJzIjoiIn0&sort=impact", "limit=-1", "limit=99999999999999999999", "sort=started&sort=service", "state=%ff%00", "a;b=c&%zz",
	} {
		f.Add(q)
	}
	_, h := book(f)
	f.Fuzz(func(t *testing.T, q string) {
		for _, path := range []string{"/", "/api/v1/incidents", "/audit", "/api/v1/audit"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.URL.RawQuery = q
			if w := answer(h, r); w.Code >= http.StatusInternalServerError {
				t.Errorf("%s?%s: got %d %.300s", path, q, w.Code, w.Body)
			}
		}
	})
}

// stored are the bytes of every report.
type stored struct {
	ui.ReportStore
	raw []byte
}

func (s stored) Report(context.Context, string, int) ([]byte, error) { return s.raw, nil }

// FuzzStoredReport shows and exports reports as another version, or a damaged
// database, may have left them: what decodes is shown.
func FuzzStoredReport(f *testing.F) {
	for _, s := range storybook.Stories() {
		for _, r := range s.Reports {
			raw, err := json.Marshal(r)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
	f.Add([]byte(`{"causes":[{"terms":[{"refs":[{}]}],"commits":[{}]}],"coverage":[{}],"timeline":[{}],"impact":{},"code":[{}]}`))
	f.Add([]byte(`{"causes":null,"revision":-1,"window":{"start":"9999-12-31T23:59:59Z","end":"0001-01-01T00:00:00Z"}}`))
	store := storybook.New(storybook.Now, storybook.Stories()...)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r report.Report
		if json.Unmarshal(raw, &r) != nil {
			return
		}
		o := store.Options()
		o.Reports = stored{o.Reports, raw}
		h := ui.New(o)
		paths := []string{"/incidents/INC-confirmed", "/api/v1/incidents/INC-confirmed"}
		for _, x := range export.Formats() {
			paths = append(paths, "/incidents/INC-confirmed/export?format="+x.Name)
		}
		for _, path := range paths {
			u, err := url.Parse("http://127.0.0.1" + path)
			if err != nil {
				t.Fatal(err)
			}
			if w := answer(h, &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{"Accept": {"text/html"}}}); w.Code >= http.StatusInternalServerError {
				t.Errorf("%s: got %d %.300s", path, w.Code, w.Body)
			}
		}
	})
}
