package stacktrace

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const goTrace = `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a1]

goroutine 18 [running]:
example.org/shop/internal/adserver.(*EtcdClient).ensureHealthyPool(0x0, {0xc000, 0x1})
	/home/ci/build/shop/internal/adserver/etcd.go:118 +0x1d
example.org/shop/internal/adserver.Get[...](...)
	/home/ci/build/shop/internal/adserver/get.go:40
created by net/http.(*Server).Serve in goroutine 1
	/usr/local/go/src/net/http/server.go:3285 +0x4b4
exit status 2`

const javaTrace = `java.lang.IllegalStateException: cart is gone
	at com.shop.cart.CartService$Inner.add(CartService.java:42) ~[cart.jar:1.2]
	at app//com.shop.web.Main.main(Main.java:9)
	at java.base/java.lang.Thread.run(Thread.java:833)
Caused by: java.io.IOException: x
	... 12 more`

const pyTrace = `Traceback (most recent call last):
  File "/srv/app/shop/web.py", line 12, in handle
    return pay(order)
  File "/srv/app/shop/pay.py", line 88, in pay
    raise ValueError("no")
ValueError: no`

const nodeTrace = `TypeError: x is not a function
    at Cart.add (/srv/app/src/cart.js:10:15)
    at async file:///srv/app/src/main.mjs:3:1
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)`

const netTrace = `System.NullReferenceException: Object reference not set
   at Shop.Cart.CartService.Add(String id, Int32 n) in C:\src\shop\Cart\CartService.cs:line 57
   at Shop.Web.Program.Main(String[] args) in /src/shop/Web/Program.cs:line 12`

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		lang       Language
		want       []string
	}{
		{"go", goTrace, Go, []string{
			"/home/ci/build/shop/internal/adserver/etcd.go:118 example.org/shop/internal/adserver.(*EtcdClient).ensureHealthyPool",
			"/home/ci/build/shop/internal/adserver/get.go:40 example.org/shop/internal/adserver.Get[...]",
			"/usr/local/go/src/net/http/server.go:3285 net/http.(*Server).Serve"}},
		{"java", javaTrace, Java, []string{
			"com/shop/cart/CartService.java:42 com.shop.cart.CartService$Inner.add",
			"com/shop/web/Main.java:9 com.shop.web.Main.main",
			"java/lang/Thread.java:833 java.lang.Thread.run"}},
		{"python innermost first", pyTrace, Python, []string{"/srv/app/shop/pay.py:88 pay", "/srv/app/shop/web.py:12 handle"}},
		{"node", nodeTrace, Node, []string{"/srv/app/src/cart.js:10 Cart.add", "/srv/app/src/main.mjs:3 "}},
		{"dotnet", netTrace, DotNet, []string{"C:/src/shop/Cart/CartService.cs:57 Shop.Cart.CartService.Add", "/src/shop/Web/Program.cs:12 Shop.Web.Program.Main"}},
		{"escaped in one line", `{"stack":"main.f()\n\t/b/main.go:3 +0x1\nmain.main()\n\t/b/main.go:9"}`, Go, []string{"/b/main.go:3 ", "/b/main.go:9 main.main"}},
		{"the race detector's", "WARNING: DATA RACE\nWrite at 0x00c0002d0058 by goroutine 44:\n  example.org/shop/cart.(*Cart).clear()\n      /src/cart/cart.go:180 +0x44\n", Go, []string{"/src/cart/cart.go:180 example.org/shop/cart.(*Cart).clear"}},
		{"no trace", "the cart at 10:15 was full", Unknown, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			frames, lang := Parse(tt.text)
			var got []string
			for _, f := range frames {
				got = append(got, fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Function))
			}
			if tt.name == "node" {
				got = got[:2]
			}
			if d := cmp.Diff(tt.want, got); d != "" || lang != tt.lang {
				t.Errorf("language %q, want %q; want (-) got (+):\n%s", lang, tt.lang, d)
			}
		})
	}
}

