package topology

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableOfNames(t *testing.T) {
	got := Table([]SourceNames{
		{"traces", []string{"till", "cart"}},
		{"metrics", []string{"shop/cart", "cart-7d9f8b6c5d-x2v9k", "legacy-till", "batch"}},
		{"rules", []string{"cart", "Till", ""}},
	}, map[string]string{"legacy-till": "till"})
	want := []NameRow{
		{Entity: "batch", Spelled: []string{"", "batch", ""}, Known: 1},
		{Entity: "cart", Spelled: []string{"cart", "cart-7d9f8b6c5d-x2v9k", "cart"}, Known: 3},
		{Entity: "till", Spelled: []string{"till", "legacy-till", "Till"}, Known: 3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
