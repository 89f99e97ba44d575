package page

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func inUnits(t *testing.T, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestAFlameGraphIsTrueToItsAmounts: bars are as wide as their part of the whole, lie
// below their caller and are coloured by what they gained.
func TestAFlameGraphIsTrueToItsAmounts(t *testing.T) {
	root := &report.FlameNode{Name: "all", Was: 1, Now: 2, Below: []*report.FlameNode{
		{Name: "shop.example/cart.Spin", Now: 1, Below: []*report.FlameNode{{Name: "runtime.memmove", Now: 0.5}}},
		{Name: "shop.example/cart.Add", Was: 0.75, Now: 0.5},
		{Name: "gone", Was: 0.25},
	}}
	f := flameOf(&report.ProfileView{Kind: evidence.ProfileCPU, Unit: "cores", Flame: root})
	if f.Width != 960 || f.Height != 3*18 || len(f.Bars) != 4 {
		t.Fatalf("got %d by %d with %d bars", f.Width, f.Height, len(f.Bars))
	}
	want := []struct {
		x, y, width float64
		class, text string
	}{{0, 0, 960, "most", "all"}, {0, 18, 480, "most", "cart.Spin"}, {0, 36, 240, "most", "runtime.memmove"}, {480, 18, 240, "less", "cart.Add"}}
	for i, w := range want {
		b := f.Bars[i]
		if inUnits(t, b.X) != w.x || inUnits(t, b.Y) != w.y || inUnits(t, b.Width) != w.width-0.5 || b.Class != w.class || b.Text != w.text {
			t.Errorf("bar %d: got %+v, want %+v", i, b, w)
		}
	}
	if !strings.Contains(f.Bars[1].Title, "shop.example/cart.Spin: 1.00 cores, 0.00 cores before") {
		t.Errorf("got %q", f.Bars[1].Title)
	}
}

// TestAFlameGraphIsBounded draws a tree that is wider and deeper than a page.
func TestAFlameGraphIsBounded(t *testing.T) {
	root := &report.FlameNode{Name: "all", Now: 1000}
	for i := range 1000 {
		root.Below = append(root.Below, &report.FlameNode{Name: fmt.Sprint("f", i), Now: 1, Was: 1})
	}
	deep := root.Below[0]
	deep.Now = 500
	for range 400 {
		next := &report.FlameNode{Name: strings.Repeat("ü", 500), Now: 500}
		deep.Below, deep = []*report.FlameNode{next}, next
	}
	f := flameOf(&report.ProfileView{Kind: evidence.ProfileHeap, Unit: "By", Flame: root})
	if len(f.Bars) > maxFlameBars {
		t.Errorf("got %d bars", len(f.Bars))
	}
	for _, b := range f.Bars {
		if len([]rune(b.Text)) > 160 || len([]rune(b.Title)) > 300 {
			t.Errorf("got a name of %d and a title of %d", len(b.Text), len(b.Title))
		}
	}
	if got := flameOf(&report.ProfileView{}); len(got.Bars) != 0 {
		t.Errorf("got %d bars of nothing", len(got.Bars))
	}
}
