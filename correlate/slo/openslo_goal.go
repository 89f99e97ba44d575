package slo

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// openGoal is one objective of an SLO.
type openGoal struct {
	openMeasure `yaml:",inline"`

	DisplayName   string   `yaml:"displayName"`
	Op            string   `yaml:"op"`
	Value         *float64 `yaml:"value"`
	Target        *float64 `yaml:"target"`
	TargetPercent *float64 `yaml:"targetPercent"`
	SliceTarget   *float64 `yaml:"timeSliceTarget"`
	SliceWindow   string   `yaml:"timeSliceWindow"`
}

// goal adds one objective of an SLO; several are told apart by their names.
func (r *openReader) goal(spec Spec, g openGoal, method string, of int) {
	if of > 1 && g.DisplayName != "" {
		spec.Name += " " + g.DisplayName
	}
	err := g.target(&spec)
	var i *openIndicator
	if err == nil {
		i, err = r.indicator(g.openMeasure)
	}
	if err == nil {
		err = i.fill(&spec, r.sources)
	}
	if err == nil {
		err = g.level(&spec, i.Spec.Threshold.query())
	}
	if err == nil {
		err = spec.check()
	}
	if err == nil {
		err = g.slices(&spec, method)
	}
	if err != nil {
		r.wrong(spec.Line, "SLO %s: %w", spec.Name, err)
		return
	}
	r.specs = append(r.specs, spec)
}

func (g *openGoal) target(spec *Spec) error {
	switch {
	case g.Target != nil && g.TargetPercent != nil:
		return errors.New("it says target and targetPercent: leave one of them")
	case g.Target != nil:
		spec.Target = *g.Target
	case g.TargetPercent != nil:
		spec.Target = *g.TargetPercent / 100
	}
	return Target(spec.Target)
}

// level is the bad share of an indicator that is a level: 1 where it is beyond the
// objective's value.
func (g *openGoal) level(spec *Spec, query string) error {
	if query == "" {
		return nil
	}
	op := map[string]string{"lte": ">", "lt": ">=", "gte": "<", "gt": "<="}[g.Op]
	if op == "" || g.Value == nil {
		return errors.New("its indicator is a threshold, so that the objective needs op (lte, lt, gte or gt) and value")
	}
	spec.Beyond = "(" + query + ") " + op + " bool " + strconv.FormatFloat(*g.Value, 'g', -1, 64)
	return nil
}

// slices has an objective counted by slices of time, as its budgeting method has it:
// of Timeslices a slice is good or bad, of RatioTimeslices the shares of all slices
// have the same weight. A slice without an event counts for neither.
func (g *openGoal) slices(spec *Spec, method string) error {
	switch strings.ToLower(method) {
	case "", "occurrences":
		return nil
	case "timeslices", "ratiotimeslices":
	default:
		return fmt.Errorf("its budgetingMethod %q is not one of Occurrences, Timeslices, RatioTimeslices", short(method))
	}
	window, ok := openDuration(g.SliceWindow)
	if n, err := strconv.Atoi(g.SliceWindow); err == nil { // minutes, where it has no unit
		window, ok = time.Duration(n)*time.Minute, n > 0
	}
	if !ok || window > spec.Period {
		return fmt.Errorf("its timeSliceWindow %q is no duration within the period: write one as 1m", short(g.SliceWindow))
	}
	share, err := spec.Share(window)
	if err != nil {
		return err
	}
	if strings.EqualFold(method, "timeslices") {
		if g.SliceTarget == nil || !(*g.SliceTarget > 0 && *g.SliceTarget <= 1) {
			return errors.New("by Timeslices the objective needs timeSliceTarget, the share of good events that makes a slice good, as 0.95")
		}
		share = "(" + share + ") > bool " + budgetText(*g.SliceTarget)
	}
	spec.Bad, spec.Good, spec.All, spec.Beyond = "", "", "", share
	return spec.check()
}
