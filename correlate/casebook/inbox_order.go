package casebook

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// lanes is what is to be filed: of each tenant first come first, one of each in
// turn, so that one's burst makes no other wait.
type lanes struct {
	of   map[evidence.Tenant][]slot
	turn []evidence.Tenant // those who have something, who is next first
}

// add puts what is to be filed behind what a tenant has, or before it.
func (l *lanes) add(t evidence.Tenant, before bool, list ...slot) {
	if len(list) == 0 {
		return
	}
	if l.of == nil {
		l.of = map[evidence.Tenant][]slot{}
	}
	if len(l.of[t]) == 0 {
		l.turn = append(l.turn, t)
	}
	if before {
		l.of[t] = append(list, l.of[t]...)
		return
	}
	l.of[t] = append(l.of[t], list...)
}

// take takes one.
func (l *lanes) take() (s slot, ok bool) {
	if len(l.turn) == 0 {
		return s, false
	}
	t := l.turn[0]
	l.turn = l.turn[1:]
	s, l.of[t] = l.of[t][0], l.of[t][1:]
	if len(l.of[t]) > 0 {
		l.turn = append(l.turn, t)
	} else {
		delete(l.of, t)
	}
	return s, true
}

// next is what is to be filed next, unless something of its group that came
// before could not be.
func (x *inbox) next() (s slot, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for {
		if s, ok = x.order.take(); !ok {
			return s, false
		}
		switch p := x.groups[s.group]; {
		case p == nil: // it was filed for somebody who asked
		case p.held:
			x.held = append(x.held, s)
		case p.rows[0].seq == s.seq:
			return s, true
		}
	}
}

// hold has a group wait until there is room in the queue, or for good.
func (x *inbox) hold(s slot, room bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if p := x.groups[s.group]; p != nil {
		p.held = true
	}
	if room {
		x.held = append(x.held, s)
	}
}

// holds reports whether something waits for room.
func (x *inbox) holds() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.held) > 0
}

// heldBy are the tenants of whom something waits for room.
func (x *inbox) heldBy() (list []evidence.Tenant) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.held {
		if t, _ := ownerOf(s.group); !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return list
}

// release has what was held of a tenant looked at again.
func (x *inbox) release(t evidence.Tenant) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var freed, held []slot
	for _, s := range x.held {
		if owner, _ := ownerOf(s.group); owner != t {
			held = append(held, s)
			continue
		}
		freed = append(freed, s)
		if p := x.groups[s.group]; p != nil {
			p.held = false
		}
	}
	x.order.add(t, true, freed...)
	x.held = held
}
