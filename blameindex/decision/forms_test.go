package decision

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// TestFormsOfRecords are the shapes of records that teams have, written anew.
func TestFormsOfRecords(t *testing.T) {
	const body = "\n\n## Context and Problem Statement\n\nThe queue grew to 900 messages at noon.\n\n## Considered Options\n\n* two workers\n* one\n\n## Decision Outcome\n\nChosen option: \"two workers\", because they drain it.\n"
	day := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		file, text                    string
		id, form, title, status, next string
		deciders                      string
		dated                         bool
	}{
		"madr 4":              {"docs/decisions/0004-use-two-workers.md", "---\nstatus: \"accepted\"\ndate: 2026-05-04\ndecision-makers: [Ada Byron, Grace]\nconsulted: x\n---\n\n# Use two workers" + body, "ADR-0004", FormMADR, "Use two workers", "accepted", "", "Ada Byron, Grace", true},
		"madr 3":              {"docs/decisions/0004-x.md", "---\nstatus: accepted\ndate: 2026-05-04\ndeciders: Ada Byron, Grace\n---\n# Use two workers" + body, "ADR-0004", FormMADR, "Use two workers", "accepted", "", "Ada Byron, Grace", true},
		"madr 2":              {"docs/adr/0004-x.md", "# Use two workers\n\n* Status: Accepted\n* Deciders: Ada Byron, Grace <!-- optional -->\n* Date: 2026-05-04\n\nTechnical Story: #7" + body, "ADR-0004", FormMADR, "Use two workers", "accepted", "", "Ada Byron, Grace", true},
		"madr 1":              {"docs/adr/0004-x.md", "# Use two workers\n\nThe queue grew.\n\n## Considered Options\n\n* one\n\n## Decision Outcome\n\nChosen option: two workers\n", "ADR-0004", FormMADR, "Use two workers", "", "", "", false},
		"madr, bare outcome":  {"docs/adr/4-x.md", "# Use two workers\n\n## Context and Problem Statement\n\nx\n\n## Decision Outcome\n\ny\n", "ADR-4", FormMADR, "Use two workers", "", "", "", false},
		"madr in German":      {"docs/decisions/0004-x.md", "---\nstatus: akzeptiert\ndatum: 2026-05-04\nentscheidende: Ada Byron\n---\n# Zwei Arbeiter\n\n## Kontext und Problemstellung\n\nx\n\n## Betrachtete Optionen\n\n* x\n\n## Entscheidung\n\nGewählte Option: \"zwei\"\n", "ADR-0004", FormMADR, "Zwei Arbeiter", "accepted", "", "Ada Byron", true},
		"log4brains":          {"docs/adr/20260504-use-two-workers.md", "# Use two workers\n\n- Status: superseded by [20260601-use-four](20260601-use-four.md)\n- Date: 2026-05-04" + body, "20260504-use-two-workers", FormMADR, "Use two workers", "superseded", "20260601-use-four.md", "", true},
		"nygard":              {"doc/adr/0004-x.md", "# 4. Use two workers\n\nDate: 2026-05-04\n\n## Status\n\nAccepted\n\n## Context\n\nx\n\n## Decision\n\ny\n\n## Consequences\n\nz\n", "ADR-0004", FormNygard, "Use two workers", "accepted", "", "", true},
		"adr-tools, replaced": {"doc/adr/0004-x.md", "# 4. Use two workers\n\nDate: 04/05/2026\n\n## Status\n\nSuperceded by [5. Use four](0005-use-four.md)\n\nAmends [1. Record](0001-record.md)\n\n## Context\n\nx\n\n## Decision\n\ny\n", "ADR-0004", FormNygard, "Use two workers", "superseded", "0005-use-four.md", "", false},
		"replaced below":      {"doc/adr/0004-x.md", "# 4. Use two workers\n\n## Status\n\nAccepted\n\nSuperseded by ADR-0005\n\n## Context\n\nx\n\n## Decision\n\ny\n", "ADR-0004", FormNygard, "Use two workers", "superseded", "ADR-0005", "", false},
		"AsciiDoc, Nygard's":  {"doc/adr/0004-x.adoc", "= 4. Use two workers\n:toc:\n// by hand\n\n*Date:* 2026-05-04\n\n== Status\n\nSuperseded by xref:0005-use-four.adoc[5. Use four]\n\n== Context\n\nx\n\n----\n== Decision\n----\n\n== Decision\n\ny\n", "ADR-0004", FormNygard, "Use two workers", "superseded", "0005-use-four.adoc", "", true},
		"AsciiDoc, MADR's":    {"docs/adr/0004-x.asciidoc", "= Use two workers\n:date: 2026-05-04\n\nStatus:: accepted\nDeciders:: Ada Byron\n\n== Context and Problem Statement\n\nx\n\n== Considered Options\n\n* two\n** of them\n\n== Decision Outcome\n\nChosen option: \"two\"\n", "ADR-0004", FormMADR, "Use two workers", "accepted", "", "Ada Byron", true},
		"status at the end":   {"adr/adr-004-x.md", "# Architecture Decision Record: Use two workers\n\n## Context\n\nx\n\n## Decision\n\ny\n\n## Status\n\nPROPOSED.\n\n## Consequences\n\nz\n", "ADR-004", FormNygard, "Architecture Decision Record: Use two workers", "proposed", "", "", false},
		"backstage":           {"docs/architecture-decisions/adr004-x.md", "---\nid: adrs-adr004\ntitle: 'ADR004: Use two workers'\n# prettier-ignore\ndescription: x\n---\n\n## Context\n\nx\n\n## Decision\n\ny\n", "adrs-adr004", FormNygard, "ADR004: Use two workers", "", "", "", false},
		"broken front matter": {"docs/adr/adr004-x.md", "---\nid: adrs-adr004\ntitle: ADR004: Use two workers\n---\n\n## Background\n\nx\n\n## Decision\n\ny\n", "ADR-004", FormNygard, "", "", "", "", false},
		"facts side by side":  {"docs/adr/0004-x.md", "# ADR-0004: Use two workers\n\n| Status | **Date** | Deciders |\n|:---|---|---|\n| accepted | 2026-05-04 | Ada Byron |\n" + body, "ADR-0004", FormMADR, "Use two workers", "accepted", "", "Ada Byron", true},
		"two side by side":    {"docs/adr/0004-x.md", "# ADR-0004: Use two workers\n\n| Status | Date |\n|---|---|\n| accepted | 2026-05-04 |\n\nDeciders: Ada Byron\n" + body, "ADR-0004", FormMADR, "Use two workers", "accepted", "", "Ada Byron", true},
		"facts from the head": {"docs/adr/0004-x.md", "# ADR-0004: Use two workers\n\n| Status | accepted |\n|---|---|\n| Date | 2026-05-04 |\n| Author | Ada Byron |\n" + body, "ADR-0004", FormMADR, "Use two workers", "accepted", "", "Ada Byron", true},
		"table of facts":      {"docs/adr/0004-x.md", "# ADR-0004: Use two workers\n\n| Field | Value |\n|---|---|\n| Status | accepted |\n| **Date** | 2026-05-04 |\n| Decision-makers | Ada Byron |" + body, "ADR-0004", FormMADR, "Use two workers", "accepted", "", "Ada Byron", true},
		"bold facts":          {"docs/adr/0004-x.md", "# Use two workers\n\n**Status:** Accepted (2026-05-04)\n**Date:** 2026-05-04\n\n## 1. Context:\n\nx\n\n## 2. Decision:\n\ny\n", "ADR-0004", FormNygard, "Use two workers", "accepted", "", "", true},
		"no number":           {"docs/adr/use two workers.md", "# Use two workers\n\n## Context\n\nx\n\n## Decision\n\ny\n", "use-two-workers", FormNygard, "Use two workers", "", "", "", false},
		"words of a team":     {"docs/adr/0004-x.md", "# Use two workers\n\n## Status\n\non hold\n\n## Context\n\nx\n\n## Decision\n\ny\n", "ADR-0004", FormNygard, "Use two workers", "on hold", "", "", false},
		"about a template":    {"docs/adr/0004-use-a-template-engine.md", "# Use a template engine\n\n## Status\n\nAccepted | by [everybody](x.md)\n\n## Context\n\nx\n\n## Decision\n\nRoute /users/{id}\n", "ADR-0004", FormNygard, "Use a template engine", "accepted", "", "", false},
	} {
		if name == "about a template" {
			c.text = strings.ReplaceAll(c.text, "Accepted | by [everybody](x.md)", "Accepted by [everybody](x.md)")
		}
		doc := Parse(c.file, []byte(strings.ReplaceAll(c.text, "\n", "\r\n")), DefaultVocabulary())
		if len(doc.Records) != 1 {
			t.Errorf("%s: got %d records, template %t, faults %v; want one", name, len(doc.Records), doc.Template, doc.Faults)
			continue
		}
		r := doc.Records[0]
		if r.Refused() {
			t.Errorf("%s: refused: %v", name, r.Faults)
		}
		if r.Complete() {
			t.Errorf("%s: counts as complete without the five dimensions", name)
		}
		if r.ID != c.id || r.Form != c.form || r.Title != c.title || r.Status != c.status || r.SupersededBy != c.next || strings.Join(r.Who.Deciders, ", ") != c.deciders {
			t.Errorf("%s: got %q %q %q %q %q %q, want %q %q %q %q %q %q", name, r.ID, r.Form, r.Title, r.Status, r.SupersededBy, r.Who.Deciders, c.id, c.form, c.title, c.status, c.next, c.deciders)
		}
		if c.dated != r.When.LoggedAt.Equal(day) {
			t.Errorf("%s: got date %s, want %s: %t", name, r.When.LoggedAt, day, c.dated)
		}
		for _, dimension := range []string{"who", "when"} {
			if !slices.ContainsFunc(r.Faults, func(f Fault) bool { return f.Dimension == dimension && f.Note }) {
				t.Errorf("%s: no note says what %s lacks: %v", name, dimension, r.Faults)
			}
		}
	}
}

