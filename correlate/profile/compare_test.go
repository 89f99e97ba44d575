package profile_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/profile"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// own is a frame of a service's code, lib one of the runtime's.
func own(function string, line int) evidence.Frame {
	return evidence.Frame{Function: "shop.example/cart." + function, File: "shop.example/cart/cart.go", Line: line, Rung: evidence.LocationProfile}
}

func lib(function string) evidence.Frame {
	return evidence.Frame{Function: "runtime." + function, File: "runtime/proc.go", Line: 7, Rung: evidence.LocationProfile}
}

// cpu is a profile of thirty seconds with samples of so many hundredths of a second.
func cpu(samples ...evidence.ProfileSample) *evidence.Profile {
	p := &evidence.Profile{Service: "cart", Kind: evidence.ProfileCPU, Start: start, Duration: 30 * time.Second, Samples: samples}
	for _, s := range samples {
		p.Total += s.Value
	}
	return p
}

func ticks(n int64, stack ...evidence.Frame) evidence.ProfileSample {
	return evidence.ProfileSample{Value: n * 10_000_000, Stack: stack}
}

func traced(s evidence.ProfileSample, trace string) evidence.ProfileSample {
	s.TraceID = trace
	return s
}

func compare(before, during *evidence.Profile, side profile.Side) report.ProfileView {
	return profile.Compare(before, during, side, &weights.Default().Profile)
}

