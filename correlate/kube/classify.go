package kube

import (
	"regexp"
	"strings"
)

// rule reads a reason from an event's, and where that says too little from the
// words of its message.
type rule struct {
	reasons string // of the event, separated by blanks
	words   string // one of which, separated by bars, the message has; empty for any
	is      Reason
}

// rules follow the events of the kubelet, scheduler, controllers and admission
// (kubernetes/kubernetes: pkg/kubelet/events, pkg/controller, pkg/scheduler),
// the first that fits holds.
var rules = []rule{
	{"Failed BackOff ErrImagePull ImagePullBackOff InspectFailed ErrImageNeverPull InvalidImageName ErrImageNeverPullPolicy", "image|registry|manifest", Image},
	{"ErrImagePull ImagePullBackOff InspectFailed ErrImageNeverPull InvalidImageName", "", Image},
	{"FailedCreate FailedQuota ExceededQuota", "exceeded quota|failed quota|quota", Quota},
	{"FailedCreate", "insufficient quota|limitrange|maximum memory usage|maximum cpu usage", Quota},
	{"FailedCreate FailedAdmission ReplicaSetCreateError", "", Denied},
	{"Failed CreateContainerConfigError CreateContainerError RunContainerError", "configmap|secret|couldn't find key|config|not found|no such file|executable|permission denied|mkdir|exec:", Config},
	{"FailedMount FailedAttachVolume FailedMapVolume FailedBinding ProvisioningFailed VolumeResizeFailed VolumeMismatch", "", Mount},
	{"FailedScheduling NotTriggerScaleUp", "", Scheduling},
	{"FailedCreatePodSandBox FailedCreatePodContainer NetworkNotReady FailedPodSandBoxStatus", "", Sandbox},
	{"NodeNotReady NodeHasDiskPressure NodeHasInsufficientMemory NodeHasInsufficientPID NodeHasPIDPressure NodeHasMemoryPressure InvalidDiskCapacity FreeDiskSpaceFailed ImageGCFailed KernelDeadlock ReadonlyFilesystem ContainerGCFailed Rebooted", "", Node},
	{"OOMKilling OOMKilled SystemOOM", "", OOM},
	{"Killing BackOff Failed Unhealthy", "oomkilled|out of memory", OOM},
	{"Evicted Preempted TaintManagerEviction Preempting EvictionThresholdMet", "", Evicted},
	{"Unhealthy ProbeWarning ProbeError", "", Probe},
	{"Killing", "probe", Probe},
	{"BackOff CrashLoopBackOff BackoffLimitExceeded FailedPostStartHook", "", Crash},
	{"Failed", "", Config},
}

// Classify is why a workload does not run by one event's word; false for an
// event of good order.
func Classify(e Event) (Reason, bool) {
	if OfCertificate(e.Kind) {
		return Certificate, e.Warning
	}
	message := strings.ToLower(e.Message)
	for _, r := range rules {
		if !strings.Contains(" "+r.reasons+" ", " "+e.Reason+" ") {
			continue
		}
		if r.words == "" || containsAny(message, strings.Split(r.words, "|")) {
			return r.is, e.Warning || r.is == OOM || r.is == Evicted || r.is == Node || r.is == Crash || r.is == Image || r.is == Probe && e.Reason == "Killing"
		}
	}
	return "", false
}

// waiting are the reasons for which a container waits or was terminated, as
// kube-state-metrics has them in its label.
var waiting = map[string]Reason{
	"ErrImagePull": Image, "ImagePullBackOff": Image, "InvalidImageName": Image, "ErrImageNeverPull": Image, "ImageInspectError": Image, "RegistryUnavailable": Image,
	"CreateContainerConfigError": Config, "CreateContainerError": Config, "RunContainerError": Config, "ContainerCannotRun": Config, "StartError": Config, "PreCreateHookError": Config,
	"CrashLoopBackOff": Crash, "Error": Crash, "DeadlineExceeded": Crash,
	"OOMKilled": OOM, "Evicted": Evicted, "NodeLost": Evicted, "Preempting": Evicted, "Shutdown": Evicted, "Unschedulable": Scheduling,
}

// OfCertificate tells the kinds of objects by which cert-manager obtains a
// certificate: they are named after it, with numbers behind.
func OfCertificate(kind string) bool {
	return kind == "Certificate" || kind == "CertificateRequest" || kind == "Order" || kind == "Challenge"
}

func containsAny(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// Workload is whose event it is: a pod's by its name, where the message names
// the pod that could not be made that one's, else the object's own. Whose a claim
// of a volume is only the caller can tell, who knows the workloads.
func (e Event) Workload(of func(pod string) string) string {
	switch e.Kind {
	case "Pod":
		return of(e.Name)
	case "ReplicaSet":
		return owner(e.Name)
	case "Job":
		return e.Name
	}
	return e.Name
}

var replicaSet = regexp.MustCompile(`^(.+)-[a-z0-9]{6,10}$`)

// owner is the Deployment of a ReplicaSet: NAME-HASH, the hash spelling no word.
func owner(set string) string {
	if m := replicaSet.FindStringSubmatch(set); m != nil && strings.ContainsAny(set[len(m[1]):], "0123456789") {
		return m[1]
	}
	return set
}
