package weights

// Mechanism is what diffs, texts and signatures are worth to each other. The names
// of rules and signatures are those of the mechanism package.
type Mechanism struct {
	// Rules are how sure each observation of a rule is to do harm at all, in
	// thousandths, by the rule and the kind of the observation.
	Rules map[string]map[string]int
	// Sizes are what remains where that depends on how large an edit is: of the first
	// one whose factor is not reached.
	Sizes []Size
	// MuchLonger is the factor by which a timeout or a cache must grow to do harm by
	// that, SmallPool the size up to which a limit that is introduced is small.
	MuchLonger, SmallPool float64
	// Larger is the factor by which a bound or a lifetime that harms by growing must
	// grow.
	Larger  float64
	Nearby  Nearby
	Spelled Spelled
	// Kinships are how well a failure seen as the second signature fits a diff that
	// produces the first, Phrases how surely a phrase speaks for a signature.
	Kinships, Phrases map[string]map[string]int
}

// Nearby is how far around a place in a diff something is looked for that changes
// what the place means.
type Nearby struct {
	// Guard is how many lines up a condition guards an access, Checked how many a
	// check of an error explains that one is raised, both with the line itself.
	Guard, Checked int
	// Exit is how many lines below a condition its way out stands.
	Exit int
	// Inside is how many columns a line is indented that stands within a method.
	Inside int
	// Receiver is how many tokens before a call the words stand that it is made on.
	Receiver int
}

// Spelled is what names of a diff must be to tell one thing from another.
type Spelled struct {
	// Name and Variable are the least lengths of an identifier that tells something
	// and of an environment variable, Receiver the greatest of a method's receiver, as
	// Go has them.
	Name, Variable, Receiver int
	// Shared is how many names a line must share with a removed one to be what
	// became of it.
	Shared int
}

// Size is the share that remains, in thousandths, of an edit by less than a factor.
type Size struct {
	Below float64
	Share int
}

// Strength is what an observation is worth; size is the factor of the edit that it
// depends on, 0 for none.
func (m *Mechanism) Strength(rule, kind string, size float64) int {
	full := m.Rules[rule][kind]
	if size == 0 {
		return full
	}
	for _, s := range m.Sizes {
		if size < s.Below {
			return full * s.Share / 1000
		}
	}
	return full
}

func mechanismDefaults() Mechanism {
	return Mechanism{
		Rules: mechanismRules(), Kinships: kinships(), Phrases: phrases(),
		// A change by a fifth counts half, to half or double four fifths, tenfold in full.
		Sizes:      []Size{{1.1, 200}, {1.5, 500}, {3, 800}},
		MuchLonger: 3, SmallPool: 5, Larger: 2,
		Nearby:  Nearby{Guard: 6, Checked: 4, Exit: 3, Inside: 8, Receiver: 5},
		Spelled: Spelled{Name: 3, Variable: 3, Receiver: 2, Shared: 2},
	}
}

// mechanismRules are set a priori.
func mechanismRules() map[string]map[string]int {
	return map[string]map[string]int{
		"auth": {
			"demanded": 700, "grant-removed": 800, "checked-against": 750, "lives-shorter": 750, "fewer-let-in": 750,
		},
		"blocking": {
			"spins": 800, "pause": 750, "waits": 700, "nested-pattern": 850, "one-after-other": 700, "slower-hash": 800, "nested-loop": 500,
		},
		"cache": {
			"lives-shorter": 800, "lives-longer": 500, "smaller": 750, "larger": 450, "off": 800, "setting-key": 700, "no-invalidation": 650, "no-read": 800,
			"expire-together": 750, "not-shared": 800, "built-key": 750,
		},
		"condition": {
			"turned": 650, "twice": 850, "no-way-out": 600,
		},
		"dependency": {
			"major": 600, "minor-below-1": 350, "minor": 300, "patch": 120,
		},
		"endpoint": {
			"port": 750, "address": 800, "tls-setting": 750, "certificate-removed": 650, "cipher-removed": 450, "tls-stricter": 750,
		},
		"errors": {
			"uncaught": 750, "not-looked-at": 700, "no-fallback": 600, "swallowed": 550, "raised": 600, "raised-in-new": 200,
		},
		"feature-default": {
			"larger-share": 600, "switch": 550, "named-switch": 700,
		},
		"growth": {
			"leak": 700, "whole-input": 450, "unbounded": 850, "unlimited-input": 650, "not-reused": 500, "global": 900, "field": 600, "receiver": 600, "constant": 750,
		},
		"limit": {
			"more-rows": 800, "setting-removed": 850, "bound-removed": 900, "condition-removed": 750, "index-removed": 850, "filter-removed": 700, "index-dropped": 900,
			"index-unusable": 700,
		},
		"lock": {
			"lock-removed": 900, "not-given-back": 900, "unsafe-type": 800, "around-slow-call": 800, "added": 350, "rows": 750, "order": 700, "to-the-end": 800, "way-out": 800,
			"after-slow-call": 800,
		},
		"logging": {
			"level": 850, "larger-share": 600, "per-element": 600,
		},
		"loop-query": {
			"not-together": 850, "queried": 950, "store": 900, "context": 800, "verb": 850, "awaited": 700,
		},
		"nil-check": {
			"found-unchecked": 800, "bounds-unchecked": 750, "intolerant": 850, "by-position": 500, "panics": 600, "unchecked": 700, "unchecked-and-used": 950,
		},
		"pool": {
			"zero": 500, "smaller": 900, "larger": 450, "size-removed": 600, "small-introduced": 600, "bound-removed": 750, "per-request": 800,
		},
		"queue": {
			"another": 700, "slower": 750, "larger-batches": 650, "smaller-batches": 600, "again-sooner": 650, "smaller-queue": 700, "not-acknowledged": 850,
			"not-set-aside": 700,
		},
		"rate-limit": {
			"lower": 850, "higher": 550, "removed": 650, "introduced": 650,
		},
		"release": {
			"call-removed": 850, "skippable": 850, "block-removed": 800, "not-closed": 450,
		},
		"resources": {
			"memory": 900, "cpu": 850, "instances": 800, "heap": 500, "probe": 700, "least-removed": 600,
		},
		"retry": {
			"more": 800, "fewer": 600, "faster": 750, "pause-removed": 750, "no-growth": 700, "policy-removed": 650, "endless": 600,
		},
		"schema": {
			"table": 850, "locks-table": 600, "strict": 750, "field-type": 800, "field-name": 850, "field-removed": 750, "number-type": 850, "number": 900,
		},
		"timeout": {
			"off": 700, "shorter": 850, "longer": 550, "removed": 650, "introduced": 550,
		},
		"tolerance": {
			"tighter": 850, "setting-removed": 900, "removed": 800,
		},
		"units": {
			"unit": 650,
		},
		"wiring": {
			"set-up": 900, "annotation": 750, "call": 550, "setting-name": 750, "setting-removed": 650, "offered-name": 750,
		},
	}
}
