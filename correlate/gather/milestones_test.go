package gather

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

func TestMilestonesThatCannotBeMeasuredAreRefused(t *testing.T) {
	ok := gathered.Milestone{ID: "a", Says: "ads not served", Good: `m_total{good="true"}`, Bad: `m_total{good="false"}`}
	for says, spoil := range map[string]func(*gathered.Milestone){
		"":                        func(*gathered.Milestone) {},
		"it needs an id":          func(m *gathered.Milestone) { m.ID = "" },
		"needs good and bad":      func(m *gathered.Milestone) { m.Bad = "" },
		"neither metric nor span": func(m *gathered.Milestone) { m.From = "log" },
		"name the service":        func(m *gathered.Milestone) { m.From = "span" },
		"no series selector":      func(m *gathered.Milestone) { m.Good = "sum(m_total)" },
		"duration":                func(m *gathered.Milestone) { m.Duration = "rate(h[5m])" },
	} {
		m := ok
		spoil(&m)
		if err := CheckMilestones([]gathered.Milestone{m}); (says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	if err := CheckMilestones([]gathered.Milestone{ok, ok}); err == nil || !strings.Contains(err.Error(), `the id "a" is taken`) {
		t.Errorf("got %v, want that the id is taken", err)
	}
}
