package ui_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html" // as in hostile_test.go

	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// TestPrintRulesNameWhatThePagesHave holds that no rule for paper outlives the
// element that it is about, and that what a page break would make unreadable is
// kept whole.
func TestPrintRulesNameWhatThePagesHave(t *testing.T) {
	sheet, err := os.ReadFile(filepath.Join("static", "app.css"))
	if err != nil {
		t.Fatal(err)
	}
	rules := printRules(string(sheet))
	if len(rules) < 10 {
		t.Fatalf("got %d rules for print, the test shows nothing", len(rules))
	}
	names := map[string]bool{}
	_, h := book(t)
	paths := []string{"/", "/decisions", "/investigate", "/audit"}
	for _, s := range storybook.Stories() {
		paths = append(paths, "/incidents/"+s.Incident.ID)
	}
	for _, p := range paths {
		doc, err := html.Parse(get(t, h, p).Body)
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			names[n.Data], names["#"+attributes(n)["id"]] = true, true
			for _, class := range strings.Fields(attributes(n)["class"]) {
				names["."+class] = true
			}
		}
	}
	kept, broken := map[string]bool{}, map[string]bool{}
	for _, r := range rules {
		for _, name := range simple.FindAllString(pseudo.ReplaceAllString(r.selector, ""), -1) {
			if !names[name] {
				t.Errorf("the rule for %q: no page has %s", r.selector, name)
			}
		}
		if strings.Contains(r.body, "break-inside: avoid") {
			for _, s := range strings.Split(r.selector, ", ") {
				kept[s] = true
			}
		}
		if strings.Contains(r.body, "break-inside: auto") {
			for _, s := range strings.Split(r.selector, ", ") {
				broken[s] = true
			}
			if !strings.Contains(r.body, "box-decoration-break: clone") {
				t.Errorf("%s is open where a page ends", r.selector)
			}
		}
	}
	for _, want := range []string{".card", ".evidence", "tr", "li", "figure", "pre", ".span", ".lanes", ".command", ".errorrow", ".note"} {
		if !kept[want] || broken[want] {
			t.Errorf("a page break may cut %s", want)
		}
	}
	// What is in a grid that a page breaks is drawn over what follows it.
	for _, want := range []string{".columns", ".wide", ".side", ".side .card", ".five", ".errors"} {
		if !slices.ContainsFunc(rules, func(r printRule) bool {
			return slices.Contains(strings.Split(r.selector, ", "), want) && strings.Contains(r.body, "display: block")
		}) {
			t.Errorf("%s is a grid on paper", want)
		}
	}
}

// TestAPrintedPageSaysWhereItIs: paper has no address bar.
func TestAPrintedPageSaysWhereItIs(t *testing.T) {
	store := storybook.New(storybook.Now, storybook.Stories()...)
	for base, want := range map[string]bool{"https://wherefore.example": true, "": false} {
		o := store.Options()
		o.BaseURL = base
		body := get(t, ui.New(o), "/incidents/INC-confirmed").Body.String()
		if strings.Contains(body, `<span class="onpaper">`+base+`/incidents/INC-confirmed</span>`) != want || strings.Contains(body, `class="onpaper"`) != want {
			t.Errorf("of a server at %q: want the address on the page: %v", base, want)
		}
	}
}

type printRule struct{ selector, body string }

var (
	ruleOf = regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`)
	pseudo = regexp.MustCompile(`::?[\w-]+(?:\(\w[\w-]*\))?`)
	simple = regexp.MustCompile(`[.#]?[a-z][\w-]*`)
)

// printRules are the rules of a style sheet for print, those of the whole document
// left out.
func printRules(sheet string) []printRule {
	sheet = comment.ReplaceAllString(sheet, "")
	_, block, _ := strings.Cut(sheet, "@media print {")
	block, _, _ = strings.Cut(block, "\n}")
	var out []printRule
	for _, m := range ruleOf.FindAllStringSubmatch(block, -1) {
		if selector := strings.TrimSpace(m[1]); selector != ":root" && selector != "*" {
			out = append(out, printRule{strings.Join(strings.Fields(selector), " "), m[2]})
		}
	}
	return out
}
