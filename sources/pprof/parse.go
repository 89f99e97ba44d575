package pprof

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile" // the format's own reader; nobody keeps another

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Bounds on one profile. One of a busy service has some hundred kilobytes.
const (
	MaxPacked   = 32 << 20 // bytes as they come
	maxUnpacked = 64 << 20
	maxSamples  = 20_000 // the largest are kept
	maxDepth    = 200    // frames of one stack, from the innermost out
	maxName     = 300    // bytes of a function or file
	maxID       = 64     // bytes of a trace's or a span's ID
)

// TraceLabels and SpanLabels are the labels that are taken for the ID of a trace and
// of a span where nothing else is configured, first match first: what services set
// by runtime/pprof, as Grafana's and Datadog's wrappers do.
var (
	TraceLabels = []string{"trace_id", "otel.trace_id", "traceID", "trace id"}
	SpanLabels  = []string{"span_id", "otel.span_id", "profile_id", "span id"}
)

// Parse reads a profile, gzipped or not. Which kind it is stands in it. The error
// is evidence.ErrInvalid and says what is wrong with it.
func Parse(r io.Reader) (evidence.Profile, error) {
	raw, err := unpack(r)
	if err != nil {
		return evidence.Profile{}, err
	}
	p, err := parseRaw(raw)
	if err != nil {
		return evidence.Profile{}, fmt.Errorf("is no profile in pprof's format: %s: %w", evidence.Sentence(err), evidence.ErrInvalid)
	}
	kind, at, ok := kindOf(p)
	if !ok {
		return evidence.Profile{}, fmt.Errorf("counts %s, and only CPU time, bytes in use and goroutines are read: %w", countsOf(p), evidence.ErrInvalid)
	}
	out := evidence.Profile{Kind: kind, Start: time.Unix(0, p.TimeNanos).UTC()}
	if kind.Timed() {
		if out.Duration = time.Duration(p.DurationNanos); out.Duration <= 0 {
			return evidence.Profile{}, fmt.Errorf("does not say over which time it counts: %w", evidence.ErrInvalid)
		}
	}
	if p.TimeNanos <= 0 {
		return evidence.Profile{}, fmt.Errorf("does not say when it was taken: %w", evidence.ErrInvalid)
	}
	if len(p.Mapping) > 0 {
		out.Build = cut(p.Mapping[0].BuildID, maxID)
	}
	readNotes(&out, p.Comments)
	fill(&out, p, at)
	out.Begins = begins(p)
	return out, nil
}

// begins are the lines at which functions begin, where the profile has them; of
// several builds they differ.
func begins(p *profile.Profile) map[string]int {
	lines := map[string]int{}
	for _, f := range p.Function {
		if f.Name == "" || f.StartLine <= 0 || f.StartLine >= 1<<31 {
			continue
		}
		name := cut(f.Name, maxName)
		if was, ok := lines[name]; ok && was != int(f.StartLine) {
			lines[name] = 0
			continue
		}
		lines[name] = int(f.StartLine)
	}
	return lines
}

// parseRaw is the library's reader; what is made to break it is an error like any
// other.
func parseRaw(raw []byte) (p *profile.Profile, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = errors.New("it contradicts itself")
		}
	}()
	if p, err = profile.ParseUncompressed(raw); err != nil {
		return nil, err
	}
	return p, p.CheckValid()
}

// unpack reads up to the limits.
func unpack(r io.Reader) ([]byte, error) {
	packed, err := io.ReadAll(io.LimitReader(r, MaxPacked+1))
	if err != nil {
		return nil, err
	}
	if len(packed) > MaxPacked {
		return nil, fmt.Errorf("has more than %d MiB: %w", MaxPacked>>20, evidence.ErrInvalid)
	}
	if len(packed) < 2 || packed[0] != 0x1f || packed[1] != 0x8b {
		return packed, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("is not gzipped whole: %w", evidence.ErrInvalid)
	}
	raw, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("is not gzipped whole: %w", evidence.ErrInvalid)
	case len(raw) > maxUnpacked:
		return nil, fmt.Errorf("has more than %d MiB once unpacked: %w", maxUnpacked>>20, evidence.ErrInvalid)
	}
	return raw, nil
}

