package gather

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/frames"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/topology"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func versionAt(service, revision string, first, last time.Duration) versionSeen {
	return versionSeen{service: service, revision: revision, rung: evidence.RevisionVersion, first: casetest.WorldOnset.Add(first), last: casetest.WorldOnset.Add(last)}
}

func TestDeploysAreInferredFromChangedVersions(t *testing.T) {
	seen := []versionSeen{
		versionAt("ads", "v1", -30*time.Minute, -5*time.Minute), versionAt("ads", "v2", -5*time.Minute, 5*time.Minute),
		versionAt("cart", "v7", -30*time.Minute, 5*time.Minute),
		versionAt("pay", "v3", -30*time.Minute, 0), versionAt("pay", "v4", -time.Minute, 5*time.Minute),
	}
	announced := []evidence.Change{{ID: "d", Kind: evidence.ChangeDeploy, Service: "pay", To: "v4", Time: casetest.WorldOnset.Add(-90 * time.Second)}}
	got := inferredDeploys(&weights.Default().Gather, announced, seen)
	if len(got) != 1 || got[0].Service != "ads" || got[0].From != "v1" || got[0].To != "v2" || !got[0].Time.Equal(casetest.WorldOnset.Add(-5*time.Minute)) || got[0].Inferred != "service.version" {
		t.Errorf("got %s, want the one deploy that nobody announced", casetest.AsJSON(t, got))
	}
}

func TestRevisionLadder(t *testing.T) {
	sha := strings.Repeat("c", 40)
	c := &gathered.Evidence{Incident: evidence.Window{Start: casetest.WorldOnset, End: casetest.WorldNow}, Onset: report.Onset{Latest: casetest.WorldOnset}, Changes: []evidence.Change{
		{Kind: evidence.ChangeDeploy, Service: "ads", To: "v2", Commit: sha, Time: casetest.WorldOnset.Add(-time.Hour)},
		{Kind: evidence.ChangeDeploy, Service: "late", To: "v9", Time: casetest.WorldOnset.Add(time.Hour)},
		{Kind: evidence.ChangeDeploy, Service: "quiet", To: "v5", Time: casetest.WorldOnset.Add(-time.Hour)},
	}}
	vcs := versionAt("git", sha, -time.Hour, time.Minute)
	vcs.rung = evidence.RevisionVCS
	v := &Investigation{}
	c.Revisions = v.revisions(c, []versionSeen{
		versionAt("ads", "v1", -30*time.Minute, -10*time.Minute), versionAt("ads", "v2", -10*time.Minute, 5*time.Minute),
		versionAt("git", "1.2.3", -time.Hour, time.Minute), vcs,
	})
	for service, want := range map[string]gathered.Revision{
		"ads":   {Service: "ads", Revision: sha, Rung: evidence.RevisionDeploy},
		"git":   {Service: "git", Revision: sha, Rung: evidence.RevisionVCS},
		"quiet": {Service: "quiet", Revision: "v5", Rung: evidence.RevisionDeploy},
		"late":  {Service: "late", Rung: evidence.RevisionUnknown},
	} {
		if got := c.RevisionOf(service); got != want {
			t.Errorf("%s: got %+v, want %+v", service, got, want)
		}
	}
}

func TestRuntimeDecisionsAreChanges(t *testing.T) {
	c := &gathered.Evidence{Logs: []gathered.Line{
		{LogLine: evidence.LogLine{Service: "scaler", Time: casetest.WorldOnset, Message: "scale to 3", Attributes: map[string]string{"decision.id": "u1", "context_hash": "h", "confidence_score": "0.8"}}},
		{LogLine: evidence.LogLine{Service: "scaler", Time: casetest.WorldOnset, Body: "talks about decision_id only"}},
	}}
	got := runtimeDecisions(c)
	if len(got) != 1 || got[0].ID != "u1" || got[0].Kind != evidence.ChangeDecision || got[0].Attributes["confidence_score"] != "0.8" {
		t.Errorf("got %s, want the one decision", casetest.AsJSON(t, got))
	}
}

