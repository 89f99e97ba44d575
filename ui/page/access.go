package page

import (
	"net/url"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// LoginInput is what the page to log in on is built from.
type LoginInput struct {
	Next            string // a path of this site
	Failed          string // worded reason why it did not work
	Password, Token bool
	Provider        string
}

// Login is the page to log in on.
type Login struct {
	Base
	State           State
	Next            string
	Password, Token bool
	Provider        string // what to call the identity provider
	ProviderURL     string
}

// BuildLogin makes the page to log in on.
func BuildLogin(in LoginInput) Login {
	l := Login{Next: in.Next, Password: in.Password, Token: in.Token, Provider: short(in.Provider, 60)}
	l.Title = "Log in"
	if in.Provider != "" {
		l.ProviderURL = "/login/provider?next=" + url.QueryEscape(in.Next)
	}
	switch {
	case in.Failed != "":
		l.State = State{StateFailed, text(in.Failed)}
	case !in.Password && !in.Token && in.Provider == "":
		l.State = State{StateEmpty, "Nobody has to log in here, or a proxy in front does it."}
	}
	return l
}

// AuditInput is what the page of the audit is built from.
type AuditInput struct {
	Entries []casefile.AuditEntry
	Next    int64
	Query   url.Values
	Now     time.Time
	Zone    *time.Location
}

// AuditView is the page of what was seen, taken away and done.
type AuditView struct {
	Base
	State                   State
	Rows                    []AuditRow
	Actor, Action, Incident string
	Next                    string
}

// AuditRow is one entry, ready to be printed.
type AuditRow struct {
	When                  Clock
	Actor, Action, Detail string
	Incident              Link
}

// BuildAudit makes the page of the audit.
func BuildAudit(in AuditInput) AuditView {
	v := AuditView{Actor: short(in.Query.Get("actor"), 200), Action: short(in.Query.Get("action"), 60), Incident: short(in.Query.Get("incident"), 60)}
	v.Title, v.Section = "Audit", "audit"
	if len(in.Entries) == 0 {
		v.State = State{StateEmpty, "No entry fits."}
	}
	ck := clocks{in.Now, in.Zone}
	for _, e := range in.Entries {
		row := AuditRow{When: ck.at(e.At), Actor: short(e.Actor, 60), Action: short(e.Action, 40), Detail: short(e.Detail, 120)}
		if e.Incident != "" {
			row.Incident = Link{short(e.Incident, 40), incidentURL(e.Incident)}
		}
		v.Rows = append(v.Rows, row)
	}
	if in.Next > 0 {
		q := url.Values{"before": {strconv.FormatInt(in.Next, 10)}}
		for _, k := range []string{"actor", "action", "incident"} {
			if x := in.Query.Get(k); x != "" {
				q.Set(k, x)
			}
		}
		v.Next = "/audit?" + q.Encode()
	}
	return v
}
