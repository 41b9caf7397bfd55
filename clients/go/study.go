package superbatch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	pb "github.com/superbatch/superbatch/clients/go/gen/superbatch/optimizer/v1"
)

const (
	// longPoll is the length of one poll for a trial.
	longPoll = 20 * time.Second
	// Pauses after a poll that came back empty.
	shortestWait, longestWait = 200 * time.Millisecond, 5 * time.Second
)

// Study is one tuning problem.
type Study struct {
	client *Client
	// Name is projects/{project}/studies/{study}.
	Name string
}

// CreateStudy creates a study. An [Error] with code AlreadyExists says that the id is taken; one with InvalidArgument names every wrong field.
func (c *Client) CreateStudy(ctx context.Context, id string, spec *pb.StudySpec) (*Study, error) {
	response, err := c.API.CreateStudy(ctx, &pb.CreateStudyRequest{
		Parent:    "projects/" + c.project,
		StudyId:   id,
		Study:     &pb.Study{Spec: spec},
		RequestId: uuid.NewString(),
	})
	if err != nil {
		return nil, err
	}
	return &Study{c, response.Study.Name}, nil
}

// Study finds a study by its id or its whole name.
func (c *Client) Study(ctx context.Context, name string) (*Study, error) {
	if !strings.HasPrefix(name, "projects/") {
		name = fmt.Sprintf("projects/%s/studies/%s", c.project, name)
	}
	response, err := c.API.GetStudy(ctx, &pb.GetStudyRequest{Name: name})
	if err != nil {
		return nil, err
	}
	return &Study{c, response.Study.Name}, nil
}

// AskOptions say who asks for a trial.
type AskOptions struct {
	// Worker is unique among the workers. Default: host, process and a count.
	Worker string
	// Capabilities are compared with the study's requirements.
	Capabilities map[string]string
}

var workers atomic.Int64

// Ask leases a trial, waiting for one until the context ends. [ErrStudyCompleted]: there will be no more.
func (s *Study) Ask(ctx context.Context, options AskOptions) (*Trial, error) {
	if options.Worker == "" {
		host, _ := os.Hostname()
		options.Worker = fmt.Sprintf("%s:%d:%d", host, os.Getpid(), workers.Add(1))
	}
	for {
		trial, wait, err := s.poll(ctx, options)
		if trial != nil || err != nil {
			return trial, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (s *Study) poll(ctx context.Context, options AskOptions) (*Trial, time.Duration, error) {
	limited, cancel := context.WithTimeout(ctx, longPoll+time.Minute)
	defer cancel()
	response, err := s.client.API.LeaseTrials(limited, &pb.LeaseTrialsRequest{
		Study:        s.Name,
		Worker:       options.Worker,
		Count:        1,
		WaitSeconds:  longPoll.Seconds(),
		Capabilities: options.Capabilities,
		RequestId:    uuid.NewString(),
	})
	switch {
	case err != nil:
		return nil, 0, err
	case len(response.Leases) > 0:
		return newTrial(s.client, response.Leases[0]), 0, nil
	case response.StudyCompleted:
		return nil, 0, ErrStudyCompleted
	}
	wait := time.Duration(math.Min(response.RetryAfterSeconds, longestWait.Seconds()) * float64(time.Second))
	return nil, max(shortestWait, wait), nil
}

// Evaluation evaluates a trial. Its context ends when the trial shall stop, with [ErrStopEarly] or [ErrTrialCancelled] as its cause.
type Evaluation func(ctx context.Context, trial *Trial) (Result, error)

// RunOptions say how [Study.Run] works.
type RunOptions struct {
	AskOptions
	// Parallel is the number of trials at the same time. Default: 1.
	Parallel int
	// Trials limits how many are taken. 0: until the study is completed.
	Trials int
	// KeepGoing decides whether the loop goes on after a trial whose evaluation returned this error. Default: it does not.
	KeepGoing func(error) bool
}

// Run takes trials and evaluates them until the study is completed. The first error that is not to be gone on from ends the loop; what is being evaluated then is
// given back.
func (s *Study) Run(ctx context.Context, evaluate Evaluation, options RunOptions) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var left atomic.Int64
	left.Store(int64(options.Trials))
	var group sync.WaitGroup
	for range max(1, options.Parallel) {
		group.Go(func() {
			for options.Trials == 0 || left.Add(-1) >= 0 {
				err := s.evaluateOne(ctx, evaluate, options.AskOptions)
				if errors.Is(err, ErrStudyCompleted) {
					return
				}
				if err != nil && (ctx.Err() != nil || options.KeepGoing == nil || !options.KeepGoing(err)) {
					stop(err)
					return
				}
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

func (s *Study) evaluateOne(ctx context.Context, evaluate Evaluation, options AskOptions) error {
	trial, err := s.Ask(ctx, options)
	if err != nil {
		return err
	}
	working, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	release := context.AfterFunc(trial.told, func() { cancel(context.Cause(trial.told)) })
	defer release()
	result, err := evaluate(working, trial)
	return trial.finish(ctx, result, err)
}
