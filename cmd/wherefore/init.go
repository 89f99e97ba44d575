package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/setup"
)

func initCmd() *cobra.Command {
	var out, repository string
	given := map[string]*string{setup.Jaeger: new(string), setup.Loki: new(string), setup.Prometheus: new(string)}
	services := map[string]string{}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Find the sources and write a first configuration",
		Long: `Asks the usual addresses of Jaeger, Loki and Prometheus, on this machine and
beside it in a network of containers, and writes a configuration with those that
answer. An address that is named by a flag is not looked for; it is written also
when it does not answer, with a word about why. Nothing is asked of you, and a
file that is there is never overwritten.`,
		Example: `  wherefore init
  wherefore init --jaeger jaeger.example:16685 --repository /srv/git/shop.git --service checkout=.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := os.Lstat(out); err == nil {
				return fmt.Errorf("%s is there already and is not overwritten; give another name with --output", out)
			}
			i := starter{say: func(format string, args ...any) { cmd.Println(plain(fmt.Sprintf(format, args...))) }}
			cmd.SetOut(cmd.OutOrStdout())
			return i.start(cmd.Context(), out, given, repository, services)
		},
	}
	f := cmd.Flags()
	f.StringVar(given[setup.Jaeger], setup.Jaeger, "", "Jaeger's gRPC query address, as jaeger.example:16685")
	f.StringVar(given[setup.Loki], setup.Loki, "", "Loki's address, as http://loki.example:3100")
	f.StringVar(given[setup.Prometheus], setup.Prometheus, "", "Prometheus's address, as http://prometheus.example:9090")
	f.StringVar(&repository, "repository", "", "git repository of the services' code; this folder's when empty")
	f.StringToStringVar(&services, "service", nil, "a service and its folder in the repository, as checkout=services/checkout; again for more")
	f.StringVar(&out, "output", "wherefore.yaml", "file to write")
	return cmd
}

// starter finds what a first configuration needs.
type starter struct {
	say func(format string, args ...any)
}

func (i starter) start(ctx context.Context, out string, given map[string]*string, repository string, services map[string]string) error {
	s := setup.Start{Jaeger: i.source(ctx, setup.Jaeger, *given[setup.Jaeger]), Loki: i.source(ctx, setup.Loki, *given[setup.Loki]),
		Prometheus: i.source(ctx, setup.Prometheus, *given[setup.Prometheus])}
	if s.Jaeger == "" && s.Loki == "" && s.Prometheus == "" {
		return errors.New("no source was found; name one with --jaeger, --loki or --prometheus. Nothing was written")
	}
	if s.Jaeger != "" {
		if s.JaegerPages = setup.Pages(ctx, s.Jaeger); s.JaegerPages == "" {
			i.say("     links      Jaeger's pages were not found; write links.trace by hand, see docs/configuration.md")
		}
	}
	s.Repository, s.Services = i.repository(repository), services
	if s.Repository != "" && len(services) == 0 {
		s.Services, s.Known = i.folders(ctx, s)
	}
	if _, err := config.Parse([]byte(s.YAML()), os.LookupEnv); err != nil {
		return fmt.Errorf("what was given makes no configuration: %w", err)
	}
	if err := s.Write(out); err != nil {
		return err
	}
	i.say("wrote %s. Next:", out)
	i.say("  wherefore doctor --config %s   # what each source answers, and what is lost", out)
	i.say("  wherefore try --config %s      # a test alert, all the way to a page", out)
	i.say("  wherefore serve --config %s", out)
	return nil
}

// source is the address to write: the given one, else the one that answers.
func (i starter) source(ctx context.Context, name, given string) string {
	if given == "" {
		if a := setup.Find(ctx, name, setup.Usual(name)); a != "" {
			i.say("ok   %-10s answers at %s", name, a)
			return a
		}
		i.say("-    %-10s not found at %s", name, strings.Join(setup.Usual(name), " or "))
		return ""
	}
	address, changed := setup.FixAddress(name, given)
	if changed != "" {
		i.say("     %-10s %s instead of %s: %s", name, address, given, changed)
	}
	if err := setup.Ask(ctx, name, address); err != nil {
		i.say("FAIL %-10s does not answer at %s, which is written all the same. %s", name, address, setup.Hint(name, address, err, setup.InContainer()))
	} else {
		i.say("ok   %-10s answers at %s", name, address)
	}
	return address
}

// repository is the repository given, else the one that this folder is the top
// of.
func (i starter) repository(given string) string {
	if given != "" {
		if abs, err := filepath.Abs(given); err == nil {
			if st, err := os.Stat(abs); err == nil && st.IsDir() {
				return abs
			}
		}
		return given
	}
	here, err := os.Getwd()
	if err != nil {
		return ""
	}
	if _, err := os.Stat(filepath.Join(here, ".git")); err != nil {
		return ""
	}
	i.say("     %-10s %s", "code", here)
	return here
}

// folders asks the traces for the services and finds the folder of each.
func (i starter) folders(ctx context.Context, s setup.Start) (found map[string]string, known []string) {
	cfg, err := config.Parse([]byte(setup.Start{Jaeger: s.Jaeger, Prometheus: s.Prometheus}.YAML()), os.LookupEnv)
	if err != nil || s.Jaeger == "" {
		return nil, nil
	}
	sources, err := backend.Dial(ctx, cfg)
	if err != nil {
		return nil, nil
	}
	defer func() { _ = sources.Close() }() // only asked for names
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	names, err := sources.Traces.Services(ctx)
	if err != nil {
		said := setup.Hint(setup.Jaeger, s.Jaeger, err, setup.InContainer())
		i.say("FAIL %-10s the services are not known: %s", setup.Jaeger, cmp.Or(said, plain(err.Error())))
		return nil, nil
	}
	found = setup.Folders(s.Repository, names)
	i.say("     %d of %d services have a folder of their name in %s", len(found), len(names), s.Repository)
	if len(found) == 0 && len(names) > 0 {
		i.say("     %-10s take the # off repositories: in the file where its folder is the code of the services named there", "")
	}
	return found, names
}
