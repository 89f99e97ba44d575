package evidence

import "testing"

// TestFoldersOfACompilerAreForeignAndOnesOwnOfTheSameNameAreNot: a monorepo has a
// libraries folder and an app called flutter of its own.
func TestFoldersOfACompilerAreForeignAndOnesOwnOfTheSameNameAreNot(t *testing.T) {
	for file, foreign := range map[string]bool{
		"libraries/base/GHC/List.hs": true, "libraries/ghc-prim/GHC/Types.hs": true, "flutter/lib/src/widgets/framework.dart": true,
		"libraries/cart/pool.py": false, "libraries/common/db.go": false, "apps/flutter/lib/cart.dart": false,
	} {
		if got := (Frame{File: file}).Origin() == OriginForeign; got != foreign {
			t.Errorf("%s is foreign: %v, want %v", file, got, foreign)
		}
	}
}
