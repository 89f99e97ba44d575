package eval

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Run scores every labelled bundle below the paths, one result per data set, in
// order of their names.
func Run(ctx context.Context, paths []string, o Options) ([]Result, error) {
	if o.Onset == "" {
		o.Onset = OnsetDetected
	}
	if !o.Onset.Valid() {
		return nil, fmt.Errorf("eval: onset %q is none of detected, oracle, oracle+60s, oracle-60s: %w", o.Onset, evidence.ErrInvalid)
	}
	if o.Parallel <= 0 {
		o.Parallel = 2
	}
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	cases, err := find(paths)
	if err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("eval: no bundle with a label below %v; 'wherefore import' makes some: %w", paths, evidence.ErrNotFound)
	}
	done := 0
	var results []Result
	for len(cases) > 0 {
		n := 1
		for n < len(cases) && cases[n].dataset == cases[0].dataset {
			n++
		}
		before, total := done, done+len(cases)
		r, err := o.dataset(ctx, cases[:n], func(k int) {
			if o.Progress != nil {
				o.Progress(before+k, total)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("eval: %w", err)
		}
		results = append(results, r)
		done += n
		cases = cases[n:]
	}
	pooled := pool(results)
	for i := range results {
		results[i].Pooled = pooled
	}
	return results, nil
}

// scored is one case with what the probes say about it.
type scored struct {
	labelled
	result Case
	probes probeAnswers
	given  bool
}

func (o Options) dataset(ctx context.Context, cases []labelled, progress func(int)) (Result, error) {
	all := make([]scored, len(cases))
	memory := watchMemory(ctx)
	var group errgroup.Group
	group.SetLimit(o.Parallel)
	var mu sync.Mutex
	finished := 0
	for i, c := range cases {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			all[i] = o.one(ctx, c)
			mu.Lock()
			defer mu.Unlock()
			finished++
			progress(finished)
			return nil
		})
	}
	if err := errors.Join(group.Wait(), ctx.Err()); err != nil {
		return Result{}, err
	}
	r := summarise(all, o.Onset)
	r.PeakMB = memory()
	return r, nil
}

// one scores one case. Whatever goes wrong is a miss with its reason.
func (o Options) one(ctx context.Context, c labelled) scored {
	s := scored{labelled: c, result: Case{ID: c.id, Ranked: []Ranked{}, Loci: []string{}, CommitsRanked: []string{}}}
	if o.RenameSeed != 0 {
		dir, err := os.MkdirTemp("", "wherefore-renamed-")
		if err != nil {
			s.fail(err)
			return s
		}
		defer os.RemoveAll(dir)
		if s.labelled, err = rename(ctx, c, filepath.Join(dir, c.id), o.RenameSeed); err != nil {
			s.fail(err)
			return s
		}
	}
	type answer struct {
		r      report.Report
		probes probeAnswers
		given  bool
		took   time.Duration
		err    error
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	got := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a.err = fmt.Errorf("crashed: %v\n%s", p, debug.Stack())
			}
			got <- a
		}()
		a.r, a.probes, a.given, a.took, a.err = o.investigate(ctx, s.labelled)
	}()
	select {
	case a := <-got:
		s.probes, s.given, s.result.Seconds = a.probes, a.given, round(a.took.Seconds())
		if a.err != nil {
			s.fail(a.err)
			return s
		}
		score(&s.result, s.label, a.r)
		s.onsets(a.r)
		s.result.Miss = s.missed(a.r)
	case <-ctx.Done():
		// The engine did not even end with its context: it is left behind.
		s.fail(fmt.Errorf("no answer within %s", o.Timeout))
	}
	return s
}

// fail makes the case a miss that still says what was asked.
func (s *scored) fail(err error) {
	s.result.Failure = err.Error()
	ask(&s.result, s.label)
	first, _, _ := strings.Cut(err.Error(), "\n")
	s.result.Miss = "there is no report: " + first
	s.result.Verdict = string(report.Inconclusive)
}

func (o Options) investigate(ctx context.Context, c labelled) (r report.Report, p probeAnswers, given bool, took time.Duration, err error) {
	begin := time.Now()
	sources, req, done, err := o.Open(ctx, c.path)
	if err != nil {
		return r, p, false, 0, err
	}
	defer func() { err = errors.Join(err, done()) }()
	if d, told := o.Onset.offset(); told && !c.onset.IsZero() {
		req.Onset, given = c.onset.Add(d), true
	}
	shuffle := rand.New(rand.NewPCG(7, uint64(len(req.Candidates))))
	shuffle.Shuffle(len(req.Candidates), func(i, j int) {
		req.Candidates[i], req.Candidates[j] = req.Candidates[j], req.Candidates[i]
	})
	r, err = o.Investigate(ctx, sources, req)
	took = time.Since(begin)
	if err != nil {
		return r, p, given, took, err
	}
	p, err = probe(ctx, sources, req)
	return r, p, given, took, err
}
