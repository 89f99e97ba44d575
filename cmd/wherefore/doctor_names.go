package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// mostRows is how many names that some source lacks are shown.
const mostRows = 20

// names prints which source knows which service by which name, those first that
// some source does not know, and how to say in the configuration that two names
// mean one thing.
func (d *doctor) names(ctx context.Context, services []string) {
	sources := []topology.SourceNames{{Source: "traces", Names: services}, {Source: "metrics", Names: d.metricNames(ctx)}, {Source: "logs", Names: d.logNames(ctx)}, {Source: "rules", Names: d.ruleNames(ctx)}}
	sources = slices.DeleteFunc(sources, func(s topology.SourceNames) bool { return len(s.Names) == 0 })
	if len(sources) < 2 {
		return
	}
	rows := topology.Table(sources, d.aliases)
	part := slices.DeleteFunc(slices.Clone(rows), func(r topology.NameRow) bool { return r.Known == len(sources) })
	d.say("     %d names, %d of them known to every source that has names", len(rows), len(rows)-len(part))
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	head := "     name"
	for _, s := range sources {
		head += "\t" + s.Source
	}
	_, _ = fmt.Fprintln(w, head)
	for _, r := range part[:min(len(part), mostRows)] {
		line := "     " + r.Entity
		for _, s := range r.Spelled {
			if s == "" {
				s = "-"
			}
			line += "\t" + s
		}
		_, _ = fmt.Fprintln(w, line)
	}
	_ = w.Flush()
	if len(part) > 0 {
		for line := range strings.Lines(b.String()) {
			d.say("%s", strings.TrimRight(line, " \n"))
		}
	}
	for _, r := range part[:min(len(part), mostRows)] {
		if sources[0].Source == "traces" && r.Spelled[0] == "" {
			if topology.HasNearest(r.Entity, services) {
				d.say("     traces do not know %s; %s", r.Entity, topology.AliasHint(r.Entity, services))
			}
		}
	}
}

// logNames are the names by which the log source has lines.
func (d *doctor) logNames(ctx context.Context) []string {
	streams, ok := d.sources.Logs.(correlate.LogStreams)
	if !ok {
		return nil
	}
	names, err := streams.StreamNames(ctx, d.window)
	if err != nil {
		return nil // said already
	}
	return names
}

// metricNames are the names of what is scraped or pushes, by the series that
// every target has.
func (d *doctor) metricNames(ctx context.Context) []string {
	if d.sources.Metrics == nil {
		return nil
	}
	series, _, err := d.sources.Metrics.ListSeries(ctx, []string{"up", "target_info"}, d.window)
	if err != nil {
		d.fail("metrics", err)
		return nil
	}
	var names []string
	for _, s := range series {
		for _, l := range metric.TargetNames {
			if x := s.Labels[l]; x != "" {
				names = append(names, x)
				break
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ruleNames are the names that alerting rules set themselves.
func (d *doctor) ruleNames(ctx context.Context) []string {
	if d.sources.Rules == nil {
		return nil
	}
	rules, err := d.sources.Rules.Rules(ctx)
	if err != nil {
		return nil // said already
	}
	var names []string
	for _, r := range rules {
		for _, l := range metric.TargetNames {
			if x := r.Labels[l]; x != "" && !strings.Contains(x, "{{") {
				names = append(names, x)
				break
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
