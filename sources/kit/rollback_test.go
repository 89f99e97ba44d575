package kit

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// TestARollbackTellsOfItself how it ended, and what did not happen is there as 0.
func TestARollbackTellsOfItself(t *testing.T) {
	fault := errors.New("the file is read-only")
	for name, c := range map[string]struct {
		do    func(context.Context) (bool, error)
		want  string // failures, successes, retries
		fails bool
	}{
		"done":         {func(context.Context) (bool, error) { return true, nil }, "0 1 0", false},
		"already done": {func(context.Context) (bool, error) { return false, nil }, "0 1 1", false},
		"failed":       {func(context.Context) (bool, error) { return false, fault }, "1 0 0", true},
		"panicked":     {func(context.Context) (bool, error) { panic("no") }, "1 0 0", true},
		"never tried":  {nil, "0 0 0", false},
	} {
		r := newRig(t)
		undo := r.Rollback("config")
		if c.do != nil {
			func() {
				defer func() { _ = recover() }()
				if err := undo.Execute(t.Context(), c.do); (err != nil) != c.fails || err != nil && !errors.Is(err, fault) {
					t.Errorf("%s: got %v", name, err)
				}
			}()
		}
		ended := map[string]int64{}
		all, _ := r.metric(t, "rollback").(metricdata.Sum[int64])
		for _, p := range all.DataPoints {
			v, _ := p.Attributes.Value("result")
			ended[v.AsString()] = p.Value
		}
		retried, ok := r.metric(t, "rollback.retried").(metricdata.Sum[int64])
		if !ok || len(retried.DataPoints) != 1 || len(ended) != 2 {
			t.Fatalf("%s: got %+v and %+v, want all that can happen", name, ended, retried)
		}
		if got := fmt.Sprint(ended["failure"], ended["success"], retried.DataPoints[0].Value); got != c.want {
			t.Errorf("%s: got failures, successes and retries %s, want %s", name, got, c.want)
		}
		spans := r.spans.Ended()
		if c.do == nil {
			continue
		}
		if took, ok := r.metric(t, "rollback.duration").(metricdata.Histogram[float64]); !ok || len(took.DataPoints) != 1 || took.DataPoints[0].Count != 1 {
			t.Errorf("%s: got %+v, want one duration", name, took)
		}
		if len(spans) != 1 || spans[0].Name() != "rollback.execute" || (spans[0].Status().Code == codes.Error) != c.fails {
			t.Fatalf("%s: got %v, want a span", name, spans)
		}
		if set := attribute.NewSet(spans[0].Attributes()...); func() string { v, _ := set.Value("rollback.operation"); return v.AsString() }() != "config" {
			t.Errorf("%s: got %v, want the operation", name, spans[0].Attributes())
		}
	}
}
