package compose

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// mostCalls is how many of the calls behind a term are told.
const mostCalls = 6

// settleCalls turns the names of the calls behind the terms of causes and commits
// and behind charts into places in the coverage, which is settled last.
func settleCalls(coverage []evidence.Coverage, causes []report.Cause, signals []report.ServiceSignals) {
	known := map[evidence.CallID]report.Call{}
	learn := func(id evidence.CallID, at report.Call) {
		if _, ok := known[id]; !ok {
			known[id] = at
		}
	}
	for i, row := range coverage {
		learn(evidence.CallID{Source: row.Source, Row: row.Key}, report.Call{Row: i, Call: -1})
		for j, call := range row.Calls {
			learn(evidence.CallID{Source: row.Source, Row: row.Key, Query: call.Query}, report.Call{Row: i, Call: j})
			if row.Days == 0 {
				learn(evidence.CallID{Source: row.Source, Query: call.Query}, report.Call{Row: i, Call: j})
			}
		}
	}
	settle := func(terms []report.Term) {
		for i := range terms {
			terms[i].Calls = placed(append(calls(terms[i].Refs), terms[i].By...), known)
		}
	}
	for i := range causes {
		settle(causes[i].Terms)
		for j := range causes[i].Commits {
			settle(causes[i].Commits[j].Terms)
		}
	}
	for _, s := range signals {
		for i := range s.Charts {
			s.Charts[i].Calls = placed(s.Charts[i].By, known)
		}
	}
}

// placed are the calls of these names, as far as the coverage lists them or their
// rows.
func placed(ids []evidence.CallID, known map[evidence.CallID]report.Call) []report.Call {
	var list []report.Call
	for _, id := range ids {
		at, ok := known[id]
		if !ok {
			at, ok = known[evidence.CallID{Source: id.Source, Row: id.Row}]
		}
		if ok && id != (evidence.CallID{}) && !slices.Contains(list, at) && len(list) < mostCalls {
			list = append(list, at)
		}
	}
	return list
}

// calls are those that brought what references point at; code and its history
// are read by the rows of their kind.
func calls(refs []evidence.Ref) []evidence.CallID {
	var list []evidence.CallID
	for _, r := range refs {
		list = append(list, r.By)
	}
	return list
}
