package ui

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/wherefore-dev/wherefore/ui/page"
)

// problemKind is one kind of error answer. Its page stands at /help/errors/ID,
// which is the type of the problem document (RFC 9457, section 3.1.1).
type problemKind struct {
	id     string
	status int
	page   string // Markdown: what it means, and what to do
}

// problemKinds has one kind for each status that is ever answered.
var problemKinds = []problemKind{
	{"invalid", http.StatusBadRequest, "What was sent cannot be read, or asks for what there cannot be. `detail` says which part and what is taken instead. The same request will fail again."},
	{"unauthorized", http.StatusUnauthorized, "A credential is needed and none that counts was sent: send `Authorization: Bearer TOKEN`, or log in on `/login`. `wherefore token create` makes a token; revoked and expired ones no longer count. Targets of actions sign their answers instead, with their `answer_secret` and within five minutes (docs/actions.md)."},
	{"forbidden", http.StatusForbidden, "Who asks is known and may not do this, or a page of another site sent the request. Roles are viewer, responder and admin, and there are tokens for senders of alerts and changes and for checks; an administrator gives another one. A target may answer only for what was asked of itself."},
	{"not-found", http.StatusNotFound, "There is nothing at this address, or no such incident, revision, decision or rule. IDs are as `/api/v1/incidents` lists them."},
	{"method-not-allowed", http.StatusMethodNotAllowed, "The address takes other methods; the header `Allow` names them."},
	{"conflict", http.StatusConflict, "It does not fit where the incident stands, as resolving what is resolved, or where the action stands: it was decided on, has expired, or all actions are stopped. Read the incident, then decide again."},
	{"too-large", http.StatusRequestEntityTooLarge, "The body is larger than is taken; `detail` says how much is. Send less at once."},
	{"misdirected", http.StatusMisdirectedRequest, "The server is not known by the name that was asked for. Add the name to `access.hosts`, or set `external_url`."},
	{"too-many-requests", http.StatusTooManyRequests, "One client asked too often. Try again after as many seconds as `Retry-After` says. Senders of alerts are never answered so."},
	{"internal", http.StatusInternalServerError, "Something went wrong here. Nothing was stored unless the answer says so; the server's log has the reason."},
	{"not-configured", http.StatusNotImplemented, "What this needs is not configured on this server. docs/configuration.md says how."},
	{"unavailable", http.StatusServiceUnavailable, "It cannot be taken or answered now: the queue of investigations is full, or the casebook or a source does not answer. Nothing was taken. Try again after as many seconds as `Retry-After` says; Alertmanager does so by itself. `/health` says what is wrong."},
	{"timeout", http.StatusGatewayTimeout, "What is behind the server took longer than the request may. Try again, or ask for less."},
}

// kindOf is the kind of a status.
func kindOf(status int) problemKind {
	for _, k := range problemKinds {
		if k.status == status {
			return k
		}
	}
	return kindOf(http.StatusInternalServerError)
}

// problemsPath is where the pages about errors stand.
const problemsPath = "errors"

// newProblem makes an answer of a status.
func newProblem(status int, detail string) problem {
	return problem{Type: "/help/" + problemsPath + "/" + kindOf(status).id, Title: http.StatusText(status), Status: status, Detail: detail}
}

// problemHelp is what /help/errors and the pages below it show.
func problemHelp(path string) ([]page.HelpText, bool) {
	id := strings.TrimPrefix(strings.TrimPrefix(path, problemsPath), "/")
	var list []page.HelpText
	for _, k := range problemKinds {
		if id == "" || id == k.id {
			list = append(list, page.HelpText{ID: problemsPath + "/" + k.id, Markdown: fmt.Sprintf("# %d %s\n\n%s\n", k.status, http.StatusText(k.status), k.page)})
		}
	}
	return list, len(list) > 0
}
