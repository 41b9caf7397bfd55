// Command grafana reads boards as strictly as Grafana's own code for dashboards and their panels allows: no field that it does not know, no value that it forbids.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	// The panels' own options and the queries of Prometheus are then read by their types too.
	plugins.RegisterDefaultPlugins()
	status := 0
	for _, path := range os.Args[1:] {
		panels, err := read(path)
		if err != nil {
			fmt.Printf("FAILED  %s: %v\n", path, err)
			status = 1
			continue
		}
		fmt.Printf("ok      %s: %d panels and rows, by Grafana's own types\n", filepath.Base(path), panels)
	}
	os.Exit(status)
}

// read returns how many panels and rows the board has.
func read(path string) (int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return 0, err
	}
	var panels []json.RawMessage
	if err := json.Unmarshal(parts["panels"], &panels); err != nil {
		return 0, err
	}
	// One by one: the strict reader of a whole board stops at the first of them.
	parts["panels"] = json.RawMessage("[]")
	rest, err := json.Marshal(parts)
	if err != nil {
		return 0, err
	}
	all := []error{whole("board", rest, dashboard.NewDashboard)}
	for i, panel := range panels {
		var kind struct{ Type string }
		if err := json.Unmarshal(panel, &kind); err != nil {
			return 0, err
		}
		name := fmt.Sprintf("panels[%d]", i)
		if kind.Type == "row" {
			all = append(all, whole(name, panel, dashboard.NewRowPanel))
		} else {
			all = append(all, whole(name, panel, dashboard.NewPanel))
		}
	}
	return len(panels), errors.Join(all...)
}

type part interface {
	UnmarshalJSONStrict([]byte) error
	Validate() error
}

// whole tells what of the text is missing, wrong or unknown.
func whole[Part part](name string, text []byte, create func() Part) error {
	read := create()
	if err := json.Unmarshal(text, read); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, err := range []error{create().UnmarshalJSONStrict(text), read.Validate()} {
		// Some of the generated functions return an empty list of errors rather than none.
		var list cog.BuildErrors
		if err != nil && !(errors.As(err, &list) && len(list) == 0) {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return kept(name, text, read)
}

// What Grafana does not know is gone when it is written again; the strict readers do not look everywhere.
func kept(name string, text []byte, read part) error {
	written, err := json.Marshal(read)
	if err != nil {
		return err
	}
	var before, after any
	if err := errors.Join(json.Unmarshal(text, &before), json.Unmarshal(written, &after)); err != nil {
		return err
	}
	return lost(name, before, after)
}

func lost(path string, before, after any) error {
	var all []error
	switch before := before.(type) {
	case map[string]any:
		object, _ := after.(map[string]any)
		for name, value := range before {
			all = append(all, lost(path+"."+name, value, object[name]))
		}
	case []any:
		list, _ := after.([]any)
		for i, value := range before {
			var other any
			if i < len(list) {
				other = list[i]
			}
			all = append(all, lost(fmt.Sprintf("%s[%d]", path, i), value, other))
		}
	default:
		if before != after {
			return fmt.Errorf("%s: %v is read as %v", path, before, after)
		}
	}
	return errors.Join(all...)
}
