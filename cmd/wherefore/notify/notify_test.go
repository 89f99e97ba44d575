package notify_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// receiver is a real HTTP server that keeps what it is sent.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	bodies  []string
	headers []http.Header
	answers []func(w http.ResponseWriter) // one per request, then 200
}

// got is what came so far.
func (r *receiver) got() (bodies []string, headers []http.Header) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.bodies), slices.Clone(r.headers)
}

func listen(t *testing.T, answers ...func(w http.ResponseWriter)) *receiver {
	r := &receiver{answers: answers}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies = append(r.bodies, string(body))
		r.headers = append(r.headers, req.Header.Clone())
		if n := len(r.bodies); n <= len(r.answers) {
			r.answers[n-1](w)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func status(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { http.Error(w, "no", code) }
}

// counts are outcomes by target.
type counts struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counts) count(target, outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[target+" "+outcome]++
}

func (c *counts) await(t *testing.T, key string, want int) {
	t.Helper()
	for range 12000 {
		c.mu.Lock()
		got := c.n[key]
		c.mu.Unlock()
		if got >= want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s never came to %d; counted %v", key, want, c.n)
}

// box is an outbox in memory.
type box struct {
	mu  sync.Mutex
	due []casebook.Message
}

func (b *box) Due(_ context.Context, target string) (casebook.Message, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.due, func(m casebook.Message) bool { return m.Target == target })
	if i < 0 {
		return casebook.Message{}, false, nil
	}
	return b.due[i], true, nil
}

func (b *box) Settled(_ context.Context, m casebook.Message) error {
	b.drop(func(d casebook.Message) bool { return d.Target == m.Target && d.ID == m.ID })
	return nil
}

func (b *box) Forget(_ context.Context, target string) error {
	b.drop(func(d casebook.Message) bool { return d.Target == target })
	return nil
}

func (b *box) drop(which func(casebook.Message) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.due = slices.DeleteFunc(b.due, which)
}

func (b *box) Pending(context.Context) (map[string]int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := map[string]int{}
	for _, m := range b.due {
		n[m.Target]++
	}
	return n, nil
}

func (*box) Report(context.Context, string, int) ([]byte, error) { return nil, evidence.ErrNotFound }

// notifier is a running Notifier and its outbox.
type notifier struct {
	*notify.Notifier
	box *box
}

// Reported stores the messages of a report as the runner does.
func (n notifier) Reported(incident string, revision int, r report.Report) {
	list := n.Messages(context.Background(), incident, revision, r)
	n.box.mu.Lock()
	for _, m := range list {
		m.MadeAt = time.Unix(1_700_000_000, 0)
		n.box.due = append(n.box.due, m)
	}
	n.box.mu.Unlock()
	n.Wake()
}

func start(t *testing.T, log *zap.Logger, targets ...notify.Target) (notifier, *counts) {
	t.Helper()
	c := &counts{n: map[string]int{}}
	b := &box{}
	n, err := notify.New(notify.Options{Log: log, Outbox: b, BaseURL: "https://wherefore.example/", Now: func() time.Time { return time.Unix(1_700_000_000, 0) },
		Count: c.count, FirstWait: time.Millisecond, Patience: 10 * time.Minute}, targets)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { n.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return notifier{n, b}, c
}

func leak() report.Report {
	return report.Report{
		State: "firing", Service: "edge", Severity: "page", Owner: "team-ads", Title: "ad-server waits 230 ms for its pool",
		Verdict: report.Verdict{Word: report.Confirmed}, Onset: report.Onset{At: time.Date(2026, 11, 22, 10, 6, 38, 0, time.UTC)},
		Impact:  report.Impact{Headline: "42 % of requests fail", Affected: .42},
		Causes:  []report.Cause{{Entity: evidence.Entity{Name: "ad-server"}, Trigger: report.TriggerCode, Change: "c1", Decision: "DEC-1"}},
		Changes: []report.ChangeView{{Change: evidence.Change{ID: "c1", Kind: evidence.ChangeDeploy, Service: "ad-server", From: "a1", To: "b2"}}},
		Actions: []report.Action{{Title: "Roll back", Command: "kubectl rollout undo deployment/ad-server"}},
	}
}

func TestAWebhookIsSentTheCauseTheLinkAndASignatureThatHolds(t *testing.T) {
	r := listen(t)
	n, c := start(t, zap.NewNop(), notify.Target{Name: "hook", Kind: "webhook", URL: endpoint.Secret(r.URL), Secret: "whsec_" + endpoint.Secret(base64.StdEncoding.EncodeToString([]byte("key")))})
	n.Reported("INC-1", 1, leak())
	c.await(t, "hook delivered", 1)
	bodies, headers := r.got()
	var got struct {
		Version  int
		Event    string
		Incident struct{ ID, URL, Service string }
		Title    string
		Cause    struct{ Entity, Decision string }
		Impact   struct{ Affected float64 }
	}
	if err := json.Unmarshal([]byte(bodies[0]), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != 1 || got.Event != "report.ready" || got.Incident.URL != "https://wherefore.example/incidents/INC-1" || got.Cause.Entity != "ad-server" || got.Cause.Decision != "DEC-1" || got.Impact.Affected != .42 {
		t.Errorf("got %s", bodies[0])
	}
	h := headers[0]
	mac := hmac.New(sha256.New, []byte("key"))
	mac.Write([]byte(h.Get("Webhook-Id") + "." + h.Get("Webhook-Timestamp") + "." + bodies[0]))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); h.Get("Webhook-Signature") != want || h.Get("Webhook-Id") != "INC-1-r1" || h.Get("Idempotency-Key") != "INC-1-r1" {
		t.Errorf("got %v, want the signature %s", h, want)
	}
}

// slack is an incoming webhook's payload, as Slack documents it.
type slack struct {
	Text   string
	Blocks []struct {
		Type string
		Text struct {
			Type, Text string
			Verbatim   bool
		}
	}
}

func TestSlackIsToldWithItsOwnPayload(t *testing.T) {
	r := listen(t)
	n, c := start(t, zap.NewNop(), notify.Target{Name: "room", Kind: "slack", URL: endpoint.Secret(r.URL)})
	n.Reported("INC-1", 1, leak())
	c.await(t, "room delivered", 1)
	bodies, _ := r.got()
	var got slack
	if err := json.Unmarshal([]byte(bodies[0]), &got); err != nil {
		t.Fatal(err)
	}
	want := "*Confirmed* · ad-server waits 230 ms for its pool\n42 % of requests fail\nChanged: deploy of ad-server a1 → b2\nDo: Roll back – `kubectl rollout undo deployment/ad-server`\n<https://wherefore.example/incidents/INC-1|INC-1> · edge · page · since 2026-11-22T10:06:38Z · owner team-ads"
	if len(got.Blocks) != 1 || got.Blocks[0].Type != "section" || got.Blocks[0].Text.Type != "mrkdwn" || got.Blocks[0].Text.Text != want || !got.Blocks[0].Text.Verbatim {
		t.Errorf("got %+v", got)
	}
	if got.Text != "Confirmed: ad-server waits 230 ms for its pool" {
		t.Errorf("got the text %q", got.Text)
	}
}

func TestHostileTextMentionsNobodyAndBreaksNothing(t *testing.T) {
	r := listen(t)
	own := notify.Target{Name: "own", Kind: "slack", URL: endpoint.Secret(r.URL), Template: "{{.Title}}\n{{.Command}}"}
	body := notify.Target{Name: "body", Kind: "webhook", URL: endpoint.Secret(r.URL), Template: `{"t":{{json .Title}}}`}
	n, c := start(t, zap.NewNop(), notify.Target{Name: "room", Kind: "slack", URL: endpoint.Secret(r.URL)}, own, body)
	bad := leak()
	bad.Title = "<!channel> <@U1> <https://evil.example|click> & *b* `c` \"\\ \u202e\x1b[31m\r\n\r\nX: y " + strings.Repeat("long ", 2000)
	bad.Service, bad.Actions[0].Command = "<!here>", "a` <!everyone> `b"
	n.Reported("INC-1|x>y", 1, bad)
	for _, k := range []string{"room delivered", "own delivered", "body delivered"} {
		c.await(t, k, 1)
	}
	bodies, _ := r.got()
	for _, b := range bodies {
		if !json.Valid([]byte(b)) {
			t.Errorf("not JSON: %s", b)
			continue
		}
		var s slack
		if err := json.Unmarshal([]byte(b), &s); err != nil || len(s.Blocks) == 0 {
			continue // the webhook's own body
		}
		for _, text := range []string{s.Text, s.Blocks[0].Text.Text} {
			for _, evil := range []string{"<!", "<@", "<https://evil", "\u202e", "\x1b", "\r"} {
				if strings.Contains(text, evil) {
					t.Errorf("%q is in %q", evil, text)
				}
			}
			if len([]rune(text)) > 3000 {
				t.Errorf("%d characters are more than Slack takes", len([]rune(text)))
			}
		}
	}
}

func TestWhatMayPassIsRetriedAndWhatMayNotIsNot(t *testing.T) {
	passing := listen(t, status(500), status(429), status(503))
	refusing := listen(t, status(400), status(400))
	core, logs := observer.New(zapcore.WarnLevel)
	n, c := start(t, zap.New(core),
		notify.Target{Name: "passing", Kind: "webhook", URL: endpoint.Secret(passing.URL)},
		notify.Target{Name: "refusing", Kind: "webhook", URL: endpoint.Secret(refusing.URL + "/secret")})
	n.Reported("INC-1", 1, leak())
	c.await(t, "passing delivered", 1)
	c.await(t, "refusing failed", 1)
	passed, headers := passing.got()
	refused, _ := refusing.got()
	if len(passed) != 4 || len(refused) != 1 {
		t.Errorf("got %d and %d attempts, want 4 and 1", len(passed), len(refused))
	}
	if ids := []string{headers[0].Get("Webhook-Id"), headers[3].Get("Webhook-Id")}; ids[0] != ids[1] {
		t.Errorf("attempts have different IDs %v; the receiver cannot tell them apart", ids)
	}
	if logs.FilterMessage("notification not delivered").Len() != 1 {
		t.Errorf("got %v, want one line about the failure", logs.All())
	}
	for _, l := range logs.All() {
		for _, f := range l.Context {
			if strings.Contains(f.String, "/secret") || f.Interface != nil && strings.Contains(f.Interface.(error).Error(), "/secret") {
				t.Errorf("the URL is in the log: %v", l)
			}
		}
	}
}

func TestADeadTargetHoldsNothingUp(t *testing.T) {
	hang := make(chan struct{})
	dead := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	t.Cleanup(func() { close(hang); dead.Close() })
	alive := listen(t)
	n, c := start(t, zap.NewNop(), notify.Target{Name: "dead", Kind: "webhook", URL: endpoint.Secret(dead.URL), Revisions: "all"},
		notify.Target{Name: "alive", Kind: "webhook", URL: endpoint.Secret(alive.URL)})
	for i := range 300 { // would never end if it waited
		n.Reported("INC-1", i+1, leak())
	}
	c.await(t, "alive delivered", 1)
	c.await(t, "dead dropped", 90)
}

func TestATargetIsToldOfWhatItAskedFor(t *testing.T) {
	r := listen(t)
	at := func(name string, t notify.Target) notify.Target {
		t.Name, t.Kind, t.URL = name, "webhook", endpoint.Secret(r.URL+"/"+name)
		return t
	}
	n, c := start(t, zap.NewNop(), at("first", notify.Target{Revisions: "first"}), at("changed", notify.Target{}), at("all", notify.Target{Revisions: "all"}),
		at("sure", notify.Target{Verdicts: []report.VerdictWord{report.Confirmed}, Revisions: "all"}))
	weaker := leak()
	weaker.Verdict.Word = report.LeadOnly
	n.Reported("INC-1", 1, leak())
	n.Reported("INC-1", 2, leak())
	n.Reported("INC-1", 3, weaker)
	c.await(t, "all delivered", 3)
	c.await(t, "changed delivered", 2)
	c.await(t, "sure delivered", 2)
	c.await(t, "first delivered", 1)
	bodies, _ := r.got()
	if len(bodies) != 8 {
		t.Errorf("got %d notifications, want 8", len(bodies))
	}
}

func TestFaultsOfATargetAreSaid(t *testing.T) {
	good := notify.Target{Name: "a", Kind: "slack", URL: "https://hooks.example/x"}
	if why := good.Check(); why != "" {
		t.Errorf("a good target is refused: %s", why)
	}
	for want, spoil := range map[string]func(*notify.Target){
		"needs a name": func(t *notify.Target) { t.Name = "" }, `kind "mail"`: func(t *notify.Target) { t.Kind = "mail" },
		"not an http": func(t *notify.Target) { t.URL = "file:///etc/passwd" }, "no signature": func(t *notify.Target) { t.Secret = "s" },
		`revisions "some"`: func(t *notify.Target) { t.Revisions = "some" }, `no verdict "Sure"`: func(t *notify.Target) { t.Verdicts = []report.VerdictWord{"Sure"} },
		"Nothing": func(t *notify.Target) { t.Template = "{{.Nothing}}" }, "unclosed": func(t *notify.Target) { t.Template = "{{.Title" },
	} {
		bad := good
		bad.Verdicts = slices.Clone(good.Verdicts)
		spoil(&bad)
		if why := bad.Check(); !strings.Contains(why, want) {
			t.Errorf("got %q, want %q in it", why, want)
		}
	}
}

// TestEachKeyOfASecretIsMasked is of a target that has the old key and the new one: one
// of them alone in a line is a secret too.
func TestEachKeyOfASecretIsMasked(t *testing.T) {
	coded := func(letter string) string {
		return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32)))
	}
	const words = "a pass phrase of many words"
	for _, s := range []string{"whsec_" + coded("N"), "whsec_" + coded("O") + " whsec_" + coded("P"), words} {
		notify.Target{Name: "hook", URL: "https://ann:hook-pa55w0rd@hook.example", Secret: endpoint.Secret(s)}.Hide()
	}
	for _, text := range []string{coded("N"), coded("O"), coded("P"), words, "hook-pa55w0rd"} {
		if got := mask.Text("it says " + text + " at once"); strings.Contains(got, text) {
			t.Errorf("%q is not masked", got)
		}
	}
	if got := mask.Text("many words"); got != "many words" {
		t.Errorf("a word of a phrase is masked: %q", got)
	}
}
