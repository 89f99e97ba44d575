package pprof

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
	"golang.org/x/exp/trace" // the runtime's own reader of execution traces, kept by the Go team

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Bounds of one execution trace.
const (
	mostEvents = 5_000_000
	mostWaits  = 50_000 // different stacks, reasons and tasks
	mostTasks  = 100_000
	mostAbove  = 16 // tasks within tasks
	shownWaits = 3  // reasons that the note names
)

// processorWait is the reason of a goroutine that could run and was not let.
const processorWait = "a processor"

// Waits makes a profile of an execution trace of Go's runtime: how long goroutines
// waited, and at which line. Where tasks (runtime/trace.NewTask) or regions carry the
// ID of a trace, by trace.Log(ctx, "trace_id", id), it has the waits of those alone,
// each labelled with its ID; where none does, those of all. What all waited for in
// total is in its notes either way. The error is evidence.ErrInvalid.
func Waits(r io.Reader, start time.Time) (raw []byte, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("is no execution trace: it contradicts itself: %w", evidence.ErrInvalid)
		}
	}()
	limited := &io.LimitedReader{R: r, N: MaxPacked + 1}
	events, err := trace.NewReader(bufio.NewReader(limited))
	if err != nil {
		return nil, fmt.Errorf("is no execution trace: %s: %w", evidence.Sentence(err), evidence.ErrInvalid)
	}
	w := waits{goroutines: map[trace.GoID]*goroutine{}, tasks: map[trace.TaskID]*task{}, spent: map[wait]int64{}, total: map[string]int64{}}
	for n := 0; ; n++ {
		e, err := events.ReadEvent()
		if errors.Is(err, io.EOF) {
			break
		}
		switch {
		case limited.N <= 0:
			return nil, fmt.Errorf("is an execution trace of more than %d MiB: take a shorter one: %w", MaxPacked>>20, evidence.ErrInvalid)
		case n == mostEvents:
			return nil, fmt.Errorf("is an execution trace of more than %d events: take a shorter one: %w", mostEvents, evidence.ErrInvalid)
		case err != nil:
			return nil, fmt.Errorf("is no whole execution trace: %s: %w", evidence.Sentence(err), evidence.ErrInvalid)
		}
		w.event(e)
	}
	return w.profile(start)
}

// waits is what is known while a trace is read.
type waits struct {
	goroutines  map[trace.GoID]*goroutine
	tasks       map[trace.TaskID]*task
	spent       map[wait]int64 // nanoseconds
	total       map[string]int64
	worst       int64 // the longest that one waited for a processor
	first, last trace.Time
}

type goroutine struct {
	waits bool
	since trace.Time
	stack trace.Stack
	why   string
	in    []trace.TaskID // the innermost last
}

type task struct {
	above trace.TaskID
	id    string // of the trace that it is part of
}

// wait is what is told apart.
type wait struct {
	stack trace.Stack
	why   string
	in    trace.TaskID
}

func (w *waits) event(e trace.Event) {
	if w.first == 0 {
		w.first = e.Time()
	}
	w.last = max(w.last, e.Time())
	switch e.Kind() {
	case trace.EventStateTransition:
		if st := e.StateTransition(); st.Resource.Kind == trace.ResourceGoroutine {
			w.transition(e, st)
		}
	case trace.EventTaskBegin:
		w.taskOf(e.Task().ID).above = e.Task().Parent
		w.enter(e.Goroutine(), e.Task().ID)
	case trace.EventTaskEnd:
		w.leave(e.Goroutine(), e.Task().ID)
	case trace.EventRegionBegin:
		w.enter(e.Goroutine(), e.Region().Task)
	case trace.EventRegionEnd:
		w.leave(e.Goroutine(), e.Region().Task)
	case trace.EventLog:
		if l := e.Log(); slices.Contains(traceLabels, plain(l.Category)) && l.Message != "" && len(l.Message) <= maxID {
			w.taskOf(l.Task).id = strings.ToLower(cut(l.Message, maxID))
		}
	}
}

func (w *waits) of(g trace.GoID) *goroutine {
	x := w.goroutines[g]
	if x == nil {
		x = &goroutine{}
		w.goroutines[g] = x
	}
	return x
}

func (w *waits) taskOf(id trace.TaskID) *task {
	t := w.tasks[id]
	if t == nil {
		t = &task{above: trace.NoTask}
		if len(w.tasks) < mostTasks {
			w.tasks[id] = t
		}
	}
	return t
}

func (w *waits) enter(g trace.GoID, id trace.TaskID) {
	if x := w.of(g); id != trace.NoTask && len(x.in) < mostAbove {
		x.in = append(x.in, id)
	}
}

func (w *waits) leave(g trace.GoID, id trace.TaskID) {
	x := w.of(g)
	for i := len(x.in) - 1; i >= 0; i-- {
		if x.in[i] == id {
			x.in = slices.Delete(x.in, i, i+1)
			return
		}
	}
}

