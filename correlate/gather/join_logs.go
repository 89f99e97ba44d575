package gather

import (
	"encoding/json"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/drain"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// caseLogs gives lines their entities' names and their templates.
func (v *Investigation) caseLogs() []gathered.Line {
	parser := drain.New()
	list := make([]gathered.Line, len(v.answers.logs))
	groups := make([]int, len(list))
	for i, l := range v.answers.logs {
		l.Service = v.names.Name(l.Service)
		groups[i] = parser.Add(statement(l))
		list[i] = gathered.Line{LogLine: l}
	}
	for i := range list {
		list[i].Template = parser.Template(groups[i])
	}
	return list
}

// messageFields are where structured lines keep their message, as the common
// loggers name it.
var messageFields = []string{"msg", "message", "event", "log", "text", "body"}

// statement is the part of a line that the writing statement determines: the
// first line of the message, with the place that wrote it where a field says.
func statement(l evidence.LogLine) string {
	text := l.Body
	place := callerField(l.Attributes)
	if strings.HasPrefix(text, "{") {
		var fields map[string]any
		if json.Unmarshal([]byte(text), &fields) == nil {
			for _, f := range messageFields {
				if s, ok := fields[f].(string); ok && s != "" {
					text = s
					break
				}
			}
			if s, ok := fields["caller"].(string); ok && place == "" {
				place = s
			}
		}
	}
	text = strings.TrimLeft(text, " \t\r\n")
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	if place != "" && !strings.Contains(text, place) {
		return place + " " + text
	}
	return text
}
