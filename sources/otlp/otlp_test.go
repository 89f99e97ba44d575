package otlp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/otlp"
)

// receiver answers with what answer says for the nth request, counted from 1,
// and keeps the bodies it accepted.
func receiver(t *testing.T, answer func(n int, w http.ResponseWriter)) (*otlp.Sender, *[]string) {
	t.Helper()
	var mu sync.Mutex
	var bodies []string
	n := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		n++
		bodies = append(bodies, string(body))
		answer(n, w)
	}))
	t.Cleanup(srv.Close)
	s, err := otlp.NewSender(otlp.Config{Config: endpoint.Config{Address: srv.URL}, Path: otlp.LogsPath, BatchRecords: 3, Tries: 4, FirstWait: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, &bodies
}

func logLine(service, body string, at int64) string {
	return fmt.Sprintf(`{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%q}}]},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[{"timeUnixNano":"%d","body":{"stringValue":%q}}]}]}]}`, service, at, body)
}

func TestSendsInBatchesTheOldestFirst(t *testing.T) {
	s, bodies := receiver(t, func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) })
	in := strings.Join([]string{logLine("a", "five", 5), "", logLine("b", "one", 1), logLine("a", "four", 4), logLine("a", "two", 2), logLine("b", "three", 3)}, "\n")
	var told []string
	n, err := s.PushLogs(t.Context(), strings.NewReader(in), func(sent, total int) { told = append(told, fmt.Sprintf("%d/%d", sent, total)) })
	if n != 5 || err != nil {
		t.Fatalf("got %d, %v want 5 sent", n, err)
	}
	var got [][]string
	for _, b := range *bodies {
		var u plog.JSONUnmarshaler
		ld, err := u.UnmarshalLogs([]byte(b))
		if err != nil {
			t.Fatal(err)
		}
		var batch []string
		for i := range ld.ResourceLogs().Len() {
			rl := ld.ResourceLogs().At(i)
			name, _ := rl.Resource().Attributes().Get("service.name")
			for j := range rl.ScopeLogs().At(0).LogRecords().Len() {
				batch = append(batch, name.Str()+" "+rl.ScopeLogs().At(0).LogRecords().At(j).Body().Str())
			}
		}
		got = append(got, batch)
	}
	if d := cmp.Diff([][]string{{"b one", "a two", "b three"}, {"a four", "a five"}}, got); d != "" {
		t.Errorf("batches (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"3/5", "5/5"}, told); d != "" {
		t.Errorf("progress (-want +got):\n%s", d)
	}
}

func TestTriesAgainOnlyWhenLaterIsBetter(t *testing.T) {
	for name, tc := range map[string]struct {
		status, requests int
		kind             error
	}{
		"overloaded":   {http.StatusServiceUnavailable, 4, evidence.ErrUnavailable},
		"rate limited": {http.StatusTooManyRequests, 4, evidence.ErrUnavailable},
		"refused":      {http.StatusBadRequest, 1, evidence.ErrInvalid},
		"unauthorised": {http.StatusUnauthorized, 1, evidence.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			s, bodies := receiver(t, func(_ int, w http.ResponseWriter) {
				w.WriteHeader(tc.status)
				io.WriteString(w, "\x08\x03\x12\x10entry too far behind\x1b[2J") // as Loki's protobuf is
			})
			_, err := s.PushLogs(t.Context(), strings.NewReader(logLine("a", "x", 1)), nil)
			if !errors.Is(err, tc.kind) || len(*bodies) != tc.requests {
				t.Errorf("got %v after %d requests, want %v after %d", err, len(*bodies), tc.kind, tc.requests)
			}
			if !strings.Contains(err.Error(), "entry too far behind") || strings.ContainsAny(err.Error(), "\x1b\x08") {
				t.Errorf("got %q, want the server's words, cleaned", err)
			}
		})
	}
}

func TestASecondTryCanSucceed(t *testing.T) {
	s, bodies := receiver(t, func(n int, w http.ResponseWriter) {
		if n < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	if n, err := s.PushLogs(t.Context(), strings.NewReader(logLine("a", "x", 1)), nil); n != 1 || err != nil || len(*bodies) != 3 {
		t.Errorf("got %d, %v after %d requests, want 1 sent after 3", n, err, len(*bodies))
	}
}

func TestAPartialSuccessIsAFailure(t *testing.T) {
	s, _ := receiver(t, func(_ int, w http.ResponseWriter) {
		io.WriteString(w, `{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}`)
	})
	if _, err := s.PushLogs(t.Context(), strings.NewReader(logLine("a", "x", 1)), nil); !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), "too old") {
		t.Errorf("got %v, want ErrInvalid with the reason", err)
	}
}

func TestAnEndedContextEndsTheTries(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, bodies := receiver(t, func(n int, w http.ResponseWriter) {
		if n == 2 {
			cancel()
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	if _, err := s.PushLogs(ctx, strings.NewReader(logLine("a", "x", 1)), nil); !errors.Is(err, context.Canceled) || len(*bodies) != 2 {
		t.Errorf("got %v after %d requests, want Canceled after 2", err, len(*bodies))
	}
}

func TestALargeBatchIsSplit(t *testing.T) {
	s, bodies := receiver(t, func(int, http.ResponseWriter) {})
	big := strings.Repeat("x", 500<<10)
	n, err := s.PushLogs(t.Context(), strings.NewReader(logLine("a", big, 1)+"\n"+logLine("a", big, 2)+"\n"+logLine("a", big, 3)), nil)
	if n != 3 || err != nil || len(*bodies) < 2 {
		t.Errorf("got %d, %v in %d requests, want 3 in at least 2", n, err, len(*bodies))
	}
}

func TestAWrongLineIsNamed(t *testing.T) {
	s, _ := receiver(t, func(int, http.ResponseWriter) {})
	for _, push := range []func(context.Context, io.Reader, otlp.Progress) (int, error){s.PushLogs, s.PushTraces} {
		if _, err := push(t.Context(), strings.NewReader("{}\n\n[1]\n"), nil); !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("got %v, want ErrInvalid at line 3", err)
		}
	}
}
