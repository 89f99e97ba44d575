package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-logfmt/logfmt" // what Loki itself reads logfmt with, in its first form
)

// label is a label of the line or one that a parser took out of its body.
func (l *pipelineLine) label(name string) string {
	if v := lineLabel(l.storedLine, name); v != "" {
		return v
	}
	return l.parsed[name]
}

// parse adds what a parser finds. As in Loki, a label that the line has already
// keeps its value and the parsed one gets a suffix; a body that does not parse
// stays, with an error label.
func (l *pipelineLine) parse(parser func(body string) (map[string]string, error)) {
	if l.parsed == nil {
		l.parsed = map[string]string{}
	}
	found, err := parser(l.Body)
	if err != nil {
		l.parsed["__error__"] = err.Error()
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		to := LabelName(name)
		if lineLabel(l.storedLine, to) != "" {
			to += "_extracted"
		}
		l.parsed[to] = found[name]
	}
}

// compare filters by number: a line without the label goes, one whose label is
// no number stays with an error label, as in Loki.
func (l *pipelineLine) compare(name, op string, want float64) bool {
	text := l.label(name)
	if text == "" {
		return false
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		if l.parsed == nil {
			l.parsed = map[string]string{}
		}
		l.parsed["__error__"] = "LabelFilterErr"
		return true
	}
	switch op {
	case ">":
		return x > want
	case ">=":
		return x >= want
	case "<":
		return x < want
	case "<=":
		return x <= want
	case "!=":
		return x != want
	default:
		return x == want
	}
}

var (
	errJSONBody   = fmt.Errorf("JSONParserErr")
	errLogfmtBody = fmt.Errorf("LogfmtParserErr")
)

// parseJSONBody flattens an object: {"a":{"b":1}} is a_b="1". Arrays are left
// out.
func parseJSONBody(body string) (map[string]string, error) {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return nil, errJSONBody
	}
	flat := map[string]string{}
	flatten(flat, "", object)
	return flat, nil
}

func flatten(into map[string]string, prefix string, object map[string]any) {
	for k, v := range object {
		switch x := v.(type) {
		case map[string]any:
			flatten(into, prefix+k+"_", x)
		case string:
			into[prefix+k] = x
		case json.Number:
			into[prefix+k] = x.String()
		case bool:
			into[prefix+k] = strconv.FormatBool(x)
		}
	}
}

func parseLogfmtBody(body string) (map[string]string, error) {
	d := logfmt.NewDecoder(bytes.NewReader([]byte(body)))
	found := map[string]string{}
	for d.ScanRecord() {
		for d.ScanKeyval() {
			found[string(d.Key())] = string(d.Value())
		}
	}
	if d.Err() != nil {
		return found, errLogfmtBody
	}
	return found, nil
}
