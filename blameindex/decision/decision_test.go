package decision

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s: want (-) got (+):\n%s", name, d)
	}
}

func parseFile(t *testing.T, name string) Document {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return Parse(filepath.Base(name), data, DefaultVocabulary())
}

// TestGoldenRecords holds the seed's samples, verbatim and as they look after
// their indentation was lost, and the other forms, to what is read from them.
func TestGoldenRecords(t *testing.T) {
	for _, name := range []string{"seed-2.1.yaml", "seed-2.1-unindented.yaml", "seed-2.4.yaml", "seed-2.4-unindented.yaml", "seed-2.3.md", "madr.md"} {
		t.Run(name, func(t *testing.T) {
			doc := parseFile(t, filepath.Join("testdata", name))
			for _, f := range doc.AllFaults() {
				if !f.Note {
					t.Errorf("refused: %s", f)
				}
			}
			got, err := json.MarshalIndent(doc, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", name+".golden"), append(got, '\n'))
		})
	}
}

func TestEveryFaultHasItsLine(t *testing.T) {
	doc := parseFile(t, "testdata/incomplete.yaml")
	var b bytes.Buffer
	if err := WriteText(&b, doc.AllFaults()); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/incomplete.yaml.golden", b.Bytes())
}

func TestMissingDimensionsAreNamed(t *testing.T) {
	doc := Parse("d.yaml", []byte("decision_id: DEC-9\nwho: {}\nwhy: ''\nwhat: ~\n"), DefaultVocabulary())
	var got []string
	for _, f := range doc.AllFaults() {
		got = append(got, f.Dimension)
	}
	want := []string{"when", "how", "who", "who", "who", "why", "what"}
	seen := map[string]bool{}
	for _, g := range got {
		seen[g] = true
	}
	for _, w := range want {
		if !seen[w] {
			t.Errorf("got faults of %v, want one of %s", got, w)
		}
	}
}

func TestSyntaxFaults(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		line           int
	}{
		{"tab.yaml", "decision_id: D-1\nhow:\n\trollout: all\n", "a tab in the indentation", 3},
		{"front.md", "---\ndecision_id: D-1\nwho: [\n---\n# T\n", "not valid YAML", 3},
		{"colon.yaml", "decision_id: D-1\nwhy: a: b\n", "not valid YAML", 2},
		{"twice.yaml", "decision_id: D-1\nwhy: x\nwhy: y\n", "a second time", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, f := range Parse(tt.name, []byte(tt.in), DefaultVocabulary()).AllFaults() {
				if f.Dimension == "syntax" && strings.Contains(f.Message, tt.want) {
					if f.Line != tt.line {
						t.Errorf("got line %d, want %d: %s", f.Line, tt.line, f)
					}
					return
				}
			}
			t.Errorf("no fault says %q", tt.want)
		})
	}
}

