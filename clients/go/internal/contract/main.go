// Command contract runs the client contract (clients/scenarios) against a running optimizer.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	superbatch "github.com/superbatch/superbatch/clients/go"
)

// step is one step of a scenario: what clients/scenarios/README.md lists.
type step struct {
	Call         string
	Request      map[string]any
	Save         map[string]string
	Ask          string
	Study        string
	Report       string
	Step         uint64
	Complete     string
	Value        float64
	Cost         map[string]float64
	StoppedEarly bool `yaml:"stoppedEarly"`
	Fail         string
	Reason       string
	Infeasible   bool
	GiveBack     string `yaml:"giveBack"`
	Sleep        float64
	Connect      map[string]string
	Expect       expectation
}

type expectation struct {
	Status   string
	Reason   string
	Fields   []string
	Command  string
	Outcome  string
	Response map[string]any
}

type contract struct {
	Scenarios []struct {
		Name  string
		Steps []step
	}
}

func main() {
	scenarios, steps, err := run()
	if err != nil {
		fmt.Println("go:", err)
		os.Exit(1)
	}
	fmt.Printf("go: %d scenarios passed, %d steps\n", scenarios, steps)
}

func run() (scenarios, steps int, err error) {
	text, err := os.ReadFile(os.Getenv("SUPERBATCH_SCENARIOS"))
	if err != nil {
		return 0, 0, err
	}
	var file contract
	if err := yaml.Unmarshal(text, &file); err != nil {
		return 0, 0, err
	}
	for _, scenario := range file.Scenarios {
		runner := newRunner()
		for i, step := range scenario.Steps {
			if err := runner.take(context.Background(), step); err != nil {
				runner.close()
				return 0, 0, fmt.Errorf("%s, step %d: %w", scenario.Name, i+1, err)
			}
			steps++
		}
		runner.close()
	}
	return len(file.Scenarios), steps, nil
}

// fill replaces ${name} by what was saved, in all texts of a tree.
func fill(tree any, saved map[string]string) any {
	switch tree := tree.(type) {
	case string:
		return os.Expand(tree, func(name string) string { return saved[name] })
	case map[string]any:
		filled := map[string]any{}
		for key, value := range tree {
			filled[key] = fill(value, saved)
		}
		return filled
	case []any:
		filled := make([]any, len(tree))
		for i, value := range tree {
			filled[i] = fill(value, saved)
		}
		return filled
	}
	return tree
}

// at finds a value by its path, such as leases[0].trial.name; nil if it is not there.
func at(tree any, path string) any {
	path = strings.NewReplacer("[", ".", "]", "").Replace(path)
	for _, key := range strings.Split(path, ".") {
		switch node := tree.(type) {
		case map[string]any:
			tree = node[key]
		case []any:
			var index int
			if _, err := fmt.Sscan(key, &index); err != nil || index >= len(node) {
				return nil
			}
			tree = node[index]
		default:
			return nil
		}
	}
	return tree
}

// same compares a value of proto3 JSON with one of the file: what JSON leaves out is 0, empty or false, and 64-bit numbers are texts.
func same(actual, expected any) bool {
	if actual == nil {
		return expected == 0 || expected == "" || expected == false
	}
	if fmt.Sprint(actual) == fmt.Sprint(expected) {
		return true
	}
	number, err := json.Number(fmt.Sprint(actual)).Float64()
	other, otherErr := json.Number(fmt.Sprint(expected)).Float64()
	return err == nil && otherErr == nil && number == other
}

func option(name string) superbatch.Option {
	return superbatch.WithCA(os.Getenv(name))
}
