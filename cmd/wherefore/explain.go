package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/correlate"
)

func explainCmd() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "explain [RULE]",
		Short: "Say what a rule of a report looks for and what it leaves out",
		Long: "Say what a rule of a report looks for, how it is measured and what it leaves out.\n" +
			"RULE is the id that stands beside each finding; without one all rules are listed.",
		Example: "  wherefore explain\n  wherefore explain error/innermost",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ruleIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usageError("--format %q is not one of text, json", format)
			}
			list := correlate.AllHelp()
			if len(args) == 1 {
				h, ok := correlate.Help(args[0])
				if !ok {
					return usageError("no rule is called %q%s; wherefore explain lists them all", args[0], nearRule(args[0]))
				}
				list = []correlate.RuleHelp{h}
			}
			out := cmd.OutOrStdout()
			if format == "json" {
				e := json.NewEncoder(out)
				e.SetIndent("", "  ")
				if len(args) == 1 {
					return e.Encode(list[0])
				}
				return e.Encode(list)
			}
			p := &printer{w: out}
			if len(args) == 1 {
				for l := range strings.Lines(strings.TrimSpace(list[0].Page)) {
					p.line("%s", strings.TrimRight(l, "\n"))
				}
				return p.err
			}
			for _, h := range list {
				p.line("%-28s %s", h.ID, h.Short)
			}
			return p.err
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func ruleIDs() []string {
	var ids []string
	for _, h := range correlate.AllHelp() {
		ids = append(ids, h.ID)
	}
	return ids
}

// nearRule names a rule whose id contains what was asked for, or the other way
// round.
func nearRule(asked string) string {
	ids := ruleIDs()
	i := slices.IndexFunc(ids, func(id string) bool {
		_, name, _ := strings.Cut(id, "/")
		return asked != "" && (strings.Contains(id, asked) || strings.Contains(asked, name))
	})
	if i < 0 {
		return ""
	}
	return ", is it " + ids[i] + "?"
}
