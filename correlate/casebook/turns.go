package casebook

import (
	"errors"
	"slices"
	"sync"

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