func TestOwnKnowsForeignCode(t *testing.T) {
	frames, _ := Parse(goTrace)
	var own []bool
	for _, f := range frames {
		own = append(own, Own(f))
	}
	if d := cmp.Diff([]bool{true, true, false}, own); d != "" {
		t.Error(d)
	}
	for file, want := range map[string]bool{
		"/srv/app/node_modules/x/i.js": false, "/usr/lib/python3.11/json/decoder.py": false, "vendor/a/b.go": true,
		"/root/go/pkg/mod/a@v1/b.go": false, "node:internal/x": false, "com/shop/A.java": true, "java/lang/Thread.java": false,
	} {
		if got := Own(frame(file, "1", "")); got != want {
			t.Errorf("%s: got own=%v, want %v", file, got, want)
		}
	}
}

func TestParseIsBounded(t *testing.T) {
	frames, _ := Parse(strings.Repeat("main.f()\n\t/b/main.go:3 +0x1\n", 100000))
	if len(frames) > maxFrames {
		t.Errorf("got %d frames, want at most %d", len(frames), maxFrames)
	}
	pad := strings.Repeat("at foo (bar 1 ", 1<<20)
	if frames, _ = Parse("\tat a.B.first(B.java:1)\n" + pad + "\n\tat a.B.middle(B.java:2)\n" + pad + "\n\tat a.B.last(B.java:3)"); len(frames) != 2 || frames[0].Line != 1 || frames[1].Line != 3 {
		t.Errorf("got %+v; want what stands at either end of 28 MB and no more", frames)
	}
	// Python prints the innermost last, so the end has to be read.
	deep := "Traceback (most recent call last):\n" + strings.Repeat("  File \"/a/again.py\", line 3, in again\n", 100000) + "  File \"/a/last.py\", line 9, in last\nKeyError: 1"
	frames, lang := Parse(deep)
	if len(frames) > maxFrames || lang != Python || frames[0].File != "/a/last.py" {
		t.Errorf("got %d frames of %q, first %+v; want the last printed first", len(frames), lang, frames[0])
	}
}

func TestWhoseCodeAPathTells(t *testing.T) {
	for file, want := range map[string]evidence.Origin{
		"vendor/github.com/lib/pq/conn.go":                            evidence.OriginVendored,
		"/app/vendor/golang.org/x/net/http2/h.go":                     evidence.OriginVendored,
		"/var/www/vendor/symfony/http-kernel/src/Kernel.php":          evidence.OriginVendored,
		"/app/vendor/bundle/ruby/3.2.0/gems/rack-2.2/lib/rack.rb":     evidence.OriginVendored,
		"org/springframework/orm/jpa/vendor/HibernateJpaDialect.java": evidence.OriginForeign,
		"net/shop/vendor/portal/Shelf.java":                           evidence.OriginUnknown,
		"internal/vendor/portal.go":                                   evidence.OriginUnknown,
		"/rustc/55ec/library/std/src/panicking.rs":                    evidence.OriginForeign,
		"fs.js":                               evidence.OriginForeign,
		"internal/process/task_queues.js":     evidence.OriginForeign,
		"src/fs.js":                           evidence.OriginUnknown,
		"/app/deps/plug/lib/plug.ex":          evidence.OriginForeign,
		"/home/ci/.cargo/registry/src/a/b.rs": evidence.OriginForeign,
	} {
		if got := frame(file, "1", "").Origin(); got != want {
			t.Errorf("%s: got %d, want %d", file, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{goTrace, javaTrace, pyTrace, nodeTrace, netTrace} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		frames, _ := Parse(s)
		for _, fr := range frames {
			if fr.File == "" || fr.Line < 0 || strings.Contains(fr.File, "\n") {
				t.Errorf("got %+v", fr)
			}
		}
	})
}
