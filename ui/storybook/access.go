package storybook

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/ui"
)

// audit tells of a few people, one of them hostile, and of what was written
// since.
type audit struct{ s *Store }

func (a audit) Write(e ui.AuditEntry) {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	a.s.audited = append(a.s.audited, e)
}

func (a audit) Entries(_ context.Context, f ui.AuditFilter) ([]ui.AuditEntry, int64, error) {
	list := []ui.AuditEntry{
		{At: onset().Add(9 * time.Minute), Actor: "ann", Action: "view", Incident: "INC-confirmed"},
		{At: onset().Add(8 * time.Minute), Actor: "ci", Action: "refused", Incident: "INC-confirmed", Detail: "export code"},
		{At: onset().Add(7 * time.Minute), Actor: Payloads()[0], Action: "login failed", Detail: Payloads()[1]},
	}
	list = slices.DeleteFunc(list, func(e ui.AuditEntry) bool {
		return f.Actor != "" && e.Actor != f.Actor || f.Incident != "" && e.Incident != f.Incident || f.Action != "" && e.Action != f.Action
	})
	return list, int64(len(list)), nil
}

// logins shows every way in; none of them opens.
type logins struct{}

func (logins) Ways() ui.Ways {
	return ui.Ways{Password: true, Token: true, Provider: "the company's account"}
}

func (logins) Login(http.ResponseWriter, *http.Request, string, string) error {
	return fmt.Errorf("the name or the password is wrong: %w", ui.ErrWho)
}

func (logins) Logout(http.ResponseWriter, *http.Request) error { return nil }

// provider knows nobody: it sends everybody back to where they came from.
type provider struct{}

func (provider) Begin(w http.ResponseWriter, r *http.Request, _ string) error {
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

func (provider) Finish(http.ResponseWriter, *http.Request) (string, error) {
	return "", fmt.Errorf("nobody has an account: %w", ui.ErrWho)
}
