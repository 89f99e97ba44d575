// Package profiler takes profiles of processes when an incident was reported, and of
// normal work once per build, and puts them on a shelf from which the next revision
// of a report reads them. No report waits for one.
package profiler

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/pprof"
)

// Target is one source of a service's profiles: a process, or a store of continuous
// ones.
type Target interface {
	// Name is the service.
	Name() string
	// Take takes a profile of what goes on now, as it comes and read.
	Take(ctx context.Context, kind evidence.ProfileKind) (raw []byte, p evidence.Profile, err error)
}

// Past is what a Target may know besides: profiles of the past.
type Past interface {
	// Before is a profile of the time before an instant.
	Before(ctx context.Context, kind evidence.ProfileKind, at time.Time) (raw []byte, p evidence.Profile, err error)
}

// Options are what a Profiler needs.
type Options struct {
	Log     *zap.Logger
	Targets []Target
	Shelf   *pprof.Shelf
	// CoolDown is how long a target is left alone after profiles of it were taken.
	CoolDown time.Duration
	Now      func() time.Time
	// FollowUp is how long after a report the incident is looked at once more anyway.
	FollowUp time.Duration
	// Again has an incident looked at once more at an instant, once profiles of it are
	// there.
	Again func(ctx context.Context, incident string, at time.Time) error
}

const (
	// mostAtOnce bounds how many processes are profiled at a time.
	mostAtOnce = 4
	// reportedCauses is of how many causes the services are profiled.
	reportedCauses = 3
	// freshFor is how long after the alert fired a profile still shows the incident.
	freshFor = 10 * time.Minute
	// waiting bounds the incidents that wait for their profiles.
	waiting = 64
	// takeFor bounds all profiles of one target.
	takeFor = 3 * time.Minute
)

// Profiler takes profiles. Its zero value is not usable; see New.
type Profiler struct {
	o    Options
	due  chan due
	slot chan struct{}

	mu    sync.Mutex
	state []state // by target
}

// state is what is known of one target.
type state struct {
	free  chan struct{} // holds one token while nobody asks the target
	taken time.Time     // when profiles of an incident were last begun
	named time.Time     // when an incident last concerned its service
	build string        // that runs, and since when that was seen
	since time.Time
	have  bool // a baseline of the build
}

type due struct {
	incident string
	services []string
	onset    time.Time
	// next is when the incident is looked at once more anyway.
	next time.Time
}

// New makes a profiler; the caller runs it.
func New(o Options) *Profiler {
	p := &Profiler{o: o, due: make(chan due, waiting), slot: make(chan struct{}, mostAtOnce), state: make([]state, len(o.Targets))}
	for i := range p.state {
		p.state[i].free = make(chan struct{}, 1)
		p.state[i].free <- struct{}{}
	}
	return p
}

// Reported has the services profiled that a report of a firing incident concerns:
// those that alert and those of the first causes. It returns at once; of too many
// incidents the later are left out.
func (p *Profiler) Reported(incident string, r report.Report) {
	if r.State != evidence.StatusFiring || p.o.Now().Sub(r.FiredAt) > freshFor {
		return
	}
	d := due{incident: incident, services: []string{r.Service}, onset: r.Onset.At, next: p.o.Now().Add(p.o.FollowUp)}
	if e := r.Onset.Earliest; !e.IsZero() {
		d.onset = e
	}
	for _, c := range r.Causes[:min(len(r.Causes), reportedCauses)] {
		if c.Score > 0 && !slices.Contains(d.services, c.Entity.Name) {
			d.services = append(d.services, c.Entity.Name)
		}
	}
	select {
	case p.due <- d:
	default:
		p.o.Log.Warn("profiles: too many incidents wait for theirs, one is left out", zap.String("incident", incident))
	}
}

// Run takes profiles until ctx ends.
func (p *Profiler) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { p.baselines(ctx) })
	for {
		select {
		case d := <-p.due:
			targets := p.claim(d.services) // in the order in which incidents were reported
			running.Go(func() { p.serve(ctx, d, targets) })
		case <-ctx.Done():
			return
		}
	}
}

