package rollback_test

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
)

func TestTaken(t *testing.T) {
	onset := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	const long = "163b086d0013fd25966321356a27159c155e8b24"
	change := func(kind evidence.ChangeKind, service, from, to string, minutes int, attributes ...string) evidence.Change {
		c := evidence.Change{ID: from + to, Kind: kind, Service: service, From: from, To: to, Time: onset.Add(time.Duration(minutes) * time.Minute)}
		if len(attributes) == 2 {
			c.Attributes = map[string]string{attributes[0]: attributes[1]}
		}
		return c
	}
	bad := change(evidence.ChangeDeploy, "shop", "v1", "v2", -1)
	seen := change(evidence.ChangeDeploy, "shop", "v2", "v1", 4)
	seen.Inferred = "service.version"
	for _, c := range []struct {
		name     string
		changes  []evidence.Change
		seen     []evidence.Change
		from, to string
		inferred bool
	}{
		{"none", []evidence.Change{bad}, nil, "", "", false},
		{"forward", []evidence.Change{bad, change(evidence.ChangeDeploy, "shop", "v2", "v3", 5)}, nil, "", "", false},
		{"back", []evidence.Change{bad, change(evidence.ChangeDeploy, "shop", "v2", "v1", 5)}, nil, "v2", "v1", false},
		{"back, from unsaid", []evidence.Change{bad, change(evidence.ChangeDeploy, "shop", "", "v1", 5)}, nil, "v2", "v1", false},
		{"two back", []evidence.Change{change(evidence.ChangeDeploy, "shop", "v0", "v1", -60), bad, change(evidence.ChangeDeploy, "shop", "v2", "v0", 5)}, nil, "v2", "v0", false},
		{"of another service", []evidence.Change{bad, change(evidence.ChangeDeploy, "cart", "v2", "v1", 5)}, nil, "", "", false},
		{"a short revision", []evidence.Change{change(evidence.ChangeDeploy, "shop", long, "v2", -1), change(evidence.ChangeDeploy, "shop", "v2", long[:8], 5)}, nil, "v2", long[:8], false},
		{"a flag", []evidence.Change{change(evidence.ChangeFlag, "shop", "off", "on", -1, "flag", "x"), change(evidence.ChangeFlag, "shop", "on", "off", 5, "flag", "x")}, nil, "on", "off", false},
		{"another flag", []evidence.Change{change(evidence.ChangeFlag, "shop", "off", "on", -1, "flag", "x"), change(evidence.ChangeFlag, "shop", "on", "off", 5, "flag", "y")}, nil, "", "", false},
		{"said to be one", []evidence.Change{change(evidence.ChangeDeploy, "shop", "", "v1", 5, "action", "rollback")}, nil, "", "v1", false},
		{"before the onset", []evidence.Change{change(evidence.ChangeDeploy, "shop", "v1", "v2", -9), change(evidence.ChangeDeploy, "shop", "v2", "v1", -5)}, nil, "", "", false},
		{"seen", []evidence.Change{bad}, []evidence.Change{seen}, "v2", "v1", true},
		{"seen and announced", []evidence.Change{bad, change(evidence.ChangeDeploy, "shop", "v2", "v1", 6)}, []evidence.Change{seen}, "v2", "v1", false},
		{"announced twice", []evidence.Change{bad, change(evidence.ChangeDeploy, "shop", "v2", "v1", 5), change(evidence.ChangeDeploy, "shop", "v2", "v1", 6)}, nil, "v2", "v1", false},
	} {
		got := rollback.Taken(c.changes, c.seen, onset)
		switch {
		case got == nil:
			if c.to != "" {
				t.Errorf("%s: got none, want one to %s", c.name, c.to)
			}
		case got.From != c.from || got.To != c.to || (got.Inferred != "") != c.inferred:
			t.Errorf("%s: got %+v, want from %q to %q", c.name, *got, c.from, c.to)
		}
	}
}

// TestTheTargetIsFoundAgain by etcd's revision, or by an image that keeps its bytes.
func TestTheTargetIsFoundAgain(t *testing.T) {
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	set := func(from, to string, minutes int, attributes map[string]string) evidence.Change {
		attributes["key"] = "/pool/size"
		return evidence.Change{ID: to, Kind: evidence.ChangeConfig, Service: "shop", From: from, To: to, Time: at.Add(time.Duration(minutes) * time.Minute), Attributes: attributes}
	}
	good, bad := set("20", "40", -60, map[string]string{"mod_revision": "812"}), set("40", "4", 0, map[string]string{"mod_revision": "900"})
	c := rollback.Case{Service: "shop", Trigger: report.TriggerConfig, Change: &bad, Changes: []evidence.Change{good, bad}}
	if got := rollback.Choose(c).Target; got.To != "40" || got.Revision != "812" {
		t.Errorf("got %+v, want 40 at revision 812", got)
	}
	bad.Attributes["previous_mod_revision"] = "850"
	if got := rollback.Choose(c).Target; got.Revision != "850" {
		t.Errorf("got %+v, want what the change itself says", got)
	}
	for oldest, want := range map[string]string{"900": "850 is compacted, oldest is 900", "851": "850 is compacted, oldest is 851", "850": "", "0": "", "soon": "", "": ""} {
		bad.Attributes["compact_revision"] = oldest
		got := rollback.Choose(c).Target
		if got.Compacted != want || got.To != "40" || (got.Revision == "") != (want != "") {
			t.Errorf("compacted to %q: got %+v, want %q and 40", oldest, got, want)
		}
	}
	const digest = "sha256:abc"
	deploy := func(to string, attributes map[string]string) evidence.Change {
		return evidence.Change{ID: to, Kind: evidence.ChangeDeploy, Service: "shop", To: to, Time: at, Attributes: attributes}
	}
	b := rollback.Case{Service: "shop", Trigger: report.TriggerCode, Commit: &evidence.Commit{SHA: "b"}, Good: "v1", Now: "v2",
		Changes: []evidence.Change{deploy("v1", map[string]string{"image": "shop:v1", "digest": digest}), deploy("v2", map[string]string{"image": "shop:v2"})}}
	if got := rollback.Choose(b).Target; got.Image != "shop:v1@"+digest {
		t.Errorf("got %+v, want the image by its digest", got)
	}
}
