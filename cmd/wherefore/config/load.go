package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3" // YAML, kept up by the YAML organisation itself

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/errorclass"
	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// Load reads a file over the defaults. Its errors name the file and the line.
func Load(file string) (Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	c, err := Parse(text, os.LookupEnv)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", file, err)
	}
	if _, err := errorclass.New(c.ErrorClasses); err != nil {
		return c, fmt.Errorf("%s: error_classes: %w", file, err)
	}
	err = c.SLO.read(file)
	for i := range c.Tenants {
		err = errors.Join(err, c.Tenants[i].SLO.read(file))
	}
	return c, err
}

// Parse reads YAML over the defaults; ${NAME} in a text value is replaced by
// what env says of NAME, and must be set.
func Parse(text []byte, env func(string) (string, bool)) (Config, error) {
	c := Default()
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return c, readable(err)
	}
	var rest yaml.Node
	if err := d.Decode(&rest); !errors.Is(err, io.EOF) {
		return c, fmt.Errorf("line %d: a second YAML document begins here; the configuration is one", max(1, rest.Line))
	}
	x := expander{text: text, env: env}
	x.walk(reflect.ValueOf(&c).Elem())
	if x.missing != nil {
		return c, errors.New(strings.Join(x.missing, "; "))
	}
	c.hide()
	return c, c.check()
}

var reference = regexp.MustCompile(`\$\{([^}]*)\}`)

// expander replaces ${NAME} in the texts of a decoded configuration. It works
// on the values and not on the file, so that a secret with YAML's own
// characters in it cannot change what the file means.
type expander struct {
	text    []byte
	env     func(string) (string, bool)
	missing []string
}

