package weights

// Version names the weights below; it stands in every report, so that
// two reports can be told apart when only the weights changed.
const Version = "2"

// The scales of strength.
const (
	// NoiseZ is the deviation below which a measure says nothing: in a case
	// with some hundred series, normal noise reaches three robust scales
	// somewhere.
	NoiseZ = 3
	// HalfZ is the deviation beyond noise that earns half of a term's points.
	// Strength is z/(z+halfZ): it neither saturates at a percentile, as ranks
	// do, nor runs away, as raw scores do where a spread is tiny.
	HalfZ = 10
)

// Of is how many milli-points a signal gives at full strength. The weights
// are set a priori, by what a signal can prove, and are not fitted to any data:
// 1000 is a signal that by itself shows both that an entity is in trouble and
// that the trouble is its own; what shows only the first gets less, what shows
// neither but goes with it least. Signals about an entity whatever the
// mechanism are kept below half of that, so that no circumstance outweighs
// evidence.
func Of(id string) int {
	switch id {
	// Trouble that cannot have come from elsewhere.
	case "change/gray": // two versions, same time, same load: a controlled experiment (canary analysis, Kayenta)
		return 1500
	case "surge/entry-rate": // explains every busy entity behind the entry, so it must outweigh each of them
		return 1500
	case "infra/node": // the same code is well elsewhere at the same time, and it stands for several entities' trouble
		return 1500
	case "absence/not-running", // the platform says so itself, of this entity and with its reason
		"absence/silent": // the dead say nothing else: the one signal must carry the hypothesis
		return 1200
	case "resource/usage", // does not propagate along calls (PRISM)
		"latency/self-time", // exclusive by construction
		"latency/edge-gap",  // outside both spans, narrowed to one end by precision and recall
		"error/innermost",   // nothing failed below
		"behaviour/pattern": // deepest block that runs differently (Nezha)
		return 1000

	// Trouble that is probably its own.
	case "saturation/bounded", // waiting for something bounded, which a slow callee may have brought about
		"behaviour/repeated-calls", // fan-out is the caller's code, but may follow its input
		"absence/restart",          // killed for what it did, or for what the machine did
		"external/boundary",        // the first of ours that fails; the other side is not seen
		"data/poison":              // one input, many failures
		return 900
	case "resource/exhausted": // absolute level, without knowing what is normal
		return 700

	// Trouble, whoever's it is.
	case "latency/metric", "error/metric", // propagate to callers: explained away by negative terms
		"error/novel-template": // new words, maybe about somebody else
		return 600

	// What speaks for or against an entity whatever the mechanism.
	case "alert/symptom": // trouble for sure, but that is why anybody looks
		return 360
	case "topology/path": // not called by what alerts: nearly excludes, but call graphs have holes
		return 600
	case "change/before-onset": // half of all outages follow a change, yet the newest change is mostly innocent
		return 300
	case "topology/correlation": // PetShop's best baseline, and true of every victim
		return 300
	case "behaviour/measure": // moved, but the name does not say which way hurts
		return 200
	case "topology/first": // clocks and scrape intervals blur the order
		return 100
	case "alert/named": // alerts stand where the symptom is
		return 60
	}
	return 0
}
