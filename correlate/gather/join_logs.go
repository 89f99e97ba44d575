package gather

import (
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/drain"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/kube"
)

// caseLogs gives lines their entities' names and their templates.
func (v *Investigation) caseLogs() []gathered.Line {
	parser := drain.New()
	// The platform's events are about others, in whosever stream they stand.
	lines := slices.DeleteFunc(slices.Clone(v.answers.logs), func(l evidence.LogLine) bool {
		_, event := kube.ReadEvent(&l)
		return event
	})
	if cut := cutLines(v.answers.logs); cut > 0 {
		v.Ledger.Cut("logs", evidence.TopicLines, cut)
	}
	list := make([]gathered.Line, len(lines))
	groups := make([]int, len(list))
	whole := wholeIDs(v.answers.traces)
	for i, l := range lines {
		if id := whole[l.TraceID]; id != "" {
			l.TraceID = id
		}
		l.Service = v.names.Name(l.Service)
		groups[i] = parser.Add(statement(l))
		list[i] = gathered.Line{LogLine: l}
	}
	for i := range list {
		list[i].Template = parser.Template(groups[i])
	}
	return list
}

// cutLines counts the lines of which a part was left out since it was too long.
func cutLines(lines []evidence.LogLine) (n int) {
	for i := range lines {
		if lines[i].Cut > 0 {
			n++
		}
	}
	return n
}

// statement is the part of a line that the writing statement determines: the
// first line of the message, with the function that wrote it where the line says.
// The line of the file is no part of it, since every deployment moves lines.
func statement(l evidence.LogLine) string {
	text := strings.TrimLeft(l.Text(), " \t\r\n")
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	if l.Caller.File != "" && l.Caller.Line != 0 {
		text = strings.ReplaceAll(text, l.Caller.File+":"+strconv.Itoa(l.Caller.Line), l.Caller.File)
	}
	if f := l.Caller.Function; f != "" && !strings.Contains(text, f) {
		text = f + " " + text
	}
	return text
}

// wholeIDs finds the whole ID of traces by its lower half, which is all that
// some clients write; a half that several traces share is none's.
func wholeIDs(traces []sampledTrace) map[string]string {
	whole := map[string]string{}
	for _, t := range traces {
		if len(t.ID) != 32 {
			continue
		}
		half := strings.Repeat("0", 16) + t.ID[16:]
		if other, taken := whole[half]; taken && other != t.ID {
			whole[half] = ""
		} else if !taken {
			whole[half] = t.ID
		}
	}
	return whole
}
