package kube

import "regexp"

// PodForms are how pods are named: a Deployment's NAME-HASH-SUFFIX with letters
// that spell no words, a StatefulSet's NAME-ORDINAL, a DaemonSet's NAME-SUFFIX. The
// first group is the workload.
var PodForms = []*regexp.Regexp{
	regexp.MustCompile(`^(.+)-[a-z0-9]{6,10}-[a-z0-9]{5}$`),
	regexp.MustCompile(`^(.+)-[0-9]{1,4}$`),
	regexp.MustCompile(`^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5}$`),
}

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
