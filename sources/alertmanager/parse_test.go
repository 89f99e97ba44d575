package alertmanager_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestReadsAlertmanagersPayload(t *testing.T) {
	got, err := alertmanager.Parse(read(t, "alertmanager-firing.json"))
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{"alertname": "HighErrors", "service": "demo", "severity": "critical"}
	want := evidence.Alert{
		Receiver: "wh", Status: "firing",
		GroupKey:    `{}:{alertname="HighErrors", service="demo", severity="critical"}`,
		Labels:      labels,
		Annotations: map[string]string{"summary": "errors on demo"},
		ExternalURL: "http://alertmanager.example:9093",
		Truncated:   2,
		Instances: []evidence.AlertInstance{{
			Status: "firing", Labels: labels,
			Annotations:  map[string]string{"summary": "errors on demo", "value": "4.68825"},
			StartsAt:     time.Date(2026, 11, 22, 7, 53, 48, 367e6, time.UTC),
			GeneratorURL: "http://prometheus.example:9090/graph?g0.expr=rate%28x%5B1m%5D%29+%3E+1&g0.tab=1",
			Fingerprint:  "2146b3e2d3852a5d",
		}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestReadsGrafanasPayload(t *testing.T) {
	got, err := alertmanager.Parse(read(t, "grafana-mixed.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != "firing" || len(got.Instances) != 2 || got.Name() != "Checkout latency" {
		t.Fatalf("got %+v", got)
	}
	first, second := got.Instances[0], got.Instances[1]
	if w := time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC); !first.StartsAt.Equal(w) || first.StartsAt.Location() != time.UTC {
		t.Errorf("startsAt with zone +02:00: got %v want %v", first.StartsAt, w)
	}
	if got, want := first.Annotations["valueString"], "[ var='A' labels={} value=4.1 ]"; got != want {
		t.Errorf("valueString: got %q want %q", got, want)
	}
	if got := first.Annotations["dashboardURL"]; got == "" {
		t.Error("dashboardURL is lost")
	}
	if second.Status != "resolved" || second.EndsAt.IsZero() {
		t.Errorf("second: got status %q, ends %v; want resolved with an end", second.Status, second.EndsAt)
	}
}

func TestFillsInWhatSendersLeaveOut(t *testing.T) {
	got, err := alertmanager.Parse([]byte(`{"alerts":[
		{"labels":{"alertname":"A","pod":"x","zone":"z"},"startsAt":"2026-01-02T03:04:05Z","endsAt":"2026-01-02T03:14:05Z"},
		{"labels":{"alertname":"A","pod":"y","zone":"z"},"startsAt":"2026-01-02T03:04:06Z","endsAt":"0001-01-01T00:00:00Z"}],
		"notification_reason":"first notification","future":{"a":[1]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if w := map[string]string{"alertname": "A", "zone": "z"}; !cmp.Equal(got.Labels, w) {
		t.Errorf("labels: got %v want what both agree on, %v", got.Labels, w)
	}
	if w := `{}:{alertname="A", zone="z"}`; got.GroupKey != w {
		t.Errorf("group key: got %s want %s", got.GroupKey, w)
	}
	if got.Status != "firing" || !got.Instances[0].EndsAt.IsZero() {
		t.Errorf("got status %q, end %v; want firing without an end", got.Status, got.Instances[0].EndsAt)
	}
}

// TestReadsWhatPeopleCopy has the output of amtool 0.25 and of Alertmanager's
// and Prometheus' APIs, as they print it.
func TestReadsWhatPeopleCopy(t *testing.T) {
	const one = `{"annotations":{"summary":"errors on demo"},"endsAt":"2026-11-22T08:03:48.367Z","fingerprint":"2146b3e2d3852a5d",
		"receivers":[{"name":"wh"}],"startsAt":"2026-11-22T07:53:48.367Z","status":{"inhibitedBy":[],"silencedBy":[],"state":"active"},
		"updatedAt":"2026-11-22T07:53:48.380Z","generatorURL":"http://prometheus.example/graph?g0.expr=up","labels":{"alertname":"HighErrors","service":"demo"}}`
	for name, in := range map[string]string{
		"amtool alert -o json":    "[" + one + "," + strings.ReplaceAll(one, "07:53", "07:51") + "]\n",
		"one alert":               "\n " + one,
		"an alert of the webhook": `{"status":"firing","labels":{"alertname":"HighErrors","service":"demo"},"startsAt":"2026-11-22T07:53:48.367Z","endsAt":"0001-01-01T00:00:00Z"}`,
		"Prometheus /api/v1/alerts": `{"status":"success","data":{"alerts":[{"labels":{"alertname":"HighErrors","service":"demo"},"annotations":{},
			"state":"pending","activeAt":"2026-11-22T07:53:48.367Z","value":"4.68825e+00"}]}}`,
		"one of Prometheus": `{"labels":{"alertname":"HighErrors","service":"demo"},"state":"firing","activeAt":"2026-11-22T07:53:48.367Z","value":"1e+00"}`,
	} {
		got, err := alertmanager.Parse([]byte(in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if w := `{}:{alertname="HighErrors", service="demo"}`; got.Status != "firing" || got.Label("service") != "demo" || got.GroupKey != w {
			t.Errorf("%s: got %s of %q in group %s, want firing of demo in %s", name, got.Status, got.Label("service"), got.GroupKey, w)
		}
		first := got.Instances[0]
		if w := time.Date(2026, 11, 22, 7, 53, 48, 367e6, time.UTC); !first.StartsAt.Equal(w) || !first.EndsAt.IsZero() {
			t.Errorf("%s: got start %v, end %v; want %v and none", name, first.StartsAt, first.EndsAt, w)
		}
	}
}

func TestRefusesWhatIsMalformedAndSaysWhere(t *testing.T) {
	deep := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	for name, tc := range map[string]struct{ in, say string }{
		"empty":         {``, "not JSON"},
		"cut":           {`{"alerts":[{"labels":{"a":"b`, "not JSON at byte"},
		"a list":        {`[]`, "no alerts"},
		"list of words": {`["firing"]`, "JSON string"},
		"a number":      {`7`, "JSON number"},
		"a rule":        {`{"name":"x","query":"up == 0","labels":null}`, "no alerts"},
		"odd state":     {`[{"labels":{},"activeAt":"2026-01-02T03:04:05Z","state":"sleeping"}]`, `alerts[0].status is "sleeping"`},
		"no time":       {`{"labels":{"alertname":"A"},"status":{"state":"active"}}`, "alerts[0].startsAt is missing"},
		"no alerts":     {`{"version":"4"}`, "no alerts"},
		"version":       {`{"version":"9","alerts":[{}]}`, `version is "9", want Alertmanager's 4 or Grafana's 1`},
		"null":          {`null`, "no alerts"},
		"alerts wrong":  {`{"alerts":{}}`, `alerts cannot be a JSON object`},
		"label number":  {`{"alerts":[{"labels":{"a":1},"startsAt":"2026-01-02T03:04:05Z"}]}`, `JSON number`},
		"no start":      {`{"alerts":[{"labels":{}}]}`, "alerts[0].startsAt is missing"},
		"year one":      {`{"alerts":[{"startsAt":"0001-01-01T00:00:00Z"}]}`, "alerts[0].startsAt is missing"},
		"no zone":       {`{"alerts":[{"startsAt":"2026-01-02T03:04:05Z"},{"startsAt":"2026-01-02 03:04:05"}]}`, "alerts[1].startsAt"},
		"status":        {`{"alerts":[{"startsAt":"2026-01-02T03:04:05Z","status":"\u001b[31mbad"}]}`, `status is "\x1b[31mbad"`},
		"group status":  {`{"status":"ok","alerts":[{"startsAt":"2026-01-02T03:04:05Z"}]}`, `status is "ok"`},
		"trailing text": {`{"alerts":[{"startsAt":"2026-01-02T03:04:05Z"}]} {}`, "not JSON at byte"},
		"deep":          {`{"x":` + deep + `}`, "nested 201 deep"},
		"negative":      {`{"truncatedAlerts":-1,"alerts":[{"startsAt":"2026-01-02T03:04:05Z"}]}`, "truncatedAlerts"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := alertmanager.Parse([]byte(tc.in))
			if !errors.Is(err, evidence.ErrInvalid) {
				t.Fatalf("got %v, want ErrInvalid", err)
			}
			if !strings.Contains(err.Error(), tc.say) || strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("got %q, want it to say %q on one clean line", err, tc.say)
			}
		})
	}
}

func TestRefusesWhatIsTooLarge(t *testing.T) {
	one := `{"startsAt":"2026-01-02T03:04:05Z"},`
	for name, in := range map[string][]byte{
		"bytes":  bytes.Repeat([]byte(" "), alertmanager.MaxBytes+1),
		"alerts": []byte(`{"alerts":[` + strings.Repeat(one, alertmanager.MaxInstances) + strings.TrimSuffix(one, ",") + `]}`),
	} {
		if _, err := alertmanager.Parse(in); !errors.Is(err, alertmanager.ErrTooLarge) {
			t.Errorf("%s: got %v, want ErrTooLarge", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"alertmanager-firing.json", "grafana-mixed.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := alertmanager.Parse(data)
		if err != nil {
			if !errors.Is(err, evidence.ErrInvalid) {
				t.Errorf("error %v is not ErrInvalid", err)
			}
			return
		}
		if len(a.Instances) == 0 || a.FiredAt().IsZero() || a.GroupKey == "" {
			t.Errorf("accepted an alert without instances, time or key: %+v", a)
		}
	})
}
