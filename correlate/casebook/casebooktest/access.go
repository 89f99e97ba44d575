package casebooktest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func testTokensAreKeptUntilTheyAreRevokedAndStayKnown(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	now := start.Add(time.Minute)
	want := casebook.Token{ID: "a1", Name: "ci", Role: "check", Code: true, Hash: "00ff", CreatedBy: "ann", CreatedAt: now, ExpiresAt: start.Add(time.Hour)}
	if err := b.AddToken(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if err := b.AddToken(t.Context(), want); err == nil {
		t.Error("a second token took the first one's ID")
	}
	if err := b.TokenUsed(t.Context(), "a1", start.Add(90*time.Second)); err != nil {
		t.Fatal(err)
	}
	want.UsedAt = start.Add(90 * time.Second).Truncate(time.Minute)
	got, err := b.Token(t.Context(), "a1")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("got (%v) %s", err, diff)
	}
	for range 2 {
		if err := b.RevokeToken(t.Context(), "a1", "ann"); err != nil {
			t.Fatal(err)
		}
	}
	want.RevokedAt = now
	if all, err := b.Tokens(t.Context()); err != nil || !cmp.Equal(all, []casebook.Token{want}) {
		t.Errorf("got %v (%v), want it listed as revoked", all, err)
	}
	_, err = b.Token(t.Context(), "a2")
	for _, err := range []error{err, b.RevokeToken(t.Context(), "a2", "ann")} {
		if !errors.Is(err, evidence.ErrNotFound) {
			t.Errorf("of an unknown one: got %v, want ErrNotFound", err)
		}
	}
}

func testSessionsEndWhenTheyExpire(t *testing.T, open Open) {
	now := start
	b := open(t, casebook.Options{Now: func() time.Time { return now }})
	keep := func(token, body string, expires time.Time) {
		t.Helper()
		if err := b.KeepSession(t.Context(), token, []byte(body), expires); err != nil {
			t.Fatal(err)
		}
	}
	find := func(token, want string, there bool) {
		t.Helper()
		if body, found, err := b.FindSession(t.Context(), token); err != nil || found != there || string(body) != want {
			t.Errorf("%s: got %q, %t (%v), want %q, %t", token, body, found, err, want, there)
		}
	}
	keep("one", "1", start.Add(time.Hour))
	keep("two", "2", start.Add(2*time.Hour))
	keep("one", "3", start.Add(time.Hour))
	find("one", "3", true)
	find("none", "", false)
	now = start.Add(90 * time.Minute)
	find("one", "", false)
	find("two", "2", true)
	for range 2 {
		if err := b.EndSession(t.Context(), "two"); err != nil {
			t.Fatal(err)
		}
	}
	find("two", "", false)
}

func testAKeyIsMadeOnce(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	one, err1 := b.Key(t.Context(), "forms")
	again, err2 := b.Key(t.Context(), "forms")
	other, err3 := b.Key(t.Context(), "other")
	if err := errors.Join(err1, err2, err3); err != nil || len(one) != 32 || !bytes.Equal(one, again) || bytes.Equal(one, other) {
		t.Errorf("got %x, %x and %x (%v), want the first two alike", one, again, other, err)
	}
}

func testTheAuditIsReadBackwards(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	var all []casefile.AuditEntry
	for i, who := range []string{"ann", "bob", "ann", "ann"} {
		all = append(all, casefile.AuditEntry{At: start.Add(time.Duration(i) * time.Second), Actor: who, Action: "view", Incident: "INC-1", Detail: who})
	}
	if err := b.AddAudit(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	f := casefile.AuditFilter{Actor: "ann", Incident: "INC-1", Action: "view", Limit: 2}
	one, next, err := b.AuditEntries(t.Context(), f)
	if err != nil || next == 0 || !cmp.Equal(one, []casefile.AuditEntry{all[3], all[2]}) {
		t.Errorf("got %v, next %d (%v)", one, next, err)
	}
	f.Before = next
	if two, next, err := b.AuditEntries(t.Context(), f); err != nil || next != 0 || !cmp.Equal(two, all[:1]) {
		t.Errorf("the next page: got %v, next %d (%v)", two, next, err)
	}
}
