package loki

import (
	"time"

	"github.com/grafana/loki/v3/pkg/loghttp"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// pile gathers the pages of one query by stream, so that the pieces of one stack
// can be put together in the order in which they were written.
type pile struct {
	client  *Client
	query   evidence.LogQuery
	ids     []string // asked for, in their one form
	index   map[string]int
	streams [][]evidence.LogLine
	seen    map[string]bool // pages overlap
	count   int
}

// add takes a page and gives its size and its last instant.
func (p *pile) add(page loghttp.Streams, start time.Time) (got, size int, last time.Time) {
	last = start
	for _, s := range page {
		got += len(s.Entries)
		for i := range s.Entries {
			size += len(s.Entries[i].Line)
			s.Entries[i].StructuredMetadata.Range(func(m labels.Label) { size += len(m.Name) + len(m.Value) })
		}
		key := s.Labels.String()
		at, known := p.index[key]
		if !known {
			at = len(p.streams)
			p.index[key], p.streams = at, append(p.streams, nil)
		}
		shared := p.client.names.resource(s.Labels)
		for i := range s.Entries {
			last = evidence.Later(last, s.Entries[i].Timestamp)
			line := p.client.line(shared, &s.Entries[i])
			if !p.query.Window.Contains(line.Time) || again(p.seen, line) {
				continue
			}
			p.streams[at] = append(p.streams[at], line)
			p.count++
		}
	}
	return got, size, last
}

// lines are what was gathered so far, read, from the severity that was asked for
// upwards and, where a trace was asked for, of that trace.
func (p *pile) lines() []evidence.LogLine {
	least := p.query.MinSeverity
	if p.query.Expr != "" { // it stands as it is
		least = evidence.SeverityUnknown
	}
	var out []evidence.LogLine
	for _, stream := range p.streams {
		for _, l := range logline.Join(stream) {
			p.client.read(&l)
			if l.Severity >= least && p.ofTrace(&l) {
				out = append(out, l)
			}
		}
	}
	return out
}

// ofTrace gives a line that a question by trace ID found the ID that was asked
// for, unless it belongs to another trace and only names this one. It is false
// for one that holds another ID with the same end.
func (p *pile) ofTrace(l *evidence.LogLine) bool {
	if len(p.ids) == 0 {
		return true
	}
	for _, id := range p.ids {
		if evidence.SameTrace(l.TraceID, id) {
			l.TraceID = id
			return true
		}
	}
	for _, id := range p.ids {
		if !evidence.NamesTrace(l.Body, id) {
			continue
		}
		if l.TraceID == "" {
			l.TraceID = id
		}
		return true
	}
	return len(p.client.config.Queries.Traces) > 0 // somebody's own way of carrying one
}
