package topology

import (
	"cmp"
	"net"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/kube"
)

// AddressMetrics are the series by which kube-state-metrics tells who has an
// address: endpoints, cluster addresses of services, addresses of pods.
const AddressMetrics = "kube_endpoint_address|kube_service_info|kube_pod_info"

// AddressesOf reads them: "IP:port" or "IP" to the name of a service or workload.
// What has two owners has none: addresses are given out anew.
func AddressesOf(series []evidence.Series) map[string]string {
	all := map[string]string{}
	add := func(ip, port, name string) {
		if net.ParseIP(ip) == nil || name == "" {
			return
		}
		addresses := []string{ip}
		if port != "" {
			addresses = append(addresses, net.JoinHostPort(ip, port))
		}
		for _, a := range addresses {
			if have, ok := all[a]; ok && have != name {
				all[a] = ""
				continue
			}
			all[a] = name
		}
	}
	for _, s := range series {
		l := s.Labels
		switch s.Name {
		case "kube_endpoint_address":
			add(l["ip"], l["port_number"], l["endpoint"])
		case "kube_service_info":
			// Without honor_labels the exporter's own service took the label.
			add(l["cluster_ip"], "", cmp.Or(l["exported_service"], l["service"]))
		case "kube_pod_info":
			if l["pod_ip"] != l["host_ip"] {
				add(l["pod_ip"], "", kube.WorkloadOf(cmp.Or(l["exported_pod"], l["pod"])))
			}
		}
	}
	for a, name := range all {
		if name == "" {
			delete(all, a)
		}
	}
	return all
}

// Numeric is the IP address that a client span's call went to, empty when it
// went to a name or nowhere that is told, or stayed on the host.
func Numeric(s *evidence.Span) string {
	if s.Kind != evidence.SpanClient && s.Kind != evidence.SpanProducer {
		return ""
	}
	host, _ := addressOf(s)
	if ip := net.ParseIP(strings.Trim(host, "[]")); ip == nil || ip.IsLoopback() {
		return ""
	}
	return host
}
