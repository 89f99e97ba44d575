package metric

import "testing"

func TestExpressionIsReadFromTheGeneratorURL(t *testing.T) {
	if got, want := ExprOf("http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1"), "up == 0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := ExprOf("::not a url"); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}
