package main

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// place is a line of code at the revision that ran it, as a span tells.
type place struct {
	service, file, revision string
	line                    int
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.service, b.service), cmp.Compare(a.revision, b.revision), cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
}

// placeOf is the place that a span names, with OpenTelemetry's present or former
// attributes; ok is false when it names none.
func placeOf(s evidence.Span) (p place, ok bool) {
	p.service, p.file = s.Service, cmp.Or(s.Attribute("code.file.path"), s.Attribute("code.filepath"))
	p.revision = cmp.Or(s.Attribute("vcs.ref.head.revision"), s.Attribute("service.version"))
	p.line, _ = strconv.Atoi(cmp.Or(s.Attribute("code.line.number"), s.Attribute("code.lineno"))) // 0 is no line
	return p, p.file != "" && p.line > 0 && p.revision != ""
}

// Bounds on the look-up of lines, since the first one of a revision indexes it.
const (
	mostPlaces = 40
	codeTime   = 30 * time.Second
)

// code looks up the lines that the sampled spans name: how many lead to a
// commit, and how many are covered by a recorded decision.
func (d *doctor) code(ctx context.Context, places []place) {
	slices.SortFunc(places, comparePlaces)
	places = slices.Compact(places)
	if len(places) > mostPlaces { // evenly, so that no service is left out
		for i := range mostPlaces {
			places[i] = places[i*len(places)/mostPlaces]
		}
		places = places[:mostPlaces]
	}
	ctx, cancel := context.WithTimeout(ctx, codeTime)
	defer cancel()
	found, decided, why := 0, 0, ""
	for _, p := range places {
		b, err := d.sources.Code.Blame(ctx, p.service, evidence.Frame{File: p.file, Line: p.line, Rung: evidence.LocationSpan}, p.revision)
		if err != nil || len(b.Lines) == 0 {
			if err != nil && why == "" {
				why = evidence.Sentence(err)
			}
			continue
		}
		found++
		if len(b.Decisions) > 0 {
			decided++
		}
	}
	d.say("     %s of the lines that spans name lead to a commit at the revision that ran", share(found, len(places)))
	d.say("     %s of those are covered by a recorded decision", share(decided, found))
	if why != "" {
		d.say("     the first that does not: %s", why)
	}
}
