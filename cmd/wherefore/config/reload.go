package config

import (
	"fmt"
	"reflect"
	"slices"
)

// RestartKeys names, as they stand in the file, the keys that differ between two
// configurations and that a reload does not take up.
func RestartKeys(now, next Config) []string {
	out := changed("", now, next)
	named := func(t Tenant) string { return string(t.Name) }
	if !slices.EqualFunc(now.Tenants, next.Tenants, func(a, b Tenant) bool { return named(a) == named(b) }) {
		return append(out, "tenants")
	}
	for i, t := range now.Tenants {
		out = append(out, changed(fmt.Sprintf("tenants[%d].", i), t, next.Tenants[i])...)
	}
	return out
}

// changed names the keys of one structure, after what stands above them.
func changed[T any](above string, now, next T) (out []string) {
	walk(reflect.TypeFor[T](), above, func(path []int, key string, restart bool) {
		a, b := reflect.ValueOf(now).FieldByIndex(path), reflect.ValueOf(next).FieldByIndex(path)
		if restart && !reflect.DeepEqual(a.Interface(), b.Interface()) {
			out = append(out, key)
		}
	})
	return out
}

// walk visits the keys of this package's structures that have a tag of their
// own, and the sections above them, in the order of the file.
func walk(t reflect.Type, above string, visit func(path []int, key string, restart bool)) {
	for i := range t.NumField() {
		f := t.Field(i)
		key := above + f.Tag.Get("yaml")
		restart := f.Tag.Get("reload") == "restart"
		visit([]int{i}, key, restart)
		if !restart && f.Type.Kind() == reflect.Struct && f.Type.PkgPath() == t.PkgPath() {
			walk(f.Type, key+".", func(path []int, key string, restart bool) {
				visit(append([]int{i}, path...), key, restart)
			})
		}
	}
}
