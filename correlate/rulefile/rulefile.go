// Package rulefile writes rule files for Prometheus and Loki, and unit tests of
// them for promtool.
package rulefile

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// File is a file of rules.
type File struct {
	Groups []Group `yaml:"groups"`
}

// Group is evaluated together, every minute or what the server says unless
// Interval says otherwise.
type Group struct {
	Name     string `yaml:"name"`
	Interval string `yaml:"interval,omitempty"`
	Rules    []Rule `yaml:"rules"`
}

// Rule records a series or fires an alert.
type Rule struct {
	Record      string            `yaml:"record,omitempty"`
	Alert       string            `yaml:"alert,omitempty"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

// Tests is a file of unit tests.
type Tests struct {
	RuleFiles []string `yaml:"rule_files"`
	Interval  string   `yaml:"evaluation_interval"`
	Tests     []Test   `yaml:"tests"`
}

// Test holds alerts to series.
type Test struct {
	Name     string   `yaml:"name"`
	Interval string   `yaml:"interval"`
	Input    []Series `yaml:"input_series"`
	Alerts   []Fires  `yaml:"alert_rule_test"`
}

// Series is an input, with its values as promtool notes them.
type Series struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

// Fires says which alerts of a name fire at a time; none is none.
type Fires struct {
	At    string  `yaml:"eval_time"`
	Alert string  `yaml:"alertname"`
	Want  []Fired `yaml:"exp_alerts,omitempty"`
}

// Fired is an alert with all its labels and annotations.
type Fired struct {
	Labels      map[string]string `yaml:"exp_labels"`
	Annotations map[string]string `yaml:"exp_annotations,omitempty"`
}

// Encode writes a File or Tests.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write rules: %w", err)
	}
	return b.Bytes(), e.Close() //nolint:wrapcheck // to memory
}
