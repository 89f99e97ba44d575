package weights

// Of is how many milli-points a rule's finding gives at full strength, 0 for a
// rule that is not known.
func (s *Set) Of(id string) int { return s.Rules[id] }

// ruleWeights are set a priori, by what a signal can prove, and are not fitted to
// any data: 1000 is a signal that by itself shows both that an entity is in trouble
// and that the trouble is its own; what shows only the first gets less, what shows
// neither but goes with it least. Signals about an entity whatever the mechanism
// are kept below half of that, so that no circumstance outweighs evidence.
func ruleWeights() map[string]int {
	return map[string]int{
		// Trouble that cannot have come from elsewhere.
		"change/gray":         1500, // two versions, same time, same load: a controlled experiment (canary analysis, Kayenta)
		"surge/entry-rate":    1500, // explains every busy entity behind the entry, so it must outweigh each of them
		"infra/node":          1500, // the same code is well elsewhere at the same time, and it stands for several entities' trouble
		"absence/not-running": 1200, // the platform says so itself, of this entity and with its reason
		"absence/silent":      1200, // the dead say nothing else: the one signal must carry the hypothesis
		"resource/usage":      1000, // does not propagate along calls (PRISM)
		"latency/self-time":   1000, // exclusive by construction
		"latency/edge-gap":    1000, // outside both spans, narrowed to one end by precision and recall
		"error/innermost":     1000, // nothing failed below
		"behaviour/pattern":   1000, // deepest block that runs differently (Nezha)

		// Trouble that is probably its own.
		"saturation/bounded":       900, // waiting for something bounded, which a slow callee may have brought about
		"behaviour/repeated-calls": 900, // fan-out is the caller's code, but may follow its input
		"absence/restart":          900, // killed for what it did, or for what the machine did
		"external/boundary":        900, // the first of ours that fails; the other side is not seen
		"data/poison":              900, // one input, many failures
		"resource/exhausted":       700, // absolute level, without knowing what is normal

		// Trouble, whoever's it is.
		"latency/metric":       600,
		"error/metric":         600, // propagate to callers: explained away by negative terms
		"error/novel-template": 600, // new words, maybe about somebody else

		// What speaks for or against an entity whatever the mechanism.
		"alert/symptom":        360, // trouble for sure, but that is why anybody looks
		"topology/path":        600, // not called by what alerts: nearly excludes, but call graphs have holes
		"change/before-onset":  300, // half of all outages follow a change, yet the newest change is mostly innocent
		"topology/correlation": 300, // PetShop's best baseline, and true of every victim
		"behaviour/measure":    200, // moved, but the name does not say which way hurts
		"topology/first":       100, // clocks and scrape intervals blur the order
		"alert/named":          60,  // alerts stand where the symptom is

		// What tells where in the code, and weighs nothing: few services are profiled,
		// and no entity is to be blamed for being one of them.
		"profile/growth": 0,
	}
}
