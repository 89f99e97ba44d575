package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// on runs a notifier on a real casebook.
func on(ctx context.Context, t *testing.T, b *casebook.Book, c *counts, targets ...notify.Target) *notify.Notifier {
	t.Helper()
	n, err := notify.New(notify.Options{Log: zap.NewNop(), Outbox: b, BaseURL: "https://wherefore.example", Now: time.Now, Count: c.count, FirstWait: 20 * time.Millisecond}, targets)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { n.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return n
}

// investigated gives a casebook one incident with a report and its messages.
func investigated(ctx context.Context, t *testing.T, b *casebook.Book, n *notify.Notifier, group string, r report.Report) string {
	t.Helper()
	a := evidence.Alert{Receiver: "wh", GroupKey: group, Status: evidence.StatusFiring, Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: time.Unix(1_700_000_000, 0), Fingerprint: "f"}}}
	id, err := b.Accept(ctx, a, nil)
	if err != nil {
		t.Fatal(err)
	}
	finish(ctx, t, b, n, r)
	return id
}

func finish(ctx context.Context, t *testing.T, b *casebook.Book, n *notify.Notifier, r report.Report) {
	t.Helper()
	j, err := b.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Finish(ctx, j, r, body, n.Messages(ctx, j.Incident, j.Revision, r)...); err != nil {
		t.Fatal(err)
	}
	n.Wake()
}

func open(ctx context.Context, t *testing.T, file string) *casebook.Book {
	t.Helper()
	b, err := casebook.Open(ctx, file, casebook.Options{QueueLimit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// lockedBuffer is written by the child's pipe while it is read.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestNoNotificationIsLostInAKill starts this test binary as a child that makes
// reports while their target refuses everything, kills it with SIGKILL, and
// takes the casebook up again with a target that answers: what the child stored
// must arrive, each under one key however often it was tried.
func TestNoNotificationIsLostInAKill(t *testing.T) {
	if file := os.Getenv("NOTIFY_CHILD"); file != "" {
		ctx := context.Background()
		b := open(ctx, t, file)
		n := on(ctx, t, b, &counts{n: map[string]int{}}, notify.Target{Name: "hook", Kind: "webhook", URL: endpoint.Secret(os.Getenv("NOTIFY_TO"))})
		for i := range 50 {
			fmt.Println("stored", investigated(ctx, t, b, n, fmt.Sprint("g", i), leak())) //nolint:forbidigo // the child's protocol
		}
		time.Sleep(time.Minute) // until it is killed
		return
	}
	refusing := listen(t, slices.Repeat([]func(http.ResponseWriter){status(503)}, 10_000)...)
	file := filepath.Join(t.TempDir(), "book.db")
	cmd := exec.Command(os.Args[0], "-test.run=^TestNoNotificationIsLostInAKill$")
	cmd.Env = append(os.Environ(), "NOTIFY_CHILD="+file, "NOTIFY_TO="+refusing.URL)
	var out lockedBuffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 6000 {
		if tried, _ := refusing.got(); len(tried) > 0 && strings.Count(out.String(), "stored") >= 20 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()

	willing := listen(t)
	c := &counts{n: map[string]int{}}
	on(t.Context(), t, open(t.Context(), t, file), c, notify.Target{Name: "hook", Kind: "webhook", URL: endpoint.Secret(willing.URL)})
	stored := 0
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "stored ") && strings.HasSuffix(line, "\n") {
			stored++
		}
	}
	if stored < 20 {
		t.Fatalf("the child stored only %d reports: %s", stored, out.String())
	}
	c.await(t, "hook delivered", stored)
	_, headers := willing.got()
	came := map[string]int{}
	for _, h := range headers {
		came[h.Get("Idempotency-Key")]++
	}
	for line := range strings.Lines(out.String()) {
		id, ok := strings.CutPrefix(strings.TrimSpace(line), "stored ")
		if ok && strings.HasSuffix(line, "\n") && came[id+"-r1"] != 1 {
			t.Errorf("%s came %d times, want once", id, came[id+"-r1"])
		}
	}
}

func TestWhatATargetWasToldSurvivesARestart(t *testing.T) {
	r := listen(t)
	file := filepath.Join(t.TempDir(), "book.db")
	c := &counts{n: map[string]int{}}
	target := notify.Target{Name: "hook", Kind: "webhook", URL: endpoint.Secret(r.URL)}
	first := open(t.Context(), t, file)
	id := investigated(t.Context(), t, first, on(t.Context(), t, first, c, target), "g", leak())
	c.await(t, "hook delivered", 1)

	again := open(t.Context(), t, file)
	n := on(t.Context(), t, again, c, target)
	if got := n.Messages(t.Context(), id, 2, leak()); len(got) != 0 {
		t.Errorf("a second revision that says the same is news after a restart: %s", got[0].ID)
	}
	other := leak()
	other.Verdict.Word = report.LeadOnly
	if got := n.Messages(t.Context(), id, 3, other); len(got) != 1 {
		t.Error("another verdict is no news after a restart")
	}
}

func TestMessagesToARemovedTargetAreDropped(t *testing.T) {
	b := open(t.Context(), t, filepath.Join(t.TempDir(), "book.db"))
	n, err := notify.New(notify.Options{Log: zap.NewNop(), Outbox: b, Now: time.Now}, []notify.Target{{Name: "gone", Kind: "webhook", URL: "http://127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	investigated(t.Context(), t, b, n, "g", leak())
	c := &counts{n: map[string]int{}}
	on(t.Context(), t, b, c)
	c.await(t, "gone dropped", 1)
	if pending, err := b.Pending(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("got %v, %v", pending, err)
	}
}
