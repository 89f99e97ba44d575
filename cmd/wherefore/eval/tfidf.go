package eval

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// errorText is all that went wrong in words: the alert, warnings and errors in
// logs, failing spans.
func errorText(ctx context.Context, s correlate.Sources, req correlate.Request, w evidence.Window) (string, error) {
	var b strings.Builder
	a := req.Alert
	for _, m := range []map[string]string{a.Labels, a.Annotations} {
		for _, k := range sortedKeys(m) {
			b.WriteString(m[k] + " ")
		}
	}
	if s.Logs != nil && len(req.Candidates) > 0 {
		lines, _, err := s.Logs.Logs(ctx, evidence.LogQuery{Services: req.Candidates, MinSeverity: evidence.SeverityWarn, Window: w, Limit: 10_000})
		if err := unless(err); err != nil {
			return "", err
		}
		for _, l := range lines {
			b.WriteString(l.Said() + " ")
		}
	}
	if s.Traces == nil {
		return b.String(), nil
	}
	for _, service := range req.Candidates {
		traces, _, err := s.Traces.FindTraces(ctx, evidence.TraceQuery{Service: service, Window: w, Tags: map[string]string{"error": "true"}, Limit: 100})
		if err := unless(err); err != nil {
			return "", err
		}
		for _, t := range traces {
			for _, x := range t.Spans {
				if x.Failed && x.Service == service {
					b.WriteString(x.Operation + " " + x.StatusMessage + " ")
				}
			}
		}
	}
	return b.String(), nil
}

// nearestCommit is the commit whose diff, paths and message are nearest to the
// text by the cosine of TF-IDF weights; the first of equals by SHA.
func nearestCommit(text string, commits []evidence.Commit) string {
	docs := make([]map[string]float64, len(commits))
	seen := map[string]float64{}
	for i, c := range commits {
		docs[i] = terms(c.Diff + " " + strings.Join(c.Files, " ") + " " + c.Message)
		for w := range docs[i] {
			seen[w]++
		}
	}
	weigh := func(tf map[string]float64) map[string]float64 {
		for w, n := range tf {
			tf[w] = (1 + math.Log(n)) * math.Log((1+float64(len(docs)))/(1+seen[w]))
		}
		return tf
	}
	query := weigh(terms(text))
	best, bestScore := "", 0.0
	order := make([]int, len(commits))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(commits[i].SHA, commits[j].SHA) })
	for _, i := range order {
		if s := cosine(query, weigh(docs[i])); s > bestScore {
			best, bestScore = commits[i].SHA, s
		}
	}
	return best
}

// terms counts the words of a text in lower case. Identifiers count whole and
// in parts, so that maxConns meets max_conns.
func terms(s string) map[string]float64 {
	n := map[string]float64{}
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_'
	}) {
		if len(word) < 2 {
			continue
		}
		n[strings.ToLower(word)]++
		if parts := split(word); len(parts) > 1 {
			for _, p := range parts {
				n[p]++
			}
		}
	}
	return n
}

// split takes an identifier apart at underscores and changes of case.
func split(word string) []string {
	var b strings.Builder
	for i, r := range word {
		if i > 0 && r >= 'A' && r <= 'Z' && word[i-1] >= 'a' && word[i-1] <= 'z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.FieldsFunc(strings.ToLower(b.String()), func(r rune) bool { return r == '_' })
}

func cosine(a, b map[string]float64) float64 {
	var dot, na, nb float64
	for _, w := range sortedKeys(a) {
		dot += a[w] * b[w]
		na += a[w] * a[w]
	}
	for _, w := range sortedKeys(b) {
		nb += b[w] * b[w]
	}
	if na == 0 || nb == 0 {
		return 0
	}
	return dot / math.Sqrt(na*nb)
}
