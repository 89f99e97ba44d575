package promql

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Narrow is an expression that asks only for the series with these labels, each
// with one of its values; one that may be lacking has the empty value. ok is false
// where the labels of the answer are not those of what it is computed from, as
// after label_replace or a join, and for what is no PromQL.
func Narrow(text string, values map[string][]string) (narrowed string, ok bool) {
	root, err := parse(text)
	if err != nil {
		return "", false
	}
	ok = true
	parser.Inspect(root, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.Call:
			ok = ok && !slices.Contains([]string{"label_replace", "label_join", "absent", "absent_over_time", "vector"}, n.Func.Name)
		case *parser.AggregateExpr:
			ok = ok && n.Op != parser.COUNT_VALUES
		case *parser.BinaryExpr:
			ok = ok && !n.Op.IsSetOperator() && (n.VectorMatching == nil || n.VectorMatching.Card == parser.CardOneToOne)
		case *parser.VectorSelector:
			for _, name := range slices.Sorted(maps.Keys(values)) {
				n.LabelMatchers = slices.DeleteFunc(n.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == name })
				n.LabelMatchers = append(n.LabelMatchers, matching(name, values[name]))
			}
		}
		return nil
	})
	if !ok {
		return "", false
	}
	return root.String(), true
}

// AllOf is an expression for all series of a metric, whatever its name.
func AllOf(name string) string {
	if model.LegacyValidation.IsValidMetricName(name) {
		return name
	}
	return "{" + strconv.Quote(name) + "}"
}

// matching selects by one value as it is, by several as alternatives.
func matching(name string, values []string) *labels.Matcher {
	if len(values) == 1 {
		return labels.MustNewMatcher(labels.MatchEqual, name, values[0])
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = regexp.QuoteMeta(v)
	}
	return labels.MustNewMatcher(labels.MatchRegexp, name, strings.Join(quoted, "|"))
}