func TestPeerOf(t *testing.T) {
	client := func(at map[string]string) evidence.Span {
		return evidence.Span{Kind: evidence.SpanClient, Attributes: at}
	}
	for _, c := range []struct {
		span evidence.Span
		want evidence.Entity
		ok   bool
	}{
		{client(map[string]string{"db.system": "redis", "server.address": "10.0.0.7"}), evidence.Entity{Name: "redis", Kind: evidence.KindDatabase}, true},
		{client(map[string]string{"db.system.name": "postgresql", "server.address": "orders-db:5432"}), evidence.Entity{Name: "orders-db", Kind: evidence.KindDatabase}, true},
		{client(map[string]string{"messaging.system": "kafka", "messaging.destination.name": "orders"}), evidence.Entity{Name: "orders", Kind: evidence.KindQueue}, true},
		{client(map[string]string{"peer.service": "pay-provider"}), evidence.Entity{Name: "pay-provider", Kind: evidence.KindExternal}, true},
		{client(nil), evidence.Entity{}, false},
		{evidence.Span{Kind: evidence.SpanServer, Attributes: map[string]string{"peer.service": "x"}}, evidence.Entity{}, false},
	} {
		if got, ok := topology.PeerOf(c.span); got != c.want || ok != c.ok {
			t.Errorf("%v: got %+v, %v; want %+v, %v", c.span.Attributes, got, ok, c.want, c.ok)
		}
	}
}

func TestFramesComeFromStacksSpansAndCallers(t *testing.T) {
	stack := "panic: boom\n\ngoroutine 7 [running]:\nmain.(*cart).add(...)\n\t/src/cart/add.go:42 +0x1\nmain.main()\n\t/src/main.go:9 +0x2\n"
	c := &gathered.Evidence{
		Traces: []gathered.Trace{{Trace: evidence.Trace{ID: "t", Spans: []evidence.Span{{Service: "cart", Failed: true, Start: casetest.WorldOnset,
			Events: []evidence.SpanEvent{{Name: "exception", Attributes: map[string]string{"exception.stacktrace": stack}}}}}}}},
		Logs: []gathered.Line{{LogLine: evidence.LogLine{Service: "shop", Severity: evidence.SeverityError, Time: casetest.WorldOnset, Body: "refused", Caller: evidence.Frame{File: "shop/order.go", Line: 118}}}},
	}
	got, _ := frames.Named(c)
	if len(got) != 3 || got[0].Frame.Line != 42 || got[0].Depth != 0 || got[0].Service != "cart" {
		t.Fatalf("got %s, want the innermost frame of the stack first, then its caller, then the line's own", casetest.AsJSON(t, got))
	}
	if last := got[2].Frame; last.Line != 118 || last.Rung != evidence.LocationCaller {
		t.Errorf("got %+v, want the line's caller", last)
	}
}

// TestAVersionThatIsGoneAgainWasTakenBack is told from one that replaced the other,
// from one that was hardly seen, and from two that run beside each other.
func TestAVersionThatIsGoneAgainWasTakenBack(t *testing.T) {
	end := casetest.WorldOnset.Add(10 * time.Minute)
	of := func(count int, list ...versionSeen) []versionSeen {
		for i := range list {
			list[i].count = count
		}
		return list
	}
	for name, c := range map[string]struct {
		seen []versionSeen
		want int
	}{
		"taken back":            {of(9, versionAt("a", "one", -time.Hour, 9*time.Minute), versionAt("a", "two", 0, 4*time.Minute)), 1},
		"replaced":              {of(9, versionAt("a", "one", -time.Hour, time.Minute), versionAt("a", "two", 0, 9*time.Minute)), 0},
		"beside each other":     {of(9, versionAt("a", "one", -time.Hour, 9*time.Minute), versionAt("a", "two", 0, 9*time.Minute-10*time.Second)), 0},
		"hardly seen":           {of(2, versionAt("a", "one", -time.Hour, 9*time.Minute), versionAt("a", "two", 0, 4*time.Minute)), 0},
		"replaced by a third":   {of(9, versionAt("a", "one", -time.Hour, 9*time.Minute), versionAt("a", "two", 0, 4*time.Minute), versionAt("a", "three", 5*time.Minute, 9*time.Minute)), 0},
		"of two services, each": {of(9, versionAt("a", "one", -time.Hour, 9*time.Minute), versionAt("b", "two", 0, 4*time.Minute)), 0},
	} {
		got := returns(&weights.Default().Gather, c.seen, end, 15*time.Second)
		if len(got) != c.want || c.want == 1 && (got[0].From != "two" || got[0].To != "one" || got[0].Inferred == "" || !got[0].Time.Equal(casetest.WorldOnset.Add(4*time.Minute))) {
			t.Errorf("%s: got %+v, want %d", name, got, c.want)
		}
	}
}
