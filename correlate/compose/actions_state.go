package compose

import (
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// remedyForState is the move against what keeps a workload from running, by the
// platform's own reason; empty where the platform gives none.
func remedyForState(cause *report.Cause) (kind, title string) {
	name := cause.Entity.Name
	switch cause.State {
	case kube.Image:
		return remedyRollback, "Set the image of " + name + " to one that can be pulled, or give the cluster access to its registry"
	case kube.Config:
		return remedyConfig, "Give " + name + " the configuration or secret that its container asks for"
	case kube.Quota:
		return remedyScale, "Raise the quota of the namespace of " + name + ", or lower what it asks for"
	case kube.Denied:
		return remedyConfig, "Change the pods of " + name + " so that the cluster admits them, or the rule that refuses them"
	case kube.Mount:
		return remedyConfig, "Give " + name + " the volume that it waits for, or free it from the node that holds it"
	case kube.Scheduling:
		return remedyScale, "Add a node that fits " + name + ", or lower what its pods ask for"
	case kube.Sandbox:
		return remedyReschedule, "Move " + name + " to another node: this one cannot set a pod up"
	case kube.Certificate:
		return remedyRotate, "Renew the certificate of " + name + ", or mend what keeps it from being renewed"
	case kube.Node:
		return remedyReschedule, "Take " + name + " out of service and let its pods run elsewhere, or give it what it is short of"
	case kube.OOM:
		return remedyScale, "Raise the memory limit of " + name + ", or find what it fills"
	case kube.Evicted:
		return remedyReschedule, "Let " + name + " run on a node with room, and give it requests that match its use"
	case kube.Crash:
		return remedyRollback, "Read the last lines of " + name + " before it exits, and go back to the version that ran"
	case kube.Probe:
		return remedyConfig, "See why " + name + " does not answer its probe, and set the probe right if it would answer"
	case kube.Endpoints, kube.NotReady:
		return remedyReschedule, "See why no pod of " + name + " is ready, and restart it"
	}
	return "", ""
}
