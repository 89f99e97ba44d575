// Package casebooktest holds every implementation of casebook.Store to the
// contract that its interfaces state.
package casebooktest

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Open opens an empty casebook of an implementation; it is closed when the test
// ends. Options without a clock get one that stands still.
type Open func(t *testing.T, o casebook.Options) casebook.Store

// Lapse ends all leases of a casebook that Open gave, as time does for a server
// that shows no sign of life.
type Lapse func(t *testing.T, s casebook.Store)

// clock is a clock that a test moves.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time            { return start.Add(time.Minute + time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration)   { c.ahead.Add(int64(d)) }
func (c *clock) options() casebook.Options { return casebook.Options{Now: c.now} }

// Run runs the whole suite, each test on a casebook of its own.
func Run(t *testing.T, open Open, lapse Lapse) {
	fixed := func(t *testing.T, o casebook.Options) casebook.Store {
		t.Helper()
		if o.Now == nil {
			o.Now = func() time.Time { return start.Add(time.Minute) }
		}
		return open(t, o)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, fixed) })
	}
	t.Run("a claim whose lease ran out is given to another", func(t *testing.T) { testALapsedClaim(t, fixed, lapse) })
}

var cases = []struct {
	name string
	run  func(*testing.T, Open)
}{
	{"the same notification again is one incident and no new work", testTheSameNotificationAgainIsOneIncidentAndNoNewWork},
	{"an incident follows what still fires", testAnIncidentFollowsWhatStillFires},
	{"a new alert of an open group joins it and makes a revision due", testANewAlertOfAnOpenGroupJoinsItAndMakesARevisionDue},
	{"resolved before firing is one incident", testResolvedBeforeFiringIsOneIncident},
	{"a group that fires again after it was resolved is a new incident", testAGroupThatFiresAgainAfterItWasResolvedIsANewIncident},
	{"recorded alerts of one group are incidents of their own", testRecordedAlertsOfOneGroupAreIncidentsOfTheirOwn},
	{"a full queue refuses and stores nothing", testAFullQueueRefusesAndStoresNothing},
	{"evidence that comes while an investigation runs makes it run again", testEvidenceThatComesWhileAnInvestigationRunsMakesItRunAgain},
	{"reports are kept byte for byte", testReportsAreKeptByteForByte},
	{"a look with fewer answers replaces nothing", testALookWithFewerAnswersReplacesNothing},
	{"complete evidence makes a revision of its own", testCompleteEvidenceMakesARevisionOfItsOwn},
	{"an abandoned investigation is due again or gone", testAnAbandonedInvestigationIsDueAgainOrGone},
	{"the list is filtered sorted and paged", testTheListIsFilteredSortedAndPaged},
	{"everything that tells of an incident is searched", testEverythingThatTellsOfAnIncidentIsSearched},
	{"what people did by mistake is taken back", testWhatPeopleDidByMistakeIsTakenBack},
	{"what people write is kept with author and time", testWhatPeopleWriteIsKeptWithAuthorAndTime},
	{"state follows people", testStateFollowsPeople},
	{"similar incidents share a cause and come before", testSimilarIncidentsShareACause},
	{"incidents of one service that begin together name each other", testIncidentsThatBeginTogetherNameEachOther},
	{"what began beside crowds out nothing", testWhatBeganBesideCrowdsOutNothing},
	{"beside holds in both directions", testBesideHoldsInBothDirections},
	{"one rule that fires twice makes no two causes alike", testOneRuleThatFiresTwiceMakesNoTwoCausesAlike},
	{"changes come back in order and corrected", testChangesComeBackInOrderAndCorrected},
	{"tokens are kept until they are revoked and stay known", testTokensAreKeptUntilTheyAreRevokedAndStayKnown},
	{"sessions end when they expire", testSessionsEndWhenTheyExpire},
	{"a key is made once", testAKeyIsMadeOnce},
	{"the audit is read backwards", testTheAuditIsReadBackwards},
	{"the newest result of each check counts", testTheNewestResultOfEachCheckCounts},
	{"old results of a check make room", testOldResultsOfAChecksMakeRoom},
	{"the same action is asked for once", testTheSameActionIsAskedForOnce},
	{"one action of a service and of a target is open and then it cools down", testOneActionOfAServiceAndOfATargetIsOpenAndThenItCoolsDown},
	{"actions are a tenant's", testActionsAreATenants},
	{"a step of an action is taken once", testAStepOfAnActionIsTakenOnce},
	{"stopped actions stay stopped", testStoppedActionsStayStopped},
	{"many writers at once lose nothing", testManyWritersAtOnceLoseNothing},
	{"a burst is there by ID at once and in lists once settled", testABurstIsThereByIDAtOnceAndInListsOnceSettled},
	{"the same alert after a resolution fires again", testTheSameAlertAfterAResolutionFiresAgain},
	{"deliveries in every order end the same", testDeliveriesInEveryOrderEndTheSame},
	{"an investigation that ends the program is given up", testAnInvestigationThatEndsTheProgramIsGivenUp},
	{"a claim that is returned does not count", testAClaimThatIsReturnedDoesNotCount},
	{"what was taken back is looked at again", testWhatWasTakenBackIsLookedAtAgain},
	{"a first report is followed up", testAFirstReportIsFollowedUp},
	{"revisions of a changing group are bounded", testRevisionsOfAChangingGroupAreBounded},
	{"the most severe comes first and nothing starves", testTheMostSevereComesFirstAndNothingStarves},
	{"a storm of one receiver leaves room for others", testAStormOfOneReceiverLeavesRoomForOthers},
	{"a worker can wait for new critical groups alone", testAWorkerCanWaitForNewCriticalGroupsAlone},
	{"nobody corrects anothers change", testNobodyCorrectsAnothersChange},
	{"a batch of changes is stored whole or not at all", testABatchOfChangesIsStoredWholeOrNotAtAll},
	{"an earlier life of a group is not reopened beside a later one", testAnEarlierLifeOfAGroupIsNotReopenedBesideALaterOne},
	{"a higher severity of an open group counts", testAHigherSeverityOfAnOpenGroupCounts},
	{"groups of one service or rule are investigated together", testGroupsOfOneServiceAreInvestigatedTogether},
	{"what does not belong together is not folded", testWhatDoesNotBelongTogetherIsNotFolded},
	{"whom labels name is what folds", testWhomLabelsNameIsWhatFolds},
	{"a critical group is nobody else's in a storm", testACriticalGroupIsNobodyElsesInAStorm},
	{"a thousand groups in a minute are bounded work", testAThousandGroupsInAMinuteAreBoundedWork},
	{"a member can be investigated alone", testAMemberCanBeInvestigatedAlone},
	{"a later life of a group is linked to the earlier", testALaterLifeOfAGroupIsLinkedToTheEarlier},
	{"old things are dropped and nothing else", testOldThingsAreDroppedAndNothingElse},
	{"raw payloads go first when there is too much", testRawPayloadsGoFirstWhenThereIsTooMuch},
	{"a clock that is set back holds nothing up", testAClockThatIsSetBackHoldsNothingUp},
	{"a clock that is set forward loses no claim", testAClockThatIsSetForwardLosesNoClaim},
	{"tenants are out of each others reach", testTenantsAreOutOfEachOthersReach},
	{"nothing in an alert makes it another tenants", testNothingInAnAlertMakesItAnotherTenants},
	{"a storm of one tenant leaves the others order", testAStormOfOneTenantLeavesTheOthersOrder},
	{"tenants take turns", testTenantsTakeTurns},
	{"what waits of one tenant refuses no other", testWhatWaitsOfOneTenantRefusesNoOther},
	{"retention is a tenants own", testRetentionIsATenantsOwn},
	{"a backup is the whole casebook", testABackupIsTheWholeCasebook},
	{"a casebook is copied into another", testACasebookIsCopiedIntoAnother},
}

