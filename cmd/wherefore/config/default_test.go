package config_test

import (
	"reflect"
	"testing"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
)

// TestTwoConfigurationsShareNothing: Parse writes what the environment says into
// the values, so a map or list that two configurations shared would be written
// by both at once.
func TestTwoConfigurationsShareNothing(t *testing.T) {
	seen := map[uintptr]string{}
	var walk func(v reflect.Value, path string, note func(at uintptr, path string))
	walk = func(v reflect.Value, path string, note func(uintptr, string)) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				return
			}
			if v.Kind() == reflect.Pointer {
				note(v.Pointer(), path)
			}
			walk(v.Elem(), path, note)
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i), path+"."+v.Type().Field(i).Name, note)
			}
		case reflect.Slice:
			if v.Len() > 0 {
				note(v.Pointer(), path)
			}
			for i := range v.Len() {
				walk(v.Index(i), path, note)
			}
		case reflect.Map:
			note(v.Pointer(), path)
			for _, k := range v.MapKeys() {
				walk(v.MapIndex(k), path, note)
			}
		}
	}
	first, second := config.Default(), config.Default()
	walk(reflect.ValueOf(first), "Config", func(at uintptr, path string) { seen[at] = path })
	if len(seen) == 0 {
		t.Fatal("no default holds a list or a map: nothing was looked at")
	}
	walk(reflect.ValueOf(second), "Config", func(at uintptr, path string) {
		if is, ok := seen[at]; ok && at != 0 {
			t.Errorf("%s of one configuration is %s of another", path, is)
		}
	})
}
