package rank

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func TestEverySignalHasAWeight(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range signal.Rules() {
		id := rule.Id
		if seen[id] {
			t.Errorf("%s: the id is used twice", id)
		}
		seen[id] = true
		if id == "profile/growth" {
			continue // weighs nothing
		}
		if weights.Default().Of(id) <= 0 {
			t.Errorf("%s: got no weight", id)
		}
	}
}

func TestMetricsAreClassifiedByTheirNames(t *testing.T) {
	for _, c := range []struct {
		name string
		want metric.Class
	}{
		{"container_cpu_usage_cores", metric.ClassCPU},
		{"container_cpu_cfs_throttled_seconds", metric.ClassThrottle},
		{"container_memory_limit_mb", metric.ClassLimit},
		{"go_heap_inuse_mb", metric.ClassMemory},
		{"http_server_duration_p99_ms", metric.ClassLatency},
		{"outbound_call_error_ratio", metric.ClassError},
		{"availability_average", metric.ClassSuccess},
		{"db_pool_wait_seconds_p99", metric.ClassSaturation},
		{"db_pool_max_conns", metric.ClassLimit},
		{"requests_per_sec", metric.ClassTraffic},
		{"tls_cert_seconds_until_expiry", metric.ClassExpiry},
		{"container_oom_killed_total", metric.ClassRestart},
		{"PodServerLatencyP90", metric.ClassLatency},
		{"NetworkReceiveBytes", metric.ClassNetwork},
		{"db_rows_examined", metric.ClassOther},
		{"db_query_count_per_request", metric.ClassOther},
	} {
		if got := metric.ClassOf(c.name); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestBusyButUnharmedServiceLosesItsResourcePoints(t *testing.T) {
	build := func(slow float64) *gathered.Evidence {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "stock"), Alerting: []string{"front"}}
		c.Metrics = []gathered.Series{casetest.MetricOf("stock", "cpu_usage", 0.2, 0.9, 0.95, 0.97)}
		for i := range 20 {
			ms := 10.0
			if i >= 10 {
				ms = slow
			}
			casetest.AddTrace(c, casetest.TraceID(i), i < 10, casetest.Call{Service: "front", Op: "GET /", Ms: 40 + ms, Calls: []casetest.Call{{Service: "stock", Op: "read", At: 5, Ms: ms}}})
		}
		return c
	}
	harmless, harmful := scoreOf(build(10), "stock"), scoreOf(build(80), "stock")
	if harmless >= harmful/2 {
		t.Errorf("score of a busy service that is as fast as before: got %d, want less than half of %d", harmless, harmful)
	}
}

func TestUseOfWhatIsPlentifulIsNoShortage(t *testing.T) {
	score := func(peak float64, spans int) int {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "stock"), Alerting: []string{"front"}}
		for i := range spans {
			casetest.AddTrace(c, casetest.TraceID(i), 2*i < spans, casetest.Call{Service: "front", Op: "GET /", Ms: 50, Calls: []casetest.Call{{Service: "stock", Op: "read", At: 5, Ms: 10 + float64(i)}}})
		}
		c.Metrics = []gathered.Series{
			casetest.MetricOf("stock", "cpu_usage_millicores", 6, 40, 45, 44),
			casetest.MetricOf("stock", "cpu_usage_percent", 1.4, peak, peak+0.5, peak+0.2),
		}
		return scoreOf(c, "stock")
	}
	plenty, scarce := score(9, 20), score(95, 20)
	if plenty <= 0 || 4*plenty >= 3*scarce {
		t.Errorf("score at a tenth of the CPU: got %d, want well below the %d at nearly all of it, and more than none", plenty, scarce)
	}
	if alone := score(9, 0); alone <= plenty {
		t.Errorf("score where no spans could show another cause: got %d, want more than %d", alone, plenty)
	}
}

