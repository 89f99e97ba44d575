package bundle

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cloudevents/sdk-go/v2/event" // CloudEvents' own reader and validation

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const (
	changePrefix = "dev.wherefore."
	changeSuffix = ".v1"
	cdPrefix     = "dev.cdevents.service."
)

// changeData is the data of our change events. Fields beside the known ones
// become attributes when they are text.
type changeData struct {
	Service    string            `json:"service"`
	From       string            `json:"from,omitempty"`
	To         string            `json:"to,omitempty"`
	Commit     string            `json:"commit,omitempty"`
	Actor      string            `json:"actor,omitempty"`
	URL        string            `json:"url,omitempty"`
	Summary    string            `json:"summary,omitempty"`
	Inferred   string            `json:"inferred,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Changes returns the announced changes in the window in order of time, then
// ID.
func (b *Bundle) Changes(ctx context.Context, w evidence.Window) ([]evidence.Change, error) {
	if err := b.replay(ctx, SourceChanges, WindowQueryText("changes", w)); err != nil {
		return nil, err
	}
	all, err := b.changes.get(b.readChanges)
	if err != nil {
		return nil, err
	}
	var found []evidence.Change
	for _, c := range all {
		if w.IsZero() || w.Contains(c.Time) {
			c.Attributes = maps.Clone(c.Attributes)
			found = append(found, c)
		}
	}
	return found, nil
}

func (b *Bundle) readChanges() ([]evidence.Change, error) {
	var changes []evidence.Change
	seen := map[string]int{}
	err := b.lines(ChangesFile, func(line []byte, n int) error {
		c, err := DecodeChange(line)
		if err != nil {
			return fault(ChangesFile, n, "%s", brief(err))
		}
		if first, ok := seen[c.ID]; ok {
			return fault(ChangesFile, n, "has the id %.80q of line %d", c.ID, first)
		}
		seen[c.ID] = n
		if !b.hidden(c.Time) {
			changes = append(changes, c)
		}
		return nil
	})
	slices.SortFunc(changes, func(a, b evidence.Change) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID)) })
	return changes, err
}

// DecodeChange reads one change event: CloudEvents 1.0 JSON of type
// dev.wherefore.{deploy,flag,config,migration,scale,decision}.v1, or CDEvents
// service.deployed and service.upgraded. Errors are evidence.ErrInvalid.
func DecodeChange(raw []byte) (evidence.Change, error) {
	bad := func(format string, args ...any) (evidence.Change, error) {
		return evidence.Change{}, fmt.Errorf("change event: %s: %w", fmt.Sprintf(format, args...), evidence.ErrInvalid)
	}
	var e event.Event
	if err := json.Unmarshal(raw, &e); err != nil {
		return bad("%s", brief(err))
	}
	if err := e.Validate(); err != nil {
		return bad("%s", brief(err))
	}
	switch t := e.Type(); {
	case strings.HasPrefix(t, changePrefix) && strings.HasSuffix(t, changeSuffix):
		kind := evidence.ChangeKind(strings.TrimSuffix(strings.TrimPrefix(t, changePrefix), changeSuffix))
		if !slices.Contains(changeKinds, kind) {
			return bad("type %.80q is not one of %s", t, changeKinds)
		}
		return ownChange(e, kind)
	case strings.HasPrefix(t, cdPrefix+"deployed.") || strings.HasPrefix(t, cdPrefix+"upgraded."):
		return cdChange(e)
	default:
		return bad("type %.80q is neither %s<kind>%s nor %sdeployed or upgraded", t, changePrefix, changeSuffix, cdPrefix)
	}
}

var changeKinds = []evidence.ChangeKind{evidence.ChangeDeploy, evidence.ChangeFlag, evidence.ChangeConfig, evidence.ChangeMigration, evidence.ChangeScale, evidence.ChangeDecision}

func ownChange(e event.Event, kind evidence.ChangeKind) (evidence.Change, error) {
	var d changeData
	if err := e.DataAs(&d); err != nil {
		return evidence.Change{}, fmt.Errorf("change event %.80q: data: %s: %w", e.ID(), brief(err), evidence.ErrInvalid)
	}
	if e.Time().IsZero() {
		return evidence.Change{}, fmt.Errorf("change event %.80q: time is missing: %w", e.ID(), evidence.ErrInvalid)
	}
	return evidence.Change{
		ID: e.ID(), Kind: kind, Service: d.Service, Time: e.Time().UTC(), From: d.From, To: d.To, Commit: strings.ToLower(d.Commit),
		Actor: d.Actor, URL: d.URL, Summary: d.Summary, Inferred: d.Inferred, Attributes: d.Attributes,
	}, nil
}

// cdEvent is what CDEvents 0.4 puts into a CloudEvent's data.
type cdEvent struct {
	Context struct {
		ID        string    `json:"id"`
		Timestamp time.Time `json:"timestamp"`
	} `json:"context"`
	Subject struct {
		ID      string `json:"id"`
		Content struct {
			Environment struct {
				ID string `json:"id"`
			} `json:"environment"`
			ArtifactID string `json:"artifactId"`
		} `json:"content"`
	} `json:"subject"`
}

var hexSHA = regexp.MustCompile(`^[0-9a-fA-F]{7,40}$`)

// cdChange takes the version from the artifact's package URL, where it stands
// after the last "@".
func cdChange(e event.Event) (evidence.Change, error) {
	var d cdEvent
	if err := e.DataAs(&d); err != nil {
		return evidence.Change{}, fmt.Errorf("CDEvent %.80q: data: %s: %w", e.ID(), brief(err), evidence.ErrInvalid)
	}
	at := d.Context.Timestamp
	if at.IsZero() {
		at = e.Time()
	}
	if d.Subject.ID == "" || at.IsZero() {
		return evidence.Change{}, fmt.Errorf("CDEvent %.80q: the subject's id or the time is missing: %w", e.ID(), evidence.ErrInvalid)
	}
	c := evidence.Change{ID: cmp.Or(d.Context.ID, e.ID()), Kind: evidence.ChangeDeploy, Service: d.Subject.ID, Time: at.UTC()}
	if i := strings.LastIndexByte(d.Subject.Content.ArtifactID, '@'); i >= 0 {
		c.To, _, _ = strings.Cut(d.Subject.Content.ArtifactID[i+1:], "?")
		if hexSHA.MatchString(c.To) {
			c.Commit = strings.ToLower(c.To)
		}
	}
	if env := d.Subject.Content.Environment.ID; env != "" {
		c.Attributes = map[string]string{"environment": env}
	}
	return c, nil
}

// encodeChange writes a change as one of our events.
func encodeChange(c evidence.Change) ([]byte, error) {
	e := event.New()
	e.SetID(c.ID)
	e.SetSource("wherefore")
	e.SetType(changePrefix + string(c.Kind) + changeSuffix)
	e.SetTime(c.Time.UTC())
	if err := e.SetData(event.ApplicationJSON, changeData{c.Service, c.From, c.To, c.Commit, c.Actor, c.URL, c.Summary, c.Inferred, c.Attributes}); err != nil {
		return nil, err
	}
	return json.Marshal(e)
}
