package loki

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Logs returns the lines that match, the earliest when there are more than the
// limit. A trace is looked for in structured metadata and in the text.
func (c *Client) Logs(ctx context.Context, q evidence.LogQuery) ([]evidence.LogLine, bool, error) {
	call := "loki logs of " + describe(q)
	if q.Window.Duration() <= 0 {
		return nil, false, fmt.Errorf("%s: the window is empty: %w", call, evidence.ErrInvalid)
	}
	if q.Expr == "" && len(q.Services) == 0 && len(q.IDs()) == 0 {
		return nil, false, fmt.Errorf("%s: neither a service nor a trace ID nor an expression is given: %w", call, evidence.ErrInvalid)
	}
	if _, err := oneForm(q.IDs()); err != nil {
		return nil, false, fmt.Errorf("%s: %w", call, err)
	}
	selectors, asked, err := c.selectors(ctx, q)
	if err != nil {
		return nil, false, err
	}
	exprs, err := c.queries.ask(q, selectors)
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", call, err)
	}
	limit := min(cmp.Or(max(q.Limit, 0), defaultLimit), c.config.MaxLines)
	answers, cut := make([][]evidence.LogLine, len(exprs)), make([]bool, len(exprs))
	group, inner := errgroup.WithContext(ctx)
	for i, expr := range exprs {
		group.Go(func() (err error) {
			answers[i], cut[i], err = c.collect(inner, call, expr, q, limit)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			return nil, false, fmt.Errorf("%s: %w", call, ctx.Err())
		}
		return nil, false, err
	}
	lines := merge(answers)
	for i := range lines {
		if name, ok := asked[lines[i].Service]; ok {
			lines[i].Service = name
		}
	}
	if len(asked) > 0 {
		slices.SortFunc(lines, order)
	}
	if len(lines) > limit {
		return slices.Clone(lines[:limit]), true, nil
	}
	return lines, slices.Contains(cut, true), nil
}

// LogQL returns the queries that Logs sends for q, none when q is malformed. It
// asks nobody: until Loki was asked what it calls its streams, services are
// written under the first label.
func (c *Client) LogQL(q evidence.LogQuery) []string {
	if len(q.Services) == 0 && len(q.IDs()) == 0 && q.Expr == "" {
		return nil
	}
	selectors, _, err := c.selectorsFrom(q, c.known.last())
	if err != nil {
		return nil
	}
	exprs, err := c.queries.ask(q, selectors)
	if err != nil {
		return nil // Logs says why
	}
	return exprs
}

// collect pages through one query until it has every line that could be among
// the first limit, and says whether there are more. What is more than Loki gives, or
// than is read, at once is asked for in smaller pieces.
func (c *Client) collect(ctx context.Context, call, expr string, q evidence.LogQuery, limit int) ([]evidence.LogLine, bool, error) {
	ids, err := oneForm(q.IDs())
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", call, err)
	}
	p := &pile{client: c, query: q, ids: ids, index: map[string]int{}, seen: map[string]bool{}}
	lost, asked := false, newPieces(q.Window, c.config.PageSize)
	for !asked.done() {
		w := asked.window()
		answer, err := c.page(ctx, call, expr, w, asked.size)
		if err != nil {
			given, ok := asked.lessAfter(err)
			if given { // one line alone is more than may be read
				evidence.Lose(ctx, lostTooLong, expr+w.Start.String())
				lost = true
			}
			if !ok && asked.tired() && p.count > 0 { // what was read before counts
				evidence.Lose(ctx, lostRest, expr)
				return p.lines(), true, nil
			}
			if !ok || p.count == 0 && asked.done() { // there is nothing else to tell
				return nil, false, err
			}
			continue
		}
		got, bytes, last := p.add(answer, w.Start)
		size := asked.size
		asked.answered(got, bytes)
		if got < size {
			asked.next()
			continue
		}
		// A full page may have cut an instant in two, so that the next one
		// starts at that instant and not after it.
		if p.count > limit {
			if lines := p.lines(); len(lines) > limit && settled(lines, limit, last) {
				return lines, true, nil
			}
		}
		if !last.After(w.Start) { // one instant fills a page: the rest of it cannot be had
			lost = true
			last = last.Add(time.Nanosecond)
		}
		asked.from(last)
	}
	return p.lines(), lost, nil
}

// settled reports whether no line yet to come can be among the first limit:
// that holds when the limit's line is earlier than the last one seen.
func settled(lines []evidence.LogLine, limit int, last time.Time) bool {
	slices.SortFunc(lines, order)
	return lines[limit].Time.Before(last)
}

// order is the port's, made total.
func order(a, b evidence.LogLine) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Body, b.Body),
		cmp.Compare(a.TraceID, b.TraceID), cmp.Compare(a.SpanID, b.SpanID), cmp.Compare(identity(a), identity(b)))
}

// merge joins the answers of several queries; a line that several found counts
// once.
func merge(answers [][]evidence.LogLine) []evidence.LogLine {
	if len(answers) == 1 {
		slices.SortFunc(answers[0], order)
		return answers[0]
	}
	seen := map[string]bool{}
	var lines []evidence.LogLine
	for _, a := range answers {
		for _, l := range a {
			if !again(seen, l) {
				lines = append(lines, l)
			}
		}
	}
	slices.SortFunc(lines, order)
	return lines
}

func again(seen map[string]bool, l evidence.LogLine) bool {
	id := identity(l)
	if seen[id] {
		return true
	}
	seen[id] = true
	return false
}

// identity is everything that tells one line from another.
func identity(l evidence.LogLine) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\x00%s\x00%s\x00%s\x00%s", l.Time.UnixNano(), l.Service, l.Body, l.TraceID, l.SpanID)
	for _, m := range []map[string]string{l.Attributes, l.Resource} {
		b.WriteByte(0)
		for _, k := range slices.Sorted(maps.Keys(m)) {
			fmt.Fprintf(&b, "\x00%s\x00%s", k, m[k])
		}
	}
	return b.String()
}

// describe names a query in an error, shortened.
func describe(q evidence.LogQuery) string {
	switch {
	case q.Expr != "":
		return fmt.Sprintf("%.80q", q.Expr)
	case q.TraceID != "":
		return fmt.Sprintf("trace %.40q", q.TraceID)
	default:
		return fmt.Sprintf("%.80q", strings.Join(q.Services, ", "))
	}
}
