package profiler_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/profiler"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/pprof"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// process is a target that counts what it is asked, and may hang or fail.
type process struct {
	name  string
	clock *clock
	build string
	err   error
	hangs chan struct{} // when set, a call waits for it or for its context

	mu    sync.Mutex
	asked []evidence.ProfileKind
	most  int // calls under way at once
	now   int
}

func (p *process) Name() string { return p.name }

func (p *process) Take(ctx context.Context, kind evidence.ProfileKind) ([]byte, evidence.Profile, error) {
	p.mu.Lock()
	p.asked = append(p.asked, kind)
	p.now++
	p.most = max(p.most, p.now)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.now--
		p.mu.Unlock()
	}()
	if p.hangs != nil {
		select {
		case <-p.hangs:
		case <-ctx.Done():
			return nil, evidence.Profile{}, ctx.Err()
		}
	}
	return []byte("raw"), evidence.Profile{Service: p.name, Kind: kind, Start: p.clock.now(), Build: p.build}, p.err
}

func (p *process) kinds() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Trim(fmt.Sprint(p.asked), "[]")
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// bench is a profiler that runs over some processes.
type bench struct {
	*profiler.Profiler
	clock *clock
	shelf *pprof.Shelf
	again chan string
}

const coolDown = 10 * time.Minute

func start(t *testing.T, run bool, processes ...*process) bench {
	t.Helper()
	b := bench{clock: &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, again: make(chan string, 100)}
	var err error
	if b.shelf, err = pprof.OpenShelf(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	var targets []profiler.Target
	for _, p := range processes {
		p.clock = b.clock
		targets = append(targets, p)
	}
	began := b.clock.now()
	b.Profiler = profiler.New(profiler.Options{Log: zap.NewNop(), Targets: targets, Shelf: b.shelf, CoolDown: coolDown, FollowUp: time.Minute, Now: b.clock.now,
		Again: func(_ context.Context, incident string, at time.Time) error {
			b.again <- fmt.Sprint(incident, " +", at.Sub(began))
			return nil
		}})
	if run {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); b.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })
	}
	return b
}

func (b bench) report(services ...string) report.Report {
	r := report.Report{State: evidence.StatusFiring, FiredAt: b.clock.now(), Service: services[0]}
	for _, s := range services[1:] {
		r.Causes = append(r.Causes, report.Cause{Entity: evidence.Entity{Name: s}, Score: 500})
	}
	return r
}

func (b bench) kept(t *testing.T) (names []string) {
	t.Helper()
	list, err := b.shelf.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range list {
		names = append(names, fmt.Sprint(k.Service, " ", k.Kind, " ", k.Role))
	}
	return names
}