var start = time.Date(2026, 3, 1, 2, 51, 7, 0, time.UTC)

func alert(group string, at time.Time) evidence.Alert {
	return evidence.Alert{
		Receiver: "wh", GroupKey: group, Status: evidence.StatusFiring,
		Labels: map[string]string{"alertname": "Burn", "service": "shop", "severity": "critical"},
		Instances: []evidence.AlertInstance{{
			Status: evidence.StatusFiring, Labels: map[string]string{"service": "shop"}, StartsAt: at, Fingerprint: "f1",
		}},
	}
}

func resolved(a evidence.Alert, at time.Time) evidence.Alert {
	a.Status = evidence.StatusResolved
	i := a.Instances[0]
	i.Status, i.EndsAt = evidence.StatusResolved, at
	a.Instances = []evidence.AlertInstance{i}
	return a
}

func accept(t *testing.T, b casebook.Store, a evidence.Alert) string {
	t.Helper()
	id, err := b.Accept(t.Context(), a, []byte(`{"raw":true}`))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func next(t *testing.T, b casebook.Store) casebook.Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	j, err := b.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func finish(t *testing.T, b casebook.Store, j casebook.Job, r report.Report, messages ...casebook.Message) []byte {
	t.Helper()
	r.Revision = j.Revision
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Finish(t.Context(), j, r, body, messages...); err != nil {
		t.Fatal(err)
	}
	return body
}
