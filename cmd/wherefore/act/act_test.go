package act_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/act"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/correlate/action"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casebook/pgtest"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/ui"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// secret is a key of Standard Webhooks made of one letter.
func secret(letter string) endpoint.Secret {
	return endpoint.Secret("whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32))))
}

// receiver is a target that checks what it is sent as its own library says.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	keys    map[string]int // how often each idempotency key came
	bodies  []string
	headers []http.Header
	faults  []string
	status  int
}

func listen(t *testing.T) *receiver {
	r := &receiver{keys: map[string]int{}, status: http.StatusAccepted}
	wh, err := standardwebhooks.NewWebhook(string(secret("s")))
	if err != nil {
		t.Fatal(err)
	}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if err := wh.Verify(body, q.Header); err != nil {
			r.faults = append(r.faults, err.Error())
		}
		r.keys[q.Header.Get("Idempotency-Key")]++
		r.bodies, r.headers = append(r.bodies, string(body)), append(r.headers, q.Header)
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

// answer is what the receiver says from now on.
func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) got() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]int{}
	for k, n := range r.keys {
		out[k] = n
	}
	return out
}

func configOf(url string) act.Config {
	return act.Config{Enabled: true, CoolDown: time.Minute, AnswerWithin: time.Hour,
		Targets: []act.Target{{Name: "platform", URL: endpoint.Secret(url), Secret: secret("s"), AnswerSecret: secret("a")}, {Name: "other", URL: endpoint.Secret(url), Secret: secret("t"), AnswerSecret: secret("b")}},
		Rules:   []action.Rule{{Name: "back", Action: casefile.RollBack, Services: []string{"shop"}, Target: "platform", Decision: "DEC-1", Grade: casefile.Automatic}}}
}

// rig is a server without its pages and its engine.
type rig struct {
	*act.Desk
	book *casebook.Book
	send func()
}

// on prepares a desk and its notifier on a casebook; run starts them.
func on(t *testing.T, b *casebook.Book, c act.Config, log *zap.Logger) (g rig, run func()) {
	t.Helper()
	var n *notify.Notifier
	d := act.New(act.Options{Log: log, Store: b, BaseURL: "https://wherefore.example/", Now: time.Now, Send: func() { n.Wake() }, Count: func(casefile.ActionKind, casefile.ActionState) {},
		Decision: func(_ context.Context, id string) (evidence.Decision, error) {
			if id != "DEC-1" {
				return evidence.Decision{}, evidence.ErrNotFound
			}
			return evidence.Decision{ID: id, Status: "accepted", When: evidence.DecisionWhen{EffectiveAt: time.Unix(1, 0)}, How: evidence.DecisionHow{Actions: map[string]string{"rollback": "automatic"}}}, nil
		}}, c)
	n, err := notify.New(notify.Options{Log: log, Outbox: b, Now: time.Now, Count: func(string, string) {}, FirstWait: time.Millisecond, Patience: 10 * time.Minute}, nil, d.Carriers()...)
	if err != nil {
		t.Fatal(err)
	}
	return rig{d, b, n.Wake}, func() {
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { d.Run(ctx) })
		wg.Go(func() { n.Run(ctx) })
		t.Cleanup(func() { cancel(); wg.Wait() })
	}
}

