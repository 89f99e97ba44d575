package kube

import (
	"regexp"
	"slices"
)

// PodForms are how pods are named: a Deployment's NAME-HASH-SUFFIX with letters
// that spell no words, a StatefulSet's NAME-ORDINAL, a DaemonSet's NAME-SUFFIX. The
// first group is the workload.
var PodForms = []*regexp.Regexp{
	regexp.MustCompile(`^(.+)-[a-z0-9]{6,10}-[a-z0-9]{5}$`),
	regexp.MustCompile(`^(.+)-[0-9]{1,4}$`),
	regexp.MustCompile(`^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5}$`),
}

// resolvers are the workloads that answer a cluster's questions for names:
// Kubernetes' own and those of RKE2, GKE's cache and OpenShift.
var resolvers = []string{"coredns", "kube-dns", "rke2-coredns-rke2-coredns", "node-local-dns", "dns-default"}

// Resolves tells a workload that resolves the names of a cluster, which all others
// need and no graph of calls shows.
func Resolves(workload string) bool { return slices.Contains(resolvers, workload) }

// resolverFailed is how resolvers and runtimes say that nobody answered a question
// for a name, which another way of saying no, that there is no such name, is not.
var resolverFailed = regexp.MustCompile(`\blookup \S+ on \S+: (?:read|dial|write|server misbehaving)\b|\bEAI_AGAIN\b|Temporary failure in name resolution|\bSERVFAIL\b|\bserver misbehaving\b`)

// ResolverFailed tells that a name could not be asked for.
func ResolverFailed(text string) bool { return resolverFailed.MatchString(text) }

// WorkloadOf is what a pod belongs to by its name, the name itself when it is no
// pod's.
func WorkloadOf(pod string) string {
	for _, form := range PodForms {
		if m := form.FindStringSubmatch(pod); m != nil {
			return m[1]
		}
	}
	return pod
}
