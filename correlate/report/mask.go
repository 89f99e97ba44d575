package report

import (
	"reflect"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
)

// Masked is a report, or what stands now, without the secrets that telemetry, alerts and code had in
// them: what is stored, shown, exported and sent is made of it. What it is given
// stays as it is.
func Masked[T Report | Present](r T) T {
	m := masking{mask.New()}
	return m.value(reflect.ValueOf(r), m.Text).Interface().(T)
}

// code are the types whose texts are code, or tell of people by their address.
var code = map[reflect.Type]bool{
	reflect.TypeFor[evidence.Decision](): true, reflect.TypeFor[evidence.Commit](): true, reflect.TypeFor[evidence.Blame](): true,
	reflect.TypeFor[evidence.BlameLine](): true, reflect.TypeFor[CommitScore](): true, reflect.TypeFor[CodeView](): true,
	reflect.TypeFor[ProfileView](): true,
}

type masking struct{ *mask.Masker }

// value is a copy of v with every text of it masked.
func (m masking) value(v reflect.Value, text func(string) string) reflect.Value {
	if code[v.Type()] {
		text = m.Code
	}
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.String:
		out.SetString(text(v.String()))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(m.value(v.Field(i), text))
			}
		}
	case reflect.Slice:
		if v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8 {
			return v
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(m.value(v.Index(i), text))
		}
	case reflect.Map:
		m.entries(out, v, text)
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(m.value(v.Elem(), text))
		}
	}
	return out
}

// entries masks the values of a map; those that have a name are judged by it.
func (m masking) entries(out, v reflect.Value, text func(string) string) {
	if v.IsNil() {
		return
	}
	out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
	for _, k := range v.MapKeys() {
		if x := v.MapIndex(k); k.Kind() == reflect.String && x.Kind() == reflect.String {
			out.SetMapIndex(k, reflect.ValueOf(m.Value(k.String(), x.String())).Convert(x.Type()))
		} else {
			out.SetMapIndex(k, m.value(x, text))
		}
	}
}
