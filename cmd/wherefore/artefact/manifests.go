package artefact

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// maxManifests bounds how many files of manifests are read.
const maxManifests = 5000

// object is as much of a Kubernetes object as the budget of disruptions needs.
type object struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name, Namespace string }
	Spec       struct {
		Replicas    *int
		MinReplicas *int `yaml:"minReplicas"`
		Target      struct {
			Kind, Name string
		} `yaml:"scaleTargetRef"`
		Template struct {
			Metadata struct{ Labels map[string]string }
		}
		Selector *struct {
			MatchLabels      map[string]string `yaml:"matchLabels"`
			MatchExpressions []expression      `yaml:"matchExpressions"`
		}
		MinAvailable   string `yaml:"minAvailable"`
		MaxUnavailable string `yaml:"maxUnavailable"`
	}

	path string
	line int
}

type expression struct {
	Key      string
	Operator string
	Values   []string
}

// Manifests reads what the Kubernetes manifests of a file or folder say about how
// much of a service may be taken down at once. The objective is not theirs to say.
func Manifests(root, service string) (*maturity.Disruption, error) {
	objects, err := manifests(root)
	if err != nil {
		return nil, err
	}
	out := &maturity.Disruption{}
	var workload *object
	for i := range objects {
		// Others may carry its label, as its workers do: the one of its name goes first.
		if o := &objects[i]; o.isOf(service) && (workload == nil || workload.Metadata.Name != service && o.Metadata.Name == service) {
			workload = o
		}
	}
	if workload == nil {
		return out, nil
	}
	out.Workload, out.Path, out.Line = workload.Metadata.Name, workload.path, workload.line
	out.Replicas = 1
	if workload.Spec.Replicas != nil {
		out.Replicas = *workload.Spec.Replicas
	}
	for i := range objects {
		if o := &objects[i]; o.Kind == "HorizontalPodAutoscaler" && o.Spec.Target.Kind == workload.Kind && o.Spec.Target.Name == workload.Metadata.Name && o.Spec.MinReplicas != nil {
			out.Replicas = *o.Spec.MinReplicas
		}
	}
	for i := range objects {
		o := &objects[i]
		if o.Kind != "PodDisruptionBudget" || !o.selects(workload) {
			continue
		}
		keeps, err := o.keeps(out.Replicas)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: PodDisruptionBudget %s: %w", o.path, o.line, o.Metadata.Name, err)
		}
		if out.Budget {
			out.Beside++
		}
		out.Budget, out.Available, out.Path, out.Line = true, max(out.Available, keeps), o.path, o.line
	}
	return out, nil
}

// workloads are the kinds of object that keep a number of pods running; Rollout is
// Argo's.
var workloads = []string{"Deployment", "StatefulSet", "ReplicaSet", "Rollout"}

func (o *object) isOf(service string) bool {
	if !slices.Contains(workloads, o.Kind) {
		return false
	}
	l := o.Spec.Template.Metadata.Labels
	return o.Metadata.Name == service || cmp.Or(l["app.kubernetes.io/name"], l["app"]) == service
}

// selects reports whether a budget is about a workload's pods, as Kubernetes'
// label selectors have it: an empty one selects all of the namespace, in
// policy/v1beta1 none, and so does one that is not there.
func (o *object) selects(w *object) bool {
	s := o.Spec.Selector
	if s == nil || cmp.Or(o.Metadata.Namespace, "default") != cmp.Or(w.Metadata.Namespace, "default") {
		return false
	}
	if len(s.MatchLabels)+len(s.MatchExpressions) == 0 && o.APIVersion == "policy/v1beta1" {
		return false
	}
	labels := w.Spec.Template.Metadata.Labels
	for k, v := range s.MatchLabels {
		if labels[k] != v {
			return false
		}
	}
	for _, e := range s.MatchExpressions {
		v, has := labels[e.Key]
		in := false
		for _, x := range e.Values {
			in = in || has && x == v
		}
		if ok := map[string]bool{"In": in, "NotIn": !in, "Exists": has, "DoesNotExist": !has}[e.Operator]; !ok {
			return false
		}
	}
	return true
}

// keeps is how many of so many pods a budget keeps. Kubernetes rounds percentages
// up, those that may go too.
func (o *object) keeps(replicas int) (int, error) {
	least, most := o.Spec.MinAvailable, o.Spec.MaxUnavailable
	switch {
	case (least == "") == (most == ""):
		return 0, errors.New("give one of minAvailable and maxUnavailable")
	case least != "":
		return scaled(least, replicas)
	}
	n, err := scaled(most, replicas)
	return max(replicas-n, 0), err
}

func scaled(text string, of int) (int, error) {
	number, percent := strings.CutSuffix(text, "%")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil || n < 0 || percent && n > 100:
		return 0, fmt.Errorf("%q is neither a number of pods nor per cent", text)
	case percent:
		return int(math.Ceil(float64(n) * float64(of) / 100)), nil
	}
	return n, nil
}

func manifests(root string) ([]object, error) {
	var list []object
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" && ext != ".json" {
			return nil
		}
		if files++; files > maxManifests {
			return fmt.Errorf("%s: more than %d manifests, name a smaller folder", root, maxManifests)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for d := yaml.NewDecoder(bytes.NewReader(content)); ; {
			var n yaml.Node
			if err := d.Decode(&n); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return at(path, err)
			}
			if len(n.Content) > 0 {
				if list, err = withObjects(list, n.Content[0], path); err != nil {
					return err
				}
			}
		}
	})
	return list, err //nolint:wrapcheck // names the file
}

// withObjects adds an object, or those of a list of them, which is what kubectl prints.
func withObjects(list []object, n *yaml.Node, path string) ([]object, error) {
	o := object{path: filepath.ToSlash(path), line: n.Line}
	var several struct {
		Kind  string
		Items []yaml.Node
	}
	if n.Decode(&several) == nil && strings.HasSuffix(several.Kind, "List") {
		for i := range several.Items {
			var err error
			if list, err = withObjects(list, &several.Items[i], path); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	err := n.Decode(&o)
	switch {
	case err == nil:
		return append(list, o), nil
	case slices.Contains(workloads, several.Kind) || several.Kind == "PodDisruptionBudget" || several.Kind == "HorizontalPodAutoscaler":
		return nil, at(path, err)
	}
	return list, nil // another kind, whose fields are of other shapes
}

// inLine is how the YAML reader says where something is wrong.
var inLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s+)?line (\d+): `)

// at puts the file and the line before what is wrong.
func at(path string, err error) error {
	text, line := err.Error(), "1"
	if m := inLine.FindStringSubmatch(text); m != nil {
		text, line = text[len(m[0]):], m[1]
	}
	return fmt.Errorf("%s:%s: %s", path, line, strings.Join(strings.Fields(text), " "))
}
