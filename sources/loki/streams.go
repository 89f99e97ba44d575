package loki

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// Bounds on what is asked and kept of Loki's names.
const (
	maxValues = 5_000       // names of streams under one label
	maxAsked  = 16          // windows whose names are kept
	fresh     = time.Minute // since new streams come up meanwhile
)

// named is a stream's name under one of the service labels.
type named struct{ label, value string }

// known keeps what Loki called its streams, by window: an investigation asks
// many questions about few windows.
type known struct {
	mu      sync.Mutex
	entries []entry // the latest last
}

type entry struct {
	window evidence.Window
	names  []named
	until  time.Time
}

func (k *known) of(w evidence.Window) ([]named, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range k.entries {
		if e.window == w && time.Now().Before(e.until) {
			return e.names, true
		}
	}
	return nil, false
}

func (k *known) add(w evidence.Window, names []named) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.entries = append(k.entries, entry{w, names, time.Now().Add(fresh)})
	k.entries = k.entries[max(0, len(k.entries)-maxAsked):]
}

func (k *known) last() []named {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.entries) == 0 {
		return nil
	}
	return k.entries[len(k.entries)-1].names
}

// selectors pick the streams of a question's services, and say which of Loki's
// names stands for which of the services that were asked for.
func (c *Client) selectors(ctx context.Context, q evidence.LogQuery) ([]string, map[string]string, error) {
	if q.Expr != "" || c.config.Queries.Services != "" {
		return c.selectorsFrom(q, nil)
	}
	names, err := c.streamNames(ctx, q.Window)
	switch {
	case err == nil:
		return c.selectorsFrom(q, names)
	case ctx.Err() != nil || errors.Is(err, endpoint.ErrTimeout):
		return nil, nil, err
	default: // it may tell lines and no names; if it is down, the question itself says so
		return c.selectorsFrom(q, nil)
	}
}

// streamNames asks Loki what it calls the streams of a window, in whole hours,
// so that the pieces in which a survey is read are asked about once.
func (c *Client) streamNames(ctx context.Context, w evidence.Window) ([]named, error) {
	w = evidence.Window{Start: w.Start.UTC().Truncate(time.Hour), End: w.End.UTC().Add(time.Hour - 1).Truncate(time.Hour)}
	if names, ok := c.known.of(w); ok {
		return names, nil
	}
	answers := make([][]string, len(c.config.ServiceLabels))
	group, inner := errgroup.WithContext(ctx)
	for i, label := range c.config.ServiceLabels {
		group.Go(func() (err error) {
			answers[i], err = c.values(inner, label, w)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	names := []named{}
	for i, values := range answers {
		slices.Sort(values)
		for _, v := range values[:min(len(values), maxValues)] {
			if !strings.HasPrefix(v, "unknown_service") {
				names = append(names, named{c.config.ServiceLabels[i], v})
			}
		}
	}
	c.known.add(w, names)
	return names, nil
}

// selectorsFrom makes one selector for each label under which some of the
// services are known; without anything known, the configured one.
func (c *Client) selectorsFrom(q evidence.LogQuery, names []named) (selectors []string, asked map[string]string, err error) {
	if len(q.Services) == 0 {
		if c.config.Queries.Any == "" && len(names) > 0 { // the label that streams have here
			return []string{"{" + names[0].label + `=~".+"}`}, nil, nil
		}
		return []string{c.queries.any}, nil, nil
	}
	if names == nil || c.config.Queries.Services != "" {
		s, err := render(c.queries.services, values{Services: anyOf(q.Services)})
		return []string{s}, nil, err
	}
	asked = map[string]string{}
	byLabel := map[string][]string{}
	for _, service := range q.Services {
		for _, n := range spellings(service, names) {
			if n.value != service {
				if _, taken := asked[n.value]; taken || slices.Contains(q.Services, n.value) {
					continue
				}
				asked[n.value] = service
			}
			byLabel[n.label] = append(byLabel[n.label], n.value)
		}
	}
	for _, label := range c.config.ServiceLabels {
		if values := byLabel[label]; len(values) > 0 {
			slices.Sort(values)
			selectors = append(selectors, "{"+label+"=~"+anyOf(slices.Compact(values))+"}")
		}
	}
	return selectors, asked, nil
}

// spellings are the names that stand for a service: of those under the first
// label that has any, those on the surest rung.
func spellings(service string, names []named) []named {
	for _, same := range logline.Rungs {
		var found []named
		for _, n := range names {
			if same(service, n.value) && (len(found) == 0 || found[0].label == n.label) {
				found = append(found, n)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// Unnamed says in words, for each service that no stream goes by in the window,
// what Loki has instead; services that have streams are left out. It answers
// from what Loki was asked before where that covers the window.
func (c *Client) Unnamed(ctx context.Context, services []string, w evidence.Window) (map[string]string, error) {
	if c.config.Queries.Services != "" {
		return nil, nil // the streams are selected in somebody's own way
	}
	names, err := c.streamNames(ctx, w)
	if err != nil {
		return nil, err
	}
	words := map[string]string{}
	for _, s := range services {
		if len(spellings(s, names)) == 0 {
			words[s] = "no stream goes by the name " + strconv.Quote(s) + "; Loki has " + c.listed(names, s)
		}
	}
	return words, nil
}

// StreamNames are the names of the streams under the first of the service labels
// that any stream has in the window: under the others most have a second name.
func (c *Client) StreamNames(ctx context.Context, w evidence.Window) ([]string, error) {
	names, err := c.streamNames(ctx, w)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, n := range names {
		if n.label == names[0].label {
			list = append(list, n.value)
		}
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// listed names a few streams, those first that share a part of the name.
func (c *Client) listed(names []named, like string) string {
	if len(names) == 0 {
		return "none then that names its service by one of the labels " + strings.Join(c.config.ServiceLabels, ", ") + "; if yours has another, say so in sources.loki.service_labels"
	}
	var near, other []string
	for _, n := range names {
		text := n.label + "=" + strconv.Quote(n.value)
		if a, b := logline.Folded(n.value), logline.Folded(like); min(len(a), len(b)) > 2 && (strings.Contains(a, b) || strings.Contains(b, a)) {
			near = append(near, text)
		} else {
			other = append(other, text)
		}
	}
	const few = 5
	list := append(near, other...)
	if len(list) > few {
		return strings.Join(list[:few], ", ") + " and " + strconv.Itoa(len(list)-few) + " more"
	}
	return strings.Join(list, ", ")
}

// anyOf is a quoted regular expression that matches exactly the names. LogQL
// strings are Go's.
func anyOf(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = regexp.QuoteMeta(n)
	}
	return strconv.Quote(strings.Join(quoted, "|"))
}
