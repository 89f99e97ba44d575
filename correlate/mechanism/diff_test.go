package mechanism

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func outline(p *Patch) []string {
	var out []string
	for _, f := range p.Files {
		for _, h := range f.Hunks {
			out = append(out, fmt.Sprintf("%s [%s] %d lines", f.Path, h.Header, len(h.Lines)))
		}
	}
	return out
}

func TestParseReadsExcerptsOfEveryShape(t *testing.T) {
	for _, c := range []struct {
		name, diff string
		files      []string
		want       []string
	}{
		{"git", "diff --git a/x.go b/x.go\nindex 1..2 100644\n--- a/x.go\n+++ b/x.go\n@@ -1,2 +1,2 @@ func f()\n-a\n+b\n", nil, []string{"x.go [func f()] 2 lines"}},
		{"path in the hunk's header", "@@ lib/a.py @@\n-a\n+b\n@@ lib/b.py: def f():\n+c", nil, []string{"lib/a.py [] 2 lines", "lib/b.py [def f():] 1 lines"}},
		{"function instead of a path", "@@ func (s *S) Do(n int) error {\n-a\n+b", []string{"s.go", "s_test.go"}, []string{"s.go [func (s *S) Do(n int) error {] 2 lines"}},
		{"two files and no path", "@@ require (\n-a\n+b", []string{"a.go", "b.go"}, []string{" [require (] 2 lines"}},
		{"no header at all", "-a\n+b\n", []string{"conf.yaml"}, []string{"conf.yaml [] 2 lines"}},
		{"deleted file", "--- a/old.go\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", nil, []string{"old.go [] 1 lines"}},
		{"carriage returns", "--- a/x.go\r\n+++ b/x.go\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n", nil, []string{"x.go [] 2 lines"}},
		{"nothing", "", nil, nil},
	} {
		if diff := cmp.Diff(c.want, outline(Parse(c.diff, c.files...))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestParseNumbersLinesWhereTheHeaderDoes(t *testing.T) {
	p := Parse("--- a/x.go\n+++ b/x.go\n@@ -10,3 +20,3 @@\n a\n-b\n+c\n d\n")
	var got []int
	for _, l := range p.Files[0].Hunks[0].Lines {
		got = append(got, l.No)
	}
	if diff := cmp.Diff([]int{20, 11, 21, 22}, got); diff != "" {
		t.Errorf("line numbers (-want +got):\n%s", diff)
	}
}

func TestInnocentByConstruction(t *testing.T) {
	for _, c := range []struct {
		name, diff string
		files      []string
		want       bool
	}{
		{"comment", "--- a/x.go\n+++ b/x.go\n@@ -1 +1 @@\n-// old\n+// new words\n", nil, true},
		{"comment at the end of a line", "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a = 1  # one\n+a = 1  # the first\n", nil, true},
		{"block comment", "--- a/X.java\n+++ b/X.java\n@@ -1 +1,3 @@\n+/* all\n+ * of this\n+ */\n", nil, true},
		{"blanks", "--- a/x.ts\n+++ b/x.ts\n@@ -1 +1 @@\n-if (a) {\n+  if  (a)  {\n", nil, true},
		{"moved between files", "--- a/x.go\n+++ b/x.go\n@@ -1 +0 @@\n-const limit = 5\n--- a/y.go\n+++ b/y.go\n@@ -0 +1 @@\n+const limit = 5\n", nil, true},
		{"renamed", "--- a/x.go\n+++ b/x.go\n@@ -1,2 +1,2 @@\n-\tn := size()\n-\treturn n * 2\n+\ttotal := size()\n+\treturn total * 2\n", nil, true},
		{"test", "--- a/x_test.go\n+++ b/x_test.go\n@@ -1 +1 @@\n-a := 1\n+a := 2\n", nil, true},
		{"documents without a diff", "", []string{"docs/a.md", "README.md"}, true},
		{"code without a diff", "", []string{"a.go"}, false},
		{"a hash within a string", "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a = \"#1\"\n+a = \"#2\"\n", nil, false},
		{"another function called once", "--- a/x.go\n+++ b/x.go\n@@ -1 +1 @@\n-\tcharge(a)\n+\trefund(a)\n", nil, false},
	} {
		if got := Innocuous(c.diff, c.files...); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestKindOf(t *testing.T) {
	for path, want := range map[string]Kind{
		"services/a/main.go": Code, "a/b_test.go": Test, "src/test/java/A.java": Test, "web/a.spec.ts": Test, "README.md": Document, "docs/x.yaml": Document,
		"requirements.txt": Manifest, "go.mod": Manifest, "go.sum": Lock, "Dockerfile": Manifest, ".github/workflows/x.yml": Build, "deploy/a.yaml": Config,
		".env.production": Config, "web/a.css": Asset, "": Code,
	} {
		if got := KindOf(path); got != want {
			t.Errorf("KindOf(%q): got %d, want %d", path, got, want)
		}
	}
}

func TestSettingsCarryUnits(t *testing.T) {
	for _, c := range []struct {
		file, line, key string
		value           float64
	}{
		{"a.go", "\tcfg.Timeout = 5 * time.Second", "timeout", 5},
		{"a.go", "const maxWait = 2 * time.Minute", "maxwait", 120},
		{"a.go", "\tdb.SetMaxOpenConns(40)", "setmaxopenconns", 40},
		{"A.java", "private static final int MAX_RETRIES = 3;", "maxretries", 3},
		{"A.java", ".connectTimeout(Duration.ofMillis(250))", "connecttimeout", .25},
		{"A.cs", "client.Timeout = TimeSpan.FromMinutes(2);", "timeout", 120},
		{"a.py", "requests.get(url, timeout=10)", "timeout", 10},
		{"a.ts", "const poolSize: number = 8;", "poolsize", 8},
		{"a.yaml", "  memory: 512Mi", "memory", 512 << 20},
		{"a.properties", "hikari.maximum-pool-size=30", "maximumpoolsize", 30},
		{"a.sql", "SELECT a FROM b LIMIT 50", "limit", 50},
	} {
		p := Parse("--- a/"+c.file+"\n+++ b/"+c.file+"\n@@ -0 +1 @@\n+"+c.line+"\n", c.file)
		got := p.settings().gained
		if len(got) != 1 || got[0].Key != c.key || got[0].Value != c.value {
			t.Errorf("%s: got %+v, want %s = %v", c.line, got, c.key, c.value)
		}
	}
}

// Hostile input must neither panic nor take long.
func FuzzScan(f *testing.F) {
	f.Add("--- a/x.go\n+++ b/x.go\n@@ -1 +1 @@\n-a\n+b\n")
	f.Add("@@ -9999999999999999999 +1 @@\n+\x00\xff\"`'\\\n")
	f.Add("@@ @@ @@\n+(((((((\n-))))))\n+x = append(x,")
	f.Fuzz(func(_ *testing.T, diff string) { Scan(by(), diff, "a.go") })
}

// largeDiff is a mix of edits over many files, n changed lines in all.
func largeDiff(n int) string {
	var b strings.Builder
	for i := 0; i < n; i += 10 {
		fmt.Fprintf(&b, "--- a/svc/f%d.go\n+++ b/svc/f%d.go\n@@ -%d,6 +%d,9 @@ func (s *Server) Do%d(ctx context.Context) error {\n", i, i, i+1, i+1, i)
		fmt.Fprintf(&b, " \tfor _, item := range items {\n-\t\ts.total%d += item.Price\n+\t\ts.sum%d += price(item, %d)\n", i, i, i)
		fmt.Fprintf(&b, "+\t\tif item.Discount != nil && item.Discount.Rate > 0.%d {\n+\t\t\ts.apply(ctx, item.Discount, \"rate %d\")\n+\t\t}\n", i, i)
		fmt.Fprintf(&b, "-\tcfg.Limit%d = %d\n+\tcfg.Limit%d = %d\n-\tlog.Printf(\"done %d\")\n+\ts.log.Info(\"done\", \"n\", %d)\n", i, i, i, i+1, i, i)
		fmt.Fprintf(&b, "+\tif err := s.flush(ctx); err != nil {\n+\t\treturn fmt.Errorf(\"flush %d: %%w\", err)\n", i)
	}
	return b.String()
}

func BenchmarkScan(b *testing.B) {
	for _, n := range []int{50, 500, 5000} {
		d := largeDiff(n)
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(d)))
			b.ReportAllocs()
			for b.Loop() {
				Scan(by(), d)
			}
		})
	}
}
