package config

import "reflect"

// RestartKeys names, as they stand in the file, the keys that differ between two
// configurations and that a reload does not take up.
func RestartKeys(now, next Config) []string {
	var out []string
	walk(reflect.TypeFor[Config](), "", func(path []int, key string, restart bool) {
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