func TestSlowCalleeIsBlamedAndNotTheCallerThatWaits(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "middle", "stock"), Alerting: []string{"front"}}
	for i := range 24 {
		own := 10.0
		if i >= 12 {
			own = 210
		}
		casetest.AddTrace(c, casetest.TraceID(i), i < 12, casetest.Call{Service: "front", Op: "GET /", Ms: 30 + own, Calls: []casetest.Call{
			{Service: "middle", Op: "list", At: 5, Ms: 15 + own, Calls: []casetest.Call{{Service: "stock", Op: "read", At: 10, Ms: own}}}}})
	}
	got := wantFirst(t, c, "stock", report.MechanismLatency)
	if got.Loci[0].Name != "read" {
		t.Errorf("first locus: got %q, want the slow operation", got.Loci[0].Name)
	}
}

func TestSlowNetworkIsHeldAgainstTheEntityThatAllSlowCallsShare(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "cart", "stock", "price"), Alerting: []string{"front"}}
	for i := range 24 {
		gap := 1.0
		if i >= 12 {
			gap = 300
		}
		// The calls from and to cart lose time, those to stock do not.
		casetest.AddTrace(c, casetest.TraceID(i), i < 12, casetest.Call{Service: "front", Op: "GET /", Ms: 100 + 3*gap, Calls: []casetest.Call{
			{Service: "front", Op: "call", At: 5, Ms: 40 + 2*gap, Calls: []casetest.Call{{Service: "cart", Op: "add", At: 6, Ms: 39 + gap, Calls: []casetest.Call{
				{Service: "cart", Op: "call", At: 8, Ms: 10 + gap, Calls: []casetest.Call{{Service: "price", Op: "quote", At: 9, Ms: 10}}}}}}},
			{Service: "front", Op: "call", At: 60 + 2*gap, Ms: 11, Calls: []casetest.Call{{Service: "stock", Op: "read", At: 61 + 2*gap, Ms: 10}}}}})
	}
	got := wantFirst(t, c, "cart", report.MechanismLatency)
	if want := "network between cart and price"; got.Loci[0].Name != want && got.Loci[0].Name != "network between front and cart" {
		t.Errorf("first locus: got %q, want %q or that into it", got.Loci[0].Name, want)
	}
}

func TestFailureIsHeldAgainstTheDeepestThatFailed(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "middle", "stock"), Alerting: []string{"front"}}
	for i := range 20 {
		bad := i >= 10
		leaf := casetest.Call{Service: "stock", Op: "read", At: 10, Ms: 5, Failed: bad}
		if bad {
			leaf.Logs = []string{"ERROR index 7 out of range"}
		}
		mid := casetest.Call{Service: "middle", Op: "list", At: 5, Ms: 15, Failed: bad, Calls: []casetest.Call{leaf}}
		if bad {
			mid.Logs = []string{"ERROR upstream stock returned 500"}
		}
		casetest.AddTrace(c, casetest.TraceID(i), !bad, casetest.Call{Service: "front", Op: "GET /", Ms: 30, Failed: bad, Calls: []casetest.Call{mid}})
	}
	wantFirst(t, c, "stock", report.MechanismError)
}

func TestDatabaseWithoutSpansIsBlamedWhenCallsToItFail(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "orders", "orders-db"), Alerting: []string{"front"}}
	for i := range 20 {
		bad := i >= 10
		casetest.AddTrace(c, casetest.TraceID(i), !bad, casetest.Call{Service: "front", Op: "GET /", Ms: 30, Failed: bad, Calls: []casetest.Call{
			{Service: "orders", Op: "list", At: 5, Ms: 15, Failed: bad, Calls: []casetest.Call{{Service: "orders", Op: "query", At: 6, Ms: 3, Failed: bad, Kind: "client", Peer: "orders-db"}}}}})
	}
	wantFirst(t, c, "orders-db", report.MechanismAbsence)
}

