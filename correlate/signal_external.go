package correlate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// externalBoundary finds services that fail at something outside the system:
// calls to a peer that no span answers, failing outbound measures, and error
// lines about names, certificates and routes. The service at the boundary is
// the first that fails; the provider's own state is not ours to see.
func externalBoundary(v *view) []finding {
	var out []finding
	for e := range v.names {
		best := finding{entity: e, mechanism: MechanismExternal}
		for _, f := range []finding{v.failingPeers(e), v.outboundMeasures(e), v.boundaryLines(e), v.expired(e)} {
			if f.strength > best.strength {
				f.entity, f.mechanism = e, MechanismExternal
				best, f = f, best
			}
			// Independent signs of the same boundary add up, each for less.
			best.strength = min(1, best.strength+0.3*f.strength)
			best.refs = append(best.refs, f.refs...)
		}
		if best.strength > 0 {
			out = append(out, best)
		}
	}
	return out
}

// failingPeers looks at client spans to peers that are no candidates.
func (v *view) failingPeers(e int) finding {
	var f finding
	for i := range v.traces.edges {
		ed := &v.traces.edges[i]
		if ed.caller != e || ed.callee >= 0 || ed.failed[1] == 0 {
			continue
		}
		was := float64(ed.failed[0]) / float64(max(1, ed.calls[0]))
		is := float64(ed.failed[1]) / float64(max(1, ed.calls[1]))
		if s := (is - was) * stat.Squash(float64(ed.failed[1]), 2); s > f.strength {
			f.strength = s
			f.why = fmt.Sprintf("%d of %d calls of %s to %s fail, instead of %d of %d", ed.failed[1], ed.calls[1], v.names[e], v.peerName(ed), ed.failed[0], ed.calls[0])
			f.refs = v.gapRefs(i)
			f.loci = []Locus{{Kind: LocusSpan, Name: v.peerName(ed), Text: "called by " + v.names[e]}}
		}
	}
	return f
}

// outboundMeasures looks at measures of failing calls that the entity makes,
// as far as no callee of its own fails.
func (v *view) outboundMeasures(e int) finding {
	facts := v.worst(e, func(f *metricFact) bool { return f.client && (f.class == classError || f.class == classSuccess) })
	if len(facts) == 0 {
		return finding{}
	}
	for _, c := range v.callees[e] {
		if len(v.worst(c, func(f *metricFact) bool { return f.class == classError || f.class == classSuccess })) > 0 {
			return finding{}
		}
	}
	top := facts[0]
	return finding{
		strength: 0.5 * stat.Squash(top.badness()-noiseZ, halfZ), refs: metricRefs(facts), chart: chartOf(top), query: queryOf(top.m), fact: top,
		said: moved(top, v.names[e]),
		why:  fmt.Sprintf("%s of %s went from %s to %s and nothing that it is known to call fails", top.m.Name, v.names[e], quantity(top.median, top.m.Unit), quantity(top.peak, top.m.Unit)),
		loci: []Locus{{Kind: LocusMetric, Name: top.m.Name}},
	}
}

// boundaryWords are how software says that it could not get through to
// something: name resolution (RFC 1035 response codes and resolver errors),
// TLS and certificates (RFC 5280), routing and sockets (errno texts).
var boundaryWords = []string{
	"no such host", "servfail", "nxdomain", "name resolution", "name resolver", "could not resolve", "enotfound", "getaddrinfo", "eai_again", "server misbehaving", "dial tcp: lookup",
	"x509", "certificate", "tls handshake", "handshake failure", "ssl_error", "sslhandshake", "pkix",
	"no route to host", "network is unreachable", "connection refused", "connection reset", "host unreachable", "econnrefused",
	"quota exceeded", "rate limit exceeded", "429 too many",
}

// lookedUp is a resolver's complaint about a host's name, as Go and others word
// it: "lookup api.example.org on 10.0.0.2:53: i/o timeout".
var lookedUp = regexp.MustCompile(`\blookup [a-z0-9_-]+(\.[a-z0-9_-]+)+( on \S+)?:`)

// atBoundary reports whether a line, in lower case, says that something outside
// could not be got through to.
func atBoundary(line string) bool {
	return containsAny(line, boundaryWords) || lookedUp.MatchString(line)
}

// boundaryLines looks at new error lines of an entity about getting through.
func (v *view) boundaryLines(e int) finding {
	var f finding
	for _, t := range v.logs.byEnt[e] {
		tf := &v.logs.templates[t]
		if tf.severity < evidence.SeverityWarn || tf.count[1] == 0 || !atBoundary(strings.ToLower(v.c.Logs[tf.line].Body)) {
			continue
		}
		s := v.rateGain(t)
		if tf.names >= 0 && v.fails(tf.names) {
			s *= 0.3
		}
		if s > f.strength {
			f.strength = s
			f.why = fmt.Sprintf("%s cannot get through to something: %q, %d times, %s", v.names[e], shorten(v.c.Logs[tf.line].Body), tf.count[1], before(tf.count[0]))
			f.refs = []evidence.Ref{v.lineRef(tf.line)}
			f.loci = []Locus{v.templateLocus(t)}
		}
	}
	return f
}

// fails reports whether an entity writes new error lines or has failing spans
// that are not about getting through to others.
func (v *view) fails(e int) bool {
	return slices.ContainsFunc(v.logs.byEnt[e], func(t int) bool {
		tf := &v.logs.templates[t]
		return tf.severity >= evidence.SeverityError && v.rateGain(t) > 0.3
	})
}

// expired looks at callees whose time left of something has run out.
func (v *view) expired(e int) finding {
	for _, c := range append([]int{e}, v.callees[e]...) {
		for _, i := range v.byEnt[c] {
			m := &v.metrics[i]
			if m.class != classExpiry || len(m.m.Incident) == 0 || m.last() > 0 || len(m.m.Baseline) == 0 || m.m.Baseline[0].Value <= 0 {
				continue
			}
			return finding{
				strength: 1, refs: metricRefs([]*metricFact{m}), chart: chartOf(m), query: queryOf(m.m),
				why:  fmt.Sprintf("%s of %s ran out during the incident", m.m.Name, v.names[c]),
				loci: []Locus{{Kind: LocusMetric, Name: m.m.Name, Text: v.names[c]}},
			}
		}
	}
	return finding{}
}
