package mechanism

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// Every rule ships diffs that it must see and decoys with the same words in
// the wrong direction, in testdata/<id>.txtar. The first signature of a culprit
// is the archive's, or its own where its name carries one.
func TestRulesTellCulpritsFromDecoys(t *testing.T) {
	for _, r := range Rules() {
		t.Run(r.ID, func(t *testing.T) {
			arc, err := txtar.ParseFile(filepath.Join("testdata", r.ID+".txtar"))
			if err != nil {
				t.Fatalf("a rule needs a culprit and a decoy: %v", err)
			}
			_, sig, _ := strings.Cut(strings.TrimSpace(string(arc.Comment)), "signature: ")
			culprits, decoys := 0, 0
			for _, f := range arc.Files {
				name, own, _ := strings.Cut(f.Name, " ")
				ms := matchesOf(r.ID, Scan(by(), string(f.Data)))
				if strings.HasPrefix(name, "decoy") {
					decoys++
					if len(ms) > 0 {
						t.Errorf("%s: got %q (%s), want no match", name, ms[0].Why, ms[0].Hunk)
					}
					continue
				}
				culprits++
				want := Signature(sig)
				if own != "" {
					want = Signature(own)
				}
				for _, m := range ms {
					if m.Strength == 0 {
						t.Errorf("%s: %s has no strength", name, m.Kind)
					}
				}
				if len(ms) == 0 {
					t.Errorf("%s: got no match, want %s", name, want)
				} else if !contains(ms[0].Signatures, want) {
					t.Errorf("%s: got %v, want %s", name, ms[0].Signatures, want)
				}
			}
			if culprits == 0 || decoys == 0 {
				t.Errorf("got %d culprits and %d decoys, want at least one of each", culprits, decoys)
			}
		})
	}
}

// by are the strengths that the tests use: the default ones.
func by() *weights.Mechanism { return &weights.Or(nil).Mechanism }

// TestEveryObservationHasAStrength reads the rules' source: what is observed and
// what has a strength are the same.
func TestEveryObservationHasAStrength(t *testing.T) {
	sources, err := filepath.Glob("rule_*.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == gotoken.STRING {
				kinds[strings.Trim(l.Value, "`\"")] = true
			}
			return true
		})
	}
	known := map[string]bool{}
	for _, r := range Rules() {
		known[r.ID] = true
		if len(by().Rules[r.ID]) == 0 {
			t.Errorf("the rule %s has no strength", r.ID)
		}
	}
	for rule, strengths := range by().Rules {
		if !known[rule] {
			t.Errorf("there are strengths of %s, which is no rule", rule)
		}
		for kind, strength := range strengths {
			if !kinds[kind] || strength < 1 || strength > 1000 {
				t.Errorf("%s/%s: got %d, which no rule looks up or which is not within 1 and 1000", rule, kind, strength)
			}
		}
	}
}

func contains(sigs []Signature, want Signature) bool {
	for _, s := range sigs {
		if s == want {
			return true
		}
	}
	return false
}

func matchesOf(rule string, ms []Match) []Match {
	var out []Match
	for _, m := range ms {
		if m.Rule == rule {
			out = append(out, m)
		}
	}
	return out
}

func TestEveryRuleHasAPageAndAPlaceInOrder(t *testing.T) {
	pages, err := filepath.Glob("help/*.md")
	if err != nil {
		t.Fatal(err)
	}
	rules := Rules()
	if len(pages) != len(rules) {
		t.Errorf("got %d help pages for %d rules", len(pages), len(rules))
	}
	for i, r := range rules {
		if i > 0 && rules[i-1].ID >= r.ID {
			t.Errorf("got %s after %s, want ids in order", r.ID, rules[i-1].ID)
		}
		help := r.Help()
		if !strings.HasPrefix(help, "# "+r.ID+"\n") || !strings.Contains(help, "## Fires on") || !strings.Contains(help, "## Stays silent on") {
			t.Errorf("%s: the help page lacks its title or a section:\n%s", r.ID, help)
		}
		if _, err := os.Stat("rule_" + strings.ReplaceAll(r.ID, "-", "") + ".go"); err != nil {
			t.Errorf("%s: one rule, one file: %v", r.ID, err)
		}
	}
}

// strong is the strength from which a match can make a commit a suspect.
const strong = 400

func TestCulpritsOfTheFieldAreSeen(t *testing.T) {
	arc, err := txtar.ParseFile("testdata/culprits.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range arc.Files {
		parts := strings.Fields(f.Name)
		found := false
		ms := Scan(by(), string(f.Data), parts[2])
		for _, m := range ms {
			found = found || m.Strength >= strong && contains(m.Signatures, Signature(parts[1]))
		}
		if !found {
			t.Errorf("%s: got %+v, want a match that produces %s", parts[0], ms, parts[1])
		}
	}
}

func TestOrdinaryChangesAreNotSuspected(t *testing.T) {
	arc, err := txtar.ParseFile("testdata/innocent.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range arc.Files {
		parts := strings.Fields(f.Name)
		for _, m := range Scan(by(), string(f.Data), parts[1]) {
			if m.Strength >= strong {
				t.Errorf("%s: got %s (%s), want nothing", parts[0], m.Rule, m.Why)
			}
		}
	}
}