// TestWhatAReportConcernsIsProfiled: who alerts and whom the first causes blame, of
// the configured ones, and then the incident is looked at again, together with the
// look that is due anyway.
func TestWhatAReportConcernsIsProfiled(t *testing.T) {
	cart, till, stock := &process{name: "cart"}, &process{name: "till"}, &process{name: "stock"}
	b := start(t, true, cart, till, stock)
	b.clock.advance(40 * time.Second)
	b.Reported("INC-1", b.report("cart", "unheard-of", "till"))
	if got := <-b.again; got != "INC-1 +1m40s" {
		t.Errorf("got %s", got)
	}
	want := []string{"cart cpu incident", "cart goroutine incident", "cart heap incident", "till cpu incident", "till goroutine incident", "till heap incident"}
	if got := b.kept(t); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// TestATargetIsLeftAlone: once profiled it cools down, and is never asked twice at a
// time, however many incidents name it.
func TestATargetIsLeftAlone(t *testing.T) {
	cart := &process{name: "cart", hangs: make(chan struct{})}
	b := start(t, true, cart, &process{name: "other"})
	b.Reported("INC-1", b.report("cart"))
	for i := range 20 { // each is answered without cart, which is busy
		b.Reported(fmt.Sprint("INC-2", i), b.report("cart", "other"))
	}
	if got := <-b.again; !strings.HasPrefix(got, "INC-2") {
		t.Errorf("got %s first, want who did not have to wait", got)
	}
	close(cart.hangs)
	if got := <-b.again; got != "INC-1 +1m0s" {
		t.Errorf("got %s", got)
	}
	if cart.most != 1 || cart.kinds() != "goroutine heap cpu" {
		t.Errorf("got %d calls at once, %s", cart.most, cart.kinds())
	}
	b.clock.advance(coolDown)
	b.Reported("INC-3", b.report("cart"))
	<-b.again
	if got := cart.kinds(); got != "goroutine heap cpu goroutine heap cpu" {
		t.Errorf("got %s, want it profiled again after the cool-down", got)
	}
}

// TestAFailureIsSaidOnceAndEndsIt: an endpoint that fails is not asked for the rest.
func TestAFailureIsSaidOnceAndEndsIt(t *testing.T) {
	cart := &process{name: "cart", err: fmt.Errorf("HTTP 401: %w", evidence.ErrUnavailable)}
	b := start(t, true, cart, &process{name: "till"})
	b.Reported("INC-1", b.report("cart"))
	b.Reported("INC-2", b.report("till"))
	<-b.again // of the second; the first may still end
	for cart.kinds() != "goroutine" {
		time.Sleep(time.Millisecond)
	}
	w := evidence.Window{Start: b.clock.now().Add(-time.Minute), End: b.clock.now().Add(time.Minute)}
	for {
		_, _, err := b.shelf.Profiles(t.Context(), evidence.ProfileQuery{Service: "cart", Kind: evidence.ProfileCPU, Window: w, Limit: 1})
		if err != nil && strings.Contains(err.Error(), "401") {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if got := cart.kinds(); got != "goroutine" {
		t.Errorf("got %s", got)
	}
}

// TestOldAndResolvedIncidentsAreNotProfiled: what runs now is not what was wrong then.
func TestOldAndResolvedIncidentsAreNotProfiled(t *testing.T) {
	cart, till := &process{name: "cart"}, &process{name: "till"}
	b := start(t, true, cart, till)
	old, over := b.report("cart"), b.report("cart")
	old.FiredAt = old.FiredAt.Add(-time.Hour)
	over.State = evidence.StatusResolved
	b.Reported("INC-1", old)
	b.Reported("INC-2", over)
	b.Reported("INC-3", b.report("till"))
	if got := <-b.again; got != "INC-3 +1m0s" || cart.kinds() != "" {
		t.Errorf("got %s and %q", got, cart.kinds())
	}
}

// TestNormalWorkIsProfiledOncePerBuild: after it has run for a while, not while an
// incident concerns it, and again when the build changes.
func TestNormalWorkIsProfiledOncePerBuild(t *testing.T) {
	cart := &process{name: "cart", build: "one"}
	b := start(t, false, cart)
	look := func() int {
		b.Look(t.Context(), 0)
		return strings.Count(cart.kinds(), "cpu")
	}
	if n := look(); n != 0 {
		t.Errorf("got %d profiles of a build that was only just seen", n)
	}
	b.clock.advance(6 * time.Minute)
	for range 3 {
		if n := look(); n != 1 {
			t.Errorf("got %d profiles of the first build, want one", n)
		}
		b.clock.advance(time.Hour)
	}
	cart.build = "two"
	look()
	b.clock.advance(6 * time.Minute)
	if n := look(); n != 2 {
		t.Errorf("got %d profiles, want one of each build", n)
	}
	cart.build = "three"
	look()
	b.clock.advance(6 * time.Minute)
	if n := look(); n != 3 {
		t.Errorf("got %d profiles, want one of each build", n)
	}
	if got := b.kept(t); len(got) != 9 || got[0] != "cart cpu baseline" {
		t.Errorf("got %v", got)
	}
}

// TestNothingIsNormalSoonAfterAnIncident asks for the build of a service that an
// incident just named.
func TestNothingIsNormalSoonAfterAnIncident(t *testing.T) {
	cart := &process{name: "cart"}
	b := start(t, true, cart)
	b.Reported("INC-1", b.report("cart"))
	<-b.again
	before := cart.kinds()
	b.clock.advance(20 * time.Minute)
	if b.Look(t.Context(), 0); cart.kinds() != before {
		t.Errorf("got %s twenty minutes after an incident", cart.kinds())
	}
	b.clock.advance(20 * time.Minute)
	if b.Look(t.Context(), 0); cart.kinds() == before {
		t.Error("it is never asked again")
	}
}
