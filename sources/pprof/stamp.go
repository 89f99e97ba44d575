package pprof

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Stamp is a profile that a store merged from several, as one of a time that the
// store does not write into it, with every value multiplied by a ratio. The store may
// call its values what it likes: the first is taken for those of the kind.
func Stamp(r io.Reader, kind evidence.ProfileKind, start time.Time, length time.Duration, ratio float64) ([]byte, evidence.Profile, error) {
	raw, err := unpack(r)
	if err != nil {
		return nil, evidence.Profile{}, err
	}
	p, err := parseRaw(raw)
	if err != nil {
		return nil, evidence.Profile{}, fmt.Errorf("is no profile in pprof's format: %s: %w", evidence.Sentence(err), evidence.ErrInvalid)
	}
	if len(p.SampleType) == 0 || len(p.Sample) == 0 {
		return nil, evidence.Profile{}, fmt.Errorf("nothing was profiled then: %w", evidence.ErrNotFound)
	}
	_, at, known := kindOf(p)
	if !known {
		at = 0
	}
	unit := map[evidence.ProfileKind][2]string{evidence.ProfileCPU: {"cpu", "nanoseconds"}, evidence.ProfileHeap: {"inuse_space", "bytes"}, evidence.ProfileGoroutine: {"goroutine", "count"}}[kind]
	p.SampleType[at].Type, p.SampleType[at].Unit = unit[0], unit[1]
	p.SampleType = p.SampleType[at : at+1]
	for _, s := range p.Sample {
		s.Value = []int64{int64(math.Ceil(float64(s.Value[at]) * ratio))} // nothing is rounded away
	}
	p.DefaultSampleType = ""
	p.TimeNanos, p.DurationNanos = start.UnixNano(), int64(length)
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		return nil, evidence.Profile{}, fmt.Errorf("cannot be written: %w", err)
	}
	read, err := Parse(bytes.NewReader(out.Bytes()))
	return out.Bytes(), read, err
}
