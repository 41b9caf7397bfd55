package superbatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// What the optimizer tells a trial. The context that [Study.Run] gives its function is cancelled with the same errors as its cause.
var (
	// ErrStopEarly says: stop now and complete the trial with what has been measured.
	ErrStopEarly = errors.New("superbatch: stop early")
	// ErrTrialCancelled says: stop now and report nothing more; the lease is lost, or the trial or study is gone.
	ErrTrialCancelled = errors.New("superbatch: the trial is cancelled")
)

// ErrStudyCompleted says that there will be no more trials unless budget is added.
var ErrStudyCompleted = errors.New("superbatch: the study is completed")

// ErrInfeasible, returned by an evaluation or wrapped by what it returns, says that the point cannot be evaluated: the study learns to avoid it.
var ErrInfeasible = errors.New("superbatch: the point cannot be evaluated")

// Violation is one thing wrong with one field of a request.
type Violation struct {
	// Path from the request message, in the contract's field names: study.spec.space.parameters[3].float.max.
	Path string
	// Message says what is wrong and what would be right.
	Message string
}

// Error is a refusal by a service, or its absence. Find it with [errors.As].
type Error struct {
	// Code is the gRPC status.
	Code codes.Code
	// Reason is that of the error catalogue, such as STUDY_NOT_FOUND; empty if the error is not the suite's.
	Reason string
	// Message says what went wrong.
	Message string
	// Violations are the fields that INVALID_ARGUMENT names, all at once.
	Violations []Violation
	// Metadata are the message's parameters, and the remedy.
	Metadata map[string]string
	// RetryAfter is how long the service asks to wait; 0 if it does not say.
	RetryAfter time.Duration

	cause error
}

func (e *Error) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("superbatch: %s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("superbatch: %s: %s", e.Reason, e.Message)
}

// Unwrap returns gRPC's own error.
func (e *Error) Unwrap() error { return e.cause }

// errorOf makes an Error of what a call returned. A context that ended stays its error.
func errorOf(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	state := status.Convert(err)
	result := &Error{Code: state.Code(), Message: state.Message(), cause: err}
	for _, detail := range state.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.Domain == "superbatch" {
				result.Reason, result.Metadata = detail.Reason, detail.Metadata
			}
		case *errdetails.BadRequest:
			for _, field := range detail.FieldViolations {
				result.Violations = append(result.Violations, Violation{field.Field, field.Description})
			}
		case *errdetails.RetryInfo:
			result.RetryAfter = detail.RetryDelay.AsDuration()
		}
	}
	return result
}
