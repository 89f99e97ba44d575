package bundle_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// BenchmarkLoadSpans reads and indexes n spans of ten services.
func BenchmarkLoadSpans(b *testing.B) {
	for _, n := range []int{5_000, 50_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := filepath.Join(b.TempDir(), "b")
			w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "x"}, bundle.WriterOptions{})
			if err != nil {
				b.Fatal(err)
			}
			err = w.Alert(newSample().alert)
			for i := range n {
				s := evidence.Span{TraceID: id(i / 10), SpanID: sp(i), Service: fmt.Sprintf("s%d", i%10), Operation: "GET /", Start: at(float64(i) / 1000), Duration: time.Millisecond,
					Attributes: map[string]string{"http.route": "/", "http.status_code": "200"}}
				err = errors.Join(err, w.Spans(s))
			}
			if err := errors.Join(err, w.Close()); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				x, err := bundle.Open(dir)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := x.Services(context.Background()); err != nil {
					b.Fatal(err)
				}
				x.Close()
			}
		})
	}
}
