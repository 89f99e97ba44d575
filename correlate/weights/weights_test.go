package weights

import (
	"reflect"
	"testing"
)

func TestAVersionNamesItsValues(t *testing.T) {
	if got := Default().Sum(); got != recorded {
		t.Errorf("the values have the sum %s and version %s stands for %s: give a new Version and record the sum", got, Version, recorded)
	}
	if got := Default().Name(); got != Version {
		t.Errorf("the default is called %q, want %q", got, Version)
	}
}

// TestEveryValueIsInTheSum changes each number by itself, wherever it stands.
func TestEveryValueIsInTheSum(t *testing.T) {
	s := Default()
	before, changed := s.Sum(), 0
	var walk func(path string, v reflect.Value)
	check := func(path string) {
		changed++
		if s.Sum() == before {
			t.Errorf("the sum does not know of %s", path)
		}
	}
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			walk(path, v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(path, v.Index(i))
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				was, at := v.MapIndex(k), path+"["+k.String()+"]"
				if was.Kind() == reflect.Map {
					walk(at, was)
					continue
				}
				now := reflect.New(was.Type()).Elem()
				if was.CanInt() {
					now.SetInt(was.Int() + 1)
				} else {
					now.SetFloat(was.Float() + 0.5)
				}
				v.SetMapIndex(k, now)
				check(at)
				v.SetMapIndex(k, was)
			}
		case reflect.Int, reflect.Int64:
			v.SetInt(v.Int() + 1)
			check(path)
			v.SetInt(v.Int() - 1)
		case reflect.Float64:
			was := v.Float()
			v.SetFloat(was + 0.5)
			check(path)
			v.SetFloat(was)
		case reflect.String:
			was := v.String()
			v.SetString(was + "x")
			check(path)
			v.SetString(was)
		default:
			t.Errorf("%s is a %s, which the sum may not know", path, v.Kind())
		}
	}
	walk("weights", reflect.ValueOf(s))
	if changed < 100 || s.Sum() != before {
		t.Errorf("%d values were changed, and the sum is %s where it was %s", changed, s.Sum(), before)
	}
}

func TestNobodysWeightsAreTheDefault(t *testing.T) {
	if Or(nil).Sum() != Default().Sum() {
		t.Error("no set is not the default")
	}
	own := Default()
	if own.Scale.Noise = 4; Or(own) != own || Or(nil).Scale.Noise == 4 {
		t.Error("a set of one's own is not what it is, or changed the default")
	}
	if got := own.Name(); got != Version+"+"+own.Sum() {
		t.Errorf("a set of one's own is called %q, which does not tell it from the default", got)
	}
}
