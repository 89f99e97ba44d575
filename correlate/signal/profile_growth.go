package signal

import (
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// profileGrowth says which line of an entity's code spends or holds more than before,
// as profiles of it tell. It explains what others found and weighs nothing.
func profileGrowth(v *view.View) []Finding {
	var out []Finding
	for i := range v.Evidence.Profiles {
		p := &v.Evidence.Profiles[i]
		e := v.Entity(p.Service)
		if e < 0 || len(p.Places) == 0 {
			continue
		}
		f := Finding{Entity: e, Explains: true, Source: "profiles", Why: grownWords(p), By: p.By}
		for j := range p.Places {
			place := &p.Places[j]
			if line := place.Line(); line != "" {
				f.Loci = append(f.Loci, report.Locus{Kind: report.LocusCode, Name: line, Text: place.Function})
				f.Refs = append(f.Refs, evidence.Ref{Kind: evidence.RefCode, ID: line, Service: p.Service, Time: p.During.Start, Text: place.Function})
			}
		}
		f.Refs = f.Refs[:min(len(f.Refs), view.MaxRefs)]
		out = append(out, f)
	}
	return out
}

// grownWords say what the first place of a profile did, and who wrote its line.
func grownWords(p *gathered.Profiled) string {
	first := &p.Places[0]
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", first.Short(), map[evidence.ProfileKind]string{
		evidence.ProfileCPU: "spends", evidence.ProfileHeap: "holds", evidence.ProfileGoroutine: "keeps", evidence.ProfileWait: "has waiting",
	}[p.Kind])
	switch {
	case p.Before.IsZero() && first.BadShare == 0:
		fmt.Fprintf(&b, " %s of %s in all; no profile from before tells whether that is new", amountOf(first.Now, p.Unit), amountOf(p.Now, p.Unit))
	case p.Before.IsZero():
		what := "processor time"
		if p.Kind == evidence.ProfileWait {
			what = "waiting"
		}
		fmt.Fprintf(&b, " %.0f %% of the %s of requests that fail or are slow, and %.0f %% of the others'", 100*first.BadShare, what, 100*first.RestShare)
	default:
		was := "none"
		if first.Was > 0 {
			was = amountOf(first.Was, p.Unit)
		}
		fmt.Fprintf(&b, " %s, %s before", amountOf(first.Now, p.Unit), was)
	}
	if line := first.Line(); line != "" {
		b.WriteString(", most of it at " + line)
	}
	if c, ok := first.Commit(); ok {
		b.WriteString("; the line is of commit " + evidence.ShortRevision(c.Commit))
		if len(c.Decisions) > 0 {
			b.WriteString(", decided by " + c.Decisions[0])
		}
	}
	if n := len(p.Places) - 1; n > 0 && !p.Before.IsZero() {
		b.WriteString("; " + wording.Counted(n, "more function") + " grew")
	}
	return b.String()
}

// amountOf says an amount of a profile in its unit.
func amountOf(x float64, unit string) string {
	switch unit {
	case "cores":
		return fmt.Sprintf("%.2f cores", x)
	case "waiting":
		return fmt.Sprintf("%.2f goroutines at a time", x)
	case "goroutines":
		return wording.Counted(int(x), "goroutine")
	}
	return wording.Amount(x, unit)
}
