package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/client"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// documented is the API's description.
type documented struct {
	Paths map[string]map[string]struct {
		Parameters []struct{ Name, In string }
	}
}

func document(t *testing.T) documented {
	t.Helper()
	raw, err := os.ReadFile("../openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var d documented
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

var argument = regexp.MustCompile(`\{[^}]+\}`)

// holds fails the test for a request that the description does not have.
func (d documented) holds(t *testing.T, r *http.Request) {
	for path, methods := range d.Paths {
		if regexp.MustCompile("^" + argument.ReplaceAllString(path, `[^/]+`) + "$").MatchString(r.URL.EscapedPath()) {
			operation, ok := methods[strings.ToLower(r.Method)]
			if !ok {
				break
			}
			for name := range r.URL.Query() {
				known := false
				for _, p := range operation.Parameters {
					known = known || p.In == "query" && p.Name == name
				}
				if !known {
					t.Errorf("%s %s has no parameter %q", r.Method, path, name)
				}
			}
			return
		}
	}
	t.Errorf("%s %s is not described", r.Method, r.URL.Path)
}

func server(t *testing.T) *client.Client {
	t.Helper()
	d := document(t)
	h := ui.New(storybook.New(storybook.Now, storybook.Stories()...).Options())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.holds(t, r)
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return &client.Client{URL: s.URL + "/", Token: "t"}
}

const webhook = `{"version":"4","receiver":"wherefore","groupKey":"g","status":"firing","commonLabels":{"alertname":"A","service":"cart"},
"alerts":[{"status":"firing","labels":{"alertname":"A","service":"cart"},"startsAt":"2024-08-01T02:51:07Z"}]}`

// TestEveryCallIsAnsweredAsItIsDescribed makes each call once.
func TestEveryCallIsAnsweredAsItIsDescribed(t *testing.T) {
	c := server(t)
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"incidents": func() error {
			p, err := c.Incidents(ctx, casefile.IncidentFilter{State: casefile.StateReported, Verdict: report.Confirmed, Sort: "started", Limit: 1})
			if err == nil && len(p.Incidents) != 1 {
				return fmt.Errorf("got %+v", p)
			}
			return err
		},
		"report": func() error {
			r, err := c.Wait(ctx, "INC-confirmed")
			if err == nil && (r.Verdict.Word != report.Confirmed || len(r.Causes) == 0) {
				return fmt.Errorf("got %s with %d causes", r.Verdict.Word, len(r.Causes))
			}
			return err
		},
		"similar": func() error {
			all, err := c.Similar(ctx, "INC-confirmed")
			if err == nil && (len(all) != 1 || all[0].Incident.ID == "" || !slices.Equal(all[0].Alike, []casefile.Alike{casefile.AlikeLogStatement}) || all[0].EndedBy != "rollback") {
				return fmt.Errorf("got %+v", all)
			}
			return err
		},
		"investigate": func() error {
			a, err := c.Investigate(ctx, client.Investigation{Service: "cart", At: time.Date(2024, 8, 1, 2, 51, 7, 0, time.UTC)})
			if err == nil && a.Incident == "" {
				return errors.New("no incident")
			}
			return err
		},
		"alert": func() error {
			a, err := c.Alert(ctx, json.RawMessage(webhook))
			if err == nil && a.URL == "" {
				return errors.New("no address")
			}
			return err
		},
		"announce": func() error {
			ids, err := c.Announce(ctx, json.RawMessage(`{"specversion":"1.0","id":"c1","data":{"kind":"deploy","service":"cart"}}`))
			if err == nil && len(ids) != 1 {
				return fmt.Errorf("got %q", ids)
			}
			return err
		},
		"note": func() error {
			n, err := c.AddNote(ctx, "INC-confirmed", "ann", "seen")
			if err == nil && n.Text != "seen" {
				return fmt.Errorf("got %+v", n)
			}
			return err
		},
		"state": func() error {
			inc, err := c.SetState(ctx, "INC-confirmed", casefile.Acknowledge, "ann")
			if err == nil && inc.AcknowledgedBy != "ann" {
				return fmt.Errorf("got %+v", inc)
			}
			return err
		},
		"export": func() error {
			body, err := c.Export(ctx, "INC-confirmed", "markdown")
			if err != nil {
				return err
			}
			defer body.Close()
			text, err := io.ReadAll(body)
			if err == nil && !strings.HasPrefix(string(text), "#") {
				return fmt.Errorf("got %.80s", text)
			}
			return err
		},
	} {
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsWrongIsAProblem(t *testing.T) {
	c := server(t)
	_, err := c.Report(t.Context(), "INC-../nosuch", 0)
	p, ok := errors.AsType[*client.Problem](err)
	if !ok || p.Status != http.StatusNotFound || p.Type != "/help/errors/not-found" {
		t.Errorf("got %v", err)
	}
	if _, err := c.Why(t.Context(), "", "../etc/passwd", 1, ""); err == nil || !strings.Contains(err.Error(), "a path inside the repository") {
		t.Errorf("got %v", err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }))
	defer other.Close()
	if _, err := (&client.Client{URL: other.URL}).Incidents(t.Context(), casefile.IncidentFilter{}); err == nil || !strings.Contains(err.Error(), "is this a wherefore server?") {
		t.Errorf("got %v", err)
	}
}

// TestNothingOfAFilterIsLost sets every field of one: a filter that is not sent would
// list what was not asked for.
func TestNothingOfAFilterIsLost(t *testing.T) {
	d := document(t)
	var asked url.Values
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.holds(t, r)
		asked = r.URL.Query()
		fmt.Fprint(w, `{"incidents":[]}`)
	}))
	defer s.Close()
	var f casefile.IncidentFilter
	v := reflect.ValueOf(&f).Elem()
	for i := range v.NumField() {
		switch x := v.Field(i); x.Interface().(type) {
		case time.Time:
			x.Set(reflect.ValueOf(time.Date(2026, 3, 1, 12, i, 0, 0, time.UTC)))
		case int:
			x.SetInt(7)
		default:
			x.SetString("x")
		}
	}
	if _, err := (&client.Client{URL: s.URL}).Incidents(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if len(asked) != v.NumField() || asked.Get("from") >= asked.Get("to") {
		t.Errorf("got %v of %d fields", asked, v.NumField())
	}
}