// TestWhatGrewIsNamedByTheInnermostOwnFrame has what must count and what must not.
func TestWhatGrewIsNamedByTheInnermostOwnFrame(t *testing.T) {
	for _, c := range []struct {
		name           string
		before, during *evidence.Profile
		want           string // function:line, each
	}{
		{"a loop", cpu(ticks(100, own("Add", 10))), cpu(ticks(100, own("Add", 10)), ticks(900, own("Spin", 20))), "[Spin:20]"},
		{"what the loop calls is the loop's", cpu(ticks(100, own("Add", 10))), cpu(ticks(100, own("Add", 10)), ticks(600, lib("memmove"), own("Spin", 20)), ticks(300, lib("growslice"), own("Spin", 21))), "[Spin:20]"},
		{"the line that grew and not the one that was large", cpu(ticks(500, own("Spin", 20))), cpu(ticks(500, own("Spin", 20)), ticks(400, own("Spin", 25))), "[Spin:25]"},
		{"half of each", cpu(ticks(10, own("Add", 10))), cpu(ticks(510, own("Add", 10)), ticks(600, own("Spin", 20))), "[Spin:20 Add:10]"},
		{"the same", cpu(ticks(900, own("Spin", 20))), cpu(ticks(930, own("Spin", 20))), "[]"},
		{"within the noise of the sampling", cpu(ticks(2, own("Spin", 20))), cpu(ticks(14, own("Spin", 20))), "[]"},
		{"a sliver of what grew", cpu(ticks(0, own("Add", 10))), cpu(ticks(160, own("Add", 10)), ticks(2000, own("Spin", 20))), "[Spin:20]"},
		{"nobody's code", cpu(), cpu(ticks(900, lib("gcDrain"), lib("gcBgMarkWorker"))), "[]"},
		{"code without a line", cpu(), cpu(ticks(900, evidence.Frame{Function: "_cgo_call"})), "[]"},
	} {
		if got := placesOf(compare(c.before, c.during, nil)); got != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

// placesOf are the functions that are named, each with its line.
func placesOf(v report.ProfileView) string {
	got := []string{}
	for _, p := range v.Places {
		got = append(got, fmt.Sprintf("%s:%d", p.Function[len("shop.example/cart."):], p.Frame.Line))
	}
	return fmt.Sprint(got)
}

func TestLengthsOfProfilesDoNotMatter(t *testing.T) {
	short := cpu(ticks(100, own("Add", 10)))
	short.Duration = 10 * time.Second
	if got := compare(short, cpu(ticks(310, own("Add", 10))), nil); len(got.Places) != 0 || got.Was != 0.1 {
		t.Errorf("got %+v, want a tenth of a core both times", got)
	}
}

func TestHeapAndGoroutinesAreHeldAsTheyAre(t *testing.T) {
	held := func(kind evidence.ProfileKind, n int64) *evidence.Profile {
		return &evidence.Profile{Kind: kind, Start: start, Total: n, Samples: []evidence.ProfileSample{{Value: n, Stack: []evidence.Frame{lib("mallocgc"), own("Keep", 5), own("Serve", 9)}}}}
	}
	for _, c := range []struct {
		kind     evidence.ProfileKind
		was, now int64
		want     int
	}{
		{evidence.ProfileHeap, 1 << 20, 100 << 20, 1}, {evidence.ProfileHeap, 1 << 20, 2 << 20, 0}, {evidence.ProfileHeap, 90 << 20, 100 << 20, 0},
		{evidence.ProfileGoroutine, 20, 900, 1}, {evidence.ProfileGoroutine, 20, 25, 0},
	} {
		got := compare(held(c.kind, c.was), held(c.kind, c.now), nil)
		if len(got.Places) != c.want || c.want == 1 && (got.Places[0].Frame.Line != 5 || got.Places[0].Callers[0].Line != 9) {
			t.Errorf("%s from %d to %d: got %+v", c.kind, c.was, c.now, got.Places)
		}
	}
}

// TestRequestsThatFailAreHeldAgainstTheOthers has no profile from before.
func TestRequestsThatFailAreHeldAgainstTheOthers(t *testing.T) {
	side := func(trace, _ string) (bad, known bool) { return trace == "bad", trace != "stranger" }
	during := cpu(
		traced(ticks(90, own("Spin", 20)), "bad"), traced(ticks(10, own("Add", 10)), "bad"),
		traced(ticks(95, own("Add", 10)), "good"), traced(ticks(5, own("Spin", 20)), "good"),
		traced(ticks(900, own("Other", 30)), "stranger"), ticks(900, own("Other", 30)))
	got := compare(nil, during, side)
	if got.Traced != 200 || got.Bad != 100 || len(got.Places) != 1 || got.Places[0].Frame.Line != 20 || got.Places[0].BadShare != 0.9 || got.Places[0].RestShare != 0.05 {
		t.Errorf("got %d traced, %d bad and %+v", got.Traced, got.Bad, got.Places)
	}
	few := cpu(ticks(50, own("Add", 10)), ticks(60, own("Pay", 11)), traced(ticks(9, own("Spin", 20)), "bad"), traced(ticks(10, own("Add", 10)), "good"))
	if got := compare(nil, few, side); len(got.Places) != 0 {
		t.Errorf("got %+v of nineteen samples", got.Places)
	}
	most := cpu(ticks(900, own("Other", 30)), ticks(200, own("Spin", 20)))
	if got := compare(nil, most, nil); len(got.Places) != 1 || got.Places[0].Frame.Line != 30 || got.Places[0].BadShare != 0 {
		t.Errorf("got %+v with nothing to compare with, want what most is spent in", got.Places)
	}
}

// TestOrderDoesNotMatter compares the same samples in another order.
func TestOrderDoesNotMatter(t *testing.T) {
	var list []evidence.ProfileSample
	for i := range int64(60) {
		list = append(list, ticks(50+i%3, lib("x"), own(fmt.Sprintf("F%d", i%7), int(10+i%5)), own("Serve", int(90+i%2))))
	}
	was := cpu(ticks(30, own("F1", 11)))
	one, _ := json.Marshal(compare(was, cpu(list...), nil))
	slices.Reverse(list)
	two, _ := json.Marshal(compare(was, cpu(list...), nil))
	if string(one) != string(two) {
		t.Errorf("got\n%s\nand\n%s", one, two)
	}
}

// TestATreeIsBounded has far more stacks than a page can show.
func TestATreeIsBounded(t *testing.T) {
	var list []evidence.ProfileSample
	for i := range int64(5000) {
		var stack []evidence.Frame
		for d := range int64(100) {
			stack = append(stack, own(fmt.Sprintf("F%d_%d", i%150, d), 1))
		}
		list = append(list, ticks(1+i%9, stack...))
	}
	nodes, deepest := 0, 0
	var walk func(n *report.FlameNode, depth int)
	walk = func(n *report.FlameNode, depth int) {
		nodes++
		deepest = max(deepest, depth)
		for _, b := range n.Below {
			walk(b, depth+1)
		}
	}
	walk(compare(nil, cpu(list...), nil).Flame, 0)
	if nodes > 300 || deepest > 41 || nodes < 30 {
		t.Errorf("got %d nodes, %d deep", nodes, deepest)
	}
}

// TestNumbersOfProcessesDoNotMatter: before is of three processes, during of two.
func TestNumbersOfProcessesDoNotMatter(t *testing.T) {
	before, during := cpu(ticks(300, own("Add", 10))), cpu(ticks(200, own("Add", 10)), ticks(400, own("Spin", 20)))
	before.Processes, during.Processes = 3, 2
	during.Notes = []string{"1 of 3 processes gave no profile"}
	got := compare(before, during, nil)
	if len(got.Places) != 1 || got.Places[0].Frame.Line != 20 || got.Was != 0.0667 || len(got.Notes) != 2 || before.Samples[0].Value != 3e9 {
		t.Errorf("got %+v, %q", got.Places, got.Notes)
	}
}

func TestADeclarationNamesTheFunction(t *testing.T) {
	for function, want := range map[string]string{
		"shop.example/cart.Add": "Add", "shop.example/v2/cart.(*Cart).Add": "Add", "main.main": "main", "shop.example/cart.Add[...]": "Add",
		"shop.example/cart.(*Set[go.shape.int]).Add": "Add", "shop.example/cart.Add.func1": "func", "shop.example/cart.Add.func1.2": "func", "shop.example/cart.glob..func3": "func",
		"shop.example/cart.init.0": "func", "shop.example/cart.(*Cart).Add-fm": "Add", "shop.example/cart.Each-range1": "", "shop.example/cart.Add.gowrap1": "", "shop.example/cart.Add.deferwrap2": "", "clone": "", "": "",
	} {
		if got := profile.Declared(function); got != want {
			t.Errorf("%s: got %q, want %q", function, got, want)
		}
	}
}

// TestWaitingIsToldByRequestOrByGrowth: whatever is idle waits, so that most of it
// alone says nothing.
func TestWaitingIsToldByRequestOrByGrowth(t *testing.T) {
	waiting := func(samples ...evidence.ProfileSample) *evidence.Profile {
		p := cpu(samples...)
		p.Kind, p.Duration = evidence.ProfileWait, 2*time.Second
		return p
	}
	side := func(trace, _ string) (bad, known bool) { return trace == "bad", true }
	lock, idle := own("Lock", 20), own("Idle", 30)
	for name, c := range map[string]struct {
		before, during *evidence.Profile
		side           profile.Side
		want           int // line, 0 for none
	}{
		"idle ones alone": {nil, waiting(ticks(900, idle)), nil, 0},
		"by request":      {nil, waiting(traced(ticks(80, lock), "bad"), traced(ticks(10, idle), "bad"), traced(ticks(90, idle), "good")), side, 20},
		"grown":           {waiting(ticks(200, idle)), waiting(ticks(200, idle), ticks(150, lock)), nil, 20},
		"as before":       {waiting(ticks(200, idle), ticks(150, lock)), waiting(ticks(210, idle), ticks(150, lock)), nil, 0},
	} {
		got := compare(c.before, c.during, c.side)
		line := 0
		if len(got.Places) > 0 {
			line = got.Places[0].Frame.Line
		}
		if line != c.want || got.Unit != "waiting" {
			t.Errorf("%s: got line %d in %s, want %d", name, line, got.Unit, c.want)
		}
	}
}

// TestAnotherNameIsNoGrowth compares two builds in which the same code has other names.
func TestAnotherNameIsNoGrowth(t *testing.T) {
	serve := own("Serve", 5)
	build := func(id string, p *evidence.Profile) *evidence.Profile {
		p.Build = id
		return p
	}
	for _, c := range []struct {
		name           string
		before, during *evidence.Profile
		want           string
	}{
		{"a literal before it moves the number", cpu(ticks(500, own("Run.func1", 20), serve)), cpu(ticks(3, own("Run.func1", 20), serve), ticks(510, own("Run.func2", 24), serve)), "[]"},
		{"one that is new and costs", cpu(ticks(500, own("Run.func1", 20), serve)), cpu(ticks(400, own("Run.func1", 20), serve), ticks(510, own("Run.func2", 24), serve)), "[Run.func1:20]"},
		{"one more behind those that stay", cpu(ticks(250, own("Run.func1", 20), serve), ticks(50, own("Run.func2", 24), serve)), cpu(ticks(250, own("Run.func1", 20), serve), ticks(50, own("Run.func2", 24), serve), ticks(300, own("Run.func3", 30), serve)), "[Run.func3:30]"},
		{"one inside of another", cpu(ticks(500, own("(*T).Run.func1.2", 20), serve)), cpu(ticks(500, own("(*T).Run.func3.1", 30), serve)), "[]"},
		{"the body of a loop", cpu(ticks(500, own("Run-range1", 20), serve)), cpu(ticks(500, own("Run-range2", 30), serve)), "[]"},
		{"another function's literal", cpu(ticks(500, own("Run.func1", 20), serve)), cpu(ticks(500, own("Walk.func1", 30), serve)), "[Walk.func1:30]"},
		{"a function renamed", cpu(ticks(500, own("Total", 20), serve)), cpu(ticks(520, own("Sum", 21), serve)), "[]"},
		{"a function renamed that costs more", cpu(ticks(200, own("Total", 20), serve)), cpu(ticks(900, own("Sum", 21), serve)), "[Sum:21]"},
		{"another caller", cpu(ticks(500, own("Total", 20), serve)), cpu(ticks(520, own("Sum", 21), own("Pay", 9))), "[Sum:21]"},
		{"new beside what is still there", cpu(ticks(500, own("Total", 20), serve)), cpu(ticks(500, own("Total", 20), serve), ticks(500, own("Sum", 40), serve)), "[Sum:40]"},
	} {
		v := compare(build("a", c.before), build("b", c.during), nil)
		if got := placesOf(v); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if len(v.Places) == 0 && v.Flame != nil {
			for n := v.Flame; n != nil; n = n.Below[0] {
				if n.Now > n.Was*1.1+0.1 {
					t.Errorf("%s: the picture has %s grow from %v to %v", c.name, n.Name, n.Was, n.Now)
				}
				if len(n.Below) == 0 {
					break
				}
			}
		}
	}
	// Within one build a number is a name.
	v := compare(build("a", cpu(ticks(500, own("Run.func1", 20), serve))), build("a", cpu(ticks(500, own("Run.func2", 24), serve))), nil)
	if got := placesOf(v); got != "[Run.func2:24]" {
		t.Errorf("one build: got %s", got)
	}
}
