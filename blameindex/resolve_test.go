package blameindex

import (
	"errors"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestFramesResolveByTheLongestCommonSuffix(t *testing.T) {
	files := []string{"main.go", "cmd/main.go", "internal/ad/etcd.go", "internal/cart/etcd.go", "src/main/java/com/shop/Cart.java", "web/src/cart.js", "vendor/x/y/z.go", "shop/pay.py", "http/server.go", "vendor/github.com/go-chi/chi/mux.go", "src/Shop.Cart/CartService.cs", "ads/src/main/kotlin/ads/Ads.kt", "worker/src/index.ts", "web/src/index.ts"}
	for _, tt := range []struct {
		name string
		f    evidence.Frame
		pre  string
		tab  map[string]string
		want string // path, or part of the reason
	}{
		{"as it stands", evidence.Frame{File: "internal/ad/etcd.go"}, "", nil, "internal/ad/etcd.go"},
		{"build prefix", evidence.Frame{File: "/home/ci/build/shop/internal/ad/etcd.go"}, "", nil, "internal/ad/etcd.go"},
		{"windows", evidence.Frame{File: `C:\src\shop\internal\ad\etcd.go`}, "", nil, "internal/ad/etcd.go"},
		{"file at the root", evidence.Frame{File: "/app/main.go"}, "", nil, "main.go"},
		{"zap's caller", evidence.Frame{File: "ad/etcd.go"}, "", nil, "internal/ad/etcd.go"},
		{"ambiguous", evidence.Frame{File: "etcd.go"}, "", nil, "could be any of"},
		{"by the service's directory", evidence.Frame{File: "etcd.go"}, "internal/cart", nil, "internal/cart/etcd.go"},
		{"by the function", evidence.Frame{File: "etcd.go", Function: "example.org/shop/internal/ad.(*Client).Get"}, "", nil, "internal/ad/etcd.go"},
		{"java", evidence.Frame{File: "com/shop/Cart.java"}, "", nil, "src/main/java/com/shop/Cart.java"},
		{"node", evidence.Frame{File: "file:///srv/app/src/cart.js"}, "", nil, "web/src/cart.js"},
		{"python", evidence.Frame{File: "/srv/app/shop/pay.py"}, "", nil, "shop/pay.py"},
		{"vendored", evidence.Frame{File: "/build/vendor/x/y/z.go"}, "", nil, "vendor/x/y/z.go"},
		{"table", evidence.Frame{File: "/odd/place/pay.py"}, "", map[string]string{"/odd": "", "/odd/place": "shop"}, "shop/pay.py"},
		{"runtime", evidence.Frame{File: "/usr/local/go/src/net/http/main.go"}, "", nil, "runtime or a dependency"},
		{"dependency", evidence.Frame{File: "/root/go/pkg/mod/x@v1/main.go"}, "", nil, "runtime or a dependency"},
		{"namesake", evidence.Frame{File: "/x/y/etcd2/z.go"}, "", nil, "only its name in common"},
		{"trimmed", evidence.Frame{File: "example.org/shop/internal/ad/etcd.go", Function: "example.org/shop/internal/ad.Get[...]"}, "", nil, "internal/ad/etcd.go"},
		{"trimmed, at the root", evidence.Frame{File: "example.org/shop/main.go", Function: "main.main"}, "", nil, "main.go"},
		{"trimmed, of the library", evidence.Frame{File: "net/http/server.go", Function: "net/http.(*conn).serve"}, "", nil, "runtime or a dependency"},
		{"trimmed, of another module", evidence.Frame{File: "example.org/cart/ad/etcd.go", Function: "example.org/cart/ad.Get"}, "", nil, "of another module"},
		{"trimmed, vendored", evidence.Frame{File: "github.com/go-chi/chi@v1.5.5/mux.go", Function: "github.com/go-chi/chi.(*Mux).ServeHTTP"}, "", nil, "vendor/github.com/go-chi/chi/mux.go"},
		{"trimmed, not vendored", evidence.Frame{File: "github.com/x/y@v1.0.0/etcd.go"}, "", nil, "runtime or a dependency"},
		{"type arguments with slashes", evidence.Frame{File: "/b/etcd.go", Function: "example.org/shop/internal/cart.Get[example.org/shop/internal/ad.T]"}, "", nil, "internal/cart/etcd.go"},
		{"an image's GOPATH", evidence.Frame{File: "/go/src/app/internal/ad/etcd.go", Function: "app/internal/ad.Get"}, "", nil, "internal/ad/etcd.go"},
		{"kotlin without the common package", evidence.Frame{File: "com/shop/ads/Ads.kt"}, "", nil, "ads/src/main/kotlin/ads/Ads.kt"},
		{"dotnet on windows", evidence.Frame{File: `C:\agent\_work\1\s\src\Shop.Cart\CartService.cs`}, "", nil, "src/Shop.Cart/CartService.cs"},
		{"bundled, ambiguous", evidence.Frame{File: "webpack-internal:///./src/index.ts?5c1e"}, "", nil, "could be any of"},
		{"bundled, of the service", evidence.Frame{File: "webpack://shop/./src/index.ts"}, "web", nil, "web/src/index.ts"},
		{"hostile", evidence.Frame{File: "../../etc/passwd"}, "", nil, "ends like"},
		{"nothing", evidence.Frame{}, "", nil, "names no file"},
	} {
		got, err := resolveFrame(tt.f, files, tt.pre, tt.tab)
		switch {
		case err == nil && got != tt.want:
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		case err != nil && (!errors.Is(err, evidence.ErrNotFound) || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

// TestAnInstalledPackageIsLookedForInTheTree before its path says that it is a
// dependency's: a service is installed as a package, too.
func TestAnInstalledPackageIsLookedForInTheTree(t *testing.T) {
	files := []string{
		"setup.py", "src/shop/__init__.py", "src/shop/cart.py", "src/shop/requests/__init__.py", "src/shop/requests/utils.py", "tools/yaml/loader.py",
		"packages/cart/package.json", "packages/cart/lib/index.js", "apps/debug/src/index.js", "pay/pay.gemspec", "pay/lib/pay/charge.rb", "web/lib/rack/utils.rb",
	}
	for file, want := range map[string]string{
		"/usr/local/lib/python3.12/site-packages/shop/cart.py":           "src/shop/cart.py",
		"/usr/local/lib/python3.12/site-packages/shop/requests/utils.py": "src/shop/requests/utils.py",
		"/usr/local/lib/python3.12/site-packages/requests/utils.py":      "",
		"/usr/lib/python3/dist-packages/yaml/loader.py":                  "",
		"/usr/local/lib/python3.12/site-packages/cart.py":                "",
		"/srv/app/node_modules/cart/lib/index.js":                        "packages/cart/lib/index.js",
		"/srv/app/node_modules/@shop/cart/lib/index.js":                  "packages/cart/lib/index.js",
		"/srv/app/node_modules/debug/src/index.js":                       "",
		"/usr/local/bundle/gems/pay-1.4.0/lib/pay/charge.rb":             "pay/lib/pay/charge.rb",
		"/usr/local/bundle/gems/rack-3.0.8/lib/rack/utils.rb":            "",
	} {
		got, err := resolveFrame(evidence.Frame{File: file}, files, "", nil)
		if got != want || (want == "") != errors.Is(err, evidence.ErrNotFound) {
			t.Errorf("%s: got %q, %v, want %q", file, got, err, want)
		}
	}
}