// TestWaitingEndsWithItsContext waits for a report that never comes.
func TestWaitingEndsWithItsContext(t *testing.T) {
	asked := make(chan struct{}, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		select {
		case asked <- struct{}{}:
		default:
		}
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusAccepted)
	}))
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := (&client.Client{URL: s.URL}).Wait(ctx, "INC-1")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's end", err)
	}
}

// Example lists what is open and reads the newest report.
func Example() {
	s := httptest.NewServer(ui.New(storybook.New(storybook.Now, storybook.Stories()[0]).Options()))
	defer s.Close()
	c := &client.Client{URL: s.URL}
	ctx := context.Background()
	open, err := c.Incidents(ctx, casefile.IncidentFilter{State: casefile.StateReported})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, inc := range open.Incidents {
		r, err := c.Report(ctx, inc.ID, 0)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Verdict.Word, r.Causes[0].Entity.Name)
	}
	// Output: Confirmed ad-server
}

var example = regexp.MustCompile("(?s)```sh\n(curl .*?)```")

// TestTheExamplesWork runs what docs/api.md shows.
func TestTheExamplesWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	all := example.FindAllSubmatch(text, -1)
	if len(all) < 6 {
		t.Fatalf("docs/api.md shows %d calls", len(all))
	}
	c := server(t)
	for _, m := range all {
		cmd := exec.Command("sh", "-c", string(m[1]))
		cmd.Env = append(os.Environ(), "WHEREFORE="+strings.TrimSuffix(c.URL, "/"), "WHEREFORE_TOKEN=t")
		if out, err := cmd.CombinedOutput(); err != nil || len(out) == 0 {
			t.Errorf("%s: %v\n%s", m[1], err, out)
		}
	}
}
