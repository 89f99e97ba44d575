package page

import (
	"cmp"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/wherefore-dev/wherefore/ui/visible"
)

// InvestigateInput is what the form is built from.
type InvestigateInput struct {
	Values url.Values // as they were typed
	// Failed says what is wrong, by field: "service", "at", "trace_id", "alert".
	Failed   map[string]string
	Services []string // that had incidents, offered for completion
	Now      time.Time
	Enabled  bool
}

// Investigate is the page of the form.
type Investigate struct {
	Base
	State              State
	Service, At, Trace Field
	Alert              Field
	Services           []string
	Enabled            bool
	AlertRows          string
}

// Field is one field of a form: what was typed, and what is wrong with it.
type Field struct {
	ID, Value string
	State     State
}

// BuildInvestigate makes the page of the form.
func BuildInvestigate(in InvestigateInput) Investigate {
	field := func(name, value string) Field {
		f := Field{ID: name, Value: value}
		if why := in.Failed[name]; why != "" {
			f.State = State{StateFailed, visible.Capital(text(why))}
		}
		return f
	}
	p := Investigate{Enabled: in.Enabled, AlertRows: "8", Services: texts(in.Services),
		Service: field("service", in.Values.Get("service")), At: field("at", cmp.Or(in.Values.Get("at"), in.Now.UTC().Format(time.RFC3339))),
		Trace: field("trace_id", in.Values.Get("trace_id")), Alert: field("alert", in.Values.Get("alert"))}
	p.Title, p.Section = "Investigate", "investigate"
	if !in.Enabled {
		p.State = State{StateEmpty, "This server starts no investigations by hand."}
	}
	return p
}

// Failed is the field that something is wrong with, the zero value when none
// is.
func (p Investigate) Failed() Field {
	for _, f := range []Field{p.Service, p.At, p.Trace, p.Alert} {
		if f.State.Kind != "" {
			return f
		}
	}
	return Field{}
}

// wrong marks an input that something is wrong with.
func wrong(f Field) templ.Attributes {
	if f.State.Kind == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": f.ID + "-wrong"}
}
