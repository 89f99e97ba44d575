package stacktrace

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestFurtherLanguages: the frames that are not the runtime's, innermost first.
func TestFurtherLanguages(t *testing.T) {
	for _, tt := range []struct {
		lang Language
		text string
		want []string
	}{
		{Dart, "Bad state: no\n#0      Cart.add (package:shop/cart.dart:12:7)\n#1      main.<anonymous closure> (file:///srv/bin/main.dart:30:3)\n#2      _rootRun (dart:async/zone.dart:1399:13)",
			[]string{"shop/lib/cart.dart:12 Cart.add", "/srv/bin/main.dart:30 main.<anonymous closure>"}},
		{Swift, "Shop/Cart.swift:12: Fatal error: Index out of range\n\nThread 3 crashed:\n\n0 0x0000ffff88c0 _assertionFailure(_:_:file:line:flags:) + 264 in libswiftCore.so\n1 [ra] [inlined] 0x0000aaaab0 Cart.add(_:) + 91 in Shop at /app/Sources/Shop/Cart.swift:12:9",
			[]string{"Shop/Cart.swift:12 ", "/app/Sources/Shop/Cart.swift:12 Cart.add(_:)"}},
		{Cpp, "==7==ERROR: AddressSanitizer: heap-use-after-free\n    #0 0x4f5a1 in Cart::add(int) /app/src/cart.cpp:12:11\n    #1 0x4f5b2 in main /app/src/main.cpp:30:3\n    #2 0x7f in __libc_start_main ../sysdeps/nptl/libc_start_call_main.h:58",
			[]string{"/app/src/cart.cpp:12 Cart::add(int)", "/app/src/main.cpp:30 main"}},
		{Cpp, "#0  0x00007ff in Cart::add (this=0x0, n=3) at src/cart.cc:12\n#1  main () at src/main.c:30",
			[]string{"src/cart.cc:12 Cart::add (this=0x0, n=3)", "src/main.c:30 main ()"}},
		{Cpp, " 0# Cart::add(int) at /app/src/cart.cpp:12\n 1# main at /app/src/main.cpp:30", []string{"/app/src/cart.cpp:12 Cart::add(int)", "/app/src/main.cpp:30 main"}},
		{Haskell, "shop: Prelude.head: empty list\nCallStack (from HasCallStack):\n  error, called at libraries/base/GHC/List.hs:1646:3 in base:GHC.List\n  add, called at src/Shop/Cart.hs:12:9 in shop-0.1:Shop.Cart",
			[]string{"src/Shop/Cart.hs:12 add"}},
		{OCaml, "Fatal error: exception Not_found\nRaised at Stdlib__Map.find in file \"map.ml\", line 137, characters 10-25\nCalled from Shop.Cart.add in file \"lib/cart.ml\", line 12, characters 4-20",
			[]string{"lib/cart.ml:12 Shop.Cart.add"}},
		{Julia, "ERROR: KeyError: key \"x\" not found\nStacktrace:\n [1] getindex(h::Dict{String, Int64}, key::String)\n   @ Base ./dict.jl:498\n [2] add(n::Int64)\n   @ Shop /app/src/cart.jl:12",
			[]string{"/app/src/cart.jl:12 add"}},
		{Zig, "thread 7 panic: index out of bounds\n/app/src/cart.zig:12:17: 0x103a in add (shop)\n    return all[i];\n              ^\n/usr/lib/zig/std/start.zig:9:3: 0x1 in posixCallMain (shop)", []string{"/app/src/cart.zig:12 add"}},
		{Crystal, "Unhandled exception: no (KeyError)\n  from /usr/share/crystal/src/hash.cr:1087:11 in '[]'\n  from src/cart.cr:12:5 in 'add'", []string{"src/cart.cr:12 add"}},
		{Lua, "lua: cart.lua:12: attempt to index a nil value\nstack traceback:\n\t[C]: in function 'error'\n\tcart.lua:12: in function 'add'\n\tmain.lua:30: in main chunk", []string{"cart.lua:12 add", "main.lua:30 main chunk"}},
		{Nim, "Traceback (most recent call last)\n/app/src/main.nim(30) main\n/app/src/cart.nim(12) add\nError: unhandled exception: no [ValueError]", []string{"/app/src/cart.nim:12 add", "/app/src/main.nim:30 main"}},
		{Python, "Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n  File \"/app/cart.py\", line 12 in add\n  File \"/app/main.py\", line 30 in main", []string{"/app/cart.py:12 add", "/app/main.py:30 main"}},
		{Python, "Fatal Python error: Segmentation fault\n\nThread 0x00007e (most recent call first):\n  File \"/app/pool.py\", line 7 in wait\n\nCurrent thread 0x00007f (most recent call first):\n  File \"/app/cart.py\", line 12 in add", []string{"/app/cart.py:12 add", "/app/pool.py:7 wait"}},
		{Python, "Timeout (0:00:05)!\nThread 0x00007e (most recent call first):\n  File \"/app/pool.py\", line 7 in wait\n\nThread 0x00007f (most recent call first):\n  File \"/app/cart.py\", line 12 in add", []string{"/app/pool.py:7 wait", "/app/cart.py:12 add"}},
		{OCaml, "Fatal error: exception Not_found\nRaised at Stdlib__Map.find in file \"map.ml\", line 137, characters 10-25", nil},
		{Lua, "stack traceback:\n\tcart.lua:12: in function <cart.lua:10>\n\tcart.lua:30: in function 'shop.add'", []string{"cart.lua:12 ", "cart.lua:30 shop.add"}},
		{Java, "a.AException: no\n\tat shop.Store.get(Unknown Source)\n\tat shop.Store$$Lambda/0x01.run(Unknown Source)\n\tat jdk.proxy2.$Proxy12.get(Unknown Source)\n\tat shop.Web.run(Unknown Source)\n\tat java.base/java.lang.Thread.run(Thread.java:840)", []string{"shop/Store.java:0 shop.Store.get", "shop/Web.java:0 shop.Web.run"}},
		{Java, "a.AException: no\n\tat shop.Lane.close(Lane.java:7)\n\tat shop.Lane$Inner.of(Unknown Source)\n\tat shop.Old.run(Old.java)\n\tat shop.Web.run(Web.java:9)", []string{"shop/Lane.java:7 shop.Lane.close", "shop/Old.java:0 shop.Old.run", "shop/Web.java:9 shop.Web.run"}},
		{DotNet, "System.InvalidOperationException: no\n   at Npgsql.Internal.NpgsqlConnector.Open(TimeSpan t)\n   at Shop.Cart.Add(Int32 n) in /src/Shop/Cart.cs:line 12", []string{"/src/Shop/Cart.cs:12 Shop.Cart.Add"}},
		{Java, "a.AException: no\n\tat shop.Web.run(Unknown Source)\nCaused by: b.BException: gone\n\tat shop.Store.get(Unknown Source)", []string{"shop/Store.java:0 shop.Store.get", "shop/Web.java:0 shop.Web.run"}},
		{Java, "a.AException: no\n\tat shop.Cart.add(Cart.java:12)\n\tSuppressed: b.BException: close\n\t\tat shop.Lane.close(Lane.java:7)\n\tCaused by: c.CException: gone\n\t\tat shop.Wire.shut(Wire.java:9)\nCaused by: d.DException: first\n\tat shop.Store.get(Store.java:3)",
			[]string{"shop/Store.java:3 shop.Store.get", "shop/Cart.java:12 shop.Cart.add", "shop/Wire.java:9 shop.Wire.shut", "shop/Lane.java:7 shop.Lane.close"}},
		{PowerShell, "Add-Cart : no\nAt C:\\src\\cart.ps1:12 char:9\n+         Add-Cart $n\n    + CategoryInfo          : NotSpecified: (:) [Write-Error]", []string{"C:/src/cart.ps1:12 "}},
		{PowerShell, "no\nat Add-Cart, C:\\src\\cart.psm1: line 12\nat <ScriptBlock>, C:\\src\\main.ps1: line 30", []string{"C:/src/cart.psm1:12 Add-Cart", "C:/src/main.ps1:30 "}},
		{DotNet, "NullReferenceException: no\n  at Shop.Cart.Add () [0x00012] in /src/Cart.cs:12 \n  at Lib.Box.Open () [0x00012] in <7c1d0e6a>:0 ", []string{"/src/Cart.cs:12 Shop.Cart.Add"}},
		{Unknown, "shop.example.ml:443: in use\n3 parts of main.c:12 were read, see cart.jl:4", nil},
		{Unknown, "3 errors found in main.c:12\n17 tests failed in cart_test.cc:88", nil},
	} {
		frames, lang := Parse(tt.text)
		var got []string
		for _, f := range frames {
			if f.Origin() == evidence.OriginUnknown {
				got = append(got, fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Function))
			}
		}
		if d := cmp.Diff(tt.want, got); d != "" || lang != tt.lang {
			t.Errorf("language %q, want %q; want (-) got (+):\n%s", lang, tt.lang, d)
		}
	}
}
