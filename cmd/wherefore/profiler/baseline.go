package profiler

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/pprof"
)

const (
	// lookEvery is how often targets are asked which build they run: the profile of
	// the heap costs a millisecond.
	lookEvery = time.Minute
	// settled is how long a build has run before its normal work is profiled: caches
	// fill and compilers of regular expressions run at the start.
	settled = 5 * time.Minute
	// quiet is how long after an incident nothing counts as normal.
	quiet = 30 * time.Minute
	// unnamedFor is how long the baseline of a build without an ID stays one.
	unnamedFor = 24 * time.Hour
)

// baselines profiles normal work once per build of each target.
func (p *Profiler) baselines(ctx context.Context) {
	p.recall()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for i := range p.o.Targets {
			if ctx.Err() == nil {
				p.Look(ctx, i)
			}
		}
	}
}

// recall learns from the shelf which builds have a baseline.
func (p *Profiler) recall() {
	list, err := p.o.Shelf.List()
	if err != nil {
		p.o.Log.Warn("profiles: shelf could not be read", zap.Error(err))
		return
	}
	for _, k := range list { // the newest last
		if k.Role != pprof.Baseline || k.Kind != evidence.ProfileCPU {
			continue
		}
		profile, err := k.Read()
		if err != nil {
			continue // it is said when somebody asks for it
		}
		p.mu.Lock()
		for i, t := range p.o.Targets {
			if t.Name() == k.Service {
				p.state[i].build, p.state[i].since, p.state[i].have = profile.Build, profile.Start, true
			}
		}
		p.mu.Unlock()
	}
}

// Look asks a target which build it runs, and profiles its normal work when there is
// no profile of that yet, the build has run for a while and nothing is wrong.
func (p *Profiler) Look(ctx context.Context, i int) {
	t := p.o.Targets[i]
	if _, ok := t.(Past); ok {
		return // normal work is read from the past when it is needed
	}
	if p.concerned(i) {
		return
	}
	select {
	case <-p.state[i].free:
		defer func() { p.state[i].free <- struct{}{} }()
	default:
		return // it is being profiled
	}
	ctx, cancel := context.WithTimeout(ctx, takeFor)
	defer cancel()
	_, heap, err := t.Take(ctx, evidence.ProfileHeap)
	if err != nil {
		return // a process that is gone is no news; an incident's report says so
	}
	if p.wants(i, heap.Build) && p.take(ctx, i, pprof.Baseline, time.Time{}) >= len(usual) {
		p.mu.Lock()
		p.state[i].have, p.state[i].since = true, p.o.Now()
		p.mu.Unlock()
	}
}

// concerned reports whether an incident named the target's service lately.
func (p *Profiler) concerned(i int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	named := p.state[i].named
	return !named.IsZero() && p.o.Now().Sub(named) < quiet
}

// wants notes the build that a target runs, and says whether it is time to profile
// its normal work.
func (p *Profiler) wants(i int, build string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, now := &p.state[i], p.o.Now()
	if s.since.IsZero() || build != s.build {
		s.build, s.since, s.have = build, now, false
	}
	if s.have && build == "" && now.Sub(s.since) >= unnamedFor {
		return true
	}
	return !s.have && now.Sub(s.since) >= settled
}
