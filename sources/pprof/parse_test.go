package pprof_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/pprof"
)

var taken = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// cpu is a profile as runtime/pprof makes them, changed by the caller.
func cpu(change func(*profile.Profile)) []byte {
	f := &profile.Function{ID: 1, Name: "shop.example/cart.Add", Filename: "shop.example/cart/cart.go"}
	g := &profile.Function{ID: 2, Name: "shop.example/cart.Serve", Filename: "shop.example/cart/cart.go"}
	m := &profile.Mapping{ID: 1, BuildID: "abc123"}
	inner := &profile.Location{ID: 1, Mapping: m, Line: []profile.Line{{Function: f, Line: 10}, {Function: g, Line: 20}}} // Add was inlined
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		TimeNanos:  taken.UnixNano(), DurationNanos: int64(30 * time.Second),
		Sample: []*profile.Sample{
			{Value: []int64{3, 30e6}, Location: []*profile.Location{inner}, Label: map[string][]string{"trace_id": {"AB12"}}},
			{Value: []int64{1, 10e6}, Location: []*profile.Location{inner}},
			{Value: []int64{2, 20e6}, Location: []*profile.Location{inner}},
		},
		Location: []*profile.Location{inner}, Function: []*profile.Function{f, g}, Mapping: []*profile.Mapping{m},
	}
	if change != nil {
		change(p)
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestAProfileIsReadWithItsLabelsAndInlinedFrames(t *testing.T) {
	p, err := pprof.Parse(bytes.NewReader(cpu(nil)))
	if err != nil {
		t.Fatal(err)
	}
	if p.Kind != evidence.ProfileCPU || !p.Start.Equal(taken) || p.Duration != 30*time.Second || p.Build != "abc123" || p.Total != 60e6 || len(p.Samples) != 2 {
		t.Fatalf("got %+v", p)
	}
	labelled, rest := p.Samples[0], p.Samples[1]
	if labelled.TraceID != "" {
		labelled, rest = rest, labelled
	}
	if rest.TraceID != "ab12" || rest.Value != 30e6 || labelled.Value != 30e6 || len(rest.Stack) != 2 || rest.Stack[0].Line != 10 || rest.Stack[1].Function != "shop.example/cart.Serve" {
		t.Errorf("got %+v", p.Samples)
	}
}

// TestALabelIsKnownHoweverItIsSpelt is of what different hands call the same label.
func TestALabelIsKnownHoweverItIsSpelt(t *testing.T) {
	for label, want := range map[string][2]string{
		"trace_id": {"ab12", ""}, "traceID": {"ab12", ""}, "traceId": {"ab12", ""}, "TraceID": {"ab12", ""}, "traceid": {"ab12", ""}, "trace-id": {"ab12", ""},
		"trace id": {"ab12", ""}, "otel.trace_id": {"ab12", ""}, "otelTraceID": {"ab12", ""}, "span_id": {"", "ab12"}, "spanId": {"", "ab12"}, "span id": {"", "ab12"},
		"otel.span_id": {"", "ab12"}, "profile_id": {"", "ab12"}, "trace": {}, "parent_trace_id": {}, "local root span id": {}, strings.Repeat("_", 1000) + "trace_id": {},
	} {
		p, err := pprof.Parse(bytes.NewReader(cpu(func(p *profile.Profile) {
			p.Sample = p.Sample[:1]
			p.Sample[0].Label = map[string][]string{label: {"AB12"}, "endpoint": {"GET /"}}
		})))
		if err != nil || len(p.Samples) != 1 || [2]string{p.Samples[0].TraceID, p.Samples[0].SpanID} != want {
			t.Errorf("%.40s: got %+v, %v, want %v", label, p.Samples, err, want)
		}
	}
}

// TestStacksThatSayTheSameAreOne is of locations that differ by their addresses alone,
// of some without a name, and of a function that calls itself without end.
func TestStacksThatSayTheSameAreOne(t *testing.T) {
	p, err := pprof.Parse(bytes.NewReader(cpu(func(p *profile.Profile) {
		again, nameless := *p.Location[0], &profile.Location{ID: 3}
		again.ID, again.Address = 2, 0x10
		p.Location = append(p.Location, &again, nameless)
		deep := slices.Repeat([]*profile.Location{&again}, 5000)
		p.Sample = []*profile.Sample{
			{Value: []int64{1, 10e6}, Location: []*profile.Location{p.Location[0]}}, {Value: []int64{1, 10e6}, Location: []*profile.Location{nameless, &again}},
			{Value: []int64{1, 10e6}, Location: deep}, {Value: []int64{1, 10e6}, Location: deep[1:]}, {Value: []int64{1, -10e6}, Location: deep}, {Value: []int64{1, 10e6}, Location: []*profile.Location{nameless}},
		}
	})))
	if err != nil || len(p.Samples) != 2 || p.Total != 50e6 || p.Nameless != 10e6 {
		t.Fatalf("got %d samples, %d and %d, %v", len(p.Samples), p.Total, p.Nameless, err)
	}
	for i, depth := range []int{2, 200} {
		if s := p.Samples[i]; s.Value != 20e6 || len(s.Stack) != depth {
			t.Errorf("got %d in %d frames, want %d", s.Value, len(s.Stack), depth)
		}
	}
}

// TestWhatIsNoProfileIsRefused holds every kind of bad input to one clear sentence.
func TestWhatIsNoProfileIsRefused(t *testing.T) {
	zipped := func(r io.Reader) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.Copy(z, r)
		_ = z.Close()
		return b.Bytes()
	}
	whole := cpu(nil)
	for _, c := range []struct {
		name string
		body io.Reader
		want string
	}{
		{"400 MB", io.LimitReader(zeros{}, 400<<20), "more than 32 MiB"},
		{"a bomb", bytes.NewReader(zipped(io.LimitReader(zeros{}, 80<<20))), "more than 64 MiB once unpacked"},
		{"nothing", strings.NewReader(""), "is no profile in pprof's format"},
		{"a page", strings.NewReader("<html>401 Authorization Required</html>"), "is no profile in pprof's format"},
		{"half of one", bytes.NewReader(whole[:len(whole)/2]), "is not gzipped whole"},
		{"text", strings.NewReader("goroutine profile: total 8\n1 @ 0x1 0x2\n"), "is no profile in pprof's format"},
		{"locks", bytes.NewReader(cpu(func(p *profile.Profile) { p.SampleType[1] = &profile.ValueType{Type: "delay", Unit: "nanoseconds"} })), "counts samples, delay"},
		{"no time", bytes.NewReader(cpu(func(p *profile.Profile) { p.TimeNanos = 0 })), "does not say when"},
		{"more than can be added up", bytes.NewReader(cpu(func(p *profile.Profile) {
			for _, s := range p.Sample {
				s.Value[1] = math.MaxInt64
			}
		})), "more than can be added up"},
		{"no length", bytes.NewReader(cpu(func(p *profile.Profile) { p.DurationNanos = 0 })), "over which time"},
	} {
		_, err := pprof.Parse(c.body)
		if !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestWithoutNamesAProfileSaysSo is of a binary that names nothing.
func TestWithoutNamesAProfileSaysSo(t *testing.T) {
	p, err := pprof.Parse(bytes.NewReader(cpu(func(p *profile.Profile) {
		p.Location[0].Line, p.Function = nil, nil
	})))
	if err != nil || p.Nameless != p.Total || p.Total != 60e6 || len(p.Samples) != 0 {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestHostileNamesAreBounded(t *testing.T) {
	p, err := pprof.Parse(bytes.NewReader(cpu(func(p *profile.Profile) {
		p.Function[0].Name = "\x1b[31m" + strings.Repeat("ü", 5000)
		p.Function[0].Filename = strings.Repeat("/x", 5000)
		p.Sample[0].Label = map[string][]string{"trace_id": {strings.Repeat("f", 1000)}}
	})))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Samples {
		if f := s.Stack[0]; len(f.Function) > 300 || len(f.File) > 300 || strings.Contains(f.Function, "\x1b") || s.TraceID != "" {
			t.Errorf("got %d and %d bytes, trace %.10q", len(f.Function), len(f.File), s.TraceID)
		}
	}
}

func TestNamesOfFilesAreTurnedRound(t *testing.T) {
	for _, service := range []string{"cart", "shop.cart", "a/b c:d", "..", "ü"} {
		name := pprof.FileName(service, evidence.ProfileHeap, "20260301T120000Z")
		got, kind, ok := pprof.ParseFileName(name)
		if !ok || got != service || kind != evidence.ProfileHeap || filepath.Base(name) != name {
			t.Errorf("%q: got %q, %s, %v by %s", service, got, kind, ok, name)
		}
	}
	for _, name := range []string{"cart.pb.gz", "cart.cpu.pb.gz", "cart.locks.1.pb.gz", ".cpu.1.pb.gz", "cart.cpu.1.gz"} {
		if service, _, ok := pprof.ParseFileName(name); ok {
			t.Errorf("%s: got %q, want nothing", name, service)
		}
	}
}

// FuzzParse reads whatever comes.
func FuzzParse(f *testing.F) {
	f.Add(cpu(nil))
	files, _ := filepath.Glob("../../cmd/wherefore/testdata/profiled/*/profiles/bidder.*.pb.gz")
	for _, file := range files {
		if raw, err := os.ReadFile(file); err == nil {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := pprof.Parse(bytes.NewReader(raw))
		if err == nil && (p.Total < 0 || p.Kind == "") {
			t.Errorf("got %+v", p)
		}
	})
}

// profileAt is a profile of processor time that was begun at an instant.
func profileAt(at time.Time) string {
	return string(cpu(func(p *profile.Profile) { p.TimeNanos = at.UnixNano() }))
}

func ints(list []int) string { return fmt.Sprint(append([]int{}, list...)) }