func TestImpatientCallerIsBlamedForWhatItCancelled(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "bids", "profile"), Alerting: []string{"front"}}
	for i := range 30 {
		bad := i >= 15
		ms, text := 50.0, ""
		if bad {
			ms, text = 20, "context canceled"
		}
		casetest.AddTrace(c, casetest.TraceID(i), !bad, casetest.Call{Service: "front", Op: "GET /", Ms: 30 + ms, Failed: bad, Calls: []casetest.Call{
			{Service: "bids", Op: "bid", At: 1, Ms: 5 + ms, Failed: bad, Calls: []casetest.Call{{Service: "bids", Op: "read profile", At: 2, Ms: ms, Failed: bad, Kind: "client", Calls: []casetest.Call{
				{Service: "profile", Op: "GET profile", At: 2, Ms: ms, Failed: bad, Text: text}}}}}}})
	}
	wantFirst(t, c, "bids", report.MechanismError)
}

func TestEarlyReturnIsPlacedBetweenTheEventsThatNoLongerFollow(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "contacts"), Alerting: []string{"front"}}
	for i := range 40 {
		base := i < 20
		leaf := casetest.Call{Service: "contacts", Op: "find", At: 5, Ms: 10, Logs: []string{"A#31 find by id", "A#34 found"}}
		caller := []string{"F#10 asks", "F#12 answers"}
		if !base {
			leaf.Logs = []string{"A#31 find by id"}
			caller = []string{"F#10 asks", "F#17 has nothing"}
		}
		casetest.AddTrace(c, casetest.TraceID(i), base, casetest.Call{Service: "front", Op: "GET /", Ms: 30, Logs: caller, Calls: []casetest.Call{leaf}})
	}
	got := wantFirst(t, c, "contacts", report.MechanismBehaviour)
	if len(got.Loci) < 2 || got.Loci[0].Name != "A#31 find by id" || got.Loci[1].Name != "A#34 found" {
		t.Errorf("first two loci: got %v, want the events around the missing code", got.Loci)
	}
}

func TestQueryInALoopIsHeldAgainstTheCaller(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("checkout", "catalog"), Alerting: []string{"checkout"}}
	for i := range 16 {
		n := 1
		if i >= 8 {
			n = 30
		}
		var calls []casetest.Call
		for j := range n {
			calls = append(calls, casetest.Call{Service: "catalog", Op: "get", At: 1 + 10*float64(j), Ms: 9})
		}
		casetest.AddTrace(c, casetest.TraceID(i), i < 8, casetest.Call{Service: "checkout", Op: "place", Ms: 5 + 10*float64(n), Calls: calls})
	}
	wantFirst(t, c, "checkout", report.MechanismBehaviour)
}

func TestServiceWhoseSeriesStopIsGone(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "stock"), Alerting: []string{"front"}}
	c.Metrics = []gathered.Series{casetest.MetricOf("stock", "cpu_usage", 0.2), casetest.MetricOf("stock", "request_rate", 40), casetest.MetricOf("front", "request_rate", 40, 40, 40, 40)}
	wantFirst(t, c, "stock", report.MechanismAbsence)
}

func TestPoolAtItsLimitIsSaturated(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "stock"), Alerting: []string{"stock"}}
	limit := casetest.MetricOf("stock", "db_pool_max_conns", 50, 10, 10, 10)
	c.Metrics = []gathered.Series{limit, casetest.MetricOf("stock", "db_pool_in_use", 8, 10, 10, 10), casetest.MetricOf("stock", "db_pool_wait_seconds", 0.01, 4, 5, 6)}
	wantFirst(t, c, "stock", report.MechanismSaturation)
}

