package sourcestest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// Calls are an adapter's questions by name. Each is asked of servers that fail.
type Calls map[string]func(ctx context.Context) error

const (
	secretToken = "s3cr3t-t0ken"
	patience    = 60 * time.Millisecond // of a call that meets a slow server
	smallAnswer = 64 << 10
)

// HTTPFailures holds an adapter that speaks HTTP to how its port fails: which
// error, when, and in what words.
func HTTPFailures(t *testing.T, open func(t *testing.T, c endpoint.Config) Calls) {
	// The adapter's library may write to the standard logger; what it writes
	// holds URLs and whatever a server said.
	var spoken bytes.Buffer
	log.SetOutput(&spoken)         //nolint:forbidigo // to see that nobody else does
	defer log.SetOutput(os.Stderr) //nolint:forbidigo // as above

	t.Run("down", func(t *testing.T) {
		each(t, open, config(closedAddress(t)), func(t *testing.T, call func(context.Context) error) {
			fails(t, call(t.Context()), evidence.ErrUnavailable, "refused")
		})
	})
	for name, h := range map[string]http.HandlerFunc{
		"silent":          func(w http.ResponseWriter, r *http.Request) { hang(r) },
		"slow in the end": func(w http.ResponseWriter, r *http.Request) { write(w, `{"status":`); flush(w); hang(r) },
	} {
		t.Run(name, func(t *testing.T) { slow(t, open, h) })
	}
	for name, body := range map[string]string{
		"a page":         "<html>Welcome to nginx</html>",
		"nothing":        "",
		"half an answer": `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b`,
		"another shape":  `{"status":"success","data":{"resultType":"nosuch","result":5}}`,
		"another type":   `{"status":"success","data":{"resultType":"streams","result":{"a":[1]}}}`,
		"a list":         `[1,2,3]`,
		"bytes":          "\x00\x01\xff\xfe\x1b[31m",
		"a status":       `{"status":"error","errorType":"internal","error":"gone \u001b[31mbad"}`,
	} {
		t.Run("answers with "+name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) { write(w, body) })
			each(t, open, config(s.URL), func(t *testing.T, call func(context.Context) error) {
				fails(t, call(t.Context()), evidence.ErrUnavailable, "")
			})
		})
	}
	for status, say := range map[int]string{401: "credentials", 403: "credentials", 404: "404", 500: "5", 502: "5", 503: "5"} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				write(w, "\x1b[31mno\x00pe\u202e "+strings.Repeat("x", 1<<20))
			})
			each(t, open, config(s.URL), func(t *testing.T, call func(context.Context) error) {
				fails(t, call(t.Context()), evidence.ErrUnavailable, say)
			})
		})
	}
	t.Run("too large", func(t *testing.T) { large(t, open) })
	t.Run("redirects", func(t *testing.T) { redirects(t, open) })
	t.Run("credentials and prefix are sent over TLS", func(t *testing.T) { authorised(t, open) })
	if spoken.Len() > 0 {
		t.Errorf("the standard logger was written to:\n%.400q", spoken.String())
	}
}

func config(address string) endpoint.Config {
	return endpoint.Config{Address: address, BearerToken: secretToken, MaxBytes: smallAnswer, Timeout: time.Hour}
}

// each asks every question with a client of its own: one whose questions failed puts
// no more.
func each(t *testing.T, open func(*testing.T, endpoint.Config) Calls, c endpoint.Config, f func(t *testing.T, call func(context.Context) error)) {
	for name := range open(t, c) {
		t.Run(name, func(t *testing.T) { f(t, open(t, c)[name]) })
	}
}

// fails checks an error's kind and its words: said, clean, short, and without
// the secret.
func fails(t *testing.T, err, kind error, say string) {
	t.Helper()
	switch {
	case !errors.Is(err, kind):
		t.Errorf("got %v, want %v", err, kind)
	case !strings.Contains(err.Error(), say):
		t.Errorf("got %q, want it to say %q", err, say)
	case strings.Contains(err.Error(), secretToken):
		t.Errorf("got %q, which holds the credentials", err)
	case strings.ContainsAny(err.Error(), "\x00\x1b\n\u202e") || len(err.Error()) > 700:
		t.Errorf("got %q, want one short clean line", err)
	}
}

