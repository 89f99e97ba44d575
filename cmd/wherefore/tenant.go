package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// tenantFlag lets a verb ask as one of the tenants that the configuration names.
func tenantFlag(cmd *cobra.Command, name *string) {
	cmd.Flags().StringVar(name, "tenant", "", "ask as this tenant of the configuration, with what is its own")
}

// loadTenant reads a configuration as one tenant has it; as who is of none has it
// without a name.
func loadTenant(file, name string) (config.Config, error) {
	cfg, err := loadConfig(file)
	if err != nil {
		return cfg, err
	}
	own, known := cfg.For(evidence.Tenant(name))
	if !known {
		there := "it names none"
		if len(cfg.Tenants) > 0 {
			there = "there is " + strings.Join(tenantsOf(cfg), ", ")
		}
		return cfg, usageError("--tenant %q is not below tenants in the configuration; %s", name, there)
	}
	return own, nil
}

// tenantsOf are the names of a configuration's tenants, in its order.
func tenantsOf(cfg config.Config) (names []string) {
	for _, t := range cfg.Tenants {
		names = append(names, string(t.Name))
	}
	return names
}
