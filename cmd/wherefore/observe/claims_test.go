package observe

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

type unread struct{}

func (unread) Changes(context.Context, evidence.Window) ([]evidence.Change, error) {
	return nil, errors.New("the casebook is locked")
}

// TestADrillIsHeldAgainstWhatWasAnnounced whatever is claimed of it.
func TestADrillIsHeldAgainstWhatWasAnnounced(t *testing.T) {
	fault := now.Add(-time.Hour)
	change := func(kind evidence.ChangeKind, service string, after time.Duration, until string) evidence.Change {
		return evidence.Change{ID: "x", Kind: kind, Service: service, Time: fault.Add(after), Attributes: map[string]string{"until": until}}
	}
	announced := change(evidence.ChangeExperiment, "Shop", -time.Minute, fault.Add(5*time.Minute).Format(time.RFC3339))
	for _, c := range []struct {
		name           string
		sources        []port.ChangeSource
		health, healed string // the statuses
		says           string
	}{
		{"nobody takes announcements", nil, maturity.Pass, maturity.Pass, ""},
		{"announced", []port.ChangeSource{changes{announced}}, maturity.Pass, maturity.Pass, ""},
		{"of another service", []port.ChangeSource{changes{change(evidence.ChangeExperiment, "cart", 0, "")}}, maturity.Inconclusive, maturity.Inconclusive, "no experiment on shop was announced"},
		{"over long ago", []port.ChangeSource{changes{change(evidence.ChangeExperiment, "shop", -time.Hour, "")}}, maturity.Inconclusive, maturity.Inconclusive, "no experiment on shop"},
		{"announced afterwards", []port.ChangeSource{changes{change(evidence.ChangeExperiment, "shop", 20*time.Minute, "")}}, maturity.Inconclusive, maturity.Inconclusive, "no experiment on shop"},
		{"a release healed it", []port.ChangeSource{changes{announced, change(evidence.ChangeDeploy, "shop", 5*time.Second, "")}}, maturity.Pass, maturity.Inconclusive, ""},
		{"a release later", []port.ChangeSource{changes{announced, change(evidence.ChangeDeploy, "shop", 11*time.Second, "")}}, maturity.Pass, maturity.Pass, ""},
		{"cannot be asked", []port.ChangeSource{unread{}}, maturity.Inconclusive, maturity.Inconclusive, "the casebook is locked"},
	} {
		in := &maturity.Input{Request: maturity.Request{CheckRequest: casefile.CheckRequest{Level: 4, Service: "shop"}}, Now: now}
		in.Facts.Drill = &maturity.Drill{At: fault, URL: "http://shop/health", Before: "ok", Reasons: []string{"db"}, Degraded: time.Second, Healed: 10 * time.Second, Unknown: "claimed"}
		if len(c.sources) == 0 {
			in.Facts.Drill.Unknown = ""
		}
		Observer{Sources: port.Sources{Changes: c.sources}}.drilled(t.Context(), "shop", in.Facts.Drill)
		got := map[string]casefile.CheckResult{}
		for _, r := range maturity.Run(in) {
			got[r.ID] = r
		}
		if h := got["health-degrades"]; h.Status != c.health || !strings.Contains(h.Message, c.says) {
			t.Errorf("%s: health is %s %q, want %s %q", c.name, h.Status, h.Message, c.health, c.says)
		}
		if h := got["self-healing"]; h.Status != c.healed {
			t.Errorf("%s: self-healing is %s %q, want %s", c.name, h.Status, h.Message, c.healed)
		}
	}
}

type code struct {
	port.CodeSource
	commits []evidence.Commit
	err     error
}

func (c code) Commits(context.Context, evidence.CommitQuery) ([]evidence.Commit, error) {
	return c.commits, c.err
}

// TestWhenARevisionWasMadeIsLookedUp so that old results cannot be passed off as new
// ones by claiming an older revision.
func TestWhenARevisionWasMadeIsLookedUp(t *testing.T) {
	const sha = "163b086d0013fd25966321356a27159c155e8b24"
	made, claimed := now.Add(-time.Hour), now.Add(-48*time.Hour)
	for _, c := range []struct {
		name   string
		source port.CodeSource
		want   time.Time
	}{
		{"known", code{commits: []evidence.Commit{{SHA: "f" + sha[1:], Time: now}, {SHA: sha, Time: made}}}, made},
		{"in no repository", code{err: evidence.ErrNotFound}, claimed},
		{"no repository", nil, claimed},
	} {
		in := &maturity.Input{Request: maturity.Request{CheckRequest: casefile.CheckRequest{Level: 1, Service: "shop"}, Revision: sha[:10], RevisionAt: claimed}, Now: now}
		in.Facts.Tests = &maturity.Tests{At: now.Add(-2 * time.Hour), Passed: 1}
		Observer{Sources: port.Sources{Code: c.source}}.Observe(t.Context(), in)
		if !in.RevisionAt.Equal(c.want) {
			t.Errorf("%s: got %s, want %s", c.name, in.RevisionAt, c.want)
		}
	}
}