// slow meets a server that takes longer than anybody waits.
func slow(t *testing.T, open func(*testing.T, endpoint.Config) Calls, h http.HandlerFunc) {
	s := serve(t, h)
	t.Run("with a deadline", func(t *testing.T) {
		each(t, open, config(s.URL), func(t *testing.T, call func(context.Context) error) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the context's error", err)
			}
		})
	})
	t.Run("cancelled meanwhile", func(t *testing.T) {
		each(t, open, config(s.URL), func(t *testing.T, call func(context.Context) error) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(patience, cancel)
			if err := call(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the context's error", err)
			}
		})
	})
	t.Run("with the adapter's timeout", func(t *testing.T) {
		c := config(s.URL)
		c.Timeout = patience
		each(t, open, c, func(t *testing.T, call func(context.Context) error) {
			fails(t, call(t.Context()), evidence.ErrUnavailable, "timeout")
		})
	})
}

// large meets answers over max_bytes, plain and compressed.
func large(t *testing.T, open func(*testing.T, endpoint.Config) Calls) {
	const size = 10 << 20
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		write(w, `{"status":"success","data":"`)
		_, _ = io.CopyN(w, forever('x'), size) // the client goes away
	})
	var small bytes.Buffer // compressed once, for that takes longer than all answers
	z := gzip.NewWriter(&small)
	write(z, `{"status":"success","data":"`)
	_, _ = io.CopyN(z, forever('x'), size)
	_ = z.Close()
	bomb := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(small.Bytes())
	})
	for _, address := range []string{s.URL, bomb.URL} {
		each(t, open, config(address), func(t *testing.T, call func(context.Context) error) {
			fails(t, call(t.Context()), evidence.ErrUnavailable, "max_bytes")
		})
	}
}

type forever byte

func (f forever) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(f)
	}
	return len(p), nil
}

// redirects meets a server that sends clients, with their credentials, away.
func redirects(t *testing.T, open func(*testing.T, endpoint.Config) Calls) {
	var lured atomic.Int64
	away := serve(t, func(http.ResponseWriter, *http.Request) { lured.Add(1) })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, away.URL+"/steal", http.StatusFound) })
	each(t, open, config(s.URL), func(t *testing.T, call func(context.Context) error) {
		fails(t, call(t.Context()), evidence.ErrUnavailable, "final address")
	})
	if n := lured.Load(); n > 0 {
		t.Errorf("%d requests followed the redirect to another host", n)
	}
}

// authorised checks what reaches a server that asks for everything.
func authorised(t *testing.T, open func(*testing.T, endpoint.Config) Calls) {
	var seen atomic.Pointer[http.Request]
	s := quietServer(t, func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r)
		w.WriteHeader(http.StatusTeapot)
	})
	s.StartTLS()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	c := endpoint.Config{
		Address: s.URL + "/some/prefix/", Username: "ann", Password: "pass", OrgID: "team-a",
		Headers: map[string]endpoint.Secret{"X-Extra": "yes"}, TLS: endpoint.TLS{CAFile: ca},
	}
	each(t, open, c, func(t *testing.T, call func(context.Context) error) {
		if err := call(t.Context()); err == nil {
			t.Error("got no error from a teapot")
		}
		r := seen.Swap(nil)
		if r == nil {
			t.Fatal("no request arrived")
		}
		if user, pass, ok := r.BasicAuth(); !ok || user != "ann" || pass != "pass" {
			t.Errorf("basic auth: got %q %q", user, pass)
		}
		if r.Header.Get("X-Scope-OrgID") != "team-a" || r.Header.Get("X-Extra") != "yes" || !strings.HasPrefix(r.URL.Path, "/some/prefix/") || strings.Contains(r.URL.Path, "//") {
			t.Errorf("got path %s, headers %v", r.URL.Path, r.Header)
		}
	})
	c.TLS.CAFile = ""
	each(t, open, c, func(t *testing.T, call func(context.Context) error) {
		fails(t, call(t.Context()), evidence.ErrUnavailable, "certificate")
	})
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := quietServer(t, h)
	s.Start()
	return s
}

// quietServer is yet to be started and keeps off the standard logger.
func quietServer(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = zap.NewStdLog(zap.NewNop())
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s
}

// hang waits until the client has gone, half a minute at most.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client left
	select {
	case <-r.Context().Done():
	case <-time.After(30 * time.Second):
	}
}

// write answers as far as the client still listens.
func write(w io.Writer, text string) { _, _ = io.WriteString(w, text) }

func flush(w http.ResponseWriter) {
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
}

// closedAddress is one at which nobody listens.
func closedAddress(t *testing.T) string {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}
