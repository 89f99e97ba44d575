package casebook

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// crowded opens a casebook into which alerts come as if many came at once, and
// which files only when it is told to.
func crowded(t *testing.T, file string, o Options) *Book {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	b, err := Attach(t.Context(), file, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	b.inbox.filing = true
	b.inbox.underway.Add(crowd)
	return b
}

// calm opens one that files everything at once.
func calm(t *testing.T, o Options) *Book {
	t.Helper()
	b := crowded(t, filepath.Join(t.TempDir(), "calm.db"), o)
	b.inbox.underway.Add(-crowd)
	return b
}

// fired is a notification of a group about some of its alerts.
func fired(group string, at time.Time, status string, prints ...string) evidence.Alert {
	a := evidence.Alert{Receiver: "wh", GroupKey: group, Status: status, Labels: map[string]string{"alertname": "Burn", "service": group, "severity": "warning"}}
	for _, p := range prints {
		i := evidence.AlertInstance{Status: status, Labels: map[string]string{"service": group}, StartsAt: at, Fingerprint: p}
		if status == evidence.StatusResolved {
			i.EndsAt = at.Add(time.Minute)
		}
		a.Instances = append(a.Instances, i)
	}
	return a
}

func take(t *testing.T, b *Book, a evidence.Alert) string {
	t.Helper()
	id, err := b.Accept(t.Context(), a, []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func listed(t *testing.T, b *Book) []casefile.Incident {
	t.Helper()
	all, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestTheInboxComesToWhatFilingAtOnceComesTo sends the same notifications, in every
// kind of order, through the inbox, which is filed now and then, and past it.
func TestTheInboxComesToWhatFilingAtOnceComesTo(t *testing.T) {
	ahead := 0
	o := Options{Now: func() time.Time { return noon.Add(time.Duration(ahead) * time.Second) }, Fold: 2 * time.Minute}
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 1))
		through, past := crowded(t, filepath.Join(t.TempDir(), "book.db"), o), calm(t, o)
		used := 0
		for step := range 50 {
			ahead = step
			status, prints := evidence.StatusFiring, []string{"f1", "f2", "f3"}[:1+r.IntN(3)]
			if r.IntN(4) == 0 {
				status = evidence.StatusResolved
			}
			a := fired(fmt.Sprint("g", r.IntN(5)), noon.Add(time.Duration(r.IntN(3))*time.Hour), status, prints...)
			if want, got := take(t, past, a), take(t, through, a); want != got {
				t.Fatalf("seed %d step %d: the sender is told %s, and it will be %s", seed, step, got, want)
			}
			used = max(used, through.inbox.size())
			if r.IntN(10) == 0 {
				if err := through.Settle(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := through.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if used < 3 || through.inbox.size() != 0 {
			t.Errorf("seed %d: %d alerts waited in the inbox at most, %d in the end", seed, used, through.inbox.size())
		}
		if want, got := listed(t, past), listed(t, through); !reflect.DeepEqual(want, got) {
			t.Errorf("seed %d: got\n%+v\nwant\n%+v", seed, got, want)
		}
		for _, q := range []string{`SELECT group_concat(key || incident || received_at || turn || seq) FROM (SELECT * FROM notification ORDER BY key)`,
			`SELECT group_concat(incident || due_at || later) FROM (SELECT * FROM job ORDER BY incident)`} {
			var want, got string
			if err := errors.Join(past.db.reading(t.Context()).row(q).Scan(&want), through.db.reading(t.Context()).row(q).Scan(&got)); err != nil || want != got {
				t.Errorf("seed %d: %s\n got %s\nwant %s (%v)", seed, q, got, want, err)
			}
		}
	}
}

func TestWhatWaitsInTheInboxOutlivesTheProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "book.db")
	b := crowded(t, file, Options{})
	first, second := take(t, b, fired("g", noon, evidence.StatusFiring, "f1")), take(t, b, fired("h", noon, evidence.StatusFiring, "f1"))
	if n := len(listed(t, b)); n != 0 || b.Unfiled() != 2 {
		t.Fatalf("%d alerts were filed and %d wait, so that this tests nothing", n, b.Unfiled())
	}
	// Another program, a day later.
	b = crowded(t, file, Options{Now: func() time.Time { return noon.Add(24 * time.Hour) }})
	if _, err := b.AddNote(t.Context(), second, casefile.Note{Author: "ana", Text: "seen"}); err != nil {
		t.Errorf("a note on what waits: %v", err)
	}
	i, err := b.Incident(t.Context(), first)
	if err != nil || !i.ReceivedAt.Equal(noon) {
		t.Errorf("got %s received at %s (%v), want it asked for by ID and received when it came", i.ID, i.ReceivedAt, err)
	}
	if n := b.inbox.size(); n != 0 {
		t.Errorf("%d alerts still wait", n)
	}
	j, err := b.Next(t.Context())
	if err != nil || j.ReceivedAt != noon.UnixNano() {
		t.Errorf("the investigation is about what came at %d (%v)", j.ReceivedAt, err)
	}
}

func TestABackupAndACopyHaveWhatWaitsInTheInbox(t *testing.T) {
	dir := t.TempDir()
	b := crowded(t, filepath.Join(dir, "book.db"), Options{})
	id := take(t, b, fired("g", noon, evidence.StatusFiring, "f1"))
	backup := filepath.Join(dir, "backup.db")
	if err := b.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	if n := b.inbox.size(); n != 1 {
		t.Fatalf("%d alerts wait, so that this tests nothing", n)
	}
	to := calm(t, Options{})
	if _, err := b.CopyTo(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]*Book{"backup": crowded(t, backup, Options{}), "copy": to} {
		if _, err := other.Incident(t.Context(), id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsCriticalOrUnsureIsFiledAtOnce(t *testing.T) {
	b := crowded(t, filepath.Join(t.TempDir(), "book.db"), Options{})
	take(t, b, fired("g", noon, evidence.StatusFiring, "f1"))
	critical := fired("c", noon, evidence.StatusFiring, "f1")
	critical.Labels["severity"] = "critical"
	take(t, b, critical)
	if all := listed(t, b); len(all) != 1 || all[0].Severity != "critical" {
		t.Errorf("got %+v, want the critical one alone", all)
	}
	take(t, b, fired("r", noon, evidence.StatusResolved, "f1"))
	if n := len(listed(t, b)); n != 2 {
		t.Errorf("got %d incidents, want the resolution of a group that is not known too", n)
	}
}

func TestTheInboxTakesNoMoreThanTheQueueHasRoomFor(t *testing.T) {
	b := crowded(t, filepath.Join(t.TempDir(), "book.db"), Options{QueueLimit: 3})
	for n := range 3 {
		take(t, b, fired(fmt.Sprint("g", n), noon, evidence.StatusFiring, "f1"))
	}
	if _, err := b.Accept(t.Context(), fired("g4", noon, evidence.StatusFiring, "f1"), nil); err == nil {
		err = b.Settle(t.Context())
		t.Log(err)
	}
	if err := b.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Accept(t.Context(), fired("g5", noon, evidence.StatusFiring, "f1"), nil); !errors.Is(err, ErrOverloaded) {
		t.Errorf("got %v, want ErrOverloaded", err)
	}
	waiting, err := b.Waiting(t.Context())
	if err != nil || waiting > 3 {
		t.Errorf("%d investigations wait (%v), more than the 3 that there is room for", waiting, err)
	}
	// Another alert of what is there needs no room.
	take(t, b, fired("g1", noon, evidence.StatusFiring, "f2"))
	// What was taken is filed once there is room, and nothing was lost.
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for range 4 {
		if n, err := b.Waiting(ctx); err != nil || n == 0 {
			break
		}
		j, err := b.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Abandon(t.Context(), j, "done", false); err != nil {
			t.Fatal(err)
		}
		if err := b.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.inbox.size(); n != 0 {
		t.Errorf("%d alerts wait although there is room", n)
	}
}

// TestAWriteThatFailsLeavesTheInboxAsItIs has alerts put in, and filed, by
// transactions that come to nothing.
func TestAWriteThatFailsLeavesTheInboxAsItIs(t *testing.T) {
	b := crowded(t, filepath.Join(t.TempDir(), "book.db"), Options{})
	id := take(t, b, fired("g", noon, evidence.StatusFiring, "f1"))
	broken := errors.New("broken")
	for name, do := range map[string]func(session) error{
		"filing": func(tx session) error { _, err := b.settle(tx, groupOf("wh", "g")); return errors.Join(err, broken) },
		"putting in": func(tx session) error {
			_, kept, err := b.keep(tx, arrival{alert: fired("h", noon, evidence.StatusFiring, "f1"), key: "k", join: true})
			if !kept {
				t.Error("it was not put in, so that this tests nothing")
			}
			return errors.Join(err, broken)
		},
	} {
		if err := b.db.do(t.Context(), do); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if err := b.db.do(t.Context(), func(tx session) error { return b.inbox.load(tx) }); err != nil || b.inbox.size() != 1 {
			t.Errorf("%s: %d alerts wait (%v), want the one that was taken", name, b.inbox.size(), err)
		}
	}
	if _, err := b.Incident(t.Context(), id); err != nil {
		t.Error(err)
	}
}

// TestWhatCannotBeFiledHoldsUpItsGroupAlone damages a row.
func TestWhatCannotBeFiledHoldsUpItsGroupAlone(t *testing.T) {
	b := crowded(t, filepath.Join(t.TempDir(), "book.db"), Options{})
	take(t, b, fired("bad", noon, evidence.StatusFiring, "f1"))
	good := take(t, b, fired("good", noon, evidence.StatusFiring, "f1"))
	if err := b.db.do(t.Context(), execute(`UPDATE inbox SET alert = CAST('{' AS BLOB) WHERE group_key = 'bad'`)); err != nil {
		t.Fatal(err)
	}
	if err := b.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all := listed(t, b); len(all) != 1 || all[0].ID != good {
		t.Errorf("got %+v, want the other one", all)
	}
	var n int
	if err := b.db.reading(t.Context()).row(`SELECT count(*) FROM audit WHERE action = 'filing-failed'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("the audit says it %d times (%v)", n, err)
	}
}

// BenchmarkInbox takes alerts as in a burst, and files none.
func BenchmarkInbox(b *testing.B) {
	book, err := Attach(b.Context(), filepath.Join(b.TempDir(), "book.db"), Options{QueueLimit: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	book.inbox.filing = true
	book.inbox.underway.Add(crowd)
	var n atomic.Int64
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := book.Accept(b.Context(), fired(fmt.Sprint(n.Add(1)), noon, evidence.StatusFiring, "f1"), []byte(`{}`)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkFiling files what a burst of groups has left, folding as a server does.
func BenchmarkFiling(b *testing.B) {
	book, err := Attach(b.Context(), filepath.Join(b.TempDir(), "book.db"), Options{QueueLimit: 1 << 30, Fold: 2 * time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	book.inbox.filing = true
	book.inbox.underway.Add(crowd)
	for n := range b.N {
		if _, err := book.Accept(b.Context(), fired(fmt.Sprint(n), noon.Add(time.Duration(n)*time.Millisecond), evidence.StatusFiring, "f1"), []byte(`{}`)); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	if err := book.Settle(b.Context()); err != nil || book.inbox.size() > 0 {
		b.Fatal(err, book.inbox.size())
	}
}