func open(t *testing.T, file string) *casebook.Book {
	t.Helper()
	b, err := casebook.Open(context.Background(), file, casebook.Options{QueueLimit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func burning() report.Report {
	at := time.Now()
	return report.Report{State: "firing", Service: "edge", Title: "shop waits for its pool", Verdict: report.Verdict{Word: report.Likely}, Causes: []report.Cause{{Entity: evidence.Entity{Name: "shop"}}},
		Rollback: &report.Rollback{Kind: "config", Target: &report.RollbackTarget{Service: "shop", Of: "pool", From: "5", To: "50"}},
		Impact: report.Impact{Budgets: []report.Budget{{SLO: "answers", Windows: []report.BudgetWindow{
			{Window: action.ShortWindow, Burn: 40, At: at}, {Window: action.LongWindow, Burn: 6, At: at}}}}}}
}

func alert(group string) evidence.Alert {
	return evidence.Alert{Receiver: "wh", GroupKey: group, Status: evidence.StatusFiring, Labels: map[string]string{"service": group},
		Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: time.Unix(1_700_000_000, 0), Fingerprint: "f"}}}
}

// report stores an incident's next report, and says whose it is.
func (g rig) report(t *testing.T, r report.Report) string {
	t.Helper()
	return g.store(t, func(string) report.Report { return r })
}

// store stores what an incident's next report is made to say, as the runner does,
// and says whose it is.
func (g rig) store(t *testing.T, of func(incident string) report.Report) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	j, err := g.book.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	r := of(j.Incident)
	r.Revision = j.Revision
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.book.Finish(ctx, j, r, body, g.Messages(ctx, j.Incident, j.Revision, r)...); err != nil {
		t.Fatal(err)
	}
	g.Wake()
	return j.Incident
}

func (g rig) accept(t *testing.T, group string) string {
	t.Helper()
	id, err := g.book.Accept(context.Background(), alert(group), nil)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// eventually waits until something holds; how long that takes is the machine's.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 12000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s never came about", what)
}

// decided waits until nothing is left to be decided on or sent.
func (g rig) decided(t *testing.T) {
	t.Helper()
	eventually(t, "an empty outbox", func() bool {
		n, err := g.book.Pending(context.Background())
		return err == nil && len(n) == 0
	})
}

func (g rig) actions(t *testing.T, incident string) []casefile.Action {
	t.Helper()
	list, err := g.book.Actions(context.Background(), incident)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestTheSameAlertAHundredTimesIsOneAction(t *testing.T) {
	r := listen(t)
	g, run := on(t, open(t, filepath.Join(t.TempDir(), "book.db")), configOf(r.URL), zap.NewNop())
	run()
	id := ""
	for range 100 {
		id = g.accept(t, "g")
	}
	g.report(t, burning())
	for range 99 { // and each time it is investigated again
		if err := g.book.Rerun(t.Context(), id, "ann", evidence.Window{}); err != nil {
			t.Fatal(err)
		}
		g.report(t, burning())
	}
	g.decided(t)
	list := g.actions(t, id)
	if len(list) != 1 || list[0].State != casefile.ActionSent {
		t.Fatalf("got %+v, want one action that was sent", list)
	}
	if keys := r.got(); len(keys) != 1 || keys[list[0].ID] != 1 || len(r.faults) > 0 {
		t.Fatalf("the receiver saw %v (%v), want %s once", keys, r.faults, list[0].ID)
	}
	var sent struct {
		Type string
		Data map[string]any
	}
	if err := json.Unmarshal([]byte(r.bodies[0]), &sent); err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]string{"id": list[0].ID, "action": "rollback", "of": "config", "service": "shop", "from": "pool=5", "to": "pool=50", "incident": id,
		"incident_url": "https://wherefore.example/incidents/" + id, "decision": "DEC-1", "rule": "back", "answer_url": "https://wherefore.example/api/v1/actions/" + list[0].ID + "/ack"} {
		if sent.Data[k] != want {
			t.Errorf("%s is %v, want %s", k, sent.Data[k], want)
		}
	}
	if sent.Type != "action.requested" {
		t.Errorf("got the type %q", sent.Type)
	}
}

func TestWhatIsNotAskedForIsNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		config func(*act.Config)
		report func(*report.Report)
		state  casefile.ActionState
	}{
		"switched off":     {func(c *act.Config) { c.Enabled = false }, func(*report.Report) {}, ""},
		"dry run":          {func(c *act.Config) { c.DryRun = true }, func(*report.Report) {}, casefile.ActionDry},
		"to be approved":   {func(c *act.Config) { c.Rules[0].Grade = casefile.Approval }, func(*report.Report) {}, casefile.ActionWaiting},
		"by hand":          {func(c *act.Config) { c.Rules[0].Grade = "" }, func(*report.Report) {}, casefile.ActionByHand},
		"no such decision": {func(c *act.Config) { c.Rules[0].Decision = "DEC-2" }, func(*report.Report) {}, ""},
		"a lead":           {func(*act.Config) {}, func(r *report.Report) { r.Verdict.Word = report.LeadOnly }, ""},
		"burns slowly":     {func(*act.Config) {}, func(r *report.Report) { r.Impact.Budgets[0].Windows[1].Burn = 4 }, ""},
	} {
		r := listen(t)
		conf := configOf(r.URL)
		c.config(&conf)
		g, run := on(t, open(t, filepath.Join(t.TempDir(), "book.db")), conf, zap.NewNop())
		run()
		id := g.accept(t, "g")
		rep := burning()
		c.report(&rep)
		g.report(t, rep)
		g.decided(t)
		list := g.actions(t, id)
		if keys := r.got(); len(keys) != 0 || (c.state == "") != (len(list) == 0) || len(list) > 0 && list[0].State != c.state {
			t.Errorf("%s: sent %v, kept %+v; want nothing sent and %q", name, keys, list, c.state)
		}
	}
}

