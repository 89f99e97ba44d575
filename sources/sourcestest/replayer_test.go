package sourcestest_test

import (
	"testing"

	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
)

func TestTheReplayerKeepsTheContract(t *testing.T) {
	d, dir := sourcestest.NewDataset(), t.TempDir()
	if err := d.WriteBundle(dir); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	t.Run("traces", func(t *testing.T) { sourcestest.Traces(t, d, b) })
	t.Run("graph", func(t *testing.T) { sourcestest.Graph(t, d, b) })
	t.Run("logs", func(t *testing.T) { sourcestest.Logs(t, d, b) })
	t.Run("metrics", func(t *testing.T) { sourcestest.Metrics(t, d, b) })
	t.Run("rules", func(t *testing.T) { sourcestest.Rules(t, d, b) })
}
