package blameindex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const (
	// defaultFetch is how old a mirror may become.
	defaultFetch = 5 * time.Minute
	// fetchFor bounds one fetch, a first one of a long history included.
	fetchFor = 30 * time.Minute
	// retryAfter is the pause after a fetch that failed; it doubles with each
	// failure in a row, up to the age that a mirror may have.
	retryAfter = 5 * time.Second
	// freshWait is how long a question about a name waits for a mirror that is
	// due. Later it is answered from what is there, which the state of the
	// mirror says.
	freshWait = 2 * time.Second
	// workFor bounds what several callers wait for together.
	workFor = time.Minute
)

// Bounds on what is remembered: telemetry can name any number of revisions.
const (
	maxTrees = 16
	maxNames = 1000
)

// checkout is one repository with its index, which the places of several
// services may share. Its lock is never held while git or the database is asked,
// and work that several callers wait for ends with the source, not with the
// context of the first of them.
type checkout struct {
	origin Place // whose Repository, Mirror and Fetch count
	db     *DB
	repo   atomic.Pointer[git.Repo] // nil until the mirror was made

	trees  *lru.Cache[string, []string] // paths by commit
	names  *lru.Cache[string, recalled] // what names meant a moment ago
	missed *lru.Cache[string, struct{}] // revisions that a fetch did not bring

	flights singleflight.Group // work under way, by what it is
	life    *lifetime

	mu    sync.Mutex
	state Mirror
	tried time.Time
	row   int // failures in a row
}

// recalled is what a name meant a moment ago.
type recalled struct {
	sha string
	at  time.Time
}

// Mirror says how the mirror of a repository is kept up.
type Mirror struct {
	Name    string    // of the repository
	Fetched time.Time // zero before the first success
	// Err is what the newest fetch ended with; evidence.ErrUnavailable before the
	// first one has ended.
	Err            error
	Succeeded, Bad uint64 // fetches, by how they ended
}

func newCheckout(ctx context.Context, p Place, life *lifetime) (*checkout, error) {
	c := &checkout{origin: p, life: life}
	var errs [3]error
	c.trees, errs[0] = lru.New[string, []string](maxTrees)
	c.names, errs[1] = lru.New[string, recalled](maxNames)
	c.missed, errs[2] = lru.New[string, struct{}](maxNames)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	if p.Mirror == "" {
		repo, err := git.Open(ctx, p.Repository)
		if err != nil {
			return nil, err
		}
		c.repo.Store(repo)
		return c, nil
	}
	if err := git.CheckURL(p.Repository); err != nil {
		return nil, err
	}
	c.state.Err = firstFetch(c.name())
	if _, err := os.Stat(p.Mirror); err == nil { // as the last run left it
		repo, err := git.Mirror(ctx, p.Repository, p.Mirror)
		if err != nil {
			return nil, err
		}
		c.repo.Store(repo)
		c.state.Err = nil
	}
	return c, nil
}

// firstFetch says that the first fetch of a repository has not ended. It is
// evidence.ErrUnavailable, and context.DeadlineExceeded so that a fetch that
// failed is told from one that takes its time.
type firstFetch string

func (f firstFetch) Error() string {
	return "repository " + string(f) + " is being fetched for the first time"
}

// Is makes errors.Is hold for both.
func (f firstFetch) Is(target error) bool {
	return target == evidence.ErrUnavailable || target == context.DeadlineExceeded
}

// name is what the repository is called in metrics and events.
func (c *checkout) name() string {
	if c.origin.Name != "" {
		return c.origin.Name
	}
	if repo := c.repo.Load(); repo != nil {
		return filepath.Base(repo.Top)
	}
	return filepath.Base(cmp.Or(c.origin.Mirror, c.origin.Repository))
}

// ready returns the repository. A mirror that was never made is made now, or
// the error of the newest try is returned while the next is not due.
func (c *checkout) ready(ctx context.Context) (*git.Repo, error) {
	if repo := c.repo.Load(); repo != nil {
		return repo, nil
	}
	if due, err := c.due(); !due {
		return nil, err
	}
	if err := c.fetch(ctx); err != nil {
		return nil, err
	}
	return c.repo.Load(), nil
}

// due reports whether the mirror is to be fetched, and what the newest fetch
// ended with.
func (c *checkout) due() (bool, error) {
	if c.origin.Mirror == "" {
		return false, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	age := cmp.Or(c.origin.Fetch, defaultFetch)
	if c.row > 0 {
		age = min(age, retryAfter<<min(c.row-1, 10))
	}
	return c.tried.IsZero() || time.Since(c.tried) >= age, c.state.Err
}

// fetch brings the mirror up to date, and makes it first. Who comes while a
// fetch runs waits for that one.
func (c *checkout) fetch(ctx context.Context) error {
	_, err := c.together(ctx, "fetch", fetchFor, c.fetchNow)
	return err
}

func (c *checkout) fetchNow(ctx context.Context) (any, error) {
	err := guard.Run(func() error {
		if repo := c.repo.Load(); repo != nil {
			return repo.Fetch(ctx, c.origin.Repository)
		}
		repo, err := git.Mirror(ctx, c.origin.Repository, c.origin.Mirror)
		if err == nil {
			c.repo.Store(repo)
		}
		return err
	})
	if err != nil {
		err = fmt.Errorf("repository %s: %w", c.name(), err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tried, c.state.Err = time.Now(), err
	if err != nil {
		c.row++
		c.state.Bad++
		return nil, err
	}
	c.row = 0
	c.state.Succeeded++
	c.state.Fetched = c.tried
	return nil, nil
}

// freshen starts a fetch that is due and waits for none.
func (c *checkout) freshen() {
	if due, _ := c.due(); due {
		c.start("fetch", fetchFor, c.fetchNow)
	}
}

// start begins work under a key unless it is under way.
func (c *checkout) start(key string, most time.Duration, do func(context.Context) (any, error)) <-chan singleflight.Result {
	return c.flights.DoChan(key, func() (out any, err error) {
		ctx, end, err := c.life.begin(most)
		if err != nil {
			return nil, err
		}
		defer end()
		err = guard.Run(func() (err error) { out, err = do(ctx); return err })
		return out, err
	})
}

// together does work once for all who ask for it at a time. A caller whose
// context ends no longer waits; the work goes on for the others.
func (c *checkout) together(ctx context.Context, key string, most time.Duration, do func(context.Context) (any, error)) (any, error) {
	select {
	case r := <-c.start(key, most, do):
		return r.Val, r.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lifetime is how long a source's work in the background may last.
type lifetime struct {
	ctx context.Context //nolint:containedctx // of the source, until Close
	end context.CancelFunc

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

func newLifetime(ctx context.Context) *lifetime {
	l := &lifetime{}
	l.ctx, l.end = context.WithCancel(context.WithoutCancel(ctx))
	return l
}

// begin counts a piece of work; its caller calls end.
func (l *lifetime) begin(most time.Duration) (_ context.Context, end func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, nil, fmt.Errorf("the index is closed: %w", evidence.ErrUnavailable)
	}
	l.running.Add(1)
	ctx, cancel := context.WithTimeout(l.ctx, most)
	return ctx, func() { cancel(); l.running.Done() }, nil
}

// close ends the work and waits for it.
func (l *lifetime) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.end()
	l.running.Wait()
}
