package evidence

import "testing"

func TestWhichCommitTouchesAFramesFile(t *testing.T) {
	for _, c := range []struct {
		frame, function, file, diff string
		want                        bool
	}{
		{"/build/src/shop/cart.py", "add", "shop/cart.py", "", true},
		{"com/shop/Cart.java", "com.shop.Cart.add", "src/main/java/com/shop/Cart.java", "", true},
		{"org/apache/kafka/Log.java", "org.apache.kafka.Log.append", "core/src/org/apache/kafka/Log.java", "", true},
		{"/app/cart.py", "add", "cart.py", "def add", false},
		{"/app/node_modules/koa/lib/response.js", "redirect", "lib/response.js", "", true},
		{"/app/node_modules/koa/lib/response.js", "redirect", "packages/koa/lib/response.js", "", true},
		{"/app/node_modules/@shop/cart/lib/add.js", "add", "lib/add.js", "", true},
		{"/app/node_modules/koa/lib/response.js", "redirect", "response.js", "redirect", false},
		{"/app/node_modules/express/lib/router/index.js", "next", "router/index.js", "next", false},
		{"/go/pkg/mod/example.org/fx@v1.22.1/internal/clock/clock.go", "example.org/fx/internal/clock.Now", "internal/clock/clock.go", "", true},
		{"/go/pkg/mod/example.org/fx@v1.22.1/signal.go", "example.org/fx.(*receivers).Stop", "signal.go", "@@ func (recv *receivers) Start(", true},
		{"/go/pkg/mod/example.org/fx@v1.22.1/signal.go", "example.org/fx.(*receivers).Stop", "signal.go", "@@ func listen(", false},
		{"/src/shop/vendor/example.org/fx/signal.go", "example.org/fx.(*receivers).Stop", "signal.go", "@@ func (recv *receivers) Start(", true},
		{"/src/shop/vendor/example.org/fx/signal.go", "example.org/fx.(*receivers).Stop", "signal.go", "@@ func listen(", false},
		{"/src/shop/vendor/example.org/fx/clock/signal.go", "example.org/fx/clock.(*receivers).Stop", "clock/signal.go", "", true},
		{"/src/shop/signal.go", "example.org/shop.(*receivers).Stop", "signal.go", "receivers", false},
		{"/usr/lib/python3/site-packages/shop/cart.py", "add", "src/shop/cart.py", "", true},
		{"/usr/local/go/src/net/http/server.go", "net/http.(*conn).serve", "http/server.go", "serve", false},
		{"example.org/shop/http/server.go", "example.org/shop/http.serve", "http/server.go", "", true},
		{"", "", "cart.py", "", false},
	} {
		if got := (Frame{File: c.frame, Function: c.function}).ChangedBy(&Commit{Files: []string{c.file}, Diff: c.diff}); got != c.want {
			t.Errorf("%s, %s by %s: got %v", c.frame, c.function, c.file, got)
		}
	}
}
