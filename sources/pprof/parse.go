package pprof

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
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

// labelTrace is the label of a trace's ID as this program writes it.
const labelTrace = "trace_id"

// traceLabels and spanLabels are the labels that are taken for the ID of a trace and of
// a span, first match first, as plain makes them: what services set by runtime/pprof, as
// Grafana's and Datadog's wrappers do. Each spells them its own way.
var (
	traceLabels = []string{"traceid", "oteltraceid"}
	spanLabels  = []string{"spanid", "otelspanid", "profileid"}
)

// plain is a label's name in lower case without what joins its words: traceID,
// trace-id and "trace id" are trace_id.
func plain(label string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		case strings.ContainsRune("_-. ", r):
			return -1
		}
		return r
	}, label)
}

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
	if !fill(&out, p, at) {
		return evidence.Profile{}, fmt.Errorf("counts more than can be added up: %w", evidence.ErrInvalid)
	}
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
// ID once. It reports false where the values are more than can be added up.
func fill(out *evidence.Profile, p *profile.Profile, at int) bool {
	type key struct {
		stack       int
		trace, span string
	}
	index := map[key]int{}
	known := stacks{frames: map[uint64]int{}, byText: map[string]int{}, byFrames: map[string]int{}}
	for _, s := range p.Sample {
		value := s.Value[at]
		if value <= 0 {
			continue
		}
		if out.Total > mostTotal-value {
			return false
		}
		out.Total += value
		n := known.of(s.Location)
		if n < 0 {
			out.Nameless += value
			continue
		}
		k := key{stack: n}
		k.trace, k.span = ids(s)
		if i, ok := index[k]; ok {
			out.Samples[i].Value += value
			continue
		}
		index[k] = len(out.Samples)
		out.Samples = append(out.Samples, evidence.ProfileSample{Value: value, TraceID: k.trace, SpanID: k.span, Stack: known.list[n]})
	}
	slices.SortFunc(out.Samples, func(a, b evidence.ProfileSample) int {
		if c := cmp.Compare(b.Value, a.Value); c != 0 {
			return c
		}
		if &a.Stack[0] != &b.Stack[0] { // else it is the same
			if c := slices.CompareFunc(a.Stack, b.Stack, compareFrames); c != 0 {
				return c
			}
		}
		return cmp.Or(strings.Compare(a.TraceID, b.TraceID), strings.Compare(a.SpanID, b.SpanID))
	})
	out.Samples = slices.Clone(out.Samples[:min(len(out.Samples), maxSamples)]) // the rest need not be kept
	return true
}

// mostTotal is what a profile's values may come to, so that those of several processes
// and of what several functions call can be added up: of nanoseconds nine years.
const mostTotal = 1 << 58

// stacks are those of a profile, each of which is held once, however many samples have
// it.
type stacks struct {
	frames   map[uint64]int // of a location, by its ID: which list of frames it is
	byText   map[string]int // the lists by what they say: several locations say the same
	inner    [][]evidence.Frame
	byFrames map[string]int // the stacks by their lists
	list     [][]evidence.Frame
}

// of is the number of a stack, below 0 where it has no names.
func (s *stacks) of(locations []*profile.Location) int {
	var key []byte
	depth := 0
	for _, l := range locations {
		n, known := s.frames[l.ID]
		if !known {
			n = s.framesAt(l)
			s.frames[l.ID] = n
		}
		if len(s.inner[n]) == 0 {
			continue
		}
		key = binary.AppendUvarint(key, uint64(n))
		if depth += len(s.inner[n]); depth >= maxDepth {
			break
		}
	}
	if depth == 0 {
		return -1
	}
	if n, known := s.byFrames[string(key)]; known {
		return n
	}
	stack := make([]evidence.Frame, 0, depth)
	for rest := key; len(rest) > 0; {
		n, size := binary.Uvarint(rest)
		stack, rest = append(stack, s.inner[n]...), rest[size:]
	}
	s.byFrames[string(key)] = len(s.list)
	s.list = append(s.list, stack[:min(len(stack), maxDepth)])
	return len(s.list) - 1
}

// framesAt is the number of a location's list of frames.
func (s *stacks) framesAt(l *profile.Location) int {
	list := framesAt(l)
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%s\x00%s\x00%d\x00", f.Function, f.File, f.Line)
	}
	n, known := s.byText[b.String()]
	if !known {
		n = len(s.inner)
		s.byText[b.String()], s.inner = n, append(s.inner, list)
	}
	return n
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

// longestLabel is more than any spelling of those that are looked for has, in bytes.
const longestLabel = 20

// ids are the IDs of the trace and of the span that a sample was spent for, in lower
// case, empty where it says none.
func ids(s *profile.Sample) (traceID, spanID string) {
	var names []string
	for name, v := range s.Label {
		if len(name) <= longestLabel && len(v) > 0 && v[0] != "" && len(v[0]) <= maxID {
			names = append(names, name)
		}
	}
	slices.Sort(names) // of two spellings one has to be taken
	first := func(labels []string) string {
		for _, l := range labels {
			if i := slices.IndexFunc(names, func(name string) bool { return plain(name) == l }); i >= 0 {
				return strings.ToLower(s.Label[names[i]][0])
			}
		}
		return ""
	}
	return first(traceLabels), first(spanLabels)
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
