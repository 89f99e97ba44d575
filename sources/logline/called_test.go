package logline_test

import (
	"slices"
	"testing"

	"github.com/wherefore-dev/wherefore/sources/logline"
)

func TestEachServiceGetsTheNamesThatStandForIt(t *testing.T) {
	for _, c := range []struct {
		service     string
		names, want []string
	}{
		{"till", []string{"shop/till", "till", "Till"}, []string{"till"}},
		{"till", []string{"shop/till", "Till"}, []string{"shop/till"}},
		{"shop/till", []string{"desk", "till"}, []string{"till"}},
		{"order-book", []string{"OrderBook", "order_book", "orders"}, []string{"OrderBook", "order_book"}},
		{"till-stock", []string{"till/stock", "till/desk", "stock"}, []string{"till/stock"}},
		{"till/stock", []string{"till-stock", "tillstock"}, []string{"till-stock"}},
		{"till", []string{"till-db", "tiller"}, nil},
		{"till", nil, nil},
	} {
		if got := logline.Called(c.service, c.names); !slices.Equal(got, c.want) {
			t.Errorf("%s of %v: got %v, want %v", c.service, c.names, got, c.want)
		}
	}
}
