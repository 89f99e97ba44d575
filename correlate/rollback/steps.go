package rollback

import (
	"regexp"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Bounds on a recorded plan.
const (
	maxSteps = 40
	maxStep  = 2000 // bytes
)

// partsOf are the parts of a recorded plan that a kind consists of, in order.
var partsOf = map[string][]string{
	report.RollbackConfig:   {"config", "command", "steps"},
	report.RollbackBinary:   {"binary", "command", "steps"},
	report.RollbackDatabase: {"database", "down", "reverse", "command", "steps"},
}

// steps are the recorded steps of a kind, what must hold before them, and what
// must hold after.
func (c Case) steps(kind string) []report.Step {
	var list []report.Step
	if guard := c.Plan["idempotency_guard"]; guard != "" {
		list = append(list, report.Step{Kind: report.StepCheck, Text: guard})
	}
	n := len(list)
	for _, part := range partsOf[kind] {
		if said := c.Plan["kind"]; said != "" && said != kind && (part == "steps" || part == "command") {
			continue // the record says that these are for another rollback
		}
		list = append(list, Steps(c.Plan[part])...)
	}
	if len(list) == n {
		return nil // nothing is recorded for this kind: a guard alone is no plan
	}
	for _, v := range c.Verify {
		list = append(list, report.Step{Kind: report.StepCheck, Text: v.Text})
	}
	return list[:min(len(list), maxSteps)]
}

// bullet is what stands before a step of a list.
var bullet = regexp.MustCompile(`^\s*(?:[-*+]|\d{1,2}[.)])\s+`)

// Steps reads a part of a plan as steps: its lines, and within a line what
// semicolons part, unless it is a command, whose own they are.
func Steps(text string) []report.Step {
	var list []report.Step
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" && len(list) < maxSteps && len(s) <= maxStep {
			list = append(list, step(s))
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(bullet.ReplaceAllString(line, ""))
		if step(line).Kind == report.StepCommand {
			add(line)
			continue
		}
		for part := range strings.SplitSeq(line, "; ") {
			add(part)
		}
	}
	return list
}

var (
	// quoted is a command in backticks or behind a prompt.
	quoted = regexp.MustCompile("^(?:`([^`]+)`|\\$ (.+))[.;]?$")
	// check is a step that looks at something.
	check = regexp.MustCompile(`(?i)^(?:check|verify|confirm|watch|wait (?:for|until)|see (?:that|whether)|make sure|ensure)\b`)
	// program starts a command: a path, an assignment before it, or the tools by
	// which running systems are changed.
	program = regexp.MustCompile(`^(?:sudo )?(?:[A-Z_][A-Z0-9_]*=\S+ )*(?:\.{0,2}/\S+|kubectl|helm|argocd|flux|kustomize|oc|git|docker|podman|nomad|consul|vault|etcdctl|systemctl|service|aws|gcloud|az|terraform|tofu|pulumi|ansible|ansible-playbook|psql|mysql|sqlite3|mongosh|redis-cli|flyway|liquibase|alembic|goose|migrate|atlas|dbmate|rails|rake|python3?|php|node|npm|npx|make|just|task|bash|sh|curl|ssh|cf|heroku|fly|serverless|cdk|sam|skaffold|eksctl|istioctl|linkerd|promtool|ldcli|unleash|wherefore)(?: +\S.*)$`)
	// sentence is prose that begins with the name of a tool: "git has the old
	// file", "make sure".
	sentence = regexp.MustCompile(`^\S+ (?:has|is|are|was|were|will|does|must|should|can|the|sure|a|an|it|that|this|to|no)\b`)
)

func step(s string) report.Step {
	if m := quoted.FindStringSubmatch(s); m != nil {
		return report.Step{Kind: report.StepCommand, Text: m[1] + m[2]}
	}
	switch {
	case check.MatchString(s):
		return report.Step{Kind: report.StepCheck, Text: s}
	case program.MatchString(s) && !sentence.MatchString(s):
		return report.Step{Kind: report.StepCommand, Text: s}
	}
	return report.Step{Kind: report.StepWords, Text: s}
}
