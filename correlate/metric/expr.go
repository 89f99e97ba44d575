package metric

import "net/url"

// ExprOf reads the expression from a generator URL's g0.expr. The URL is
// parsed and never fetched; it is empty when there is none.
func ExprOf(generatorURL string) string {
	u, err := url.Parse(generatorURL)
	if err != nil {
		return ""
	}
	return u.Query().Get("g0.expr")
}
