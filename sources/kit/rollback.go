package kit

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// Rollback is one way in which a service takes something back, and tells of it.
type Rollback struct {
	kit       *Kit
	operation string
}

// rollbackBuckets are in seconds: a rollback may take 90, and an alert comes at 85.
var rollbackBuckets = []float64{.1, .5, 1, 5, 15, 30, 60, 85, 90, 120, 300}

// Rollback is a rollback of a kind, as "config" or "binary"; its counters begin at 0
// with it, so that it is made when the service starts.
func (k *Kit) Rollback(operation string) *Rollback {
	for _, failed := range []bool{false, true} {
		k.rollbacks.Add(context.Background(), 0, resultOf(failed))
	}
	k.retried.Add(context.Background(), 0)
	return &Rollback{kit: k, operation: operation}
}

func resultOf(failed bool) metric.MeasurementOption {
	if failed {
		return metric.WithAttributes(attribute.String("result", "failure"))
	}
	return metric.WithAttributes(attribute.String("result", "success"))
}

var errPanicked = errors.New("it panicked")

// Execute carries it out by do and gives do's error. It is a span rollback.execute
// with rollback.operation, rollback.duration in seconds, and rollback by result. Do
// tells whether it changed anything: where it did not, what was to be taken back was
// back already, so that somebody tried again, which rollback.retried counts.
func (r *Rollback) Execute(ctx context.Context, do func(context.Context) (changed bool, err error)) error {
	ctx, span := r.kit.tracer.Start(ctx, "rollback.execute", trace.WithAttributes(attribute.String("rollback.operation", r.operation)))
	start, changed, err := time.Now(), false, errPanicked
	defer func() {
		span.SetAttributes(attribute.Bool("rollback.changed", changed))
		if err != nil {
			span.RecordError(err)
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
		r.kit.undone.Record(ctx, time.Since(start).Seconds())
		r.kit.rollbacks.Add(ctx, 1, resultOf(err != nil))
		if err == nil && !changed {
			r.kit.retried.Add(ctx, 1)
		}
	}()
	changed, err = do(ctx)
	return err
}
