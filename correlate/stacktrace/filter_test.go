package stacktrace

import (
	"strings"
	"testing"
)

func TestFilterLeavesOutForeignFramesWhole(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"Go", "panic: boom\n\ngoroutine 7 [running]:\nnet/http.(*conn).serve(0xc0)\n\t/usr/local/go/src/net/http/server.go:12 +0x1d\nexample.org/x/hub.run(0xc0)\n\t/src/hub/hub.go:9 +0x1d\n",
			"panic: boom\n\ngoroutine 7 [running]:\nexample.org/x/hub.run(0xc0)\n\t/src/hub/hub.go:9 +0x1d\n"},
		{"Python", "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in go\n    run(x)\n  File \"/usr/lib/python3.11/hmac.py\", line 184, in new\n    return HMAC(key)\n           ^^^^\nTypeError: no\n",
			"Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in go\n    run(x)\nTypeError: no\n"},
		{"Java", "a.B: no\n\tat java.base/java.util.List.sort(List.java:507)\n\tat com.acme.Cart.add(Cart.java:3)\n\tat org.springframework.cglib.Proxy.call(<generated>)\nCaused by: c.D: why\n",
			"a.B: no\n\tat com.acme.Cart.add(Cart.java:3)\nCaused by: c.D: why\n"},
		{"JavaScript", "TypeError: no\n    at Layer.handle (/app/node_modules/express/lib/router/layer.js:95:5)\n    at show (/app/lib/show.js:3:5)\n    at Module._compile (node:internal/modules/cjs/loader:1105:14)\n",
			"TypeError: no\n    at show (/app/lib/show.js:3:5)\n"},
		{"no stack", "first\n  second\n", "first\n  second\n"},
	} {
		if got := Filter(c.text, Own); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestSourceIsTheCodeThatRuntimesPrint(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"Python", "Traceback (most recent call last):\n  File \"/app/x.py\", line 3, in run\n    row = tariffs.find(1)\n           ^^^^^^^^^^^^^^^\n  File \"/app/y.py\", line 9, in find\n    return self.rows[i]\nKeyError: 1\n", "row = tariffs.find(1)|return self.rows[i]"},
		{"Node.js", "/app/x.js:3\n  const row = tariffs.find(1);\n                      ^\n\nTypeError: tariffs.find is not a function\n    at run (/app/x.js:3:23)\n", "const row = tariffs.find(1);"},
		{"Go prints none", "panic: boom\n\ngoroutine 7 [running]:\nx.load(...)\n\t/src/a.go:12 +0x1d\n", ""},
		{"a rule of dashes in a log", "all is well\n-----------\n", ""},
	} {
		if got := strings.Join(Source(c.text), "|"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