func TestSurgeIsTheTrafficsDoing(t *testing.T) {
	c := &gathered.Evidence{Entities: append(casetest.Entities("front", "stock"), casetest.WorkloadEntity()), Alerting: []string{"front"}, Edges: casetest.EdgesOf("front>stock")}
	c.Metrics = []gathered.Series{
		casetest.MetricOf("front", "requests_per_second", 100, 500, 520, 510), casetest.MetricOf("stock", "requests_per_second", 200, 1000, 1040, 1020),
		casetest.MetricOf("front", "latency_p99_ms", 100, 250, 260, 255), casetest.MetricOf("stock", "cpu_usage", 0.3, 0.9, 0.9, 0.9),
	}
	got := wantFirst(t, c, "workload", report.MechanismSurge)
	if got.Trigger != report.TriggerLoad {
		t.Errorf("trigger: got %s, want load", got.Trigger)
	}
}

func TestRetryStormIsNoSurge(t *testing.T) {
	c := &gathered.Evidence{Entities: append(casetest.Entities("front", "stock"), casetest.WorkloadEntity()), Alerting: []string{"front"}, Edges: casetest.EdgesOf("front>stock")}
	c.Metrics = []gathered.Series{casetest.MetricOf("front", "requests_per_second", 100, 125, 126, 127), casetest.MetricOf("stock", "requests_per_second", 200, 2000, 2040, 2020)}
	if got := scoreOf(c, "workload"); got > 100 {
		t.Errorf("score of the workload: got %d, want next to nothing when only the callee's requests rose", got)
	}
}

func TestOneRecordOverAndOverIsBadData(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("enricher"), Alerting: []string{"enricher"}}
	casetest.AddLines(c, "enricher", true, 20, "INFO enriched <n> records")
	casetest.AddLines(c, "enricher", false, 12, "ERROR field lat out of range record_id=evt-8f3a2174 offset=148820291")
	got := wantFirst(t, c, "enricher", report.MechanismData)
	if got.Trigger != report.TriggerLoad {
		t.Errorf("trigger: got %s, want load", got.Trigger)
	}
}

func TestExpiredCertificateIsABoundary(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("orders", "payment"), Alerting: []string{"orders"}, Edges: casetest.EdgesOf("orders>payment")}
	casetest.AddLines(c, "orders", true, 20, "INFO handled request")
	casetest.AddLines(c, "orders", false, 12, "ERROR tls: x509: certificate has expired or is not yet valid")
	got := wantFirst(t, c, "orders", report.MechanismExternal)
	if got.Trigger != report.TriggerInfra {
		t.Errorf("trigger: got %s, want infra", got.Trigger)
	}
}

func TestWorseVersionOfTwoIsBlamed(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("a", "b"), Alerting: []string{"a"}}
	for _, v := range []struct {
		entity, version string
		now             float64
	}{{"a", "v1", 20}, {"a", "v2", 20}, {"b", "v1", 20}, {"b", "v2", 90}} {
		m := casetest.MetricOf(v.entity, "latency_ms", 20, v.now, v.now*1.02, v.now*0.99)
		m.Labels = map[string]string{"version": v.version}
		if v.version == "v2" {
			m.Baseline = m.Baseline[:3]
		}
		c.Metrics = append(c.Metrics, m)
	}
	wantFirst(t, c, "b", report.MechanismLatency)
}

func TestVictimsAreExplainedByTheMassOfTheirCallees(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("site", "search", "edge-lb"), Alerting: []string{"site"}, Edges: casetest.EdgesOf("site>search", "site>edge-lb")}
	alert := casetest.MetricOf("site", "latency_average", 0.1, 0.14, 0.15, 0.145)
	alert.Alerting = true
	c.Metrics = []gathered.Series{
		alert, casetest.MetricOf("site", "requests_sum", 600, 600, 610, 605),
		casetest.MetricOf("search", "latency_average", 0.006, 0.04, 0.042, 0.041), casetest.MetricOf("search", "requests_sum", 1100, 1100, 1110, 1090),
		// Slower still, but too little traffic goes through it to matter.
		casetest.MetricOf("edge-lb", "latency_average", 0.01, 0.09, 0.1, 0.095), casetest.MetricOf("edge-lb", "requests_sum", 20, 20, 21, 20),
	}
	wantFirst(t, c, "search", report.MechanismLatency)
}

