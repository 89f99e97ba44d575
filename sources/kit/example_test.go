package kit_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"time"

	"google.golang.org/grpc"

	"github.com/wherefore-dev/wherefore/sources/kit"
)

// A service is measured by one handler around its mux.
func ExampleKit_HTTP() {
	k, err := kit.New(kit.Options{}) // OpenTelemetry's global providers
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		k.Milestone(r.Context(), "order_paid", true)
		kit.Ready(r.Context())
		fmt.Fprint(w, "paid")
	})
	w := httptest.NewRecorder()
	k.HTTP(mux).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/orders/17", nil))
	fmt.Println(w.Code, w.Body, w.Header().Get(kit.HeaderReady))
	// Output: 200 paid true
}

// A gRPC server is measured by two interceptors.
func ExampleKit_Unary() {
	k, err := kit.New(kit.Options{})
	if err != nil {
		log.Fatal(err)
	}
	srv := grpc.NewServer(grpc.UnaryInterceptor(k.Unary()), grpc.StreamInterceptor(k.Stream()))
	defer srv.Stop()
	fmt.Println(len(srv.GetServiceInfo()), "services yet")
	// Output: 0 services yet
}

// Errors have a class; a service's own rules come first.
func ExampleKit_Classify() {
	soldOut := errors.New("sold out")
	k, err := kit.New(kit.Options{Classes: []kit.Rule{{Class: kit.Recoverable, Is: []error{soldOut}}}})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range []struct {
		status string
		err    error
	}{{"504", fmt.Errorf("ask stock: %w", context.DeadlineExceeded)}, {"409", fmt.Errorf("order 17: %w", soldOut)}, {"429", nil}, {"", errors.New("the widget is bent")}} {
		got := k.Classify(c.status, c.err)
		fmt.Println(got.Class, got.Rule, got.Unclassified)
	}
	// Output:
	// fatal deadline false
	// recoverable own 1 false
	// noisy rate-limit false
	// fatal  true
}

// Lines say where they were written, and of which trace where there is one.
func ExampleSlog() {
	short := func(_ []string, a slog.Attr) slog.Attr { // so that this line is the same everywhere
		switch v := a.Value.Any().(type) {
		case *slog.Source:
			return slog.String(a.Key, path.Base(v.File))
		case time.Time:
			return slog.Attr{}
		}
		return a
	}
	slog.New(kit.Slog(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: short}))).InfoContext(context.Background(), "order paid", "order", 17)
	// Output: level=INFO msg="order paid" order=17 source=example_test.go
}

// A decision that is not whole is refused, and nothing is written.
func ExampleDecision_Log() {
	err := kit.Decision{ID: kit.NewID(), At: time.Now(), Name: "shed recommendations"}.Log(context.Background())
	fmt.Println(err)
	// Output: the decision "shed recommendations" is not logged: ContextHash is no SHA-256 in hex (Hash makes one); Confidence is not from 0 to 1
}

// Health degrades with reasons, and is down only without what is vital.
func ExampleHealth() {
	h := &kit.Health{}
	h.Add("etcd", false, time.Second, func(context.Context) error { return errors.New("no leader") })
	h.Set("recommendations_off", true)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/health", nil))
	fmt.Print(w.Code, " ", w.Body)
	// Output: 200 {"status":"degraded","reasons":["etcd_unavailable","recommendations_off"]}
}