func (x *expander) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(x.expandAs(v.Type(), v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			x.walk(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				x.walk(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			x.walk(v.Index(i))
		}
	case reflect.Map:
		if v.Type().Elem().Kind() != reflect.String {
			return // maps of anything else hold no secrets
		}
		for _, k := range v.MapKeys() {
			v.SetMapIndex(k, reflect.ValueOf(x.expandAs(v.Type().Elem(), v.MapIndex(k).String())).Convert(v.Type().Elem()))
		}
	}
}

// expandAs replaces the references in one text. A secret that turns out empty
// is an error: it would mean that none is asked for.
func (x *expander) expandAs(t reflect.Type, s string) string {
	value := reference.ReplaceAllStringFunc(s, func(m string) string {
		value, ok := x.env(m[2 : len(m)-1])
		if !ok {
			x.fault("%s is not set in the environment", m)
		}
		return value
	})
	if s != "" && value == "" && x.missing == nil && t == reflect.TypeFor[endpoint.Secret]() {
		x.fault("%s is empty in the environment, and a secret must not be", s)
	}
	return value
}

// fault says what is wrong with a text, with the line on which it stands.
func (x *expander) fault(format, text string) {
	line := 1 + bytes.Count(x.text[:max(0, bytes.Index(x.text, []byte(text)))], []byte("\n"))
	x.missing = append(x.missing, fmt.Sprintf("line %d: "+format, line, text))
}

var (
	unknownKey = regexp.MustCompile(`field (\S+) not found in type \S+`)
	wrongType  = regexp.MustCompile("cannot unmarshal !!(\\w+)(?: `(.*)`)? into (\\S+)")
)

// readable says what the YAML package says without naming Go's types.
func readable(err error) error {
	var t *yaml.TypeError
	if !errors.As(err, &t) {
		return fmt.Errorf("not valid YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	parts := make([]string, len(t.Errors))
	for i, e := range t.Errors {
		parts[i] = unknownKey.ReplaceAllString(e, `unknown key "$1"; see docs/configuration.md for the keys there are`)
		if m := wrongType.FindStringSubmatchIndex(e); m != nil {
			w := wrongType.FindStringSubmatch(e)
			parts[i] = e[:m[0]] + given(w[1], w[2]) + " stands where " + wanted(w[3]) + " belongs" + e[m[1]:]
		}
	}
	return errors.New(strings.Join(parts, "; "))
}

// given is a value of the file, by its YAML tag.
func given(tag, value string) string {
	switch tag {
	case "seq":
		return "a list"
	case "map":
		return "a group of keys"
	case "null":
		return "nothing"
	}
	return strconv.Quote(value)
}

// wanted is what a Go type takes.
func wanted(goType string) string {
	switch {
	case goType == "time.Duration":
		return "a duration such as 10s"
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "int"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case goType == "string", goType == "endpoint.Secret":
		return "a text"
	}
	return "a group of keys"
}

var fileName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`)

// check finds what is wrong across keys.
func (c Config) check() error {
	var faults []string
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	c.checkServer(add)
	c.checkWebhook(add)
	for _, fault := range c.Access.Check(c.ExternalURL) {
		add("%s", fault)
	}
	c.checkPublish(add)
	c.checkNotifications(add)
	for _, fault := range c.Actions.Check(c.ExternalURL) {
		add("%s", fault)
	}
	c.checkRepositories(add)
	c.checkEngine(add)
	c.checkTenants(add)
	if faults == nil {
		return nil
	}
	return errors.New(strings.Join(faults, "; "))
}

func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// checkPublish finds what is wrong with who is told of decisions.
func (c Config) checkPublish(add func(format string, args ...any)) {
	p := c.Decisions.Publish
	if p.URL == "" {
		return
	}
	if !isWebURL(p.URL) {
		add("decisions.publish.url %q is not an http or https URL", p.URL)
	}
	if p.Secret == "" {
		add("decisions.publish.secret is empty; the receiver knows the sender by it")
	}
}

func (c Config) checkServer(add func(format string, args ...any)) {
	if _, port, err := net.SplitHostPort(c.Listen); err != nil {
		add("listen %q is not host:port", c.Listen)
	} else if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		add("listen %q has no port from 0 to 65535", c.Listen)
	}
	if c.ExternalURL != "" && !isWebURL(c.ExternalURL) {
		add("external_url %q is not an http or https URL", c.ExternalURL)
	}
	if c.DataDir == "" {
		add("data_dir is empty; name a folder for the casebook")
	}
	if c.Investigate.Workers < 1 || c.Investigate.Timeout <= 0 || c.Investigate.FollowUp < 0 {
		add("investigate: workers must be at least 1, timeout above 0 and follow_up not negative")
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		add("log.level %q is not one of debug, info, warn, error", c.Log.Level)
	}
	if c.Log.Format != "json" && c.Log.Format != "console" {
		add("log.format %q is not json or console", c.Log.Format)
	}
}

func (c Config) checkWebhook(add func(format string, args ...any)) {
	if c.Webhook.QueueLimit < 1 {
		add("webhook.queue_limit must be at least 1")
	}
	for i, secret := range c.Webhook.Signature.Secrets {
		if secret == "" {
			add("webhook.signature.secrets[%d] is empty, and anybody could sign with it", i)
		}
	}
	for i, g := range c.Webhook.Generators {
		if !isWebURL(g) {
			add("webhook.generators[%d] %q is not an http or https URL", i, g)
		}
	}
	for i, labels := range c.Webhook.Ignore {
		if len(labels) == 0 {
			add("webhook.ignore[%d] names no label", i)
		}
	}
	if c.Webhook.Signature.MaxAge < 0 {
		add("webhook.signature.max_age must not be negative")
	}
}

func (c Config) checkRepositories(add func(format string, args ...any)) {
	seen := map[string]bool{}
	for i, r := range c.Repositories {
		switch {
		case r.Name == "" || r.URL == "":
			add("repositories[%d] needs a name and a url", i)
		case !fileName.MatchString(r.Name):
			add("repositories[%d]: the name %q names files, so it is made of letters, digits, dot, dash and underscore", i, r.Name)
		case seen[r.Name]:
			add("repositories[%d]: the name %q is taken", i, r.Name)
		}
		seen[r.Name] = true
	}
}

// checkEngine finds limits that could not be kept.
func (c Config) checkEngine(add func(format string, args ...any)) {
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		for i := range v.NumField() {
			key, field := path+"."+v.Type().Field(i).Tag.Get("yaml"), v.Field(i)
			switch field.Kind() {
			case reflect.Struct:
				walk(key, field)
			case reflect.Int, reflect.Int64:
				if field.Int() < 0 {
					add("%s is %v and must not be negative", key, field)
				}
			}
		}
	}
	walk("engine", reflect.ValueOf(c.Engine))
	if err := correlate.CheckMilestones(c.Engine.Milestones); err != nil {
		add("engine.%v", err)
	}
}

// checkNotifications finds what is wrong with who is told of reports.
func (c Config) checkNotifications(add func(format string, args ...any)) {
	told := map[string]bool{}
	for i, t := range c.Notifications {
		if why := t.Check(); why != "" {
			add("notifications[%d] %s", i, why)
		}
		if told[t.Name] {
			add("notifications[%d]: the name %q is taken", i, t.Name)
		}
		told[t.Name] = true
	}
	if len(c.Notifications) > 0 && c.ExternalURL == "" {
		add("notifications need external_url, for the link to the incident")
	}
}

// hide has the secrets of the configuration masked wherever they appear, those in
// the addresses of repositories included.
func (c Config) hide() {
	mask.Hide("", string(c.Webhook.BearerToken), string(c.Decisions.Publish.Secret))
	for _, secret := range c.Webhook.Signature.Secrets {
		mask.Hide("", string(secret))
	}
	if c.Access.OIDC != nil {
		mask.Hide(c.Access.OIDC.ClientID, string(c.Access.OIDC.ClientSecret))
	}
	for _, t := range c.Notifications {
		t.Hide()
	}
	c.Actions.Hide()
	for _, r := range c.Repositories {
		mask.HideURL(r.URL)
	}
	for _, t := range c.Tenants {
		c.Of(t).hide()
	}
}
