package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	superbatch "github.com/superbatch/superbatch/clients/go"
	common "github.com/superbatch/superbatch/clients/go/gen/superbatch/common/v1"
)

// runner takes the steps of one scenario.
type runner struct {
	client *superbatch.Client
	saved  map[string]string
	trials map[string]*superbatch.Trial
}

// outcome is what a step led to.
type outcome struct {
	err      error
	command  string
	outcome  string
	response any
}

func newRunner() *runner {
	r := &runner{saved: map[string]string{"run": os.Getenv("SUPERBATCH_RUN")}, trials: map[string]*superbatch.Trial{}}
	if err := r.connect(nil); err != nil {
		panic(err)
	}
	return r
}

func (r *runner) close() { _ = r.client.Close() }

func (r *runner) connect(how map[string]string) (err error) {
	if r.client != nil {
		r.close()
	}
	options := []superbatch.Option{superbatch.WithTimeout(5 * time.Second)}
	switch how["token"] {
	case "":
		options = append(options, superbatch.WithToken(os.Getenv("SUPERBATCH_TOKEN")))
	case "right":
		options = append(options, superbatch.WithTokenSource(func() (string, error) { return os.Getenv("SUPERBATCH_TOKEN"), nil }))
	case "wrong":
		options = append(options, superbatch.WithToken("not-"+os.Getenv("SUPERBATCH_TOKEN")))
	}
	switch how["ca"] {
	case "", "right":
		options = append(options, option("SUPERBATCH_CA"))
	case "other":
		options = append(options, option("SUPERBATCH_OTHER_CA"))
	}
	r.client, err = superbatch.Dial(os.Getenv("SUPERBATCH_ADDRESS"), options...)
	return err
}

func (r *runner) take(ctx context.Context, s step) error {
	result := r.do(ctx, s)
	if err := check(result, s.Expect, r.saved); err != nil {
		return err
	}
	for name, path := range s.Save {
		r.saved[name] = fmt.Sprint(at(result.response, path))
	}
	return nil
}

func (r *runner) do(ctx context.Context, s step) outcome {
	switch {
	case s.Call != "":
		return r.call(ctx, s.Call, fill(s.Request, r.saved))
	case s.Ask != "":
		return r.ask(ctx, s.Ask, fill(s.Study, r.saved).(string))
	case s.Report != "":
		return commandOf(r.trials[s.Report].Report(ctx, s.Step, s.Value))
	case s.Complete != "":
		cost := &common.Cost{Total: s.Cost["total"], Gradient: s.Cost["gradient"], Scoring: s.Cost["scoring"]}
		result := superbatch.Result{Value: s.Value, Cost: cost, StoppedEarly: s.StoppedEarly}
		return outcome{err: r.trials[s.Complete].Complete(ctx, result)}
	case s.Fail != "" && s.Infeasible:
		return outcome{err: r.trials[s.Fail].Infeasible(ctx, s.Reason)}
	case s.Fail != "":
		return outcome{err: r.trials[s.Fail].Fail(ctx, s.Reason)}
	case s.GiveBack != "":
		return outcome{err: r.trials[s.GiveBack].GiveBack(ctx)}
	case s.Sleep > 0:
		time.Sleep(time.Duration(s.Sleep * float64(time.Second)))
		return outcome{}
	default:
		return outcome{err: r.connect(s.Connect)}
	}
}

func (r *runner) ask(ctx context.Context, name, study string) outcome {
	found, err := r.client.Study(ctx, study)
	if err != nil {
		return outcome{err: err}
	}
	trial, err := found.Ask(ctx, superbatch.AskOptions{})
	if errors.Is(err, superbatch.ErrStudyCompleted) {
		return outcome{outcome: "completed"}
	}
	r.trials[name] = trial
	return outcome{err: err, outcome: "trial"}
}

func commandOf(err error) outcome {
	switch {
	case errors.Is(err, superbatch.ErrStopEarly):
		return outcome{command: "stop_early"}
	case errors.Is(err, superbatch.ErrTrialCancelled):
		return outcome{command: "cancel"}
	}
	return outcome{err: err, command: "continue"}
}

// call sends a request in JSON by the stub's method of that name, or, with a whole path, an empty one.
func (r *runner) call(ctx context.Context, name string, request any) outcome {
	if strings.HasPrefix(name, "/") {
		return outcome{err: r.client.Invoke(ctx, name, &common.BooleanDomain{}, &common.BooleanDomain{})}
	}
	text, err := json.Marshal(request)
	if err != nil {
		return outcome{err: err}
	}
	method := reflect.ValueOf(r.client.API).MethodByName(name)
	message := reflect.New(method.Type().In(1).Elem())
	if err := protojson.Unmarshal(text, message.Interface().(proto.Message)); err != nil {
		return outcome{err: err}
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), message})
	if err, failed := results[1].Interface().(error); failed {
		return outcome{err: err}
	}
	var response any
	if text, err = protojson.Marshal(results[0].Interface().(proto.Message)); err == nil {
		err = json.Unmarshal(text, &response)
	}
	return outcome{err: err, response: response}
}

// statusNames are gRPC's own, in the order of the codes.
var statusNames = []string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
	"FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

func check(result outcome, expected expectation, saved map[string]string) error {
	var refusal *superbatch.Error
	code, reason, fields := codes.OK, "", []string{}
	if errors.As(result.err, &refusal) {
		code, reason = refusal.Code, refusal.Reason
		for _, violation := range refusal.Violations {
			fields = append(fields, violation.Path)
		}
	} else if result.err != nil {
		code = status.Code(result.err)
	}
	if expected.Status == "" {
		expected.Status = "OK"
	}
	if statusNames[code] != expected.Status || reason != expected.Reason {
		return fmt.Errorf("expected %s %s, got %s %s: %v", expected.Status, expected.Reason, statusNames[code], reason, result.err)
	}
	slices.Sort(fields)
	slices.Sort(expected.Fields)
	if !slices.Equal(fields, expected.Fields) && len(fields)+len(expected.Fields) > 0 {
		return fmt.Errorf("expected the fields %v, got %v", expected.Fields, fields)
	}
	if result.command != expected.Command || result.outcome != expected.Outcome {
		return fmt.Errorf("expected %q, got %q", expected.Command+expected.Outcome, result.command+result.outcome)
	}
	for path, value := range expected.Response {
		if actual := at(result.response, path); !same(actual, fill(value, saved)) {
			return fmt.Errorf("expected %s to be %v, got %v", path, value, actual)
		}
	}
	return nil
}
