package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/setup"
)

// piece is one piece of instrumentation: how much of it is there, and what is
// lost without.
type piece struct {
	name, have, lost string
}

// addressesOf are the sources' addresses by the names of their probes.
func addressesOf(cfg config.Config) map[string]string {
	out := map[string]string{}
	if c := cfg.Sources.Jaeger; c != nil {
		out[setup.Jaeger] = c.Address
	}
	if c := cfg.Sources.Loki; c != nil {
		out[setup.Loki] = c.Address
	}
	if c := cfg.Sources.Prometheus; c != nil {
		out[setup.Prometheus] = c.Address
	}
	return out
}

// dead notes a source that does not answer, so that it is not asked again.
func (d *doctor) dead(name string) {
	if d.silent == nil {
		d.silent = map[string]bool{}
	}
	d.silent[name] = true
}

// tell adds a row to the table.
func (d *doctor) tell(name string, part, whole int, lost string) {
	p := piece{name: name, have: share(part, whole)}
	if whole == 0 || part < whole {
		p.lost = lost
	}
	d.have = append(d.have, p)
}

// table prints what instrumentation is there and what is lost where it is not.
func (d *doctor) table() {
	if len(d.have) == 0 {
		return
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "INSTRUMENTATION\tSAMPLED\tLOST WHERE IT IS MISSING") // to memory, as below
	for _, p := range d.have {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", p.name, p.have, p.lost)
	}
	_ = w.Flush()
	d.say("")
	for line := range strings.Lines(b.String()) {
		d.say("%s", strings.TrimRight(line, " \n"))
	}
}
