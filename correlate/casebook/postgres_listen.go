package casebook

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// mostPayload is what PostgreSQL takes in one notice.
const mostPayload = 7900

// notify has the other servers told, without waiting. What cannot be told is
// dropped: the queue is read every second besides.
func (x *postgres) notify(channel, about, payload string) {
	if len(payload) <= mostPayload {
		x.out.put(notice{channel, about, payload})
	}
}

// notice is what one server tells the others.
type notice struct{ channel, about, payload string }

// mostNotices bounds what waits to be told.
const mostNotices = 256

// notices wait to be told, in the order in which they came.
type notices struct {
	mu    *sync.Mutex
	list  *[]notice
	ready chan struct{} // holds one element while the list may have any
}

func newNotices() notices {
	return notices{new(sync.Mutex), new([]notice), make(chan struct{}, 1)}
}

// put adds a notice, in place of one about the same.
func (x notices) put(n notice) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, old := range *x.list {
		if old.channel == n.channel && old.about == n.about {
			(*x.list)[i] = n
			return
		}
	}
	if len(*x.list) >= mostNotices && n.channel != jobChannel { // of which there is one at most
		return
	}
	*x.list = append(*x.list, n)
	select {
	case x.ready <- struct{}{}:
	default:
	}
}

// take is all that waits.
func (x notices) take() (channels, payloads []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, n := range *x.list {
		channels, payloads = append(channels, n.channel), append(payloads, n.payload)
	}
	*x.list = nil
	return channels, payloads
}

// tellEvery is the shortest between two transactions that tell: an investigation
// that takes milliseconds is told of once, and many servers' do not make the database
// wake all of them all the time.
const tellEvery = 50 * time.Millisecond

// tell sends what is to be told, all that waits in one transaction.
func (x *postgres) tell(ctx context.Context) {
	for {
		select {
		case <-x.out.ready:
		case <-ctx.Done():
			return
		}
		if channels, payloads := x.out.take(); len(channels) > 0 {
			once, cancel := context.WithTimeout(ctx, 5*time.Second)
			_, _ = x.db.ExecContext(once, `SELECT pg_notify(c, p) FROM unnest($1::text[], $2::text[]) AS told(c, p)`, channels, payloads)
			cancel()
		}
		select {
		case <-time.After(tellEvery):
		case <-ctx.Done():
			return
		}
	}
}

// listen hears what the other servers, and this one, tell; it connects again
// when the connection is lost.
func (x *postgres) listen(ctx context.Context, heard func(channel, payload string)) {
	for ctx.Err() == nil {
		x.listenOnce(ctx, heard)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
}

func (x *postgres) listenOnce(ctx context.Context, heard func(channel, payload string)) {
	c, err := pgx.ConnectConfig(ctx, x.config)
	if err != nil {
		return
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	for _, channel := range []string{jobChannel, eventChannel} {
		if _, err := c.Exec(ctx, "LISTEN "+channel); err != nil {
			return
		}
	}
	heard(jobChannel, "") // what was told before is not heard any more
	for {
		n, err := c.WaitForNotification(ctx)
		if err != nil {
			return
		}
		heard(n.Channel, n.Payload)
	}
}