func TestAnApprovedActionIsSentAndAStoppedOneIsNot(t *testing.T) {
	r := listen(t)
	conf := configOf(r.URL)
	conf.Rules[0].Grade = casefile.Approval
	g, run := on(t, open(t, filepath.Join(t.TempDir(), "book.db")), conf, zap.NewNop())
	run()
	id := g.accept(t, "g")
	g.report(t, burning())
	g.decided(t)
	a := g.actions(t, id)[0]
	if err := g.book.StopActions(t.Context(), "ann", "wait"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Move(t.Context(), a.ID, casefile.MoveApprove, "ben", ""); !errors.Is(err, casefile.ErrConflict) {
		t.Errorf("approving what was stopped: got %v", err)
	}
	if err := g.book.ResumeActions(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	second := g.accept(t, "h")
	g.report(t, burning())
	g.decided(t)
	b := g.actions(t, second)[0]
	if b.State != casefile.ActionWaiting {
		t.Fatalf("got %s since %s", b.State, b.Reason)
	}
	if _, err := g.Move(t.Context(), b.ID, casefile.MoveApprove, "ben", ""); err != nil {
		t.Fatal(err)
	}
	g.decided(t)
	if keys := r.got(); len(keys) != 1 || keys[b.ID] != 1 || !strings.Contains(r.bodies[0], `"approved_by":"ben"`) {
		t.Errorf("got %v %v", keys, r.bodies)
	}
	if _, err := g.Move(t.Context(), b.ID, "restart", "ben", ""); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v of a word that there is not", err)
	}
}

// TestWhatHoldsNoMoreIsNotSent: between deciding and sending, by an approval that
// takes its time or a target that is down, the reason for an action may go.
func TestWhatHoldsNoMoreIsNotSent(t *testing.T) {
	for want, later := range map[string]func(*report.Report){
		"the alert does not fire any more": func(r *report.Report) { r.State = evidence.StatusResolved },
		"the verdict is Inconclusive":      func(r *report.Report) { r.Verdict.Word = report.Inconclusive },
	} {
		r := listen(t)
		conf := configOf(r.URL)
		conf.Rules[0].Grade = casefile.Approval
		g, run := on(t, open(t, filepath.Join(t.TempDir(), "book.db")), conf, zap.NewNop())
		run()
		id := g.accept(t, "g")
		g.report(t, burning())
		g.decided(t)
		if err := g.book.Rerun(t.Context(), id, "ann", evidence.Window{}); err != nil {
			t.Fatal(err)
		}
		now := burning()
		later(&now)
		g.report(t, now)
		g.decided(t)
		a := g.actions(t, id)[0]
		if _, err := g.Move(t.Context(), a.ID, casefile.MoveApprove, "ben", ""); err != nil {
			t.Fatal(err)
		}
		g.decided(t)
		if a = g.actions(t, id)[0]; len(r.got()) != 0 || a.State != casefile.ActionUndelivered || !strings.Contains(a.Reason, want) {
			t.Errorf("sent %v, and it is %s since %q, want it not to be sent since %s", r.got(), a.State, a.Reason, want)
		}
	}
}

func TestATargetThatIsBackLateIsNotAsked(t *testing.T) {
	r := listen(t)
	r.answer(http.StatusServiceUnavailable)
	g, run := on(t, open(t, filepath.Join(t.TempDir(), "book.db")), configOf(r.URL), zap.NewNop())
	run()
	id := g.accept(t, "g")
	g.report(t, burning())
	eventually(t, "asked for", func() bool { return len(g.actions(t, id)) == 1 && len(r.got()) > 0 })
	if err := g.book.Rerun(t.Context(), id, "ann", evidence.Window{}); err != nil {
		t.Fatal(err)
	}
	well := burning()
	well.State = evidence.StatusResolved
	g.report(t, well)
	eventually(t, "taken back", func() bool { return g.actions(t, id)[0].State == casefile.ActionUndelivered })
	if a := g.actions(t, id)[0]; !strings.Contains(a.Reason, "does not fire any more") {
		t.Errorf("it was taken back since %q", a.Reason)
	}
	r.answer(http.StatusAccepted)
	before := r.got()
	g.decided(t)
	if now := r.got(); now[g.actions(t, id)[0].ID] != before[g.actions(t, id)[0].ID] {
		t.Errorf("it was asked again: %v, then %v", before, now)
	}
}

func TestATargetThatRefusesIsSaid(t *testing.T) {
	r := listen(t)
	r.status = http.StatusForbidden
	g, run := on(t, open(t, filepath.Join(t.TempDir(), "book.db")), configOf(r.URL), zap.NewNop())
	run()
	id := g.accept(t, "g")
	g.report(t, burning())
	g.decided(t)
	if a := g.actions(t, id)[0]; a.State != casefile.ActionUndelivered || !strings.Contains(a.Reason, "403") {
		t.Errorf("got %s since %q", a.State, a.Reason)
	}
}

// signed are the headers of an answer.
func signed(t *testing.T, key endpoint.Secret, id string, at time.Time, body string) http.Header {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(string(key))
	if err != nil {
		t.Fatal(err)
	}
	s, err := wh.Sign(id, at, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", fmt.Sprint(at.Unix()))
	h.Set("Webhook-Signature", s)
	return h
}

func TestOnlyTheTargetsOwnAnswerCounts(t *testing.T) {
	r := listen(t)
	g, run := on(t, open(t, filepath.Join(t.TempDir(), "book.db")), configOf(r.URL), zap.NewNop())
	run()
	id := g.accept(t, "g")
	g.report(t, burning())
	g.decided(t)
	a := g.actions(t, id)[0]
	say := func(state string) string { return `{"id":"` + a.ID + `","state":"` + state + `","message":"m"}` }
	now := time.Now()
	for _, c := range []struct {
		name string
		h    http.Header
		to   string // the action of the address
		body string
		want error
		now  casefile.ActionState
	}{
		{"unsigned", http.Header{}, a.ID, say("done"), ui.ErrWho, casefile.ActionSent},
		{"signed with what it is sent by", signed(t, secret("s"), "m1", now, say("done")), a.ID, say("done"), ui.ErrWho, casefile.ActionSent},
		{"another body", signed(t, secret("a"), "m1", now, say("accepted")), a.ID, say("done"), ui.ErrWho, casefile.ActionSent},
		{"late", signed(t, secret("a"), "m1", now.Add(-6*time.Minute), say("done")), a.ID, say("done"), ui.ErrWho, casefile.ActionSent},
		{"early", signed(t, secret("a"), "m1", now.Add(6*time.Minute), say("done")), a.ID, say("done"), ui.ErrWho, casefile.ActionSent},
		{"another target", signed(t, secret("b"), "m1", now, say("done")), a.ID, say("done"), ui.ErrForbidden, casefile.ActionSent},
		{"another action", signed(t, secret("a"), "m1", now, say("done")), "ACT-0", say("done"), evidence.ErrInvalid, casefile.ActionSent},
		{"no action", signed(t, secret("a"), "m1", now, `{"id":"ACT-0","state":"done"}`), "ACT-0", `{"id":"ACT-0","state":"done"}`, evidence.ErrNotFound, casefile.ActionSent},
		{"a state of people's", signed(t, secret("a"), "m1", now, say("approve")), a.ID, say("approve"), evidence.ErrInvalid, casefile.ActionSent},
		{"no JSON", signed(t, secret("a"), "m1", now, "x"), a.ID, "x", evidence.ErrInvalid, casefile.ActionSent},
		{"accepted", signed(t, secret("a"), "m2", now, say("accepted")), a.ID, say("accepted"), nil, casefile.ActionAccepted},
		{"failed", signed(t, secret("a"), "m3", now, say("failed")), a.ID, say("failed"), nil, casefile.ActionFailed},
		{"the first again", signed(t, secret("a"), "m2", now, say("accepted")), a.ID, say("accepted"), nil, casefile.ActionFailed},
		{"a change of mind", signed(t, secret("a"), "m4", now, say("done")), a.ID, say("done"), casefile.ErrConflict, casefile.ActionFailed},
	} {
		target, err := g.Signed(c.h, []byte(c.body))
		if err == nil {
			_, err = g.Answer(t.Context(), c.to, target, c.h.Get("Webhook-Id"), []byte(c.body))
		}
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if got := g.actions(t, id)[0].State; got != c.now {
			t.Errorf("%s: the action is %s, want %s", c.name, got, c.now)
		}
	}
	entries, _, err := g.book.AuditEntries(t.Context(), casefile.AuditFilter{Actor: "target:platform", Limit: 10})
	if err != nil || len(entries) != 2 {
		t.Errorf("got %v (%v), want the two answers that counted", entries, err)
	}
}

// TestASecretIsChangedWithoutAGap is of a target that is handed new secrets while it
// still has the old ones, and the other way round.
func TestASecretIsChangedWithoutAGap(t *testing.T) {
	r := listen(t)
	c := configOf(r.URL)
	c.Targets[0].Secret, c.Targets[0].AnswerSecret = secret("n")+" "+secret("s"), secret("m")+" "+secret("a")
	if faults := c.Check("https://wherefore.example"); len(faults) > 0 {
		t.Fatal(faults)
	}
	g, run := on(t, open(t, filepath.Join(t.TempDir(), "book.db")), c, zap.NewNop())
	run()
	g.accept(t, "g")
	g.report(t, burning())
	g.decided(t)
	fresh, err := standardwebhooks.NewWebhook(string(secret("n")))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.got()) != 1 || len(r.faults) > 0 { // who has the old one
		t.Fatalf("got %v, %v", r.got(), r.faults)
	}
	if err := fresh.Verify([]byte(r.bodies[0]), r.headers[0]); err != nil {
		t.Errorf("the new secret: %v", err)
	}
	for by, want := range map[string]string{"m": "platform", "a": "platform", "b": "other", "s": "", "n": ""} {
		if got, err := g.Signed(signed(t, secret(by), "m1", time.Now(), "x"), []byte("x")); got != want || (err == nil) != (want != "") {
			t.Errorf("signed by %s: got %q, %v", by, got, err)
		}
	}
}

func TestNoSecretStandsInALogOrAnError(t *testing.T) {
	r := listen(t)
	var out bytes.Buffer
	log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(&lockedWriter{w: &out}), zapcore.DebugLevel))
	conf := configOf(r.URL + "/hook/pa55w0rd")
	r.status = http.StatusBadRequest
	g, run := on(t, open(t, filepath.Join(t.TempDir(), "book.db")), conf, log)
	run()
	id := g.accept(t, "g")
	g.report(t, burning())
	g.decided(t)
	_, err := g.Signed(http.Header{}, nil)
	said := out.String() + fmt.Sprintf("%v %+v %#v", err, conf, conf) + g.actions(t, id)[0].Reason
	for _, s := range []string{"pa55w0rd", strings.TrimPrefix(string(secret("s")), "whsec_"), strings.TrimPrefix(string(secret("a")), "whsec_")} {
		if strings.Contains(said, s) {
			t.Errorf("%q is in what is said: %s", s, said)
		}
	}
	if !strings.Contains(said, "action decided") {
		t.Errorf("nothing was logged: %s", said)
	}
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func TestFaultsOfTheConfigurationAreSaid(t *testing.T) {
	good := configOf("https://platform.example/hook")
	if faults := good.Check("https://wherefore.example"); len(faults) > 0 {
		t.Errorf("a good configuration is refused: %q", faults)
	}
	if faults := (act.Config{}).Check(""); len(faults) > 0 {
		t.Errorf("none is refused: %q", faults)
	}
	for want, spoil := range map[string]func(*act.Config){
		"other: answer_secret is also platform's":          func(c *act.Config) { c.Targets[1].AnswerSecret = secret("n") + " " + c.Targets[0].AnswerSecret },
		"platform: answer_secret holds the same key twice": func(c *act.Config) { c.Targets[0].AnswerSecret += " " + c.Targets[0].AnswerSecret },
		"platform: secret holds the same key twice":        func(c *act.Config) { c.Targets[0].Secret += " " + c.Targets[0].Secret },
		"platform: answer_secret is not":                   func(c *act.Config) { c.Targets[0].AnswerSecret = secret("a") + " " + secret("m") + " " + secret("n") },
		"so that what is sent could be sent back":          func(c *act.Config) { c.Targets[0].Secret += " " + c.Targets[0].AnswerSecret },
		"actions.targets[0] needs a name":                  func(c *act.Config) { c.Targets[0].Name = "" }, "holds a slash": func(c *act.Config) { c.Targets[0].Name = "a/b" },
		"not an http": func(c *act.Config) { c.Targets[0].URL = "file:///etc/passwd" }, "platform: secret is not": func(c *act.Config) { c.Targets[0].Secret = "whsec_c2hvcnQ=" },
		"answer_secret is also platform's": func(c *act.Config) { c.Targets[1].AnswerSecret = c.Targets[0].AnswerSecret },
		"answer_secret is not":             func(c *act.Config) { c.Targets[0].AnswerSecret = "" }, "are the same": func(c *act.Config) { c.Targets[0].AnswerSecret = c.Targets[0].Secret },
		`the name "platform" is taken`: func(c *act.Config) { c.Targets[1].Name = "platform" }, `no target "nobody"`: func(c *act.Config) { c.Rules[0].Target = "nobody" },
		"actions.rules[0] back: the grade": func(c *act.Config) { c.Rules[0].Grade = "x" }, "cool_down is 1s": func(c *act.Config) { c.CoolDown = time.Second },
		"answer_within is 48h0m0s": func(c *act.Config) { c.AnswerWithin = 48 * time.Hour }, `rules[1] the name "back"`: func(c *act.Config) { c.Rules = append(c.Rules, c.Rules[0]) },
	} {
		c := configOf("https://platform.example/hook")
		c.Targets, c.Rules = slices.Clone(c.Targets), slices.Clone(c.Rules)
		spoil(&c)
		if faults := c.Check("https://wherefore.example"); !strings.Contains(strings.Join(faults, "; "), want) {
			t.Errorf("got %q, want %q in it", faults, want)
		} else if strings.Contains(want, "twice") && len(faults) != 1 {
			t.Errorf("got %q, want nothing but %q", faults, want)
		}
	}
	if faults := good.Check(""); len(faults) != 1 || !strings.Contains(faults[0], "external_url") {
		t.Errorf("got %q without external_url", faults)
	}
}