// TestWhatIsNoRecord is no record, and no fault either.
func TestWhatIsNoRecord(t *testing.T) {
	const nygard = "\n\n## Status\n\nAccepted\n\n## Context\n\nx\n\n## Decision\n\ny\n"
	for name, c := range map[string]struct {
		file, text string
		template   bool
	}{
		"named template":         {"docs/decisions/adr-template.md", "# Use x" + nygard, true},
		"bare template":          {"docs/decisions/adr-template-bare-minimal.md", "# x" + nygard, true},
		"numbered template":      {"docs/adr/0000-template.md", "# x" + nygard, true},
		"template of a tool":     {"docs/adr/adr000-template.md", "---\nid: adrs-adr000\n---\n" + nygard, true},
		"template of yaml":       {"docs/decisions/template.yaml", "decision_id: X\nwhy: y\nwhat: z\nwho: {}\n", true},
		"choice of status":       {"docs/adr/0001-x.md", "---\nstatus: {proposed | rejected | accepted | … | superseded by [ADR-0005](0005-example.md)}\n---\n# x\n\n## Context\n\n## Decision\n", true},
		"choice in a bullet":     {"docs/adr/0001-x.md", "# x\n\n* Status: [accepted | deprecated | …] <!-- optional -->\n\n## Context and Problem Statement\n\n## Decision Outcome\n", true},
		"choice in a section":    {"docs/adr/0001-x.md", "# x\n\n## Status\n\nProposed | Accepted | Superseded\n\n## Context\n\n## Decision\n", true},
		"title to fill in":       {"docs/adr/0001-x.md", "# [short title of solved problem and solution]\n\n## Context and Problem Statement\n\n## Decision Outcome\n", true},
		"outcome to fill in":     {"docs/adr/0001-x.md", "# x\n\n## Context and Problem Statement\n\n## Decision Outcome\n\nChosen option: \"{title of option 1}\", because\n", true},
		"guide":                  {"docs/adr/README.md", "# Records\n\n## Context\n\nx\n\n## Decision\n\ny\n", false},
		"headings in code":       {"docs/adr/guide.md", "# Guide\n\n````markdown\n# t\n```\n## Context\n## Decision\n```\n````\n", false},
		"another document":       {"docs/adr/notes.md", "# Notes\n\n## Context\n\nwe met\n", false},
		"front matter of a page": {"docs/adr/page.md", "---\nid: page\ntitle: x\n---\n\n# x\n", false},
	} {
		doc := Parse(c.file, []byte(c.text), DefaultVocabulary())
		if len(doc.Records) != 0 || len(doc.Faults) != 0 || doc.Template != c.template {
			t.Errorf("%s: got %d records, faults %v, template %t; want none and %t", name, len(doc.Records), doc.Faults, doc.Template, c.template)
		}
	}
}