// serve takes the profiles of one incident from targets that are claimed for it, and
// has it looked at again when there is any.
func (p *Profiler) serve(ctx context.Context, d due, targets []int) {
	var taking sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for _, i := range targets {
		taking.Go(func() {
			defer p.o.Shelf.Taking(p.o.Targets[i].Name(), time.Time{})
			select {
			case <-p.state[i].free: // a baseline may be under way
			case <-ctx.Done():
				return
			}
			n := p.take(ctx, i, pprof.Incident, d.onset)
			p.state[i].free <- struct{}{}
			mu.Lock()
			defer mu.Unlock()
			got += n
		})
	}
	taking.Wait()
	if got == 0 || ctx.Err() != nil {
		return
	}
	at := p.o.Now()
	if d.next.After(at) {
		at = d.next // one look for both
	}
	if err := p.o.Again(ctx, d.incident, at); err != nil {
		p.o.Log.Warn("profiles: incident could not be looked at again", zap.String("incident", d.incident), zap.Error(err))
	}
}

// claim are the targets of services that are not cooling down, of a service's targets
// the first; they cool down from now on.
func (p *Profiler) claim(services []string) []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.o.Now()
	var list []int
	claimed := map[string]bool{}
	for i, t := range p.o.Targets {
		s := &p.state[i]
		if !slices.Contains(services, t.Name()) {
			continue
		}
		s.named = now
		if claimed[t.Name()] || !s.taken.IsZero() && now.Sub(s.taken) < p.o.CoolDown {
			continue
		}
		s.taken, claimed[t.Name()] = now, true
		p.o.Shelf.Taking(t.Name(), now)
		list = append(list, i)
	}
	return list
}

// Kinds is what a Target may know besides: which kinds of profile it is asked for, in
// the order of taking.
type Kinds interface{ Kinds() []evidence.ProfileKind }

func kindsOf(t Target) []evidence.ProfileKind {
	if k, ok := t.(Kinds); ok {
		return k.Kinds()
	}
	return usual
}

// usual is what every target is asked for: what is there at an instant first, so that
// it is of the same time as the alert.
var usual = []evidence.ProfileKind{evidence.ProfileGoroutine, evidence.ProfileHeap, evidence.ProfileCPU}

// take takes all profiles of one target and says how many were put on the shelf. What
// cannot be taken is noted there, for the next report. The first failure ends it: an
// endpoint that hangs is not asked twice more.
func (p *Profiler) take(ctx context.Context, i int, role pprof.Role, onset time.Time) (taken int) {
	t := p.o.Targets[i]
	select {
	case p.slot <- struct{}{}:
		defer func() { <-p.slot }()
	case <-ctx.Done():
		return 0
	}
	began := p.o.Now()
	ctx, cancel := context.WithTimeout(ctx, takeFor)
	defer cancel()
	for _, kind := range kindsOf(t) {
		raw, profile, err := t.Take(ctx, kind)
		if err == nil {
			err = p.o.Shelf.Put(profile, role, raw)
		}
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				p.o.Log.Warn("profile could not be taken", zap.String("service", t.Name()), zap.String("kind", string(kind)), zap.Error(err))
				p.o.Shelf.Failed(t.Name(), began, err)
			}
			return taken
		}
		taken++
		p.before(ctx, t, kind, role, onset)
	}
	p.o.Log.Info("profiles taken", zap.String("service", t.Name()), zap.String("for", string(role)), zap.Duration("took", p.o.Now().Sub(began)))
	return taken
}

// before puts a profile from before the onset on the shelf where a target has any of
// the past.
func (p *Profiler) before(ctx context.Context, t Target, kind evidence.ProfileKind, role pprof.Role, onset time.Time) {
	past, ok := t.(Past)
	if !ok || role != pprof.Incident || onset.IsZero() {
		return
	}
	raw, profile, err := past.Before(ctx, kind, onset)
	if err == nil {
		err = p.o.Shelf.Put(profile, pprof.Baseline, raw)
	}
	if err != nil && !errors.Is(err, evidence.ErrNotFound) && !errors.Is(err, context.Canceled) {
		p.o.Log.Warn("profile from before could not be read", zap.String("service", t.Name()), zap.String("kind", string(kind)), zap.Error(err))
	}
}