// transition notes that a goroutine began or ended to wait.
func (w *waits) transition(e trace.Event, st trace.StateTransition) {
	id := st.Resource.Goroutine()
	g := w.of(id)
	from, to := st.Goroutine()
	if from == trace.GoNotExist {
		if by, ok := w.goroutines[e.Goroutine()]; ok && e.Goroutine() != id { // who starts one does so for its own task
			g.in = slices.Clone(by.in)
		}
	}
	w.settle(g, e.Time())
	if stack := st.Stack; stack != trace.NoStack {
		g.stack = stack
	}
	switch to {
	case trace.GoWaiting:
		g.waits, g.since, g.why = true, e.Time(), st.Reason
	case trace.GoSyscall:
		g.waits, g.since, g.why = true, e.Time(), "a system call"
	case trace.GoRunnable:
		g.waits, g.since, g.why = true, e.Time(), processorWait
	case trace.GoNotExist:
		delete(w.goroutines, id)
	}
}

// settle counts what a goroutine has waited until now.
func (w *waits) settle(g *goroutine, now trace.Time) {
	if !g.waits {
		return
	}
	g.waits = false
	d := int64(now.Sub(g.since))
	if d <= 0 {
		return
	}
	why := cmp.Or(g.why, "something that the runtime does not name")
	w.total[why] += d
	if why == processorWait {
		w.worst = max(w.worst, d)
	}
	k := wait{g.stack, why, trace.NoTask}
	if len(g.in) > 0 {
		k.in = g.in[len(g.in)-1]
	}
	if _, ok := w.spent[k]; ok || len(w.spent) < mostWaits {
		w.spent[k] += d
	}
}

// traceOf is the trace that a task or one that it is in is part of.
func (w *waits) traceOf(id trace.TaskID) string {
	for range mostAbove {
		t := w.tasks[id]
		if t == nil || t.id != "" {
			break
		}
		id = t.above
	}
	if t := w.tasks[id]; t != nil {
		return t.id
	}
	return ""
}

// profile is what was found, as a file.
func (w *waits) profile(start time.Time) ([]byte, error) {
	for _, g := range w.goroutines {
		w.settle(g, w.last)
	}
	length := w.last.Sub(w.first)
	if length <= 0 {
		return nil, fmt.Errorf("is an execution trace of nothing: %w", evidence.ErrInvalid)
	}
	traced := 0
	for _, t := range w.tasks {
		if t.id != "" {
			traced++
		}
	}
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "wait", Unit: "nanoseconds"}}, TimeNanos: start.UnixNano(), DurationNanos: int64(length), Comments: w.notes(traced, length)}
	at := locations{p: p, functions: map[string]*profile.Function{}, locations: map[trace.StackFrame]*profile.Location{}}
	for k, d := range w.spent { // Parse brings them in order
		s := &profile.Sample{Value: []int64{d}, Location: at.of(k)}
		if id := w.traceOf(k.in); id != "" {
			s.Label = map[string][]string{labelTrace: {id}}
		} else if traced > 0 {
			continue
		}
		p.Sample = append(p.Sample, s)
	}
	var out bytes.Buffer
	err := p.Write(&out)
	return out.Bytes(), err
}

// notes say what the whole process waited for, and whether waits are told by request.
func (w *waits) notes(traced int, length time.Duration) []string {
	by := slices.SortedFunc(maps.Keys(w.total), func(a, b string) int { return cmp.Or(cmp.Compare(w.total[b], w.total[a]), cmp.Compare(a, b)) })
	var all []string
	for _, why := range by {
		if why != processorWait && len(all) < shownWaits {
			all = append(all, fmt.Sprintf("%s %s", cut(why, maxID), seconds(w.total[why])))
		}
	}
	said := "no task or region carries the ID of a trace (trace.Log with trace_id), so that these are the waits of all goroutines, idle ones too"
	if traced > 0 {
		said = fmt.Sprintf("only waits in the %d tasks that carry the ID of a trace are shown", traced)
	}
	return []string{noteSaid + said,
		noteSaid + fmt.Sprintf("in %s all goroutines together waited %s for a processor, the longest %s at once; for other things: %s",
			length.Round(time.Millisecond), seconds(w.total[processorWait]), seconds(w.worst), cmp.Or(strings.Join(all, ", "), "nothing"))}
}

func seconds(nanoseconds int64) string {
	return time.Duration(nanoseconds).Round(10 * time.Microsecond).String()
}

// locations are the stacks of a trace as those of a profile.
type locations struct {
	p         *profile.Profile
	functions map[string]*profile.Function
	locations map[trace.StackFrame]*profile.Location
}

// of is where something waited, innermost first, below what for.
func (s *locations) of(k wait) []*profile.Location {
	list := []*profile.Location{s.at(trace.StackFrame{Func: "waits for " + k.why})}
	for f := range k.stack.Frames() {
		f.PC = 0
		if list = append(list, s.at(f)); len(list) > maxDepth {
			break
		}
	}
	return list
}

func (s *locations) at(f trace.StackFrame) *profile.Location {
	if l := s.locations[f]; l != nil {
		return l
	}
	key := f.Func + "\x00" + f.File
	fn := s.functions[key]
	if fn == nil {
		fn = &profile.Function{ID: uint64(len(s.functions) + 1), Name: f.Func, Filename: f.File}
		s.functions[key], s.p.Function = fn, append(s.p.Function, fn)
	}
	l := &profile.Location{ID: uint64(len(s.locations) + 1), Line: []profile.Line{{Function: fn, Line: int64(f.Line)}}}
	s.locations[f], s.p.Location = l, append(s.p.Location, l)
	return l
}
