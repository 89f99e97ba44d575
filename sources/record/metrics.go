package record

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// together is how many metrics are asked for at a time.
const together = 4

// metrics records the raw samples of every metric.
func (r *recorder) metrics(ctx context.Context) error {
	if r.Metrics == nil {
		r.absent(bundle.SourceMetrics)
		return nil
	}
	_, err := r.metricsIn(ctx, "metrics", r.lookedBack(r.o.Window))
	return err
}

// lookedBack is a window with what expressions over it look back at.
func (r *recorder) lookedBack(w evidence.Window) evidence.Window {
	return evidence.Window{Start: w.Start.Add(-r.o.MetricsBefore), End: w.End}
}

// earlierDays records the same hour of earlier days. A day of which nothing is
// kept is no part of the recording.
func (r *recorder) earlierDays(ctx context.Context) error {
	for _, days := range r.o.EarlierDays {
		if r.Metrics == nil {
			return nil
		}
		w := r.o.Window.DaysBefore(days)
		found, err := r.metricsIn(ctx, fmt.Sprintf("metrics of %d days before", days), r.lookedBack(w))
		if err != nil {
			return err
		}
		if found > 0 {
			r.w.Window(bundle.EarlierWindow(days), w)
		}
	}
	return nil
}

// metricsIn records the raw samples of every metric in a window and says how
// many metrics there are.
func (r *recorder) metricsIn(ctx context.Context, stage string, w evidence.Window) (int, error) {
	var names []string
	ok, err := r.ask(ctx, bundle.SourceMetrics, bundle.WindowQueryText("names", w), w, func() (int, error) {
		var err error
		names, err = r.Metrics.Names(ctx, w)
		return len(names), err
	})
	if err != nil || !ok {
		return 0, err
	}
	names = r.firstOnes(names)
	for at := 0; at < len(names); {
		r.o.Pause(ctx)
		r.o.Progress(stage, at, len(names))
		n, err := r.samplesOf(ctx, names[at:min(at+together, len(names))], w)
		if err != nil {
			return 0, err
		}
		if at += n; r.counts.Samples >= r.o.MaxSamples && at < len(names) {
			r.cut(bundle.SourceMetrics, bundle.WindowQueryText("samples", w), fmt.Sprintf("stopped at %d samples, with %d of %d metrics", r.o.MaxSamples, at, len(names)))
			return at, nil
		}
	}
	r.o.Progress(stage, len(names), len(names))
	return len(names), nil
}

// samplesOf records a few metrics, asked for at once and written in order, and
// says how many it recorded before the limit.
func (r *recorder) samplesOf(ctx context.Context, names []string, w evidence.Window) (int, error) {
	answers, failures := make([][]evidence.Series, len(names)), make([]error, len(names))
	at, took := make([]time.Time, len(names)), make([]time.Duration, len(names))
	var group errgroup.Group
	for i, name := range names {
		group.Go(func() error {
			at[i] = r.o.Now()
			answers[i], failures[i] = r.samples(ctx, "{__name__="+strconv.Quote(name)+"}", w)
			took[i] = r.o.Now().Sub(at[i])
			return nil // a metric that fails is coverage
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	for i, name := range names {
		if r.counts.Samples >= r.o.MaxSamples {
			return i, nil
		}
		c := evidence.Coverage{
			Source: bundle.SourceMetrics, Query: bundle.WindowQueryText("samples of "+name, w), Window: w,
			Count: len(answers[i]), At: at[i].UTC().Round(0), Took: took[i],
		}
		if _, err := r.note(ctx, c, failures[i]); err != nil {
			return i, err
		}
		for _, s := range answers[i] {
			r.counts.Series++
			r.counts.Samples += len(s.Samples)
			if err := r.w.Series(s); err != nil {
				return i, err
			}
		}
	}
	return len(names), nil
}

// samples asks for halves of the window when the server finds the whole too
// much.
func (r *recorder) samples(ctx context.Context, selector string, w evidence.Window) ([]evidence.Series, error) {
	series, err := r.Metrics.Samples(ctx, selector, w)
	if !errors.Is(err, evidence.ErrInvalid) || w.Duration() < time.Minute {
		return series, err
	}
	middle := w.Start.Add(w.Duration() / 2).Truncate(time.Millisecond)
	for _, half := range []evidence.Window{{Start: w.Start, End: middle}, {Start: middle, End: w.End}} {
		part, err := r.samples(ctx, selector, half)
		if err != nil {
			return nil, err
		}
		series = append(series, part...) // the bundle's writer joins series of the same name and labels
	}
	return series, nil
}

// exemplars records what exemplars there are. They are optional, so that a
// server without them is not a failure.
func (r *recorder) exemplars(ctx context.Context) error {
	if r.Metrics == nil {
		r.absent(bundle.SourceExemplars)
		return nil
	}
	var list []evidence.Exemplar
	ok, err := r.ask(ctx, bundle.SourceExemplars, bundle.WindowQueryText("exemplars", r.o.Window), r.o.Window, func() (int, error) {
		var err error
		list, err = r.Metrics.Exemplars(ctx, `{__name__=~".+"}`, r.o.Window)
		return len(list), err
	})
	if err != nil || !ok {
		return err
	}
	r.counts.Exemplars = len(list)
	return r.w.Exemplars(list...)
}

func (r *recorder) rules(ctx context.Context) error {
	if r.Rules == nil {
		r.absent(bundle.SourceRules)
		return nil
	}
	var list []evidence.Rule
	ok, err := r.ask(ctx, bundle.SourceRules, "rules", evidence.Window{}, func() (int, error) {
		var err error
		list, err = r.Rules.Rules(ctx)
		return len(list), err
	})
	if err != nil || !ok {
		return err
	}
	r.counts.Rules = len(list)
	return r.w.Rules(list)
}
