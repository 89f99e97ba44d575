// Package errorclass says what an error means for the promise that a service made:
// whether it breaks it (fatal), belongs to normal work (recoverable), or tells of
// pressure without breaking anything (noisy). The rules go by what an error carries
// anyhow: the status of HTTP or gRPC, its type, its text.
package errorclass

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/spoken"
)

// Class is what an error means for the promise.
type Class string

// The classes.
const (
	// Fatal breaks the promise: somebody did not get what they asked for.
	Fatal Class = "fatal"
	// Recoverable is expected: an empty answer, a caller's own mistake. It counts
	// against no promise.
	Recoverable Class = "recoverable"
	// Noisy is worth an alert and is no failure of the service: it protects itself.
	Noisy Class = "noisy"
)

// Error is what is known of one; all of it may be empty.
type Error struct {
	// Status is an HTTP status or a gRPC code, as a number or by its name.
	Status string
	// Type is the exception's or the error's, as java.net.SocketTimeoutException.
	Type string
	Text string
}

// Rule gives errors a class. An error has to fit all that a rule names, and one of
// each list.
type Rule struct {
	// ID names the rule; "configured 1" and so on for those of a configuration.
	ID    string `yaml:"-"`
	Class Class  `yaml:"class"`
	// Status has HTTP statuses, as 429 or 5xx, and gRPC codes by their names, as
	// RESOURCE_EXHAUSTED.
	Status []string `yaml:"status"`
	// Type has ends of types, as SocketTimeoutException.
	Type []string `yaml:"type"`
	// Text has phrases, found by their words: what a path, a number or a frame of a
	// stack spells is not said.
	Text []string `yaml:"text"`
	// says is what the text has to say, of built-in rules.
	says spoken.Meaning
}

// Result is the class of an error, and by which rule. Without one it is
// unclassified, and counts as fatal: what nobody knows is not waved through.
type Result struct {
	Class        Class
	Rule         string
	Unclassified bool
}

// Classifier knows the rules. Nil knows the built-in ones.
type Classifier struct{ configured ruleSet }

// ruleSet is rules in their order, and which of them has a phrase.
type ruleSet struct {
	rules   []Rule
	phrases spoken.Table[int]
}

func (s *ruleSet) add(r Rule) {
	for _, t := range r.Text {
		s.phrases.Add(wordsOf(t), len(s.rules))
	}
	s.rules = append(s.rules, r.normal())
}

// wordsOf is a phrase as it is found, empty for one without a word.
func wordsOf(phrase string) string {
	words := slices.DeleteFunc(spoken.Words(phrase), func(w string) bool { return w == spoken.Gap })
	return strings.Join(words, " ")
}

// first is the first rule that fits, nil for none.
func (s *ruleSet) first(status string, kinds []string, words []string, says spoken.Meaning) *Rule {
	said := make([]bool, len(s.rules))
	s.phrases.Find(words, func(i int) { said[i] = true })
	for i := range s.rules {
		r := &s.rules[i]
		if oneOf(r.Status, func(x string) bool { return sameStatus(x, status) }) && oneOf(r.Type, func(x string) bool {
			return slices.ContainsFunc(kinds, func(kind string) bool { return endsWith(kind, x) })
		}) &&
			(len(r.Text) == 0 || said[i]) && (r.says == 0 || says.Any(r.says)) {
			return r
		}
	}
	return nil
}

// bounds of a configuration.
const (
	mostRules  = 500
	mostValues = 100 // of one rule's lists
)

// New makes a classifier that asks the given rules first, in their order.
func New(rules []Rule) (*Classifier, error) {
	if len(rules) > mostRules {
		return nil, fmt.Errorf("%d rules, at most %d are taken", len(rules), mostRules)
	}
	c := &Classifier{}
	for i, r := range rules {
		r.ID = "configured " + strconv.Itoa(i+1)
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		c.configured.add(r)
	}
	return c, nil
}

func (r Rule) check() error {
	switch {
	case r.Class != Fatal && r.Class != Recoverable && r.Class != Noisy:
		return fmt.Errorf("class is %q and must be fatal, recoverable or noisy", r.Class)
	case len(r.Status)+len(r.Type)+len(r.Text) == 0:
		return errors.New("it names no status, type or text, and would fit every error")
	case len(r.Status)+len(r.Type)+len(r.Text) > mostValues:
		return fmt.Errorf("more than %d values", mostValues)
	}
	for _, s := range r.Status {
		if !isStatus(s) {
			return fmt.Errorf("status %q is no HTTP status as 429 or 5xx, and no gRPC code as UNAVAILABLE", s)
		}
	}
	for _, kind := range r.Type {
		if strings.TrimSpace(kind) == "" {
			return errors.New("an empty type fits every error")
		}
	}
	for _, t := range r.Text {
		if wordsOf(t) == "" {
			return fmt.Errorf("text %q has no word in it", t)
		}
	}
	return nil
}

// normal has its statuses and types as they are compared.
func (r Rule) normal() Rule {
	r.Status, r.Type = slices.Clone(r.Status), slices.Clone(r.Type)
	for i := range r.Status {
		r.Status[i] = canonical(r.Status[i])
	}
	for i := range r.Type {
		r.Type[i] = strings.ToLower(r.Type[i])
	}
	return r
}

// Classify gives an error its class: by the first rule that fits, the configured
// ones before the built-in ones. What an error does not say of itself is taken from
// its text, where that names a status or a type.
func (c *Classifier) Classify(e Error) Result {
	status, kinds := known(e.Status), []string{strings.ToLower(e.Type)}
	inText, named := said(e.Text)
	answered := serverFailed(status)
	if saysNothing(status) {
		status = cmp.Or(inText, status)
	}
	for _, kind := range named {
		kinds = append(kinds, strings.ToLower(kind))
	}
	words, says := spoken.Words(e.Text), spoken.Says(e.Text)
	sets := []*ruleSet{builtIn}
	if c != nil {
		sets = []*ruleSet{&c.configured, builtIn}
	}
	for _, set := range sets {
		if set == builtIn && answered {
			kinds = nil // what was answered with 500 broke a promise, whatever it came of
		}
		if r := set.first(status, kinds, words, says); r != nil {
			return Result{Class: r.Class, Rule: r.ID}
		}
	}
	return Result{Class: Fatal, Unclassified: true}
}

// serverFailed reports whether a status is HTTP's of a server that failed.
func serverFailed(status string) bool { return len(status) == 3 && status[0] == '5' }

// oneOf reports whether one of a list fits; an empty list asks nothing.
func oneOf(list []string, fits func(string) bool) bool {
	return len(list) == 0 || slices.ContainsFunc(list, fits)
}

// endsWith reports whether a type ends with a name, at the border of a word.
func endsWith(kind, name string) bool {
	rest, found := strings.CutSuffix(kind, name)
	return found && (rest == "" || strings.ContainsAny(rest[len(rest)-1:], ".:/*$\\ ") || strings.ContainsAny(name[:1], ".:/*$\\"))
}
