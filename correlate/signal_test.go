package correlate

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestEverySignalHasAWeightAndAHelpPage(t *testing.T) {
	seen := map[string]bool{}
	for _, id := range SignalIDs() {
		if seen[id] {
			t.Errorf("%s: the id is used twice", id)
		}
		seen[id] = true
		if weightOf(id) <= 0 {
			t.Errorf("%s: got no weight", id)
		}
		page, ok := SignalHelp(id)
		if !ok || !strings.HasPrefix(page, "# "+id+"\n") {
			t.Errorf("%s: got no help page that begins with its id", id)
		}
	}
	if _, ok := SignalHelp("no/such-rule"); ok {
		t.Error("got a help page for an id that is no rule's")
	}
}

func TestMetricsAreClassifiedByTheirNames(t *testing.T) {
	for _, c := range []struct {
		name string
		want metricClass
	}{
		{"container_cpu_usage_cores", classCPU},
		{"container_cpu_cfs_throttled_seconds", classThrottle},
		{"container_memory_limit_mb", classLimit},
		{"go_heap_inuse_mb", classMemory},
		{"http_server_duration_p99_ms", classLatency},
		{"outbound_call_error_ratio", classError},
		{"availability_average", classSuccess},
		{"db_pool_wait_seconds_p99", classSaturation},
		{"db_pool_max_conns", classLimit},
		{"requests_per_sec", classTraffic},
		{"tls_cert_seconds_until_expiry", classExpiry},
		{"container_oom_killed_total", classRestart},
		{"PodServerLatencyP90", classLatency},
		{"NetworkReceiveBytes", classNetwork},
		{"db_rows_examined", classOther},
		{"db_query_count_per_request", classOther},
	} {
		if got := classOf(c.name); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestBusyButUnharmedServiceLosesItsResourcePoints(t *testing.T) {
	build := func(slow float64) *Case {
		c := &Case{Entities: entities("front", "stock"), Alerting: []string{"front"}}
		c.Metrics = []CaseMetric{metricOf("stock", "cpu_usage", 0.2, 0.9, 0.95, 0.97)}
		for i := range 20 {
			ms := 10.0
			if i >= 10 {
				ms = slow
			}
			addTrace(c, traceID(i), i < 10, call{service: "front", op: "GET /", ms: 40 + ms, calls: []call{{service: "stock", op: "read", at: 5, ms: ms}}})
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
		c := &Case{Entities: entities("front", "stock"), Alerting: []string{"front"}}
		for i := range spans {
			addTrace(c, traceID(i), 2*i < spans, call{service: "front", op: "GET /", ms: 50, calls: []call{{service: "stock", op: "read", at: 5, ms: 10 + float64(i)}}})
		}
		c.Metrics = []CaseMetric{
			metricOf("stock", "cpu_usage_millicores", 6, 40, 45, 44),
			metricOf("stock", "cpu_usage_percent", 1.4, peak, peak+0.5, peak+0.2),
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
	c := &Case{Entities: entities("front", "middle", "stock"), Alerting: []string{"front"}}
	for i := range 24 {
		own := 10.0
		if i >= 12 {
			own = 210
		}
		addTrace(c, traceID(i), i < 12, call{service: "front", op: "GET /", ms: 30 + own, calls: []call{
			{service: "middle", op: "list", at: 5, ms: 15 + own, calls: []call{{service: "stock", op: "read", at: 10, ms: own}}}}})
	}
	got := wantFirst(t, c, "stock", MechanismLatency)
	if got.Loci[0].Name != "read" {
		t.Errorf("first locus: got %q, want the slow operation", got.Loci[0].Name)
	}
}

func TestSlowNetworkIsHeldAgainstTheEntityThatAllSlowCallsShare(t *testing.T) {
	c := &Case{Entities: entities("front", "cart", "stock", "price"), Alerting: []string{"front"}}
	for i := range 24 {
		gap := 1.0
		if i >= 12 {
			gap = 300
		}
		// The calls from and to cart lose time, those to stock do not.
		addTrace(c, traceID(i), i < 12, call{service: "front", op: "GET /", ms: 100 + 3*gap, calls: []call{
			{service: "front", op: "call", at: 5, ms: 40 + 2*gap, calls: []call{{service: "cart", op: "add", at: 6, ms: 39 + gap, calls: []call{
				{service: "cart", op: "call", at: 8, ms: 10 + gap, calls: []call{{service: "price", op: "quote", at: 9, ms: 10}}}}}}},
			{service: "front", op: "call", at: 60 + 2*gap, ms: 11, calls: []call{{service: "stock", op: "read", at: 61 + 2*gap, ms: 10}}}}})
	}
	got := wantFirst(t, c, "cart", MechanismLatency)
	if got.Loci[0].Name != networkMetric {
		t.Errorf("first locus: got %q, want %q", got.Loci[0].Name, networkMetric)
	}
}

func TestFailureIsHeldAgainstTheDeepestThatFailed(t *testing.T) {
	c := &Case{Entities: entities("front", "middle", "stock"), Alerting: []string{"front"}}
	for i := range 20 {
		bad := i >= 10
		leaf := call{service: "stock", op: "read", at: 10, ms: 5, failed: bad}
		if bad {
			leaf.logs = []string{"ERROR index 7 out of range"}
		}
		mid := call{service: "middle", op: "list", at: 5, ms: 15, failed: bad, calls: []call{leaf}}
		if bad {
			mid.logs = []string{"ERROR upstream stock returned 500"}
		}
		addTrace(c, traceID(i), !bad, call{service: "front", op: "GET /", ms: 30, failed: bad, calls: []call{mid}})
	}
	wantFirst(t, c, "stock", MechanismError)
}

func TestDatabaseWithoutSpansIsBlamedWhenCallsToItFail(t *testing.T) {
	c := &Case{Entities: entities("front", "orders", "orders-db"), Alerting: []string{"front"}}
	for i := range 20 {
		bad := i >= 10
		addTrace(c, traceID(i), !bad, call{service: "front", op: "GET /", ms: 30, failed: bad, calls: []call{
			{service: "orders", op: "list", at: 5, ms: 15, failed: bad, calls: []call{{service: "orders", op: "query", at: 6, ms: 3, failed: bad, kind: "client", peer: "orders-db"}}}}})
	}
	wantFirst(t, c, "orders-db", MechanismAbsence)
}

func TestImpatientCallerIsBlamedForWhatItCancelled(t *testing.T) {
	c := &Case{Entities: entities("front", "bids", "profile"), Alerting: []string{"front"}}
	for i := range 30 {
		bad := i >= 15
		ms, text := 50.0, ""
		if bad {
			ms, text = 20, "context canceled"
		}
		addTrace(c, traceID(i), !bad, call{service: "front", op: "GET /", ms: 30 + ms, failed: bad, calls: []call{
			{service: "bids", op: "bid", at: 1, ms: 5 + ms, failed: bad, calls: []call{{service: "bids", op: "read profile", at: 2, ms: ms, failed: bad, kind: "client", calls: []call{
				{service: "profile", op: "GET profile", at: 2, ms: ms, failed: bad, text: text}}}}}}})
	}
	wantFirst(t, c, "bids", MechanismError)
}

func TestEarlyReturnIsPlacedBetweenTheEventsThatNoLongerFollow(t *testing.T) {
	c := &Case{Entities: entities("front", "contacts"), Alerting: []string{"front"}}
	for i := range 40 {
		base := i < 20
		leaf := call{service: "contacts", op: "find", at: 5, ms: 10, logs: []string{"A#31 find by id", "A#34 found"}}
		caller := []string{"F#10 asks", "F#12 answers"}
		if !base {
			leaf.logs = []string{"A#31 find by id"}
			caller = []string{"F#10 asks", "F#17 has nothing"}
		}
		addTrace(c, traceID(i), base, call{service: "front", op: "GET /", ms: 30, logs: caller, calls: []call{leaf}})
	}
	got := wantFirst(t, c, "contacts", MechanismBehaviour)
	if len(got.Loci) < 2 || got.Loci[0].Name != "A#31 find by id" || got.Loci[1].Name != "A#34 found" {
		t.Errorf("first two loci: got %v, want the events around the missing code", got.Loci)
	}
}

func TestQueryInALoopIsHeldAgainstTheCaller(t *testing.T) {
	c := &Case{Entities: entities("checkout", "catalog"), Alerting: []string{"checkout"}}
	for i := range 16 {
		n := 1
		if i >= 8 {
			n = 30
		}
		var calls []call
		for j := range n {
			calls = append(calls, call{service: "catalog", op: "get", at: 1 + 10*float64(j), ms: 9})
		}
		addTrace(c, traceID(i), i < 8, call{service: "checkout", op: "place", ms: 5 + 10*float64(n), calls: calls})
	}
	wantFirst(t, c, "checkout", MechanismBehaviour)
}

func TestServiceWhoseSeriesStopIsGone(t *testing.T) {
	c := &Case{Entities: entities("front", "stock"), Alerting: []string{"front"}}
	c.Metrics = []CaseMetric{metricOf("stock", "cpu_usage", 0.2), metricOf("stock", "request_rate", 40), metricOf("front", "request_rate", 40, 40, 40, 40)}
	wantFirst(t, c, "stock", MechanismAbsence)
}

func TestPoolAtItsLimitIsSaturated(t *testing.T) {
	c := &Case{Entities: entities("front", "stock"), Alerting: []string{"stock"}}
	limit := metricOf("stock", "db_pool_max_conns", 50, 10, 10, 10)
	c.Metrics = []CaseMetric{limit, metricOf("stock", "db_pool_in_use", 8, 10, 10, 10), metricOf("stock", "db_pool_wait_seconds", 0.01, 4, 5, 6)}
	wantFirst(t, c, "stock", MechanismSaturation)
}

func TestSurgeIsTheTrafficsDoing(t *testing.T) {
	c := &Case{Entities: append(entities("front", "stock"), workloadEntity()), Alerting: []string{"front"}, Edges: edgesOf("front>stock")}
	c.Metrics = []CaseMetric{
		metricOf("front", "requests_per_second", 100, 500, 520, 510), metricOf("stock", "requests_per_second", 200, 1000, 1040, 1020),
		metricOf("front", "latency_p99_ms", 100, 250, 260, 255), metricOf("stock", "cpu_usage", 0.3, 0.9, 0.9, 0.9),
	}
	got := wantFirst(t, c, "workload", MechanismSurge)
	if got.Trigger != TriggerLoad {
		t.Errorf("trigger: got %s, want load", got.Trigger)
	}
}

func TestRetryStormIsNoSurge(t *testing.T) {
	c := &Case{Entities: append(entities("front", "stock"), workloadEntity()), Alerting: []string{"front"}, Edges: edgesOf("front>stock")}
	c.Metrics = []CaseMetric{metricOf("front", "requests_per_second", 100, 125, 126, 127), metricOf("stock", "requests_per_second", 200, 2000, 2040, 2020)}
	if got := scoreOf(c, "workload"); got > 100 {
		t.Errorf("score of the workload: got %d, want next to nothing when only the callee's requests rose", got)
	}
}

func TestOneRecordOverAndOverIsBadData(t *testing.T) {
	c := &Case{Entities: entities("enricher"), Alerting: []string{"enricher"}}
	addLines(c, "enricher", true, 20, "INFO enriched <n> records")
	addLines(c, "enricher", false, 12, "ERROR field lat out of range record_id=evt-8f3a2174 offset=148820291")
	got := wantFirst(t, c, "enricher", MechanismData)
	if got.Trigger != TriggerLoad {
		t.Errorf("trigger: got %s, want load", got.Trigger)
	}
}

func TestExpiredCertificateIsABoundary(t *testing.T) {
	c := &Case{Entities: entities("orders", "payment"), Alerting: []string{"orders"}, Edges: edgesOf("orders>payment")}
	addLines(c, "orders", true, 20, "INFO handled request")
	addLines(c, "orders", false, 12, "ERROR tls: x509: certificate has expired or is not yet valid")
	got := wantFirst(t, c, "orders", MechanismExternal)
	if got.Trigger != TriggerInfra {
		t.Errorf("trigger: got %s, want infra", got.Trigger)
	}
}

func TestWorseVersionOfTwoIsBlamed(t *testing.T) {
	c := &Case{Entities: entities("a", "b"), Alerting: []string{"a"}}
	for _, v := range []struct {
		entity, version string
		now             float64
	}{{"a", "v1", 20}, {"a", "v2", 20}, {"b", "v1", 20}, {"b", "v2", 90}} {
		m := metricOf(v.entity, "latency_ms", 20, v.now, v.now*1.02, v.now*0.99)
		m.Labels = map[string]string{"version": v.version}
		if v.version == "v2" {
			m.Baseline = m.Baseline[:3]
		}
		c.Metrics = append(c.Metrics, m)
	}
	wantFirst(t, c, "b", MechanismLatency)
}

func TestVictimsAreExplainedByTheMassOfTheirCallees(t *testing.T) {
	c := &Case{Entities: entities("site", "search", "edge-lb"), Alerting: []string{"site"}, Edges: edgesOf("site>search", "site>edge-lb")}
	alert := metricOf("site", "latency_average", 0.1, 0.14, 0.15, 0.145)
	alert.Alerting = true
	c.Metrics = []CaseMetric{
		alert, metricOf("site", "requests_sum", 600, 600, 610, 605),
		metricOf("search", "latency_average", 0.006, 0.04, 0.042, 0.041), metricOf("search", "requests_sum", 1100, 1100, 1110, 1090),
		// Slower still, but too little traffic goes through it to matter.
		metricOf("edge-lb", "latency_average", 0.01, 0.09, 0.1, 0.095), metricOf("edge-lb", "requests_sum", 20, 20, 21, 20),
	}
	wantFirst(t, c, "search", MechanismLatency)
}

func TestBackingOffAfterAFailedCallIsNoSlownessOfTheCaller(t *testing.T) {
	c := &Case{Entities: entities("front", "orders", "orders-db"), Alerting: []string{"front"}}
	for i := range 24 {
		bad := i >= 12
		calls := []call{{service: "orders", op: "query", at: 6, ms: 3, failed: bad, kind: "client", peer: "orders-db", text: "EOF"}}
		ms := 15.0
		if bad {
			ms = 215 // waits, then tries again
			calls = append(calls, call{service: "orders", op: "query", at: 210, ms: 3, kind: "client", peer: "orders-db"})
		}
		addTrace(c, traceID(i), !bad, call{service: "front", op: "GET /", ms: 20 + ms, calls: []call{{service: "orders", op: "list", at: 5, ms: ms, calls: calls}}})
	}
	got := first(t, c)
	if got.Entity.Name != "orders-db" {
		t.Errorf("first cause: got %s, want orders-db", got.Entity.Name)
	}
}

func TestAWaitIsWeighedAgainstTheDelayItIsToExplain(t *testing.T) {
	c := &Case{Entities: entities("ads"), Alerting: []string{"ads"}}
	wait, slow := metricOf("ads", "client_pool_wait_seconds", 1.7e-6, 2.9e-6, 2.9e-6, 2.9e-6), metricOf("ads", "request_latency_seconds", 0.01, 0.08, 0.08, 0.08)
	wait.Unit, slow.Unit = "s", "s"
	c.Metrics = []CaseMetric{wait, slow}
	v := newView(c)
	if got := v.shareOfDelay(&v.metrics[0]); got > 0.001 {
		t.Errorf("a microsecond of 70 ms: got a share of %.4f, want next to nothing", got)
	}
	pause := metricOf("ads", "go_gc_duration_seconds", 70e-6, 250e-6, 250e-6, 250e-6)
	pause.Unit = "s"
	c.Metrics = append(c.Metrics, pause)
	if x := scoreOf(c, "ads"); x != scoreOf(&Case{Entities: c.Entities, Alerting: c.Alerting, Metrics: c.Metrics[:2]}, "ads") {
		t.Errorf("a pause of a quarter of a millisecond counts: got %d points with it", x)
	}
	c.Metrics[0] = metricOf("ads", "client_pool_wait_seconds", 1e-3, 0.06, 0.06, 0.06)
	c.Metrics[0].Unit = "s"
	v = newView(c)
	if got := v.shareOfDelay(&v.metrics[0]); got < 0.5 {
		t.Errorf("59 ms of 70 ms: got a share of %.4f, want most", got)
	}
}

func TestLinesThatNobodyCouldReadAreNotTakenForUnwritten(t *testing.T) {
	build := func() *Case {
		c := &Case{Entities: entities("front", "stock"), Alerting: []string{"front"}}
		for i := range 24 {
			written := []string{"reserving", "reserved"}
			if i >= 12 {
				written = nil
			}
			addTrace(c, traceID(i), i < 12, call{service: "front", op: "GET /", ms: 50, logs: []string{"got"}, calls: []call{{service: "stock", op: "reserve", at: 5, ms: 10, logs: written}}})
		}
		return c
	}
	vanished, unread := build(), build()
	unread.Unread = []evidence.Window{{Start: onset0, End: onset0.Add(time.Hour)}}
	if scoreOf(vanished, "stock") == 0 {
		t.Error("statements that vanish: got no score")
	}
	if got := scoreOf(unread, "stock"); got != 0 {
		t.Errorf("statements of a time that nobody could read: got score %d, want none", got)
	}
}
