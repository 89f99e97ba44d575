package casebook_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casebook/casebooktest"
	"github.com/wherefore-dev/wherefore/correlate/casebook/pgtest"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/schema"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func openPostgres(t *testing.T, dsn string, o casebook.Options) *casebook.Book {
	t.Helper()
	b, err := casebook.OpenPostgres(t.Context(), dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestPostgreSQLKeepsTheContract(t *testing.T) {
	var dsns sync.Map
	casebooktest.Run(t, func(t *testing.T, o casebook.Options) casebook.Store {
		dsn := pgtest.DSN(t)
		b := openPostgres(t, dsn, o)
		dsns.Store(b, dsn)
		return b
	}, func(t *testing.T, s casebook.Store) {
		dsn, _ := dsns.Load(s)
		db, err := sql.Open("pgx", dsn.(string))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), `UPDATE job SET lease_until = 0`); err != nil {
			t.Fatal(err)
		}
	})
}

// TestSeveralServersShareOneQueue has three servers accept the same
// notifications and work them off together.
func TestSeveralServersShareOneQueue(t *testing.T) {
	dsn := pgtest.DSN(t)
	const groups = 150
	var books []*casebook.Book
	var opening sync.WaitGroup
	var mu sync.Mutex
	for range 3 { // at once, so that one migrates and the others wait
		opening.Go(func() {
			b := openPostgres(t, dsn, casebook.Options{QueueLimit: 1 << 20})
			mu.Lock()
			defer mu.Unlock()
			books = append(books, b)
		})
	}
	opening.Wait()
	var accepting sync.WaitGroup
	for _, b := range books {
		for n := range groups {
			if n%10 == 0 {
				accepting.Go(func() {
					for n := n; n < n+10 && n < groups; n++ {
						if _, err := b.Accept(context.Background(), alert(fmt.Sprint("g", n), start), nil); err != nil {
							t.Error(err)
						}
						if n%10 == 9 {
							break
						}
					}
				})
			}
		}
	}
	accepting.Wait()
	done := map[string]int{}
	var working sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	for _, b := range books {
		for range 2 {
			working.Go(func() {
				for {
					j, err := b.Next(ctx)
					if err != nil {
						return
					}
					if err := b.Finish(context.Background(), j, report.Report{}, []byte(`{}`)); err != nil {
						t.Error(err)
					}
					mu.Lock()
					if done[j.Incident]++; len(done) == groups {
						cancel()
					}
					mu.Unlock()
				}
			})
		}
	}
	working.Wait()
	cancel()
	for id, n := range done {
		if n != 1 {
			t.Errorf("%s was investigated %d times", id, n)
		}
	}
	list, _, err := books[0].Incidents(t.Context(), casefile.IncidentFilter{Limit: 200})
	if err != nil || len(list) != groups {
		t.Errorf("got %d incidents (%v), want %d", len(list), err, groups)
	}
}

