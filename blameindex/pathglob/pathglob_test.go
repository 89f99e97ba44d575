package pathglob

import "testing"

func TestAPatternThatMatchesAFolderMeansWhatIsInIt(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"docs", []string{"docs", "docs/a.md", "docs/b/c.md"}, []string{"docs2/a.md", "x/docs/a.md", "doc"}},
		{"docs/", []string{"docs/a.md", "docs/b/c.md"}, []string{"docs", "x/docs/a.md"}},
		{"/docs", []string{"docs/a.md"}, []string{"x/docs/a.md"}},
		{"docs/**", []string{"docs/a.md", "docs/b/c.md"}, []string{"docs2/a.md"}},
		{"docs/*", []string{"docs/a.md"}, []string{"docs/b/c.md", "docs"}},
		{"docs/*/", []string{"docs/b/c.md"}, []string{"docs/a.md"}},
		{"docs/*.md", []string{"docs/a.md"}, []string{"docs/b/a.md", "docs/a.txt"}},
		{"services/*/db", []string{"services/pay/db", "services/pay/db/x/y.sql"}, []string{"services/db/x.sql", "services/pay/dbx"}},
		{"services/pay*", []string{"services/payment/main.go", "services/pay.go"}, []string{"services/a/pay.go"}},
		{"**/migrations", []string{"migrations/1.sql", "a/b/migrations/1.sql"}, []string{"a/migrations2/1.sql"}},
		{"**/*.{yaml,yml}", []string{"a.yaml", "x/y/b.yml"}, []string{"a.md"}},
		{"{a,b}", []string{"a/x", "b"}, []string{"c/x"}},
		{"go.mod", []string{"go.mod"}, []string{"kit/go.mod", "go.mod2"}},
		{`odd\[1\]/x`, []string{"odd[1]/x", "odd[1]/x/y"}, []string{"odd1/x"}},
		{"**", []string{"a", "a/b"}, nil},
		{"", nil, []string{"a", ""}},
		{"/", nil, []string{"a"}},
		{"[", nil, []string{"[", "a"}},
	} {
		for _, p := range c.yes {
			if !Match(c.pattern, p) {
				t.Errorf("%q does not match %q", c.pattern, p)
			}
		}
		for _, p := range c.no {
			if Match(c.pattern, p) {
				t.Errorf("%q matches %q", c.pattern, p)
			}
		}
	}
}

func TestRootsHoldAllThatIsMatched(t *testing.T) {
	for pattern, want := range map[string]string{"docs/adr/**/*.md": "docs/adr", "/docs/adr/": "docs/adr", "docs/*": "docs", "**/adr": ".", "*.md": ".", "a/b.md": "a/b.md", "a/{b,c}/d": "a"} {
		if got := Root(pattern); got != want {
			t.Errorf("root of %q: %q, want %q", pattern, got, want)
		}
	}
	for pattern, want := range map[string]int{"**": 0, "a/**": 1, "a/b/**": 2, "a/b/c*.go": 2, "a/b/c.go": 3} {
		if got := Depth(pattern); got != want {
			t.Errorf("depth of %q: %d, want %d", pattern, got, want)
		}
	}
	for pattern, want := range map[string]bool{"a/**": true, "[": false, "": false, "/": false, "a/{b": false} {
		if Valid(pattern) != want {
			t.Errorf("valid %q: %v", pattern, !want)
		}
	}
}
