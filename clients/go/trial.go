package superbatch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	common "github.com/superbatch/superbatch/clients/go/gen/superbatch/common/v1"
	pb "github.com/superbatch/superbatch/clients/go/gen/superbatch/optimizer/v1"
)

// patience is how long a result is sent again while the optimizer does not answer: a trial may have cost hours, a restart costs seconds.
const patience = 5 * time.Minute

// Result is what a trial was evaluated to.
type Result struct {
	// Value of the study's metric.
	Value float64
	// Metrics are other values by name.
	Metrics map[string]float64
	// Cost by phase, in the study's unit. Default: the seconds since the lease.
	Cost *common.Cost
	// StoppedEarly says that the value is of where the trial was stopped.
	StoppedEarly bool
}

// Trial is a leased trial, whose lease a goroutine keeps until the trial ends. Safe for concurrent use.
type Trial struct {
	// Message is the trial as it was leased.
	Message *pb.Trial
	// Metric that the study optimizes.
	Metric string
	// Seed is for the trial's own randomness: equal in every attempt.
	Seed uint64

	client  *Client
	leaseID string
	started time.Time
	// told ends when the optimizer says to stop, with the command as its cause.
	told context.Context
	tell context.CancelCauseFunc
	over chan struct{}

	// Messages go one at a time, so that points arrive in order and nothing follows the end.
	mutex  sync.Mutex
	ended  bool
	points []*pb.ProgressPoint
	last   *float64
}

func newTrial(client *Client, lease *pb.TrialLease) *Trial {
	told, tell := context.WithCancelCause(context.Background())
	trial := &Trial{
		Message: lease.Trial,
		Metric:  lease.Metric,
		Seed:    lease.Seed,
		client:  client,
		leaseID: lease.LeaseId,
		started: time.Now(),
		told:    told,
		tell:    tell,
		over:    make(chan struct{}),
	}
	go trial.beat(time.Duration(lease.LeaseSeconds / 4 * float64(time.Second)))
	return trial
}

// Name is projects/{project}/studies/{study}/trials/{number}.
func (t *Trial) Name() string { return t.Message.Name }

// Has says whether a parameter is active.
func (t *Trial) Has(name string) bool { return t.Message.Parameters[name] != nil }

// Float is the value of a numeric parameter; 0 if there is none.
func (t *Trial) Float(name string) float64 { return t.Message.Parameters[name].GetNumber() }

// Int is the value of an integer parameter; 0 if there is none.
func (t *Trial) Int(name string) int { return int(t.Float(name)) }

// Text is the value of a categorical parameter; empty if there is none.
func (t *Trial) Text(name string) string { return t.Message.Parameters[name].GetText() }

// Flag is the value of a boolean parameter; false if there is none.
func (t *Trial) Flag(name string) bool { return t.Message.Parameters[name].GetFlag() }

// Err is what the optimizer has told since: [ErrStopEarly], [ErrTrialCancelled] or nil. Costs nothing.
func (t *Trial) Err() error { return context.Cause(t.told) }

// Report adds a point to the learning curve; of the same step the last one counts. It returns [ErrStopEarly] or [ErrTrialCancelled] if the optimizer says so. If the optimizer cannot be reached, the point goes with
// the next message.
func (t *Trial) Report(ctx context.Context, step uint64, value float64) error {
	return t.ReportPoint(ctx, &pb.ProgressPoint{Step: step, Metrics: map[string]float64{t.Metric: value}, Cost: t.spent(nil)})
}

// ReportPoint is Report for a point with other metrics, or a cost by phase.
func (t *Trial) ReportPoint(ctx context.Context, point *pb.ProgressPoint) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.ended {
		return errEnded
	}
	if value, measured := point.Metrics[t.Metric]; measured {
		t.last = &value
	}
	t.points = slices.DeleteFunc(t.points, func(p *pb.ProgressPoint) bool { return p.Step == point.Step })
	t.points = append(t.points, point)
	slices.SortFunc(t.points, func(a, b *pb.ProgressPoint) int { return int(int64(a.Step) - int64(b.Step)) })
	if err := t.send(ctx, t.points[len(t.points)-1].Cost); err != nil {
		return err
	}
	return t.Err()
}

// Complete ends the trial with a result, sent again for minutes while the optimizer cannot be reached.
func (t *Trial) Complete(ctx context.Context, result Result) error {
	return t.end(ctx, func(ctx context.Context) error {
		_, err := t.client.API.CompleteTrial(ctx, &pb.CompleteTrialRequest{
			Trial:        t.Name(),
			LeaseId:      t.leaseID,
			Measurement:  &pb.Measurement{Value: result.Value, Metrics: result.Metrics, Cost: t.spent(result.Cost)},
			StoppedEarly: result.StoppedEarly,
			RequestId:    uuid.NewString(),
		})
		return err
	})
}

