package bundle

import (
	"bytes"
	"errors"
	"io"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// errUnparsed marks a text that the parser gave up in the middle. It says
// nothing by itself.
var errUnparsed = errors.New("")

var endOfMetrics = []byte("# EOF\n")

// readable is the text without the lines that the parser does not take, which
// are counted: it cannot go on behind one by itself. An end that is missing is
// one more such line.
func readable(text []byte, lost *tally) []byte {
	out := make([]byte, 0, len(text)+len(endOfMetrics))
	ended := false
	for line := range bytes.Lines(bytes.ToValidUTF8(text, []byte("\uFFFD"))) {
		whole := bytes.TrimRight(line, "\r\n")
		switch {
		case len(whole) == 0:
		case bytes.Equal(whole, []byte("# EOF")):
			ended = true
		case !ended && len(whole) <= maxLine && parses(whole):
			out = append(append(out, whole...), '\n')
			if whole[0] != '#' {
				lost.read++
			}
		default:
			lost.Add(lostForeign, "")
		}
	}
	if !ended {
		lost.Add(evidence.LossKind{One: "end is missing", Many: "ends are missing"}, "")
	}
	return append(out, endOfMetrics...)
}

// parses reports whether a line stands by itself.
func parses(line []byte) bool {
	p := textparse.NewOpenMetricsParser(append(append(append([]byte{}, line...), '\n'), endOfMetrics...), labels.NewSymbolTable())
	for {
		if _, err := p.Next(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// tell counts what was left out of a text that was read to its end.
func (r *metricReader) tell() {
	for range r.untimed {
		r.lost.Add(lostUntimed, "")
	}
	for range r.noNumber {
		r.lost.Add(evidence.LostNumbers, "")
	}
}
