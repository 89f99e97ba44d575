package backend_test

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestAnAlertIsLookedAtAsOfWhenItMeant(t *testing.T) {
	fired := time.Date(2026, 3, 1, 2, 51, 0, 0, time.UTC)
	a := evidence.Alert{Instances: []evidence.AlertInstance{{StartsAt: fired.Add(-time.Hour)}, {StartsAt: fired}}}
	chosen := evidence.Window{Start: fired, End: fired.Add(3 * time.Minute)}
	for name, c := range map[string]struct {
		alert  evidence.Alert
		window evidence.Window
		now    time.Time
		want   time.Time
	}{
		"fresh":                     {a, evidence.Window{}, fired.Add(time.Minute), fired.Add(time.Minute)},
		"a year old":                {a, evidence.Window{}, fired.AddDate(1, 0, 0), fired},
		"a chosen window":           {a, chosen, fired.AddDate(1, 0, 0), chosen.End},
		"a window that is not over": {a, chosen, fired.Add(time.Minute), fired.Add(time.Minute)},
		"without an instance":       {evidence.Alert{TraceID: "7"}, evidence.Window{}, fired, fired},
	} {
		if got := backend.AsOf(c.alert, c.window, c.now); !got.Equal(c.want) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestARepositoryThatIsNotThereIsNamed(t *testing.T) {
	cfg := config.Default()
	cfg.DataDir = t.TempDir()
	cfg.Repositories = []config.Repository{{Name: "shop", URL: "/no/such/repository"}}
	if s, err := backend.Dial(t.Context(), cfg); err == nil {
		_ = s.Close()
		t.Error("a repository that is not there was opened")
	}
}