// Fail ends the attempt without a result; the trial is tried again while the study allows.
func (t *Trial) Fail(ctx context.Context, reason string) error {
	return t.fail(ctx, pb.FailureKind_FAILURE_KIND_FAILED, reason)
}

// Infeasible says that the point cannot be evaluated: the study learns to avoid it.
func (t *Trial) Infeasible(ctx context.Context, reason string) error {
	return t.fail(ctx, pb.FailureKind_FAILURE_KIND_INFEASIBLE, reason)
}

// GiveBack gives the trial to another worker; the attempt does not count.
func (t *Trial) GiveBack(ctx context.Context) error {
	return t.fail(ctx, pb.FailureKind_FAILURE_KIND_RETURNED, "the worker is stopping")
}

// Abandon ends the trial for good; the study forgets it.
func (t *Trial) Abandon(ctx context.Context, reason string) error {
	return t.fail(ctx, pb.FailureKind_FAILURE_KIND_ABANDONED, reason)
}

var errEnded = errors.New("superbatch: the trial has ended")

func (t *Trial) fail(ctx context.Context, kind pb.FailureKind, reason string) error {
	return t.end(ctx, func(ctx context.Context) error {
		_, err := t.client.API.FailTrial(ctx, &pb.FailTrialRequest{
			Trial:     t.Name(),
			LeaseId:   t.leaseID,
			Kind:      kind,
			Reason:    shorten(reason),
			Cost:      t.spent(nil),
			RequestId: uuid.NewString(),
		})
		return err
	})
}

// shorten cuts a reason to what FailTrial takes.
func shorten(reason string) string {
	if characters := []rune(reason); len(characters) > 4096 {
		return string(characters[:4096])
	}
	return reason
}

func (t *Trial) end(ctx context.Context, send func(context.Context) error) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.ended {
		return errEnded
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := send(ctx); err != nil {
		return err
	}
	t.leave()
	return nil
}

// leave ends the heartbeats. The caller holds the mutex.
func (t *Trial) leave() {
	t.ended = true
	close(t.over)
}

// finish ends the trial as its evaluation ended. ctx is that of the loop.
func (t *Trial) finish(ctx context.Context, result Result, err error) error {
	t.mutex.Lock()
	ended, last := t.ended, t.last
	if errors.Is(t.Err(), ErrTrialCancelled) && !ended {
		t.leave()
		ended = true
	}
	t.mutex.Unlock()
	// A loop that is stopping still says so.
	reporting := context.WithoutCancel(ctx)
	switch {
	case ended:
		if errors.Is(err, ErrTrialCancelled) {
			return nil
		}
		return err
	case err == nil:
		return t.Complete(reporting, result)
	case errors.Is(err, ErrInfeasible):
		return t.Infeasible(reporting, err.Error())
	case errors.Is(t.Err(), ErrStopEarly) && last != nil:
		return t.Complete(reporting, Result{Value: *last, StoppedEarly: true})
	case ctx.Err() != nil:
		return errors.Join(context.Cause(ctx), t.GiveBack(reporting))
	default:
		return errors.Join(err, t.Fail(reporting, err.Error()))
	}
}

func (t *Trial) spent(cost *common.Cost) *common.Cost {
	if cost != nil {
		return cost
	}
	return &common.Cost{Total: time.Since(t.started).Seconds()}
}

// beat keeps the lease until the trial ends or is told to stop.
func (t *Trial) beat(interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-t.over:
			return
		case <-ticker.C:
			t.mutex.Lock()
			if !t.ended && t.Err() == nil {
				limited, cancel := context.WithTimeout(context.Background(), max(time.Second, interval))
				// What is refused now is refused again, and told, at the next report.
				_ = t.send(limited, nil)
				cancel()
			}
			t.mutex.Unlock()
		}
	}
}

// send reports what has not been delivered yet, or keeps it if the optimizer cannot be reached. The caller holds the mutex.
func (t *Trial) send(ctx context.Context, cost *common.Cost) error {
	response, err := t.client.API.ReportProgress(ctx, &pb.ReportProgressRequest{
		Trial:     t.Name(),
		LeaseId:   t.leaseID,
		Points:    t.points,
		Cost:      cost,
		RequestId: uuid.NewString(),
	})
	if unreached(err) {
		return nil
	}
	// What is refused now would be refused again.
	t.points = nil
	if err != nil {
		return err
	}
	switch response.Command {
	case pb.Command_COMMAND_STOP_EARLY:
		t.tell(ErrStopEarly)
	case pb.Command_COMMAND_CANCEL:
		t.tell(ErrTrialCancelled)
	}
	return nil
}

// unreached says whether a call did not get to the optimizer, as opposed to having been refused.
func unreached(err error) bool {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.Code == codes.Unavailable || refusal.Code == codes.DeadlineExceeded
	}
	return errors.Is(err, context.DeadlineExceeded)
}
