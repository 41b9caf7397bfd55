package superbatch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	pb "github.com/superbatch/superbatch/clients/go/gen/superbatch/optimizer/v1"
)

// Client is a connection to an optimizer. It connects when first used, and again by itself. Safe for concurrent use.
type Client struct {
	// API has every call of the contract, with this client's token, deadlines, retries and errors.
	API pb.OptimizerServiceClient

	connection *grpc.ClientConn
	project    string
}

type settings struct {
	token   func() (string, error)
	tls     *tls.Config
	problem error
	project string
	timeout time.Duration
}

// Option changes how [Dial] connects.
type Option func(*settings)

// WithToken sends a bearer token with each call.
func WithToken(token string) Option {
	return WithTokenSource(func() (string, error) { return token, nil })
}

// WithTokenSource asks for the bearer token before each call.
func WithTokenSource(source func() (string, error)) Option {
	return func(s *settings) { s.token = source }
}

// WithCA turns TLS on; the PEM file has the authorities that may sign the server's certificate.
func WithCA(path string) Option {
	return func(s *settings) {
		pem, err := os.ReadFile(path)
		if err != nil {
			s.problem = err
			return
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			s.problem = fmt.Errorf("superbatch: %s holds no certificate", path)
		}
		s.tls = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
}

// WithTLS turns TLS on, for client certificates and the system's authorities.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) { s.tls = config }
}

// WithProject says where studies are that are named by their id alone. Default: "default".
func WithProject(project string) Option {
	return func(s *settings) { s.project = project }
}

// WithTimeout limits a call, retries included, whose context has no deadline. Default: one minute.
func WithTimeout(timeout time.Duration) Option {
	return func(s *settings) { s.timeout = timeout }
}

// Dial makes a client of the optimizer at HOST:PORT, or at dns:///HOST:PORT to spread calls over all replicas. It does not wait for a connection.
func Dial(address string, options ...Option) (*Client, error) {
	s := settings{project: "default", timeout: time.Minute}
	for _, option := range options {
		option(&s)
	}
	if s.problem != nil {
		return nil, s.problem
	}
	transport := insecure.NewCredentials()
	if s.tls != nil {
		transport = credentials.NewTLS(s.tls)
	}
	connection, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(transport),
		grpc.WithUnaryInterceptor(s.call),
		grpc.WithStreamInterceptor(s.stream),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20), grpc.MaxCallSendMsgSize(64<<20)),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`),
	)
	if err != nil {
		return nil, err
	}
	return &Client{API: pb.NewOptimizerServiceClient(connection), connection: connection, project: s.project}, nil
}

// Close ends the connection. Calls in flight fail.
func (c *Client) Close() error { return c.connection.Close() }

// Invoke is a unary call of any method by its path, with this client's token, deadlines, retries and errors.
func (c *Client) Invoke(ctx context.Context, path string, request, reply any) error {
	return c.connection.Invoke(ctx, path, request, reply)
}

// authorize puts the token into a call's metadata.
func (s *settings) authorize(ctx context.Context) (context.Context, error) {
	if s.token == nil {
		return ctx, nil
	}
	token, err := s.token()
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token), err
}

// call is one unary call with its retries, all within one deadline.
func (s *settings) call(ctx context.Context, method string, request, reply any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.timeout)
		defer cancel()
	}
	for attempt := 1; ; attempt++ {
		authorized, err := s.authorize(ctx)
		if err != nil {
			return err
		}
		err = errorOf(ctx, invoke(authorized, method, request, reply, connection, options...))
		var refusal *Error
		if !errors.As(err, &refusal) {
			return err
		}
		pause, again := refusal.pause(attempt)
		deadline, _ := ctx.Deadline()
		if !again || !repeatable(request) || time.Now().Add(pause).After(deadline) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *settings) stream(ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn, method string, streamer grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	authorized, err := s.authorize(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := streamer(authorized, description, connection, method, options...)
	return stream, errorOf(ctx, err)
}

// repeatable says whether a request may be sent twice: it has an id, or it only reads.
func repeatable(request any) bool {
	identified, mutates := request.(interface{ GetRequestId() string })
	return !mutates || identified.GetRequestId() != ""
}

const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// pause says how long to wait before the next attempt, and whether there shall be one: exponential with jitter, at least what the service asks for.
func (e *Error) pause(attempt int) (time.Duration, bool) {
	switch e.Code {
	case codes.Unavailable, codes.Aborted, codes.Canceled:
	case codes.ResourceExhausted:
		// Without a time after which it passes, it would not pass.
		if e.RetryAfter == 0 {
			return 0, false
		}
	default:
		return 0, false
	}
	limit := min(longestPause, firstPause<<min(attempt-1, 10))
	return max(e.RetryAfter, limit/2+rand.N(limit/2)), true
}
