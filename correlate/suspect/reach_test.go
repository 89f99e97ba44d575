package suspect

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

func TestOwnerIsWhoeverThePathNames(t *testing.T) {
	for _, c := range []struct {
		entities []string
		file     string
		want     string
	}{
		{[]string{"payment-api", "payment-service"}, "services/payment-api/main.go", "payment-api"},
		{[]string{"payment-service", "payment-api"}, "services/payment-api/main.go", "payment-api"},
		{[]string{"payment-api", "payment-service"}, "services/paymentservice/main.go", "payment-service"},
		{[]string{"payment-api", "payment-service"}, "services/payment/main.go", ""},
		{[]string{"payment-api"}, "services/payment/main.go", "payment-api"},
		{[]string{"cart-service"}, "src/CartSvc/Main.cs", "cart-service"},
		{[]string{"cart-service"}, "deploy/cart.yaml", "cart-service"},
		{[]string{"cart-service"}, "src/cartography/x.go", ""},
	} {
		e := &gathered.Evidence{}
		for _, n := range c.entities {
			e.Entities = append(e.Entities, evidence.Entity{Name: n})
		}
		if got := newReach(e).owner(c.file); got != c.want {
			t.Errorf("%s among %v: got %q, want %q", c.file, c.entities, got, c.want)
		}
	}
}

func TestOnlyThePlatformIsThePlatform(t *testing.T) {
	for name, want := range map[string]bool{
		"kubelet": true, "kube-scheduler": true, "etcd-0": true, "cluster-autoscaler": true, "coredns": true,
		"job-scheduler": false, "report_scheduler": false, "price-autoscaler": false, "etcd-backup": false, "kernel-builder": false, "scheduler": false,
	} {
		if got := isPlatform(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}
