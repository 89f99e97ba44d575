package evidence_test

import (
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestANotificationIsAboutWhatBeganNow(t *testing.T) {
	now := time.Date(2026, 4, 3, 12, 0, 0, 0, time.UTC)
	one := func(name, status string, before time.Duration) evidence.AlertInstance {
		return evidence.AlertInstance{Fingerprint: name, Status: status, StartsAt: now.Add(-before)}
	}
	const firing, resolved = evidence.StatusFiring, evidence.StatusResolved
	for _, c := range []struct {
		name, status string
		list         []evidence.AlertInstance
		want         []string
	}{
		{"all at once", firing, []evidence.AlertInstance{one("a", firing, 0), one("b", firing, time.Minute)}, []string{"a", "b"}},
		{"an old warning in the group", firing, []evidence.AlertInstance{one("old", firing, 3*time.Hour), one("new", firing, 0)}, []string{"new"}},
		{"one is resolved", firing, []evidence.AlertInstance{one("over", resolved, time.Minute), one("new", firing, 0)}, []string{"new"}},
		{"one after the other", firing, []evidence.AlertInstance{one("a", firing, 100*time.Minute), one("b", firing, 60*time.Minute), one("c", firing, 20*time.Minute)}, []string{"a", "b", "c"}},
		{"resolved as a whole", resolved, []evidence.AlertInstance{one("a", resolved, 2*time.Minute), one("b", resolved, 0)}, []string{"a", "b"}},
		{"nothing says that it fires", firing, []evidence.AlertInstance{one("a", resolved, 0)}, []string{"a"}},
		{"without a start", firing, []evidence.AlertInstance{{Fingerprint: "a", Status: firing}}, []string{"a"}},
		{"none", firing, nil, nil},
	} {
		a := evidence.Alert{Status: c.status, Instances: c.list}
		before := slices.Clone(c.list)
		var got []string
		for _, i := range a.Present(45 * time.Minute).Instances {
			got = append(got, i.Fingerprint)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		for i := range before {
			if before[i].Fingerprint != a.Instances[i].Fingerprint {
				t.Errorf("%s: the notification itself was changed", c.name)
			}
		}
	}
}