// TestAFolderIsHeldToItsForm: strictness is per folder, the last glob counts.
func TestAFolderIsHeldToItsForm(t *testing.T) {
	const madr = "# x\n\n## Context and Problem Statement\n\nx\n\n## Decision Outcome\n\ny\n"
	const nygard = "# x\n\n## Context\n\nx\n\n## Decision\n\ny\n"
	for name, c := range map[string]struct {
		forms   []string
		text    string
		refused bool
	}{
		"no word":              {nil, nygard, false},
		"five, nygard":         {[]string{"docs/**=five"}, nygard, true},
		"five, madr":           {[]string{"docs/**=five"}, madr, true},
		"madr, nygard":         {[]string{"docs/**=madr"}, nygard, true},
		"madr, madr":           {[]string{"docs/**=madr"}, madr, false},
		"nygard, nygard":       {[]string{"docs/**=nygard"}, nygard, false},
		"another folder":       {[]string{"decisions/**=five"}, nygard, false},
		"the last glob counts": {[]string{"docs/**=five", "docs/adr/**=nygard"}, nygard, false},
	} {
		v := DefaultVocabulary()
		var err error
		if v.Forms, err = ParseFolderForms(c.forms); err != nil {
			t.Fatal(err)
		}
		doc := Parse("docs/adr/0001-x.md", []byte(c.text), v)
		if len(doc.Records) != 1 || doc.Records[0].Refused() != c.refused {
			t.Errorf("%s: got %v, want refused %t", name, doc.AllFaults(), c.refused)
		}
	}
	for _, bad := range []string{"", "docs", "=five", "docs/**=six"} {
		if _, err := ParseFolderForms([]string{bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestNumbersGivenTwiceAreANote: two branches, or two folders, have an ADR 1 each.
func TestNumbersGivenTwiceAreANote(t *testing.T) {
	const nygard = "# x\n\n## Status\n\nAccepted\n\n## Context\n\nx\n\n## Decision\n\ny\n"
	records, _, err := ReadDir(fstest.MapFS{"a/0001-x.md": {Data: []byte(nygard)}, "b/0001-y.md": {Data: []byte(nygard)}}, "docs/adr", DefaultVocabulary())
	if err != nil || len(records) != 2 {
		t.Fatalf("got %d records (%v)", len(records), err)
	}
	if faults := Across(records); len(faults) != 1 || !faults[0].Note {
		t.Errorf("got %v, want one note", faults)
	}
}

// TestSupersessionIsFollowed: however the successor is named, it is found.
func TestSupersessionIsFollowed(t *testing.T) {
	for name, status := range map[string]string{
		"link":             "superseded by [ADR-0005](0005-use-four.md)",
		"link with anchor": "Superseded by [5. Use four](./0005-use-four.md#decision)",
		"link from root":   "superseded by [x](/docs/adr/0005-use-four.md)",
		"ID":               "superseded by ADR-0005",
		"short number":     "Superseded by ADR 5",
		"bare number":      "superseded by 0005",
		"sign":             "superceded by #5",
		"replaced":         "Replaced by ADR-0005.",
		"quoted":           "\"superseded by ADR-0005\"",
	} {
		fsys := fstest.MapFS{
			"docs/adr/0004-use-two.md":  {Data: []byte("# Use two\n\n## Status\n\n" + status + "\n\n## Context\n\nx\n\n## Decision\n\ny\n")},
			"docs/adr/0005-use-four.md": {Data: []byte("# Use four\n\n## Status\n\nAccepted\n\n## Context\n\nx\n\n## Decision\n\ny\n")},
		}
		records, faults, err := ReadDir(fsys, "", DefaultVocabulary())
		if err != nil || len(records) != 2 {
			t.Fatalf("%s: got %d records (%v)", name, len(records), err)
		}
		if r := records[0]; r.Status != "superseded" || r.SupersededBy != "ADR-0005" {
			t.Errorf("%s: got status %q by %q, want ADR-0005", name, r.Status, r.SupersededBy)
		}
		for _, f := range append(faults, Across(records)...) {
			if !f.Note || strings.Contains(f.Message, "is not a record here") {
				t.Errorf("%s: %s", name, f)
			}
		}
	}
}
