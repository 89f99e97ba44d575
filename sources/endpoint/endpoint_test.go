package endpoint_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

func TestSecretsNeverShow(t *testing.T) {
	c := endpoint.Config{Address: "http://a", BearerToken: "hush", Password: "hush", Headers: map[string]endpoint.Secret{"A": "hush"}}
	asJSON, err1 := json.Marshal(c)
	asYAML, err2 := yaml.Marshal(c)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(asJSON), string(asYAML), fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), c.BearerToken.String()} {
		if strings.Contains(text, "hush") {
			t.Errorf("got %s", text)
		}
	}
}

func TestConfigIsReadFromYAML(t *testing.T) {
	var c struct {
		endpoint.Config `yaml:",inline"`
	}
	err := yaml.Unmarshal([]byte(`
address: https://loki.example/prefix
bearer_token: hush
tls: {ca_file: ca.pem, insecure_skip_verify: true}
headers: {X-A: b}
org_id: team
timeout: 12s
`), &c)
	if err != nil || c.BearerToken != "hush" || c.Timeout != 12*time.Second || c.TLS.CAFile != "ca.pem" || c.Headers["X-A"] != "b" {
		t.Errorf("got %#v, %v", c, err)
	}
}

func TestWhatCannotWorkIsSaid(t *testing.T) {
	for say, c := range map[string]endpoint.Config{
		"address is empty":         {},
		"not an http":              {Address: "loki:3100"},
		"not a URL":                {Address: "http://us:er@\x7f"},
		"carries credentials":      {Address: "http://ann:hush@a"},
		"query or a fragment":      {Address: "http://a?b=c"},
		"set one of them":          {Address: "http://a", BearerToken: "t", Username: "ann"},
		"without username":         {Address: "http://a", Password: "p"},
		"go together":              {Address: "http://a", TLS: endpoint.TLS{CertFile: "c.pem"}},
		"timeout":                  {Address: "http://a", Timeout: -1},
		"parallel":                 {Address: "http://a", Parallel: -1},
		"max_bytes":                {Address: "http://a", MaxBytes: -1},
		"not the name of a header": {Address: "http://a", Headers: map[string]endpoint.Secret{"a b": "c"}},
		"tls.ca_file":              {Address: "http://a", TLS: endpoint.TLS{CAFile: "/nowhere.pem"}},
		"tls.cert_file":            {Address: "http://a", TLS: endpoint.TLS{CertFile: "/n.pem", KeyFile: "/k.pem"}},
		"holds no PEM certificate": {Address: "http://a", TLS: endpoint.TLS{CAFile: "endpoint_test.go"}},
	} {
		if _, err := endpoint.NewHTTP(c); err == nil || !strings.Contains(err.Error(), say) || strings.Contains(err.Error(), "hush") {
			t.Errorf("got %v, want it to say %q", err, say)
		}
	}
}

func TestOnlySoManyRequestsAreUnderWay(t *testing.T) {
	var now, most atomic.Int64
	enter := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-enter
		now.Add(-1)
	}))
	defer s.Close()
	h, err := endpoint.NewHTTP(endpoint.Config{Address: s.URL, Parallel: 2})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			if err := get(t.Context(), h.Client, s.URL); err != nil {
				t.Error(err)
			}
		})
	}
	for now.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond) // for a third to come, if it were let
	for range 6 {
		enter <- struct{}{}
	}
	group.Wait()
	if got := most.Load(); got != 2 {
		t.Errorf("got %d requests at a time, want 2", got)
	}
	// One that waits for its turn ends with its context.
	stuck, release := context.WithCancel(t.Context())
	for range 2 {
		group.Go(func() { _ = get(stuck, h.Client, s.URL) })
	}
	for now.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := get(ctx, h.Client, s.URL); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting: got %v, want DeadlineExceeded", err)
	}
	release()
	close(enter)
	group.Wait()
}

func get(ctx context.Context, c *http.Client, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := c.Do(r)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func TestLinkLocalAddressesAreRefused(t *testing.T) {
	h, err := endpoint.NewHTTP(endpoint.Config{Address: "http://169.254.169.254/latest"})
	if err != nil {
		t.Fatal(err)
	}
	err = get(t.Context(), h.Client, h.URL.String())
	if err = endpoint.Failure(t.Context(), "get", err); !errors.Is(err, evidence.ErrUnavailable) || !strings.Contains(err.Error(), "link-local") {
		t.Errorf("got %v, want it refused", err)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		" a\tb\r\n c ":              "a b c",
		"\x1b[31mred\x1b[0m\x00":    "[31mred[0m",
		"left\u202etfel \u200bzero": "lefttfel zero",
		"bad\xffutf":                "badutf",
		"é世界":                       "é世界",
		strings.Repeat("y", 300):    strings.Repeat("y", 200) + "...",
	} {
		if got := endpoint.Clean(in); got != want {
			t.Errorf("%q: got %q want %q", in, got, want)
		}
	}
}

func TestAStatusIsSaidOnce(t *testing.T) {
	for said, want := range map[string]string{
		"Unauthorized\n": "unavailable: HTTP 401 Unauthorized; " + endpoint.ErrCredentials.Error(),
		"token expired":  "unavailable: HTTP 401 Unauthorized: token expired; " + endpoint.ErrCredentials.Error(),
	} {
		if got := endpoint.StatusError(401, said); got.Error() != want || !errors.Is(got, endpoint.ErrCredentials) {
			t.Errorf("got %v, want %q", got, want)
		}
	}
}

func TestFailureTellsAnEndedContextFromAFailingServer(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := endpoint.Failure(cancelled, "ask", errors.New("broken pipe")); !errors.Is(err, context.Canceled) || errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("ended: got %v, want the context's error alone", err)
	}
	if err := endpoint.Failure(t.Context(), "ask", context.DeadlineExceeded); !errors.Is(err, evidence.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the client's own timeout: got %v, want ErrUnavailable alone", err)
	}
	if err := endpoint.Failure(t.Context(), "ask", fmt.Errorf("x: %w", evidence.ErrNotFound)); !errors.Is(err, evidence.ErrNotFound) || errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("known kind: got %v, want it kept", err)
	}
}