func TestWhyNeedsSomethingMeasurable(t *testing.T) {
	v := DefaultVocabulary()
	v.Metrics = []string{"checkout_latency"}
	for s, want := range map[string]bool{
		"the latency rose by 230ms in production":       true,
		"错误率上升到了百分之五也就是 5% 左右超过目标":                      true,
		"the checkout_latency objective was missed":     true,
		"version 2 of the library is simply much nicer": false,
		"it costs $400 a day to keep it as it is":       true,
	} {
		if got := v.measurable(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}

func TestWhatNeedsAVerb(t *testing.T) {
	v := DefaultVocabulary()
	for s, want := range map[string]bool{
		"Enabled the breaker at 800 ms":       true,
		"将订单超时阈值从30s调整为15s":                   true,
		"Chosen option: \"x\", because of y":  true,
		"a breaker for the pool":              false,
		"Dropping the second replica to zero": true,
		"订单超时":                                false,
	} {
		if got := v.hasVerb(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}

func TestTagsAreReadFromCommentsOnly(t *testing.T) {
	for line, want := range map[string][]string{
		"x := 1 // decision:DEC-2024-0872":      {"DEC-2024-0872"},
		"<!-- decision:ADR-047 -->":             {"ADR-047"},
		"# decision: ADR-1, and decision:ADR-2": {"ADR-1", "ADR-2"},
		"log.Info(decision:ADR-047)":            nil,
		"// see decision:ADR-047.":              {"ADR-047"},
	} {
		if d := cmp.Diff(want, Tags(line)); d != "" {
			t.Errorf("%q: want (-) got (+):\n%s", line, d)
		}
	}
}

func TestTrailersNameDecisions(t *testing.T) {
	msg := "Bound the pool\n\nDecision: ADR-1, DEC-2\nReviewed-by: Grace <g@example.org>\nThis decision: was long\n"
	if d := cmp.Diff([]string{"ADR-1", "DEC-2"}, Trailers(msg)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Grace <g@example.org>"}, Reviewers(msg)); d != "" {
		t.Error(d)
	}
}

func TestConditions(t *testing.T) {
	for _, s := range []string{"latency", "a < b", "a <> 3", "; rm -rf <= 3", "p99 < 900 ms extra"} {
		if c, err := ParseCondition(s); err == nil {
			t.Errorf("%q: got %+v, want an error", s, c)
		}
	}
	c, err := ParseCondition("latency_p99 ≤ 0.9s")
	if err != nil || c.Op != "<=" || c.Value != 0.9 || c.Unit != "s" {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestAcrossFindsDuplicatesAndCircles(t *testing.T) {
	fsys := fstest.MapFS{
		"a.yaml":    {Data: []byte("id: R-1\ntitle: t\nscope: ['**']\nsuperseded_by: R-2\nchecks: [{type: forbid-path, pattern: x, message: m}]\n")},
		"b.yaml":    {Data: []byte("id: R-2\ntitle: t\nscope: ['**']\nsuperseded_by: R-1\nchecks: [{type: forbid-path, pattern: x, message: m}]\n")},
		"c.yaml":    {Data: []byte("id: R-1\ntitle: t\nscope: ['**']\nchecks: [{type: forbid-path, pattern: x, message: m}]\n")},
		"README.md": {Data: []byte("# Decisions\n")},
	}
	records, faults, err := ReadDir(fsys, "", DefaultVocabulary())
	if err != nil || len(records) != 3 {
		t.Fatalf("got %d records, %v; want 3", len(records), err)
	}
	faults = append(faults, Across(records)...)
	SortFaults(faults)
	var b strings.Builder
	for _, f := range faults {
		b.WriteString(f.String() + "\n")
	}
	want := "a.yaml:4: error: superseded_by: the supersession goes in a circle\n" +
		"b.yaml:4: error: superseded_by: the supersession goes in a circle\n" +
		"c.yaml:1: error: decision_id: R-1 is used already in a.yaml:1\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("want (-) got (+):\n%s", d)
	}
}

func TestSARIFNamesRuleAndLine(t *testing.T) {
	var b bytes.Buffer
	if err := WriteSARIF(&b, parseFile(t, "testdata/incomplete.yaml").AllFaults(), "test"); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/incomplete.sarif.golden", b.Bytes())
}

// TestSARIFIsWhatItsSchemaAsks: with paths and texts as hostile as they come, with
// every kind of level, and with nothing found.
func TestSARIFIsWhatItsSchemaAsks(t *testing.T) {
	faults := parseFile(t, "testdata/incomplete.yaml").AllFaults()
	for name, write := range map[string]func(*bytes.Buffer) error{
		"faults":  func(b *bytes.Buffer) error { return WriteSARIF(b, faults, "1.0") },
		"nothing": func(b *bytes.Buffer) error { return WriteSARIF(b, nil, "") },
		"findings": func(b *bytes.Buffer) error {
			return WriteFindings(b, []Finding{
				{Rule: "ADR-1/code-pattern", About: "A: b", Level: "error", Message: "no\x00\u202e</script>", Path: "a dir/100%zz é:1.go", Line: 3, Record: "docs/a b.md"},
				{Rule: "ADR-1/code-pattern", Level: "warning", Message: "", Path: "x.go"},
				{Rule: "ADR-2/forbid-path", Level: "note", Message: "m", Path: "y:z/../x.go", Line: -4},
			}, "dev")
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		report, err := sarif.FromBytes(b.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := report.Validate(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, &b)
		}
		for _, run := range report.Runs {
			for _, r := range run.Results {
				uri := *r.Locations[0].PhysicalLocation.ArtifactLocation.URI
				if u, err := url.Parse(uri); err != nil || u.Scheme != "" {
					t.Errorf("%s: %q is no reference to a file: %v", name, uri, err)
				}
			}
		}
	}
}

// FuzzParse holds the reader to not crashing on hostile records and to naming
// a line for every fault.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"seed-2.1.yaml", "madr.md", "incomplete.yaml"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("a: &a [*a]\ndecision_id: *a\nwhy: *a\nchecks: *a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{"d.yaml", "d.md"} {
			for _, fault := range Parse(name, data, DefaultVocabulary()).AllFaults() {
				if fault.Line < 1 {
					t.Errorf("fault without a line: %+v", fault)
				}
			}
		}
	})
}

func TestAlertRulesInvertThePromise(t *testing.T) {
	doc := parseFile(t, "testdata/seed-2.1.yaml")
	var b bytes.Buffer
	unmapped, err := WriteAlertRules(&b, doc.Records, Queries{"latency_p99": "histogram_quantile(0.99, x)"}, "shop")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"DEC-2024-0872: fallback_rate < 0.5%"}, unmapped); d != "" {
		t.Error(d)
	}
	golden(t, "testdata/rules.golden", b.Bytes())
}
