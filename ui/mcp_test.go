package ui_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// viewer may look, and nothing else.
type viewer struct{}

func (viewer) Admit(_ *http.Request, a ui.Action) (ui.Person, error) {
	p := ui.Person{Name: "robot", By: "token 1", May: func(a ui.Action) bool { return a == ui.ActView }}
	if !p.May(a) {
		return p, ui.ErrForbidden
	}
	return p, nil
}

type auditLog struct{ lines []string }

func (a *auditLog) Write(e ui.AuditEntry) {
	a.lines = append(a.lines, strings.TrimSpace(e.Actor+" "+e.Action+" "+e.Incident+" "+e.Detail))
}

func (a *auditLog) Entries(context.Context, ui.AuditFilter) ([]ui.AuditEntry, int64, error) {
	return nil, 0, nil
}

// asAgent connects the protocol's own client to the server.
func asAgent(t *testing.T, o ui.Options) *mcp.ClientSession {
	t.Helper()
	server := httptest.NewServer(ui.New(o))
	t.Cleanup(server.Close)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).
		Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: server.URL + "/mcp", DisableStandaloneSSE: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// asked calls a tool and reads its answer; refused is what it said instead.
func asked[T any](t *testing.T, s *mcp.ClientSession, name string, arguments map[string]any) (out T, refused string) {
	t.Helper()
	answer, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		return out, err.Error()
	}
	text := answer.Content[0].(*mcp.TextContent).Text
	if answer.IsError {
		return out, text
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s answered %s: %v", name, text, err)
	}
	return out, ""
}

type told struct {
	Incidents []incident
	Next      string
	Title     string
	Causes    []struct{ Findings []finding }
	Findings  []finding
	Incident  string
	Commit    string
}

type incident struct{ ID, Verdict string }

type finding struct {
	ID, Query string
	Refs      []struct{ Kind string }
}

func TestAnAgentReadsTheEvidenceBehindACause(t *testing.T) {
	session := asAgent(t, storybook.New(storybook.Now, storybook.Stories()...).Options())
	tools, err := session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range tools.Tools {
		names = append(names, tool.Name)
	}
	if want := []string{"evidence", "incidents", "investigate", "report", "why"}; !slices.Equal(names, want) {
		t.Errorf("got the tools %q, want %q", names, want)
	}
	list, refused := asked[told](t, session, "incidents", map[string]any{"state": "reported"})
	sure := slices.IndexFunc(list.Incidents, func(i incident) bool { return i.Verdict == "Confirmed" })
	if refused != "" || sure < 0 {
		t.Fatalf("got %+v, refused %q", list, refused)
	}
	id := list.Incidents[sure].ID
	rep, refused := asked[told](t, session, "report", map[string]any{"incident": id})
	if refused != "" || len(rep.Causes) == 0 || rep.Title == "" {
		t.Fatalf("got %+v, refused %q", rep, refused)
	}
	all, refused := asked[told](t, session, "evidence", map[string]any{"incident": id})
	if refused != "" || len(all.Findings) != len(rep.Causes[0].Findings) {
		t.Fatalf("got %+v, refused %q", all, refused)
	}
	i := slices.IndexFunc(all.Findings, func(f finding) bool { return f.Query != "" && len(f.Refs) > 0 })
	if i < 0 {
		t.Fatalf("no finding has a query and what answered it: %+v", all.Findings)
	}
	one, refused := asked[told](t, session, "evidence", map[string]any{"incident": id, "finding": all.Findings[i].ID})
	if refused != "" || len(one.Findings) == 0 || len(one.Findings) == len(all.Findings) {
		t.Errorf("got %+v, refused %q", one, refused)
	}
	started, refused := asked[told](t, session, "investigate", map[string]any{"service": "checkout", "at": "2024-08-01T02:51:00Z"})
	if refused != "" || started.Incident == "" {
		t.Errorf("got %+v, refused %q", started, refused)
	}
}

func TestWhatAnAgentAsksWronglyIsSaid(t *testing.T) {
	session := asAgent(t, storybook.New(storybook.Now, storybook.Stories()...).Options())
	for _, c := range []struct {
		name, says string
		arguments  map[string]any
	}{
		{"incidents", "must be investigating, reported or resolved", map[string]any{"state": "open"}},
		{"incidents", "additional properties", map[string]any{"limit": 9}},
		{"report", "no incident", map[string]any{"incident": "INC-nosuch"}},
		{"report", "must be a number from 1", map[string]any{"incident": "INC-nosuch", "revision": -1}},
		{"report", "incident", map[string]any{}},
		{"report", "256 are taken", map[string]any{"incident": strings.Repeat("x", 5000)}},
		{"why", "a path inside the repository", map[string]any{"file": "../etc/passwd", "line": 1}},
		{"investigate", "give exactly one of", map[string]any{"service": "a", "trace_id": "b"}},
	} {
		if _, refused := asked[told](t, session, c.name, c.arguments); !strings.Contains(refused, c.says) {
			t.Errorf("%s %.80v: got %.200q, want it to say %q", c.name, c.arguments, refused, c.says)
		}
	}
}

func TestAnAgentMayDoWhatItsTokenMay(t *testing.T) {
	o := storybook.New(storybook.Now, storybook.Stories()...).Options()
	log := &auditLog{}
	o.Gate, o.Audit = viewer{}, log
	session := asAgent(t, o)
	list, _ := asked[told](t, session, "incidents", map[string]any{"state": "reported"})
	id := list.Incidents[0].ID
	if _, refused := asked[told](t, session, "report", map[string]any{"incident": id}); refused != "" {
		t.Error(refused)
	}
	if _, refused := asked[told](t, session, "investigate", map[string]any{"incident": id}); !strings.Contains(refused, "another role") {
		t.Errorf("got %q, want a refusal", refused)
	}
	if want := []string{"robot view " + id + " by an agent", "robot refused " + id + " investigate"}; !slices.Equal(log.lines, want) {
		t.Errorf("the audit has %q, want %q", log.lines, want)
	}
}
