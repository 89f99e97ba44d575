package blameindex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Mirrors says how the mirrors are kept up, in order of name. It asks nobody.
func (s *Source) Mirrors() []Mirror {
	var out []Mirror
	for _, c := range s.checkouts() {
		if c.origin.Mirror == "" {
			continue
		}
		c.mu.Lock()
		m := c.state
		c.mu.Unlock()
		m.Name = c.name()
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Mirror) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// Check says what is wrong with the mirror of a repository: what its newest
// fetch ended with. It has a fetch that is due begin and waits for none, so who
// asks again and again keeps the mirror fresh.
func (s *Source) Check(name string) error {
	for _, c := range s.checkouts() {
		if c.name() == name {
			_, err := c.due()
			c.freshen()
			return err
		}
	}
	return fmt.Errorf("no repository is called %q: %w", clip(name), evidence.ErrNotFound)
}

// Connect waits until every mirror was made that is not there yet, and returns
// what went wrong. The source answers about the others all the same, and tries
// again when it is asked.
func (s *Source) Connect(ctx context.Context) error {
	all := s.checkouts()
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i, c := range all {
		wg.Go(func() { _, errs[i] = c.ready(ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// checkouts are the repositories, each once.
func (s *Source) checkouts() []*checkout {
	var out []*checkout
	for _, p := range s.all() {
		out = append(out, p.checkout)
	}
	return out
}
