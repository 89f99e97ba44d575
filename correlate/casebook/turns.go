package casebook

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// turns says whose investigation is begun next: first who has the fewest under way
// here, and of those who was served longest ago. One tenant's storm, and one whose
// sources hang, so take no more than their share of the workers, whatever the queue
// holds. Within a tenant the queue's own order holds, which no other tenant is part
// of. See docs/decisions, on tenants.
type turns struct {
	mu     sync.Mutex
	served []evidence.Tenant          // longest ago first
	going  map[string]evidence.Tenant // by claim
}

// know gives a tenant a turn, the first.
func (x *turns) know(t evidence.Tenant) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !slices.Contains(x.served, t) {
		x.served = slices.Insert(x.served, 0, t)
	}
}

// order is in which order the tenants are asked what is due of theirs.
func (x *turns) order() []evidence.Tenant {
	x.mu.Lock()
	defer x.mu.Unlock()
	list, going := slices.Clone(x.served), map[evidence.Tenant]int{}
	for _, t := range x.going {
		going[t]++
	}
	slices.SortStableFunc(list, func(a, b evidence.Tenant) int { return going[a] - going[b] })
	return list
}

// begun counts a claim that was made here.
func (x *turns) begun(j Job) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.going == nil {
		x.going = map[string]evidence.Tenant{}
	}
	x.going[j.owner] = j.Tenant
	x.served = append(slices.DeleteFunc(x.served, func(t evidence.Tenant) bool { return t == j.Tenant }), j.Tenant)
}

// ended notes that a claim has ended, if that is what an attempt to end it came to.
func (x *turns) ended(j Job, err error) {
	if err != nil && !errors.Is(err, ErrLost) {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.going, j.owner)
}

// bells wake the workers of one server that wait for a job. A bell holds one ring,
// which is taken by one worker: a bell that woke all of them for every job would have
// all but one look into the queue for nothing.
type bells struct {
	any, urgent chan struct{}
	// idle is how many wait for a job of any kind.
	idle *atomic.Int64
}

func newBells() bells {
	return bells{make(chan struct{}, 1), make(chan struct{}, 1), new(atomic.Int64)}
}

// of is the bell of those who wait for urgent jobs alone, or of the others.
func (x bells) of(urgent bool) chan struct{} {
	if urgent {
		return x.urgent
	}
	return x.any
}

// ring wakes a worker, and reports whether one waited. A ring that nobody waits for
// is kept for the next who does.
func (x bells) ring(urgent bool) (heard bool) {
	heard = x.idle.Load() > 0
	x.next(false)
	if urgent {
		x.next(true)
	}
	return heard
}

// next wakes another one who waits as the caller did.
func (x bells) next(urgent bool) {
	select {
	case x.of(urgent) <- struct{}{}:
	default:
	}
}

// answer takes a ring before the queue is looked into: what it told of is seen then.
func (x bells) answer(urgent bool) {
	select {
	case <-x.of(urgent):
	default:
	}
}

// wait begins to wait for a ring; done ends it.
func (x bells) wait(urgent bool) (ring <-chan struct{}, done func()) {
	if urgent {
		return x.urgent, func() {}
	}
	x.idle.Add(1)
	return x.any, func() { x.idle.Add(-1) }
}
