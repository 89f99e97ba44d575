package casebook

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// mostPayload is what PostgreSQL takes in one notice.
const mostPayload = 7900

// notify has the other servers told, without waiting. What cannot be told is
// dropped: the queue is read every second besides.
func (x *postgres) notify(channel, payload string) {
	if len(payload) > mostPayload {
		return
	}
	select {
	case x.out <- notice{channel, payload}:
	default:
	}
}

// tell sends what is to be told; that jobs are due is told once for many.
func (x *postgres) tell(ctx context.Context) {
	for {
		select {
		case n := <-x.out:
			if n.channel == jobChannel {
				x.skipJobs()
			}
			once, cancel := context.WithTimeout(ctx, 5*time.Second)
			_, _ = x.db.ExecContext(once, `SELECT pg_notify($1, $2)`, n.channel, n.payload)
			cancel()
		case <-ctx.Done():
			return
		}
	}
}

// skipJobs takes further notices of jobs that wait right behind.
func (x *postgres) skipJobs() {
	for {
		select {
		case n := <-x.out:
			if n.channel != jobChannel {
				x.notify(n.channel, n.payload)
				return
			}
		default:
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