func TestBackingOffAfterAFailedCallIsNoSlownessOfTheCaller(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("front", "orders", "orders-db"), Alerting: []string{"front"}}
	for i := range 24 {
		bad := i >= 12
		calls := []casetest.Call{{Service: "orders", Op: "query", At: 6, Ms: 3, Failed: bad, Kind: "client", Peer: "orders-db", Text: "EOF"}}
		ms := 15.0
		if bad {
			ms = 215 // waits, then tries again
			calls = append(calls, casetest.Call{Service: "orders", Op: "query", At: 210, Ms: 3, Kind: "client", Peer: "orders-db"})
		}
		casetest.AddTrace(c, casetest.TraceID(i), !bad, casetest.Call{Service: "front", Op: "GET /", Ms: 20 + ms, Calls: []casetest.Call{{Service: "orders", Op: "list", At: 5, Ms: ms, Calls: calls}}})
	}
	got := first(t, c)
	if got.Entity.Name != "orders-db" {
		t.Errorf("first cause: got %s, want orders-db", got.Entity.Name)
	}
}

func TestAWaitIsWeighedAgainstTheDelayItIsToExplain(t *testing.T) {
	c := &gathered.Evidence{Entities: casetest.Entities("ads"), Alerting: []string{"ads"}}
	wait, slow := casetest.MetricOf("ads", "client_pool_wait_seconds", 1.7e-6, 2.9e-6, 2.9e-6, 2.9e-6), casetest.MetricOf("ads", "request_latency_seconds", 0.01, 0.08, 0.08, 0.08)
	wait.Unit, slow.Unit = "s", "s"
	c.Metrics = []gathered.Series{wait, slow}
	v := view.New(c)
	if got := signal.ShareOfDelay(v, &v.Metrics[0]); got > 0.001 {
		t.Errorf("a microsecond of 70 ms: got a share of %.4f, want next to nothing", got)
	}
	pause := casetest.MetricOf("ads", "go_gc_duration_seconds", 70e-6, 250e-6, 250e-6, 250e-6)
	pause.Unit = "s"
	c.Metrics = append(c.Metrics, pause)
	if x := scoreOf(c, "ads"); x != scoreOf(&gathered.Evidence{Entities: c.Entities, Alerting: c.Alerting, Metrics: c.Metrics[:2]}, "ads") {
		t.Errorf("a pause of a quarter of a millisecond counts: got %d points with it", x)
	}
	c.Metrics[0] = casetest.MetricOf("ads", "client_pool_wait_seconds", 1e-3, 0.06, 0.06, 0.06)
	c.Metrics[0].Unit = "s"
	v = view.New(c)
	if got := signal.ShareOfDelay(v, &v.Metrics[0]); got < 0.5 {
		t.Errorf("59 ms of 70 ms: got a share of %.4f, want most", got)
	}
}

func TestLinesThatNobodyCouldReadAreNotTakenForUnwritten(t *testing.T) {
	build := func() *gathered.Evidence {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "stock"), Alerting: []string{"front"}}
		for i := range 24 {
			written := []string{"reserving", "reserved"}
			if i >= 12 {
				written = nil
			}
			casetest.AddTrace(c, casetest.TraceID(i), i < 12, casetest.Call{Service: "front", Op: "GET /", Ms: 50, Logs: []string{"got"}, Calls: []casetest.Call{{Service: "stock", Op: "reserve", At: 5, Ms: 10, Logs: written}}})
		}
		return c
	}
	vanished, unread := build(), build()
	unread.Unread = []evidence.Window{{Start: casetest.Onset0, End: casetest.Onset0.Add(time.Hour)}}
	if scoreOf(vanished, "stock") == 0 {
		t.Error("statements that vanish: got no score")
	}
	if got := scoreOf(unread, "stock"); got != 0 {
		t.Errorf("statements of a time that nobody could read: got score %d, want none", got)
	}
}
