package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

func whyCmd() *cobra.Command {
	var f lineFlags
	cmd := &cobra.Command{
		Use:   "why FILE:LINE",
		Short: "Say why a line is there: its commit, the decision behind it, who to ask",
		Example: "  wherefore why internal/adserver/etcd.go:118 --rev v1.8.2\n" +
			"  wherefore why pkg/pool.go:40 --db index.db --format json",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := askLine(cmd.Context(), args[0], f)
			if err != nil {
				return asked(err)
			}
			if f.format == "json" {
				return writeAnswerJSON(cmd.OutOrStdout(), a, false)
			}
			return writeWhy(cmd.OutOrStdout(), a, f.rev)
		},
	}
	f.register(cmd)
	return cmd
}

// writeWhy prints an answer the way a person wants to read it: the line, the
// commit, then each decision from the strongest link down.
func writeWhy(w io.Writer, a blameindex.Answer, rev string) error {
	p := &printer{w: w, people: true}
	at := a.Revision[:min(12, len(a.Revision))]
	if rev != "" && !strings.HasPrefix(a.Revision, rev) {
		at = rev + " (" + at + ")"
	}
	p.line("%s:%d at %s", a.Path, a.Line, at)
	p.line("")
	writeCommit(p, a)
	for _, d := range a.Decisions {
		p.line("")
		writeDecision(p, d)
	}
	if len(a.Decisions) == 0 {
		p.line("")
		p.line("  No recorded decision covers this line. Record one under docs/decisions/ with a")
		p.line("  scope that matches %s, or put \"decision:ID\" into a comment on it.", a.Path)
	}
	if len(a.Owners) > 0 {
		p.line("")
		p.line("  ask        %s  (CODEOWNERS)", strings.Join(a.Owners, " "))
	}
	return p.err
}

func writeCommit(p *printer, a blameindex.Answer) {
	if a.Commit == "" {
		p.line("  commit     unknown: an object that the history of this line needs is missing")
		return
	}
	p.line("  commit     %s  %s", a.Commit[:min(12, len(a.Commit))], subject(a.Message))
	p.line("  author     %s <%s>, %s", a.Author, a.Email, stamp(a.Time))
	if a.OrigPath != a.Path || a.OrigLine != a.Line {
		p.line("  it was     %s:%d in that commit", a.OrigPath, a.OrigLine)
	}
	for _, r := range decision.Reviewers(a.Message) {
		p.line("  reviewer   %s", r)
	}
	if a.Shallow {
		p.line("  note       the clone is shallow: the line may be older")
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// linkedBy words the kinds of link.
func linkedBy(d blameindex.Linked) string {
	words := map[string]string{"trailer": "the commit's Decision trailer", "reference": "a reference in the record", "scope": "the record's scope"}
	text := words[d.Kind]
	if d.Kind == "tag" {
		switch {
		case d.Strength >= 100:
			text = "a tag on the line"
		case d.Strength >= 90:
			text = "a tag on the block above"
		default:
			text = "a tag elsewhere in the file"
		}
	}
	return fmt.Sprintf("%s, strength %d of 100", text, d.Strength)
}

// writeField writes a text that may be long, with its lines under each other.
func writeField(p *printer, name, text string) {
	const width = 76
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			p.line("  %-9s  %s", name, line)
			name, line = "", ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	p.line("  %-9s  %s", name, line)
}

// writeWhen says when a decision took effect and when it was logged, as far as
// the record does.
func writeWhen(p *printer, d blameindex.Linked) {
	when := d.Record.When
	took, both := d.ResponseTime()
	switch {
	case both && took < 0:
		p.line("  when       effective %s, logged %s later", stamp(when.EffectiveAt), wording.Duration(-took))
	case both:
		p.line("  when       effective %s, %s after it was logged", stamp(when.EffectiveAt), wording.Duration(took))
	case !when.LoggedAt.IsZero() && when.LoggedAt.Equal(when.LoggedAt.Truncate(24*time.Hour)):
		p.line("  when       dated %s", when.LoggedAt.UTC().Format(time.DateOnly))
	case !when.LoggedAt.IsZero():
		p.line("  when       logged %s", stamp(when.LoggedAt))
	}
}

func writeDecision(p *printer, d blameindex.Linked) {
	if d.Record == nil {
		if d.Refused != "" {
			p.line("  decision   %s  (its record has faults; 'wherefore decisions lint' lists them)", d.DecisionID)
			writeField(p, "fault", d.Refused)
		} else {
			p.line("  decision   %s  (no record in Markdown, AsciiDoc or YAML has this ID)", d.DecisionID)
		}
		p.line("  linked by  %s", linkedBy(d))
		return
	}
	r := d.Record
	head := r.ID
	if r.Title != "" {
		head += "  " + r.Title
	}
	if r.Status != "" {
		head += "  [" + r.Status + "]"
	}
	if r.Deleted {
		head += "  [deleted from the tree]"
	}
	p.line("  decision   %s", head)
	if d.Current != "" {
		p.line("  superseded by %s", d.Current)
	}
	for _, f := range []struct{ name, text string }{{"why", r.Why}, {"what", r.What}} {
		if f.text != "" {
			writeField(p, f.name, f.text)
		}
	}
	if r.Who.Initiator != "" {
		p.line("  who        %s proposed, %s approved, %s carried out", r.Who.Initiator, r.Who.Approver, r.Who.Executor)
	}
	if len(r.Who.Deciders) > 0 {
		writeField(p, "who", strings.Join(r.Who.Deciders, ", ")+" decided")
	}
	writeWhen(p, d)
	for _, v := range r.How.Verify {
		p.line("  promised   %s", v.Text)
	}
	for _, k := range slices.Sorted(maps.Keys(r.How.Rollback)) {
		writeField(p, "roll back", k+": "+r.How.Rollback[k])
	}
	p.line("  linked by  %s", linkedBy(d))
	p.line("  record     %s:%d", r.Path, max(r.Line, 1))
}
