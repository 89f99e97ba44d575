package ui_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestSignalsAndProfilesAreDescribedInFull fills every field that a report's signals,
// profiles and splits may have: a schema that lacks one of them refuses it.
func TestSignalsAndProfilesAreDescribedInFull(t *testing.T) {
	_, h := book(t)
	raw := call{"GET", "/api/v1/openapi.json", "", 200, ""}.do(h).Body.Bytes()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	signals, profile := filled[report.ServiceSignals](), filled[report.ProfileView]()
	signals.Charts[0].Signal = report.SignalErrors
	profile.Kind, profile.Unit = evidence.ProfileWait, "waiting"
	place := &profile.Places[0]
	place.Frame.Rung, place.Callers[0].Rung = evidence.LocationProfile, evidence.LocationProfile
	place.Blame.Decisions[0].Kind = "tag"
	for name, part := range map[string]any{"ServiceSignals": signals, "Profile": profile, "Split": filled[report.Split]()} {
		s, err := c.Compile("openapi.json#/components/schemas/" + name)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoFieldOfAReportIsUndescribed fills every field that a report may have: a
// schema that lists its fields and lacks one of them refuses it.
func TestNoFieldOfAReportIsUndescribed(t *testing.T) {
	_, h := book(t)
	doc, err := jsonschema.UnmarshalJSON(get(t, h, "/api/v1/openapi.json").Body)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("openapi.json#/components/schemas/Report")
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(filled[report.Report]())
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var refused func(e *jsonschema.ValidationError)
	refused = func(e *jsonschema.ValidationError) {
		if k, ok := e.ErrorKind.(*kind.AdditionalProperties); ok {
			t.Errorf("%s has %v, of which openapi.json knows nothing", strings.Join(e.InstanceLocation, "."), k.Properties)
		}
		for _, cause := range e.Causes {
			refused(cause)
		}
	}
	// What it is filled with is no word of any list, which is nothing to this test.
	var invalid *jsonschema.ValidationError
	if errors.As(s.Validate(value), &invalid) {
		refused(invalid)
	}
}

// filled is a value with something in each of its fields, trees one step deep.
func filled[T any]() (v T) {
	fill(reflect.ValueOf(&v).Elem(), map[reflect.Type]bool{})
	return v
}

func fill(v reflect.Value, above map[reflect.Type]bool) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Pointer:
		if above[v.Type()] {
			return
		}
		above[v.Type()] = true
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), above)
		delete(above, v.Type())
	case reflect.Slice:
		if above[v.Type().Elem()] {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), above)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), above)
			}
		}
	}
}
