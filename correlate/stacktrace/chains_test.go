package stacktrace

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOwnFramesOfRealTraces holds what is left of a trace without the runtime
// and dependencies, the place where it broke first.
func TestOwnFramesOfRealTraces(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"go: trimmed, inlined, generic, closure, method value", `panic: send on closed channel

goroutine 71 [running]:
example.org/shop/internal/pool.(*Pool[...]).put(...)
	example.org/shop/internal/pool/pool.go:48
example.org/shop/internal/ad.Serve.func1.2()
	example.org/shop/internal/ad/serve.go:112 +0x5c
example.org/shop/internal/ad.(*Server).handle-fm({0x7f, 0xc0})
	example.org/shop/internal/ad/server.go:33 +0x2e
slices.SortFunc[...](...)
	slices/sort.go:29
net/http.HandlerFunc.ServeHTTP(0xc00012c000?, {0x8b2f60?, 0xc000156000?}, 0x0?)
	net/http/server.go:2171 +0x29
github.com/go-chi/chi/v5.(*Mux).routeHTTP(0xc0000d2000)
	github.com/go-chi/chi/v5@v5.0.12/mux.go:459 +0x1f7
created by example.org/shop/internal/ad.Run in goroutine 1
	example.org/shop/internal/ad/run.go:20 +0x9a`, []string{
			"example.org/shop/internal/pool/pool.go:48 example.org/shop/internal/pool.(*Pool[...]).put",
			"example.org/shop/internal/ad/serve.go:112 example.org/shop/internal/ad.Serve.func1.2",
			"example.org/shop/internal/ad/server.go:33 example.org/shop/internal/ad.(*Server).handle-fm",
			"example.org/shop/internal/ad/run.go:20 example.org/shop/internal/ad.Run"}},
		{"go: in an image's GOPATH, on Windows, in a tool cache", `goroutine 1 [running]:
main.main()
	/go/src/app/main.go:7 +0x1d
shop/internal/http.Get(...)
	C:/Users/ci/shop/internal/http/get.go:3
net/http.(*Client).do(0x1)
	/opt/hostedtoolcache/go/1.22.1/x64/src/net/http/client.go:724 +0x8
runtime.main()
	/usr/lib/go-1.22/src/runtime/proc.go:271 +0x29`, []string{
			"/go/src/app/main.go:7 main.main", "C:/Users/ci/shop/internal/http/get.go:3 shop/internal/http.Get"}},
		{"java: the cause first", `org.springframework.web.util.NestedServletException: Request processing failed
	at org.springframework.web.servlet.FrameworkServlet.processRequest(FrameworkServlet.java:1014)
	at com.shop.web.Filter.doFilter(Filter.java:20)
Caused by: com.shop.cart.CartException: cart is gone
	at com.shop.cart.CartService.lambda$load$0(CartService.java:61)
	at java.base/java.util.Optional.orElseThrow(Optional.java:403)
	at com.shop.cart.CartService.load(CartService.java:60)
	... 23 more
Caused by: java.sql.SQLException: pool is empty
	at com.shop.db.Pool$Lease.take(Pool.java:88) ~[shop.jar!/:1.4]
	at com.shop.cart.CartRepository$$SpringCGLIB$$0.find(<generated>)
	at com.shop.cart.CartRepository.find(CartRepository.java:31)
	... 40 common frames omitted`, []string{
			"com/shop/db/Pool.java:88 com.shop.db.Pool$Lease.take",
			"com/shop/cart/CartRepository.java:31 com.shop.cart.CartRepository.find",
			"com/shop/cart/CartService.java:61 com.shop.cart.CartService.lambda$load$0",
			"com/shop/cart/CartService.java:60 com.shop.cart.CartService.load",
			"com/shop/web/Filter.java:20 com.shop.web.Filter.doFilter"}},
		{"kotlin", `kotlin.KotlinNullPointerException
	at com.shop.ads.AdsKt.pick(Ads.kt:12)
	at com.shop.ads.AdServer$serve$2.invokeSuspend(AdServer.kt:40)
	at kotlin.coroutines.jvm.internal.BaseContinuationImpl.resumeWith(ContinuationImpl.kt:33)
	at kotlinx.coroutines.DispatchedTask.run(DispatchedTask.kt:108)`, []string{
			"com/shop/ads/Ads.kt:12 com.shop.ads.AdsKt.pick",
			"com/shop/ads/AdServer.kt:40 com.shop.ads.AdServer$serve$2.invokeSuspend"}},
		{"python: chained", `Traceback (most recent call last):
  File "/app/shop/db.py", line 14, in connect
    return pool.get()
           ^^^^^^^^^^
  File "/usr/local/lib/python3.12/site-packages/pool/core.py", line 9, in get
    raise Empty
pool.Empty

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/shop/web.py", line 30, in <module>
    main()
  File "/app/shop/cart.py", line 77, in load
    raise CartError from e
shop.CartError`, []string{"/app/shop/db.py:14 connect", "/app/shop/cart.py:77 load", "/app/shop/web.py:30 <module>"}},
		{"python: a group", `  + Exception Group Traceback (most recent call last):
  |   File "/app/shop/fan.py", line 5, in out
  |     async with TaskGroup() as g:
  | ExceptionGroup: unhandled errors
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/shop/one.py", line 8, in one
    |     1 / 0
    | ZeroDivisionError: division by zero
    +------------------------------------`, []string{"/app/shop/one.py:8 one", "/app/shop/fan.py:5 out"}},
		{"python: rich", `╭───────────── Traceback (most recent call last) ─────────────╮
│ /app/shop/web.py:12 in handle                               │
│ /app/shop/pay.py:88 in pay                                  │
╰─────────────────────────────────────────────────────────────╯`, []string{"/app/shop/pay.py:88 pay", "/app/shop/web.py:12 handle"}},
		{"kotlin: a coroutine's boundary", `java.lang.IllegalStateException: no
	at com.shop.ads.AdsKt.pick(Ads.kt:12)
	at _COROUTINE._BOUNDARY._(CoroutineDebugging.kt:46)
	at com.shop.ads.AdServer$serve$2.invokeSuspend(AdServer.kt:40)`, []string{
			"com/shop/ads/Ads.kt:12 com.shop.ads.AdsKt.pick",
			"com/shop/ads/AdServer.kt:40 com.shop.ads.AdServer$serve$2.invokeSuspend"}},
		{"java: a driver and a pool first", `org.postgresql.util.PSQLException: ERROR: column
	at org.postgresql.core.v3.QueryExecutorImpl.receive(QueryExecutorImpl.java:2725)
	at com.zaxxer.hikari.pool.ProxyStatement.execute(ProxyStatement.java:95)
	at org.springframework.orm.jpa.vendor.HibernateJpaDialect.begin(HibernateJpaDialect.java:10)
	at net.shop.vendor.portal.Store.load(Store.java:61)`, []string{"net/shop/vendor/portal/Store.java:61 net.shop.vendor.portal.Store.load"}},
		{"node: layers of a bundle, in a JSON body", `"stack":"Error: no
    at Page (webpack-internal:///(rsc)/./src/app/(shop)/[id]/page.tsx:24:17)
    at renderToHTML (/srv/node_modules/next/dist/server/render.js:1:2)
    at Server.go (/srv/app/server.js:10:3)"},"msg":"x"`, []string{"./src/app/(shop)/[id]/page.tsx:24 Page", "/srv/app/server.js:10 Server.go"}},
		{"node: builtins without a scheme", `Error: ENOENT
    at Object.openSync (fs.js:458:3)
    at Module._compile (internal/modules/cjs/loader.js:999:30)
    at read (/srv/app/src/read.js:7:9)`, []string{"/srv/app/src/read.js:7 read"}},
		{"dotnet: in other tongues", `System.Exception: nein
   bei Shop.Kasse.Zahle(Int32 n) in C:\src\Kasse.cs:Zeile 57.
   à Shop.Caisse.Paye() dans /src/Caisse.cs:ligne 12`, []string{"C:/src/Kasse.cs:57 Shop.Kasse.Zahle", "/src/Caisse.cs:12 Shop.Caisse.Paye"}},
		{"rust", `thread 'worker-3' panicked at src/tide.rs:58:31:
index out of bounds
stack backtrace:
   0: rust_begin_unwind
             at /rustc/55ec981f/library/std/src/panicking.rs:665:5
   1: tokio::runtime::task::run
             at /root/.cargo/registry/src/index.crates.io-1/tokio-1.3/src/runtime/task.rs:9:1
   2: isobar::tide::hour
             at /build/src/tide.rs:58:31`, []string{"src/tide.rs:58 ", "/build/src/tide.rs:58 isobar::tide::hour"}},
		{"ruby", "app/models/cart.rb:12:in 'Cart#add': no (RuntimeError)\n\tfrom /usr/lib/ruby/gems/3.2.0/gems/rack-2.2.3/lib/rack.rb:3:in `call'\n\tfrom app/web.rb:30:in `block in run'",
			[]string{"app/models/cart.rb:12 Cart#add", "app/web.rb:30 block in run"}},
		{"ruby, in Python's form, of which nothing tells the order", "File \"/app/web.rb\", line 30, in run\nFile \"/app/cart.rb\", line 12, in add", nil},
		{"php", `PHP Fatal error:  Uncaught RuntimeException: no in /var/www/src/Cart.php:12
Stack trace:
#0 /var/www/vendor/symfony/http-kernel/src/Kernel.php(99): Shop\Cart->add(Object(Shop\Item))
#1 /var/www/src/Web.php(30): run()
#2 {main}`, []string{"/var/www/src/Cart.php:12 ", "/var/www/vendor/symfony/http-kernel/src/Kernel.php:99 ", "/var/www/src/Web.php:30 "}},
		{"elixir", `** (RuntimeError) no
    (shop 0.1.0) lib/shop/cart.ex:12: Shop.Cart.add/2
    (phoenix 1.7.2) lib/phoenix/router.ex:430: Phoenix.Router.__call__/5
    lib/shop_web/plug.ex:7: ShopWeb.Plug.call/2`, []string{"lib/shop/cart.ex:12 Shop.Cart.add/2", "lib/shop_web/plug.ex:7 ShopWeb.Plug.call/2"}},
		{"node: async, bundled, caused", `Error: checkout failed
    at async Checkout.run (file:///srv/app/dist/checkout.mjs:20:11)
    at async Promise.all (index 0)
    at new Cart (webpack-internal:///./src/cart.ts?5c1e:9:3)
    at Object.<anonymous> (webpack://shop/./src/index.ts:4:1)
    at Layer.handle [as handle_request] (/srv/app/node_modules/express/lib/router/layer.js:95:5) {
  [cause]: TypeError: Cannot read properties of undefined
      at price (C:\srv\app\src\price.js:3:14)
      at file:///C:/srv/app/src/main.mjs:1:1
      at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
}`, []string{
			"C:/srv/app/src/price.js:3 price", "C:/srv/app/src/main.mjs:1 ",
			"/srv/app/dist/checkout.mjs:20 Checkout.run", "./src/cart.ts:9 new Cart", "shop/./src/index.ts:4 Object.<anonymous>"}},
		{"dotnet: async and lambdas", `System.InvalidOperationException: outer
 ---> System.TimeoutException: etcd did not answer
   at Shop.Etcd.Client.<GetAsync>d__7.MoveNext() in /src/Shop.Etcd/Client.cs:line 12
--- End of stack trace from previous location ---
   at System.Runtime.CompilerServices.TaskAwaiter.ThrowForNonSuccess(Task task)
   at Shop.Cart.CartService.<>c__DisplayClass3_0.<Load>b__1(Int32 n) in C:\src\Shop.Cart\CartService.cs:line 57
   --- End of inner exception stack trace ---
   at Shop.Web.Program.<Main>$(String[] args) in /src/Shop.Web/Program.cs:line 3`, []string{
			"/src/Shop.Etcd/Client.cs:12 Shop.Etcd.Client.GetAsync",
			"C:/src/Shop.Cart/CartService.cs:57 Shop.Cart.CartService.Load",
			"/src/Shop.Web/Program.cs:3 Shop.Web.Program.<Main>$"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			frames, _ := Parse(tt.text)
			var got []string
			for _, f := range frames {
				if Own(f) {
					got = append(got, fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Function))
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("want (-) got (+):\n%s", d)
			}
		})
	}
}