// kindOf says what a profile counts and which of a sample's values that is.
func kindOf(p *profile.Profile) (evidence.ProfileKind, int, bool) {
	for i, t := range p.SampleType {
		switch t.Type + "/" + t.Unit {
		case "cpu/nanoseconds":
			return evidence.ProfileCPU, i, true
		case "inuse_space/bytes":
			return evidence.ProfileHeap, i, true
		case "wait/nanoseconds": // as Waits makes them
			return evidence.ProfileWait, i, true
		case "goroutine/count", "goroutines/count":
			return evidence.ProfileGoroutine, i, true
		}
	}
	return "", 0, false
}

func countsOf(p *profile.Profile) string {
	var list []string
	for _, t := range p.SampleType[:min(len(p.SampleType), 4)] {
		list = append(list, cut(t.Type, maxID))
	}
	return cmp.Or(strings.Join(list, ", "), "nothing")
}

// fill turns the samples' values of one type into evidence, each stack under each
// ID once.
func fill(out *evidence.Profile, p *profile.Profile, at int) {
	type key struct{ stack, trace, span string }
	index := map[key]int{}
	frames := map[uint64][]evidence.Frame{}
	for _, s := range p.Sample {
		value := s.Value[at]
		if value <= 0 {
			continue
		}
		out.Total += value
		x := evidence.ProfileSample{Value: value, TraceID: labelled(s, TraceLabels), SpanID: labelled(s, SpanLabels)}
		for _, l := range s.Location {
			if frames[l.ID] == nil {
				frames[l.ID] = framesAt(l)
			}
			if x.Stack = append(x.Stack, frames[l.ID]...); len(x.Stack) >= maxDepth {
				x.Stack = x.Stack[:maxDepth]
				break
			}
		}
		if len(x.Stack) == 0 {
			out.Nameless += value
			continue
		}
		k := key{stackKey(x.Stack), x.TraceID, x.SpanID}
		if i, ok := index[k]; ok {
			out.Samples[i].Value += value
			continue
		}
		index[k] = len(out.Samples)
		out.Samples = append(out.Samples, x)
	}
	slices.SortFunc(out.Samples, func(a, b evidence.ProfileSample) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), slices.CompareFunc(a.Stack, b.Stack, compareFrames), cmp.Compare(a.TraceID, b.TraceID), cmp.Compare(a.SpanID, b.SpanID))
	})
	out.Samples = out.Samples[:min(len(out.Samples), maxSamples)]
}

func stackKey(stack []evidence.Frame) string {
	var b strings.Builder
	for _, f := range stack {
		fmt.Fprintf(&b, "%s\x00%s\x00%d\x00", f.Function, f.File, f.Line)
	}
	return b.String()
}

func compareFrames(a, b evidence.Frame) int {
	return cmp.Or(cmp.Compare(a.Function, b.Function), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
}

// framesAt are the frames of one location, the innermost of what was inlined there
// first; none where it has no name.
func framesAt(l *profile.Location) []evidence.Frame {
	list := []evidence.Frame{}
	for _, line := range l.Line {
		if line.Function == nil || line.Function.Name == "" {
			continue
		}
		f := evidence.Frame{Function: cut(line.Function.Name, maxName), File: cut(line.Function.Filename, maxName), Rung: evidence.LocationProfile}
		if line.Line > 0 && line.Line < 1<<31 {
			f.Line = int(line.Line)
		}
		list = append(list, f)
	}
	return list
}

// labelled is the first of some labels that a sample has, in lower case.
func labelled(s *profile.Sample, names []string) string {
	for _, n := range names {
		if v := s.Label[n]; len(v) > 0 && len(v[0]) <= maxID {
			return strings.ToLower(v[0])
		}
	}
	return ""
}

// cut bounds a foreign text at a whole character and takes line breaks and
// terminals' codes out of it.
func cut(s string, most int) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s[:min(len(s), most)], ""))
}
