package casebooktest

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// named is an alert of a rule on a service.
func named(group, rule, service, severity string, at time.Time) evidence.Alert {
	a := alert(group, at)
	a.Labels = map[string]string{"alertname": rule, "service": service, "severity": severity}
	a.Instances[0].Fingerprint = group
	return a
}

func incident(t *testing.T, b casebook.Store, id string) casefile.Incident {
	t.Helper()
	i, err := b.Incident(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func folding(c *clock) casebook.Options {
	o := c.options()
	o.Fold = 2 * time.Minute
	return o
}

func testGroupsOfOneServiceAreInvestigatedTogether(t *testing.T, open Open) {
	var c clock
	b := open(t, folding(&c))
	leader := accept(t, b, named("1", "Latency", "shop", "critical", start))
	service := accept(t, b, named("2", "Errors", "shop", "critical", start.Add(30*time.Second)))
	rule := accept(t, b, named("3", "Latency", "shop", "warning", start.Add(time.Minute)))
	if n, err := b.Waiting(t.Context()); n != 1 || err != nil {
		t.Errorf("got %d investigations (%v), want one", n, err)
	}
	j := next(t, b)
	if j.Incident != leader || len(j.Alert.Instances) != 3 {
		t.Errorf("got %d symptoms of %s, want the three of %s", len(j.Alert.Instances), j.Incident, leader)
	}
	body := finish(t, b, j, report.Report{Title: "pool exhausted", Service: "shop", Verdict: report.Verdict{Word: report.Likely}})
	late := accept(t, b, named("4", "Latency", "shop", "info", start.Add(time.Minute)))
	for id, by := range map[string]string{service: "service", rule: "rule", late: "rule"} {
		i := incident(t, b, id)
		if i.FoldedInto != leader || i.FoldedBy != by || i.State != casefile.StateReported || i.Title != "pool exhausted" || i.Revision != 1 || i.ReportedAt.IsZero() {
			t.Errorf("got %+v, want the leader's report shown, folded by %s", i, by)
		}
		if got, err := b.Report(t.Context(), id, 0); err != nil || string(got) != string(body) {
			t.Errorf("the member's report is %s (%v), want the leader's", got, err)
		}
		if revisions, err := b.Revisions(t.Context(), id); err != nil || len(revisions) != 1 {
			t.Errorf("the member has %d revisions (%v), want the leader's one", len(revisions), err)
		}
	}
	if i := incident(t, b, leader); i.Members != 3 || i.FoldedInto != "" {
		t.Errorf("the leader has %d members, want 3", i.Members)
	}
	similar, err := b.Similar(t.Context(), rule, 5)
	if err != nil || len(similar) != 3 || similar[0].Because != "investigated together" {
		t.Errorf("got %d incidents beside the member (%v), want the 3 of its investigation", len(similar), err)
	}
	// The late one is looked at with the others, once.
	c.advance(time.Hour)
	if j := next(t, b); j.Incident != leader || j.Revision != 2 || len(j.Alert.Instances) != 4 {
		t.Errorf("got revision %d of %s about %d symptoms", j.Revision, j.Incident, len(j.Alert.Instances))
	}
}

func testWhatDoesNotBelongTogetherIsNotFolded(t *testing.T, open Open) {
	for name, second := range map[string]evidence.Alert{
		"another service and rule":       named("2", "Errors", "cart", "critical", start),
		"one rule, another service":      named("2", "Latency", "cart", "warning", start),
		"one rule, a service not named":  named("2", "Latency", "", "warning", start),
		"one exporter, another workload": about("2", "Latency", "warning", map[string]string{"service": "kube-state-metrics", "deployment": "cart"}),
		"three minutes later":            named("2", "Latency", "shop", "warning", start.Add(3*time.Minute)),
		"more severe":                    named("2", "Latency", "shop", "critical", start),
		"another receiver": func() evidence.Alert {
			a := named("2", "Latency", "shop", "warning", start)
			a.Receiver = "other"
			return a
		}(),
		"resolved": resolved(named("2", "Latency", "shop", "warning", start), start.Add(time.Second)),
	} {
		var c clock
		b := open(t, folding(&c))
		accept(t, b, named("1", "Latency", "shop", "warning", start))
		if i := incident(t, b, accept(t, b, second)); i.FoldedInto != "" {
			t.Errorf("%s: folded by %s", name, i.FoldedBy)
		}
		if n, err := b.Waiting(t.Context()); n != 2 || err != nil {
			t.Errorf("%s: got %d investigations (%v), want two", name, n, err)
		}
	}
}

// about is an alert of a rule with other labels than those of a service.
func about(group, rule, severity string, labels map[string]string) evidence.Alert {
	a := named(group, rule, "", severity, start)
	delete(a.Labels, "service")
	a.Instances[0].Labels = nil
	maps.Copy(a.Labels, labels)
	return a
}

// testWhomLabelsNameIsWhatFolds has two groups of one rule each, by how their
// labels name whom they are about.
func testWhomLabelsNameIsWhatFolds(t *testing.T, open Open) {
	for name, c := range map[string]struct {
		first, second map[string]string
		folded        bool
	}{
		"nobody":                         {nil, nil, true},
		"one service with dots":          {map[string]string{"service.name": "shop"}, map[string]string{"service.name": "shop"}, true},
		"two services with dots":         {map[string]string{"service.name": "shop"}, map[string]string{"service.name": "cart"}, false},
		"two deployments with dots":      {map[string]string{"k8s.deployment.name": "shop"}, map[string]string{"k8s.deployment.name": "cart"}, false},
		"two pods of a deployment":       {map[string]string{"pod": "shop-7d9f8b6c5d-x2x4z"}, map[string]string{"pod": "shop-7d9f8b6c5d-k9s8t"}, true},
		"pods of two deployments":        {map[string]string{"pod": "shop-7d9f8b6c5d-x2x4z"}, map[string]string{"pod": "cart-7d9f8b6c5d-k9s8t"}, false},
		"one exporter, one workload":     {map[string]string{"job": "kube-state-metrics", "statefulset": "db"}, map[string]string{"job": "kube-state-metrics", "statefulset": "db"}, true},
		"one exporter, two workloads":    {map[string]string{"job": "kube-state-metrics", "statefulset": "db"}, map[string]string{"job": "kube-state-metrics", "statefulset": "queue"}, false},
		"one node exporter, two targets": {map[string]string{"job": "node-exporter", "node": "n1"}, map[string]string{"job": "node-exporter", "node": "n2"}, false},
	} {
		var clk clock
		b := open(t, folding(&clk))
		leader := accept(t, b, about("1", "Slow", "warning", c.first))
		if i := incident(t, b, accept(t, b, about("2", "Slow", "warning", c.second))); (i.FoldedInto == leader) != c.folded {
			t.Errorf("%s: folded into %q, want %v", name, i.FoldedInto, c.folded)
		}
	}
}

// testACriticalGroupIsNobodyElsesInAStorm has more groups wait than are looked into
// one by one.
func testACriticalGroupIsNobodyElsesInAStorm(t *testing.T, open Open) {
	var c clock
	b := open(t, folding(&c))
	for n := range 30 {
		accept(t, b, named(fmt.Sprint(n), fmt.Sprint("rule", n), fmt.Sprint("service", n), "critical", start))
	}
	if i := incident(t, b, accept(t, b, named("late", "other", "other", "critical", start))); i.FoldedInto != "" {
		t.Errorf("a critical group was folded by %s", i.FoldedBy)
	}
	if i := incident(t, b, accept(t, b, named("later", "another", "another", "warning", start))); i.FoldedInto == "" || i.FoldedBy != "onset" {
		t.Error("a lesser group was not folded in a storm")
	}
}

// testAThousandGroupsInAMinuteAreBoundedWork has every group be of a rule and a
// service of its own, one critical among them.
func testAThousandGroupsInAMinuteAreBoundedWork(t *testing.T, open Open) {
	var c clock
	o := folding(&c)
	o.QueueLimit = 1000
	b := open(t, o)
	for n := range 1000 {
		accept(t, b, named(fmt.Sprint(n), fmt.Sprint("rule", n), fmt.Sprint("service", n), "info", start.Add(time.Duration(n)*50*time.Millisecond)))
	}
	accept(t, b, named("critical", "rule critical", "service critical", "critical", start.Add(time.Minute)))
	n, err := b.Waiting(t.Context())
	if err != nil || n > 50 {
		t.Errorf("got %d investigations (%v), want at most 50", n, err)
	}
	seen := 0
	for i := range n {
		j := next(t, b)
		if i == 0 && j.Alert.GroupKey != "critical" {
			t.Errorf("got %s first, want the critical group", j.Alert.GroupKey)
		}
		if len(j.Alert.Instances) > 100 {
			t.Errorf("one investigation is about %d alerts", len(j.Alert.Instances))
		}
		seen += len(j.Alert.Instances) + j.Alert.Truncated
		finish(t, b, j, report.Report{})
	}
	if seen != 1001 {
		t.Errorf("the investigations are about %d alerts, want all 1001", seen)
	}
	list, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{State: casefile.StateInvestigating})
	if err != nil || len(list) != 0 {
		t.Errorf("%d incidents have no report (%v)", len(list), err)
	}
}

func testAMemberCanBeInvestigatedAlone(t *testing.T, open Open) {
	var c clock
	b := open(t, folding(&c))
	leader := accept(t, b, named("1", "Latency", "shop", "critical", start))
	member := accept(t, b, named("2", "Errors", "shop", "critical", start))
	finish(t, b, next(t, b), report.Report{Title: "together"})
	if err := b.Rerun(t.Context(), member, "ana", evidence.Window{}); err != nil {
		t.Fatal(err)
	}
	j := next(t, b)
	if j.Incident != member || j.Revision != 1 || len(j.Alert.Instances) != 1 {
		t.Errorf("got revision %d of %s about %d alerts, want the member's own first", j.Revision, j.Incident, len(j.Alert.Instances))
	}
	finish(t, b, j, report.Report{Title: "alone"})
	if i := incident(t, b, member); i.Title != "alone" || i.FoldedInto != "" {
		t.Errorf("got %q folded into %q", i.Title, i.FoldedInto)
	}
	if i := incident(t, b, leader); i.Title != "together" || i.Members != 0 {
		t.Errorf("the leader has %q and %d members", i.Title, i.Members)
	}
}

func testALaterLifeOfAGroupIsLinkedToTheEarlier(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	var ids []string
	for n := range 3 {
		a := alert("g", start.Add(time.Duration(n)*time.Hour))
		ids = append(ids, accept(t, b, a))
		accept(t, b, resolved(a, start.Add(time.Duration(n)*time.Hour+time.Minute)))
	}
	similar, err := b.Similar(t.Context(), ids[2], 5)
	if err != nil || len(similar) != 1 || similar[0].ID != ids[1] || similar[0].Because != "same alert group, no cause to compare" {
		t.Errorf("got %v (%v), want the life before of %v", similar, err, slices.Clone(ids))
	}
}
