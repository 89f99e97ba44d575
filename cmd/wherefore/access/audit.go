package access

import (
	"cmp"
	"context"
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// The audit is written in batches: a page that is looked at does not wait for
// the disk.
const (
	auditWaiting = 4096 // entries that wait; what comes beyond is lost, and counted
	auditBatch   = 256
	auditEvery   = 500 * time.Millisecond
)

type audit struct {
	book    casebook.AuditLog
	log     *zap.Logger
	waiting chan ui.AuditEntry
	seen    *lru.Cache[ui.AuditEntry, time.Time] // when who looked at what
}

func newAudit(book casebook.AuditLog, log *zap.Logger) *audit {
	seen, err := lru.New[ui.AuditEntry, time.Time](10_000)
	if err != nil {
		panic(err) // the size is a constant above 0
	}
	return &audit{book: book, log: log, waiting: make(chan ui.AuditEntry, auditWaiting), seen: seen}
}

// run writes what waits until ctx ends, and then what still does.
func (a *audit) run(ctx context.Context) {
	tick := time.NewTicker(auditEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.flush(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			a.flush(last)
			return
		}
	}
}

// flush writes all that waits. What the casebook does not take is said in the
// log, so that it stands somewhere.
func (a *audit) flush(ctx context.Context) {
	for {
		var batch []casefile.AuditEntry
		for len(batch) < auditBatch {
			select {
			case e := <-a.waiting:
				batch = append(batch, e)
				continue
			default:
			}
			break
		}
		if len(batch) == 0 {
			return
		}
		if err := a.book.AddAudit(ctx, batch...); err != nil {
			a.log.Warn("audit log could not be written", zap.Error(err), zap.Any("entries", batch))
			return
		}
	}
}

// seenFor is how long the same person's looking at the same thing is one entry.
const seenFor = time.Minute

// Write implements ui.Audit. Looking again within a minute is no news, and who
// looks where nobody has to say who they are is not known.
func (a *Access) Write(e ui.AuditEntry) {
	if e.Action == "view" || e.Action == "refused" {
		same := e
		same.At = time.Time{}
		last, seen := a.audit.seen.Get(same)
		if e.Actor == ui.Nobody || seen && e.At.Sub(last) < seenFor {
			return
		}
		a.audit.seen.Add(same, e.At)
	}
	select {
	case a.audit.waiting <- e:
	default:
		a.Log.Warn("audit log queue full: entry lost", zap.Any("entry", e))
	}
}

// Entries implements ui.Audit.
func (a *Access) Entries(ctx context.Context, f ui.AuditFilter) ([]ui.AuditEntry, int64, error) {
	return a.Store.AuditEntries(ctx, f)
}

func (a *Access) note(who, action, detail string) {
	a.Write(ui.AuditEntry{At: a.Now(), Actor: who, Action: action, Detail: detail})
}

// noteFailure notes a log-in that failed, so many from each address: the audit
// is not an outsider's to fill.
func (a *Access) noteFailure(name string, r *http.Request) {
	if !a.passes.bucket("noted "+a.ClientOf(r), wrongPerAddress).AllowN(a.Now(), 1) {
		return
	}
	a.note(cmp.Or(visible.Short(name, 60), ui.Nobody), "login failed", "from "+a.ClientOf(r))
}
