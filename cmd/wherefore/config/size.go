package config

import (
	"fmt"

	"github.com/alecthomas/units" // sizes as Prometheus' own flags read them
	"go.yaml.in/yaml/v3"
)

// Size is a number of bytes, written as 2GiB, 500MiB or 0.
type Size int64

// UnmarshalYAML implements yaml.Unmarshaler.
func (s *Size) UnmarshalYAML(n *yaml.Node) error {
	bytes, err := units.ParseBase2Bytes(n.Value)
	if err != nil || bytes < 0 {
		return fmt.Errorf("line %d: %q is not a size such as 2GiB, 500MiB or 0", n.Line, n.Value)
	}
	*s = Size(bytes)
	return nil
}
