package rank

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestWhoGaveUpTellsOfSlowness: a call that somebody gave up, in the words and
// codes of any platform, is how slowness shows at its caller. What failed by
// itself stays a failure, also where others were called off because of it.
func TestWhoGaveUpTellsOfSlowness(t *testing.T) {
	for name, c := range map[string]struct {
		text, attribute, value string
		want                   report.Mechanism
	}{
		"go, hung up":        {text: "Get \"http://stock/read\": context canceled", want: report.MechanismLatency},
		"go, own deadline":   {text: "context deadline exceeded (Client.Timeout exceeded while awaiting headers)", want: report.MechanismLatency},
		"grpc, hung up":      {text: "rpc error: code = Canceled desc = stream terminated", want: report.MechanismLatency},
		"grpc, by its code":  {attribute: "rpc.grpc.status_code", value: "4", want: report.MechanismLatency},
		"grpc, by its name":  {attribute: "rpc.response.status_code", value: "CANCELLED", want: report.MechanismLatency},
		"nginx, hung up":     {attribute: "http.response.status_code", value: "499", want: report.MechanismLatency},
		"gateway gave up":    {attribute: "http.status_code", value: "504", want: report.MechanismLatency},
		"java":               {text: "java.net.SocketTimeoutException: Read timed out", want: report.MechanismLatency},
		".net":               {text: "System.Threading.Tasks.TaskCanceledException: A task was canceled.", want: report.MechanismLatency},
		"python":             {text: "asyncio.exceptions.CancelledError", want: report.MechanismLatency},
		"python, requests":   {text: "requests.exceptions.ReadTimeout: HTTPConnectionPool(host='stock', port=80): Read timed out. (read timeout=2)", want: report.MechanismLatency},
		"node":               {text: "AbortError: This operation was aborted", want: report.MechanismLatency},
		"node, axios":        {text: "timeout of 1000ms exceeded (ECONNABORTED)", want: report.MechanismLatency},
		"rust":               {text: "deadline has elapsed", want: report.MechanismLatency},
		"ruby":               {text: "Net::ReadTimeout with #<TCPSocket:(closed)>", want: report.MechanismLatency},
		"an answer of a bug": {text: "index 7 out of range", want: report.MechanismError},
		"a pool is used up":  {text: "timed out waiting for a pooled connection"}, // front's own
		"an order":           {text: "the order was cancelled", want: report.MechanismError},
	} {
		ev := &gathered.Evidence{Entities: casetest.Entities("front", "stock"), Alerting: []string{"front"}, Edges: []evidence.Edge{{Caller: "front", Callee: "stock"}}}
		for i := range 60 {
			bad, ms, text := i >= 40, 20.0, ""
			if bad {
				ms, text = 2000, c.text
			}
			casetest.AddTrace(ev, casetest.TraceID(i), !bad, casetest.Call{Service: "front", Op: "GET /", Ms: ms + 10, Failed: bad, Calls: []casetest.Call{
				{Service: "front", Op: "GET", At: 2, Ms: ms, Failed: bad, Text: text, Kind: evidence.SpanClient, Peer: "stock"}}})
			if tr := &ev.Traces[len(ev.Traces)-1]; bad && c.attribute != "" {
				tr.Spans[1].Attributes[c.attribute] = c.value
			}
		}
		innermost := report.Mechanism("")
		for _, x := range Causes(view.New(ev)) {
			for _, term := range x.Terms {
				if x.Entity.Name == "stock" && term.ID == "error/innermost" && !term.Borrowed {
					innermost = x.Mechanism
				}
			}
		}
		if innermost != c.want {
			t.Errorf("%s: failures at stock speak for %q, want %q", name, innermost, c.want)
		}
	}
}

// TestACallThatWasNeverSentIsNoFailureOfItsCallee: when the time of a request is
// spent, the calls that are left end at once. They are the doing of what took the
// time, and say nothing of their own callee.
func TestACallThatWasNeverSentIsNoFailureOfItsCallee(t *testing.T) {
	ev := &gathered.Evidence{Entities: casetest.Entities("front", "stock", "price"), Alerting: []string{"front"},
		Edges: []evidence.Edge{{Caller: "front", Callee: "stock"}, {Caller: "front", Callee: "price"}}}
	call := func(callee string, at, ms float64) casetest.Call {
		return casetest.Call{Service: "front", Op: "GET", At: at, Ms: ms, Kind: evidence.SpanClient, Calls: []casetest.Call{{Service: callee, Op: "/" + callee, At: at, Ms: 15, Kind: evidence.SpanServer}}}
	}
	for i := range 60 {
		root := casetest.Call{Service: "front", Op: "GET /", Ms: 70, Calls: []casetest.Call{call("stock", 2, 16), call("stock", 20, 16), call("price", 40, 16)}}
		if i >= 40 {
			gone := casetest.Call{Service: "front", Op: "GET", At: 2100, Ms: 0.006, Kind: evidence.SpanClient, Peer: "price", Failed: true, Text: "context canceled"}
			root = casetest.Call{Service: "front", Op: "GET /", Ms: 2110, Calls: []casetest.Call{call("stock", 2, 1016), call("stock", 1020, 1016), gone}}
		}
		casetest.AddTrace(ev, casetest.TraceID(i), i < 40, root)
	}
	wantFirst(t, ev, "stock", report.MechanismLatency)
	for _, x := range Causes(view.New(ev)) {
		if x.Entity.Name == "price" && x.Score > 0 {
			t.Errorf("price, to which nothing was sent: got %d points for %s: %s", x.Score, x.Mechanism, x.Sentence)
		}
		for _, term := range x.Terms {
			if term.ID == "behaviour/repeated-calls" {
				t.Errorf("%s: %s", x.Entity.Name, term.Why)
			}
		}
	}
}

// TestWhatIsCalledOffIsNotBlamedForWhatFailedBesideIt: of calls side by side the
// others are cancelled once one fails.
func TestWhatIsCalledOffIsNotBlamedForWhatFailedBesideIt(t *testing.T) {
	ev := &gathered.Evidence{Entities: casetest.Entities("front", "stock", "price"), Alerting: []string{"front"},
		Edges: []evidence.Edge{{Caller: "front", Callee: "stock"}, {Caller: "front", Callee: "price"}}}
	for i := range 60 {
		bad := i >= 40
		call := func(callee string, ms float64, text string) casetest.Call {
			return casetest.Call{Service: "front", Op: "GET", At: 2, Ms: ms, Kind: evidence.SpanClient, Failed: bad, Text: text, Calls: []casetest.Call{{Service: callee, Op: "/" + callee, At: 3, Ms: ms - 2, Kind: evidence.SpanServer, Failed: bad, Text: text}}}
		}
		a, b := call("stock", 40, ""), call("price", 60, "")
		if bad {
			a, b = call("stock", 41, "context canceled"), call("price", 40, "no rule for this currency")
		}
		casetest.AddTrace(ev, casetest.TraceID(i), !bad, casetest.Call{Service: "front", Op: "GET /", Ms: 70, Failed: bad, Calls: []casetest.Call{a, b}})
	}
	wantFirst(t, ev, "price", report.MechanismError)
	for _, x := range Causes(view.New(ev)) {
		for _, term := range x.Terms {
			if x.Entity.Name == "stock" && term.ID == "error/innermost" {
				t.Errorf("stock was called off: got %d: %s", term.Points, term.Why)
			}
		}
	}
}
