package gather

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// TestWrongClocksAreThoseThatMostOthersDeny takes services whose clocks are off in either
// direction, a callee's, a caller's and one between two others.
func TestWrongClocksAreThoseThatMostOthersDeny(t *testing.T) {
	start := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	calls := [][2]string{{"front", "cart"}, {"front", "shop"}, {"shop", "stock"}}
	for name, c := range map[string]struct {
		off           map[string]time.Duration
		calls         [][2]string
		kind          evidence.SpanKind // of the caller's span
		failed        bool
		varies        time.Duration     // from the first to the last call
		work          time.Duration     // how long the callee works, of the 10 ms that its caller is there, else 8 ms
		callee        evidence.SpanKind // else a server's
		says          string            // the attribute that the caller's span has
		want, unclear map[string]time.Duration
	}{
		"none":                                       {off: nil, want: map[string]time.Duration{}},
		"a callee's, ahead":                          {off: map[string]time.Duration{"stock": 7 * time.Minute}, want: map[string]time.Duration{"stock": 7 * time.Minute}},
		"a callee's, behind":                         {off: map[string]time.Duration{"stock": -2 * time.Minute}, want: map[string]time.Duration{"stock": -2 * time.Minute}},
		"the first's, ahead":                         {off: map[string]time.Duration{"front": 7 * time.Minute}, want: map[string]time.Duration{"front": 7 * time.Minute}},
		"one between two, behind":                    {off: map[string]time.Duration{"shop": -7 * time.Minute}, want: map[string]time.Duration{"shop": -7 * time.Minute}},
		"of two, nobody knows whose":                 {off: map[string]time.Duration{"shop": time.Minute}, calls: calls[1:2], unclear: map[string]time.Duration{"front": time.Minute, "shop": time.Minute}},
		"handed over by a queue, and taken up later": {off: map[string]time.Duration{"stock": 7 * time.Minute}, kind: evidence.SpanProducer, want: map[string]time.Duration{}},
		"given up before it was taken up":            {off: map[string]time.Duration{"stock": 7 * time.Minute}, failed: true, want: map[string]time.Duration{}},
		"handed over in the process, as by a server that answers at once": {off: map[string]time.Duration{"stock": 7 * time.Minute}, kind: evidence.SpanServer, varies: 5 * time.Minute, want: map[string]time.Duration{}},
		"apart by the same always, whoever waits":                         {off: map[string]time.Duration{"stock": 7 * time.Minute}, kind: evidence.SpanServer, want: map[string]time.Duration{"stock": 7 * time.Minute}},
		"a job that is put off by a request and longer than it":           {off: map[string]time.Duration{"stock": 5 * time.Minute}, kind: evidence.SpanServer, work: 3 * time.Second, want: map[string]time.Duration{}},
		"a try again at a set time by a timetable":                        {off: map[string]time.Duration{"stock": time.Hour}, kind: evidence.SpanInternal, work: 11 * time.Millisecond, want: map[string]time.Duration{}},
		"a job that is pushed to a server by a queue":                     {off: map[string]time.Duration{"stock": 5 * time.Minute}, work: 3 * time.Second, want: map[string]time.Duration{}},
		"a message that is kept for five minutes, however short its work": {off: map[string]time.Duration{"stock": 5 * time.Minute}, kind: evidence.SpanServer, callee: evidence.SpanConsumer, want: map[string]time.Duration{}},
		"a short job that a method puts off by the same always":           {off: map[string]time.Duration{"stock": 5 * time.Minute}, kind: evidence.SpanInternal, callee: evidence.SpanInternal, want: map[string]time.Duration{}},
		"a short job that a server puts off by the same always":           {off: map[string]time.Duration{"stock": 5 * time.Minute}, kind: evidence.SpanServer, callee: evidence.SpanInternal, want: map[string]time.Duration{}},
		"a short job that is kept in a database":                          {off: map[string]time.Duration{"stock": 5 * time.Minute}, callee: evidence.SpanInternal, says: "db.system", want: map[string]time.Duration{}},
		"a message that a broker pushes to a server":                      {off: map[string]time.Duration{"stock": 5 * time.Minute}, says: "messaging.system", want: map[string]time.Duration{}},
		"a database that has spans of its own":                            {off: map[string]time.Duration{"stock": 7 * time.Minute}, says: "db.system", want: map[string]time.Duration{"stock": 7 * time.Minute}},
		"a client whose server has no kind of its own":                    {off: map[string]time.Duration{"stock": 7 * time.Minute}, callee: evidence.SpanInternal, want: map[string]time.Duration{"stock": 7 * time.Minute}},
		"a method's work that began before it was asked for":              {off: map[string]time.Duration{"stock": -7 * time.Minute}, kind: evidence.SpanInternal, callee: evidence.SpanInternal, want: map[string]time.Duration{"stock": -7 * time.Minute}},
		"short work within its caller's time, always off by the same":     {off: map[string]time.Duration{"stock": 7 * time.Minute}, kind: evidence.SpanServer, work: time.Millisecond, want: map[string]time.Duration{"stock": 7 * time.Minute}},
		"long work that began before it was asked for":                    {off: map[string]time.Duration{"stock": -7 * time.Minute}, kind: evidence.SpanServer, work: 3 * time.Second, want: map[string]time.Duration{"stock": -7*time.Minute + 1496*time.Millisecond}},
		"apart by less than clocks may be":                                {off: map[string]time.Duration{"stock": 15 * time.Millisecond}, want: map[string]time.Duration{}},
	} {
		if c.calls == nil {
			c.calls = calls
		}
		if c.kind == "" {
			c.kind = evidence.SpanClient
		}
		if c.work == 0 {
			c.work = 8 * time.Millisecond
		}
		if c.callee == "" {
			c.callee = evidence.SpanServer
		}
		var pairs []pair
		for i := range 8 {
			at := start.Add(time.Duration(i) * time.Second)
			for _, k := range c.calls {
				pairs = append(pairs, pair{
					&evidence.Span{Service: k[0], Kind: c.kind, Start: at.Add(c.off[k[0]]), Duration: 10 * time.Millisecond, Failed: c.failed, Attributes: map[string]string{c.says: "x"}},
					&evidence.Span{Service: k[1], Kind: c.callee, Start: at.Add(c.off[k[1]] + 5*time.Millisecond - min(c.work, 8*time.Millisecond)/2 + c.varies*time.Duration(i)/7), Duration: c.work},
				})
			}
		}
		got := readClocks(pairs, &weights.Default().Flaws)
		if diff := cmp.Diff([]map[string]time.Duration{c.want, c.unclear}, []map[string]time.Duration{got.Ahead, got.Unclear}, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestWhoseClockIsOffIsSaid has services of which one calls the next, in requests of
// which nobody says that he waits or all do: how far whose clock is off is said, and
// where nobody can tell whose, that of either end of the calls that show it.
func TestWhoseClockIsOffIsSaid(t *testing.T) {
	two, three, five := []string{"front", "shop"}, []string{"front", "shop", "stock"}, []string{"front", "shop", "stock", "store", "yard"}
	const ahead, whose = "the clock of %s is 420 s ahead of the others'", "the clock of %s or those of whom it calls and who call it are off by 420 s"
	said := func(format string, services ...string) string {
		list := make([]string, len(services))
		for i, s := range services {
			list[i] = fmt.Sprintf(format, s)
		}
		return strings.Join(list, "; ")
	}
	for name, c := range map[string]struct {
		services []string
		off      map[string]time.Duration
		kind     evidence.SpanKind // of all spans
		said     string
		count    int // of 12 requests' calls
	}{
		"right":                       {three, nil, evidence.SpanServer, "", 0},
		"ahead, of a server's child":  {three, map[string]time.Duration{"stock": 7 * time.Minute}, evidence.SpanServer, said(ahead, "stock"), 12},
		"behind, of a server's child": {three, map[string]time.Duration{"stock": -2 * time.Minute}, evidence.SpanServer, "the clock of stock is 120 s behind the others'", 12},
		"ahead, of a call":            {three, map[string]time.Duration{"stock": 7 * time.Minute}, evidence.SpanClient, said(ahead, "stock"), 12},
		"of two, the callee's ahead":  {two, map[string]time.Duration{"shop": 7 * time.Minute}, evidence.SpanServer, said(whose, two...), 12},
		"of two, the caller's ahead":  {two, map[string]time.Duration{"front": 7 * time.Minute}, evidence.SpanServer, said(whose, two...), 12},
		"two that are ahead by the same, of which one calls the other alone": {five, map[string]time.Duration{"store": 7 * time.Minute, "yard": 7 * time.Minute}, evidence.SpanServer, said(ahead, "store", "yard"), 12},
		"two against two": {five[:4], map[string]time.Duration{"stock": 7 * time.Minute, "store": 7 * time.Minute}, evidence.SpanServer, said(whose, "shop", "stock"), 12},
	} {
		e := &gathered.Evidence{}
		for i := range 12 {
			at := time.Date(2026, 3, 4, 12, 0, i, 0, time.UTC)
			tr := gathered.Trace{}
			for j, s := range c.services {
				span := evidence.Span{TraceID: "t", SpanID: s, Service: s, Kind: c.kind, Start: at.Add(c.off[s] + time.Duration(j)*time.Millisecond), Duration: time.Duration(20-2*j) * time.Millisecond}
				if j > 0 {
					span.ParentID = c.services[j-1]
				}
				tr.Spans = append(tr.Spans, span)
			}
			e.Traces = append(e.Traces, tr)
		}
		e.Clocks = readClocks(pairsOf(e), &e.By().Flaws)
		var got gathered.Flawed
		list := flaws(e)
		if len(list) > 0 {
			got = list[0]
		}
		if got.Said != c.said || got.Count != c.count || len(list) > 0 && (len(list) > 1 || got.Flaw != report.FlawClockSkew) {
			t.Errorf("%s: got %+v, want %q of %d calls", name, list, c.said, c.count)
		}
	}
}

// TestTheCommonestClockIsRight has services whose clocks drift apart step by step, so
// that the one that most agree with is neither the first nor the last.
func TestTheCommonestClockIsRight(t *testing.T) {
	ms := time.Millisecond
	all := map[string]time.Duration{"a": -90 * ms, "b": 0, "c": 15 * ms, "d": 30 * ms, "e": 34 * ms, "f": 300 * ms}
	read := gathered.Clocks{Ahead: map[string]time.Duration{}, Unclear: map[string]time.Duration{}}
	judgeClocks(&read, all, 20*ms)
	want := gathered.Clocks{Ahead: map[string]time.Duration{"a": -105 * ms, "f": 285 * ms}, Unclear: map[string]time.Duration{}}
	if diff := cmp.Diff(want, read, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