// TestOneGroupIsOneIncidentHoweverItComes has two servers take different
// notifications of one group at the same moment.
func TestOneGroupIsOneIncidentHoweverItComes(t *testing.T) {
	dsn := pgtest.DSN(t)
	books := []*casebook.Book{openPostgres(t, dsn, casebook.Options{}), openPostgres(t, dsn, casebook.Options{})}
	for n := range 20 {
		var wg sync.WaitGroup
		for i, b := range books {
			wg.Go(func() {
				if _, err := b.Accept(context.Background(), alert(fmt.Sprint("g", n), start.Add(time.Duration(i)*time.Second)), nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	list, _, err := books[0].Incidents(t.Context(), casefile.IncidentFilter{Limit: 200})
	if err != nil || len(list) != 20 {
		t.Errorf("got %d incidents (%v), want one of each of 20 groups", len(list), err)
	}
}

func TestServersTellEachOther(t *testing.T) {
	dsn := pgtest.DSN(t)
	one, other := openPostgres(t, dsn, casebook.Options{}), openPostgres(t, dsn, casebook.Options{})
	heard := make(chan string, 10)
	other.Listen(func(event []byte) { heard <- string(event) })
	one.Listen(func(event []byte) { heard <- "its own " + string(event) })
	for range 1200 { // until it listens
		one.Broadcast("INC-1", []byte(`{"incident":"INC-1"}`))
		select {
		case got := <-heard:
			if got != `{"incident":"INC-1"}` {
				t.Errorf("got %s", got)
			}
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Error("nothing was heard")
}

func TestTextThatADatabaseRefusesIsStored(t *testing.T) {
	b := openPostgres(t, pgtest.DSN(t), casebook.Options{})
	a := alert("g\x00\xff", start)
	a.Labels["service"] = "sh\x00op\xff" + strings.Repeat("x", 100_000)
	a.GroupKey += strings.Repeat("long", 100_000)
	id, err := b.Accept(t.Context(), a, []byte("\x00\xff"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.Accept(t.Context(), a, nil); err != nil || again != id {
		t.Errorf("got %s (%v), want %s", again, err, id)
	}
}

func TestAnEarlierProgramRefusesALaterDatabase(t *testing.T) {
	dsn := pgtest.DSN(t)
	openPostgres(t, dsn, casebook.Options{})
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`); err != nil {
		t.Fatal(err)
	}
	_, err = casebook.OpenPostgres(t.Context(), dsn, casebook.Options{})
	if !errors.Is(err, schema.ErrNewer) || !strings.Contains(err.Error(), "use that version") || strings.Contains(err.Error(), "reachable") {
		t.Errorf("got %v, want what to do about a database of a newer program", err)
	}
}

func TestADatabaseThatIsAwayIsUnavailable(t *testing.T) {
	server, err := pgtest.Start()
	if err != nil {
		t.Skip(err)
	}
	b := openPostgres(t, server.Database(t), casebook.Options{})
	if err := b.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	_, err = b.Accept(t.Context(), alert("g", start), nil)
	if !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	if err := b.Ping(t.Context()); !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("ping says %v, want ErrUnavailable", err)
	}
}

func TestAnAddressThatIsNoneDoesNotShowItsPassword(t *testing.T) {
	for _, dsn := range []string{"postgres://me:sesame@127.0.0.1:1/db?connect_timeout=1", "postgres://me:sesame@:::/db"} {
		_, err := casebook.OpenPostgres(t.Context(), dsn, casebook.Options{})
		if err == nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("got %v", err)
		}
	}
}

// TestAClaimThatIsBeingMadeIsNotOverlooked: who claims a job has read which revision is
// next before anybody else sees the claim, and complete evidence must not take the same.
func TestAClaimThatIsBeingMadeIsNotOverlooked(t *testing.T) {
	dsn := pgtest.DSN(t)
	b := openPostgres(t, dsn, casebook.Options{Evidence: casebook.Evidence{Keep: true}})
	id, err := b.Accept(t.Context(), alert("g", start), nil)
	if err != nil {
		t.Fatal(err)
	}
	j, err := b.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Finish(t.Context(), j, report.Report{Title: "in haste"}, []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	bundle, _, err := b.ClaimBundle(t.Context())
	if err != nil || bundle.Incident != id {
		t.Fatalf("got the bundle %+v (%v)", bundle, err)
	}
	if err := b.Rerun(t.Context(), id, "ana", evidence.Window{}); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	claim, err := db.BeginTx(t.Context(), nil) // what another server does
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = claim.Rollback() }()
	if _, err := claim.ExecContext(t.Context(), `UPDATE job SET owner = 'other-1' WHERE incident = $1`, id); err != nil {
		t.Fatal(err)
	}
	publish := func() error {
		return b.PublishComplete(context.Background(), bundle, report.Report{Title: "whole", Revision: 2}, []byte(`{}`))
	}
	ended := make(chan error, 1)
	go func() { ended <- publish() }()
	for waiting := 0; waiting == 0; { // until it waits for the claim, or is done
		select {
		case err := <-ended:
			ended <- err
			waiting = 1
		case <-time.After(10 * time.Millisecond):
			if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := claim.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("it was published beside a claim on the same revision")
	}
	if err := publish(); !errors.Is(err, casefile.ErrConflict) {
		t.Errorf("got %v once it is claimed, want ErrConflict", err)
	}
	if revisions, err := b.Revisions(t.Context(), id); err != nil || len(revisions) != 1 {
		t.Errorf("got the revisions %+v (%v), want the first alone", revisions, err)
	}
}
