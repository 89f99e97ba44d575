package ui

import (
	"slices"
	"sync"
	"time"
)

// lookers are who has an incident's page open, by incident and stream. Nothing of it
// is kept: who leaves is gone after lookedFor.
type lookers struct {
	mu sync.Mutex
	at map[string]map[int64]looker
	n  int64
}

type looker struct {
	name  string
	until time.Time
}

// Bounds on who is shown to be looking: beyond them people look unseen.
const (
	lookedFor        = time.Minute
	mostLookers      = 50
	mostLooked       = 1000
	somebody         = "somebody"
	longestLooker    = 40
	shownLookerNames = 8
)

// come notes that somebody looks; the number is to be given to stay and go.
func (l *lookers) come(incident, name string, now time.Time) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at == nil {
		l.at = map[string]map[int64]looker{}
	}
	l.forget(now)
	who := l.at[incident]
	if who == nil {
		if len(l.at) >= mostLooked {
			return 0
		}
		who = map[int64]looker{}
		l.at[incident] = who
	}
	if len(who) >= mostLookers {
		return 0
	}
	l.n++
	who[l.n] = looker{name, now.Add(lookedFor)}
	return l.n
}

// stay notes that they still look.
func (l *lookers) stay(incident string, id int64, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if x, ok := l.at[incident][id]; ok {
		x.until = now.Add(lookedFor)
		l.at[incident][id] = x
	}
}

// forget drops who has gone.
func (l *lookers) forget(now time.Time) {
	for incident, who := range l.at {
		for id, x := range who {
			if now.After(x.until) {
				delete(who, id)
			}
		}
		if len(who) == 0 {
			delete(l.at, incident)
		}
	}
}

// others are the names of those who look besides one, each once, sorted; of those
// without a name one stands for all.
func (l *lookers) others(incident string, besides int64, now time.Time) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(now)
	me := l.at[incident][besides].name
	var names []string
	for id, x := range l.at[incident] {
		if id != besides && (x.name != me || x.name == somebody) && !slices.Contains(names, x.name) {
			names = append(names, x.name)
		}
	}
	slices.Sort(names)
	return names[:min(len(names), shownLookerNames)]
}
