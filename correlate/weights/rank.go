package weights

// Rank is how terms become causes and causes a verdict.
type Rank struct {
	// Supports is the share of a term's points for one mechanism that counts for
	// another which brings it about: a starved process is slow and fails.
	// SupportsBack is the share for any other: being slow does not make a process
	// use more memory. PRISM adds internal and external evidence for the same
	// reason, as if they were independent.
	Supports, SupportsBack float64
	// Surge is the most of an entity's points that a surge explains.
	Surge float64
	// State is the share of a caller's failures that the surest word of the
	// platform about something that it calls explains.
	State float64
	// Stranger is the share of its points that an entity of another system loses.
	// Call graphs have holes, so that it is not all of them.
	Stranger float64
	// Node is the share of its residents' points that a node at full strength
	// explains.
	Node float64
	// PatternPlaces is how many points a pattern needs to place a failure.
	PatternPlaces int
	Verdict       Verdict
}

// Verdict are the bars that a first cause must pass, fixed a priori. A score of
// 1000 is one piece of evidence at full strength. Two independent kinds of
// evidence make a cause likely, as do strong findings of one kind with twice the
// points of whatever comes second. A confirmed one must besides stand so far ahead
// that no single finding decides it, or have twice the points of whatever comes
// second.
type Verdict struct {
	// Lead is the score below which nothing is said to be a cause, Likely and
	// Confirm those that a likely and a confirmed one have at least.
	Lead, Likely, Confirm int
	// Tie, Clear, Wide and Double are the second's distance, as a share of the
	// first's score in per cent.
	Tie, Clear, Wide, Double int
	// Strong is the score from which a cause with twice the second's points is
	// confirmed by findings of one kind.
	Strong int
	// A commit with CommitShare of the belief, in thousandths, is evidence, if what
	// its code does makes it likelier by CommitSeen of a commit's points.
	CommitShare, CommitSeen int
	// Versions are the points from which two versions that differ bear a change out.
	Versions int
	// Support is how many points a term needs to count as evidence of its own, Own
	// how many to show trouble of an entity's own.
	Support, Own int
	// Kinds is how many kinds of evidence bear each other out, Findings how many
	// findings a cause needs that is confirmed by its distance alone, and Missing how
	// many sources must be missing for no more than a lead.
	Kinds, Findings, Missing int
}

func rankDefaults() Rank {
	return Rank{
		Supports: 0.8, SupportsBack: 0.4, Surge: 0.6, State: 0.75, Stranger: 0.9, Node: 0.8, PatternPlaces: 20,
		Verdict: Verdict{Lead: 250, Likely: 500, Confirm: 900, Tie: 5, Clear: 15, Wide: 30, Double: 50, CommitShare: 630, CommitSeen: 1000, Versions: 400, Strong: 800, Support: 50, Own: 100, Kinds: 2, Findings: 2, Missing: 2},
	}
}
