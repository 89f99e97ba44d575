package gather

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// mostUnnamed bounds the services of which the coverage says one by one that no
// lines go by their name; the rest is counted.
const mostUnnamed = 20

// sayUnnamed puts into the coverage which services no lines go by, those that
// the alert is about first: an empty answer tells a silent service from one that
// the log source knows by another name only here.
func (v *Investigation) sayUnnamed(ctx context.Context, services []string) {
	naming, ok := v.sources.Logs.(port.LogNaming)
	if !ok || len(services) == 0 {
		return
	}
	q := ask.Question{Source: "logs", Topic: evidence.TopicLines, Window: v.span}
	words, answered := ask.Put(ctx, v.Asker, q, func(ctx context.Context) ask.Answer[map[string]string] {
		words, err := naming.Unnamed(ctx, services, v.span)
		return ask.Answer[map[string]string]{Value: words, Err: err}
	})
	if !answered {
		return
	}
	entities, said := v.unnamedEntities(services, words)
	for _, e := range entities[:min(len(entities), mostUnnamed)] {
		v.Ledger.Unresolved("logs", evidence.TopicLinesOf.Of(e), e, wording.Excerpt(said[e]))
	}
	if more := len(entities) - mostUnnamed; more > 0 {
		v.Ledger.Unresolved("logs", evidence.TopicOtherLines, "", fmt.Sprintf("no lines go by the names of %d more", more))
	}
}

// unnamedEntities are the entities of which no name has lines, with what was
// said of the name that comes first.
func (v *Investigation) unnamedEntities(services []string, words map[string]string) (entities []string, said map[string]string) {
	said = map[string]string{}
	named := map[string]bool{}
	for _, s := range services { // sorted
		e, word := v.names.Name(s), words[s]
		named[e] = named[e] || word == ""
		if word != "" && (said[e] == "" || s == e) {
			said[e] = word
		}
	}
	for e := range said { // sorted below
		if !named[e] {
			entities = append(entities, e)
		}
	}
	alerting := func(e string) int {
		if slices.ContainsFunc(v.symptom.services, func(s string) bool { return v.names.Name(s) == e }) {
			return 0
		}
		return 1
	}
	slices.SortFunc(entities, func(a, b string) int { return cmp.Or(cmp.Compare(alerting(a), alerting(b)), cmp.Compare(a, b)) })
	return entities, said
}
