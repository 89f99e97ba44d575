package evidence

import (
	"cmp"
	"strings"
)

// Topic is the kind of a question to a source. It names a row of the coverage for
// everything that looks one up: the calls behind a finding, and the recording that
// knows how the question ended then. Its sentence is for people, and may be worded
// anew at any time.
type Topic string

// The topics, by source.
const (
	TopicAlertService Topic = "alert-service"
	TopicAlertEntity  Topic = "alert-entity"
	TopicRules        Topic = "rules"
	TopicRuleMeasure  Topic = "rule-measure"
	TopicUnusable     Topic = "unusable-records"
	TopicServerClock  Topic = "server-clock"

	TopicAddresses  Topic = "addresses"
	TopicBudget     Topic = "error-budget"
	TopicSeries     Topic = "series"
	TopicValues     Topic = "values"
	TopicMilestones Topic = "milestones"
	TopicTrials     Topic = "rollback-trials"
	TopicAlerting   Topic = "alerting-series"
	TopicSpacing    Topic = "sample-spacing"
	TopicExemplars  Topic = "exemplars"
	TopicVersions   Topic = "versions"
	TopicSameHour   Topic = "same-hour"
	TopicWorkloads  Topic = "workload-states"
	TopicConditions Topic = "decision-conditions"
	TopicCondition  Topic = "decision-condition"

	TopicServices         Topic = "services"
	TopicTrace            Topic = "trace"
	TopicTraceSample      Topic = "trace-sample"
	TopicTracesOf         Topic = "traces-of"
	TopicFailing          Topic = "failing-traces"
	TopicFailingBefore    Topic = "failing-traces-before"
	TopicSlow             Topic = "slow-traces"
	TopicBehindExemplars  Topic = "traces-behind-exemplars"
	TopicBehindSpanLinks  Topic = "traces-behind-links"
	TopicGraph            Topic = "graph"
	TopicLines            Topic = "lines"
	TopicLinesOf          Topic = "lines-of"
	TopicOtherLines       Topic = "lines-of-others"
	TopicWarnings         Topic = "warnings"
	TopicConfiguredQuery  Topic = "configured-query"
	TopicLinesByTrace     Topic = "lines-by-trace"
	TopicKubernetesEvents Topic = "kubernetes-events"

	TopicChanges         Topic = "changes"
	TopicCommits         Topic = "commits"
	TopicRecentCommits   Topic = "recent-commits"
	TopicPlaces          Topic = "places"
	TopicBlame           Topic = "blame"
	TopicHistory         Topic = "history"
	TopicDecisionChanges Topic = "decisions-of-changes"
	TopicDecisionLinks   Topic = "decisions-of-commits"
	TopicDecisions       Topic = "decisions"
	TopicChecks          Topic = "decision-checks"

	TopicProfiled      Topic = "profiled-services"
	TopicProfiles      Topic = "profiles"
	TopicProfilePlaces Topic = "profiled-places"
)

// Topics are all topics with what they are called.
func Topics() map[Topic]string {
	return map[Topic]string{
		TopicAlertService: "which service the alert is about", TopicAlertEntity: "the entity",
		TopicRules: "alerting rules", TopicRuleMeasure: "what the alert measures", TopicUnusable: "records that cannot be used",
		TopicServerClock: "answers by another clock",

		TopicAddresses: "who has which address", TopicBudget: "the error budget", TopicSeries: "series of the services", TopicValues: "values of the series", TopicMilestones: "milestones of the business", TopicTrials: "what was to be seen of the last trial of a rollback",
		TopicAlerting: "the alerting series", TopicSpacing: "how far apart samples are", TopicExemplars: "exemplars of the alerting series",
		TopicVersions: "versions of the services", TopicSameHour: "the same hour", TopicWorkloads: "what Kubernetes says of its workloads",
		TopicConditions: "conditions of decisions", TopicCondition: "condition",

		TopicServices: "services with traces", TopicTrace: "the trace that was asked about", TopicTraceSample: "a sample of traces", TopicTracesOf: "traces of",
		TopicFailing: "failing traces", TopicFailingBefore: "failing traces before", TopicSlow: "slow traces",
		TopicBehindExemplars: "traces behind exemplars", TopicBehindSpanLinks: "traces behind span links", TopicGraph: "who calls whom",
		TopicLines: "lines of the services", TopicLinesOf: "lines of", TopicOtherLines: "lines of other services", TopicWarnings: "warnings and errors",
		TopicConfiguredQuery: "configured query", TopicLinesByTrace: "lines by trace ID", TopicKubernetesEvents: "events of Kubernetes",

		TopicChanges: "announced changes", TopicCommits: "commits of the deployments", TopicRecentCommits: "recent commits", TopicPlaces: "places in code of",
		TopicBlame: "lines behind the failing places", TopicHistory: "history of the suspect lines",
		TopicDecisionChanges: "decisions behind the changes", TopicDecisionLinks: "decisions behind the commits", TopicDecisions: "decision records",
		TopicChecks: "checks of the decisions over the commits",

		TopicProfiled: "services with profiles", TopicProfiles: "profiles before and during the incident", TopicProfilePlaces: "lines behind what the profiles show",
	}
}

// OfImpact reports whether the topic is about what an incident costs: that such a
// question failed says nothing of what caused it.
func (t Topic) OfImpact() bool { return t == TopicMilestones || t == TopicBudget }

const topicOf = ": "

// Of is the topic narrowed to one thing: a service, a query, a condition.
func (t Topic) Of(what string) Topic { return t + topicOf + Topic(what) }

// Sentence is the topic in words; one that is not listed is its own.
func (t Topic) Sentence() string {
	kind, what, _ := strings.Cut(string(t), topicOf)
	return strings.TrimSpace(cmp.Or(Topics()[Topic(kind)], kind) + " " + what)
}
