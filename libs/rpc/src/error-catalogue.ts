import { Status } from "nice-grpc-common";

/** What is fixed about one reason: clients may rely on all of it but the wording of `message` and `remedy`. */
export interface ErrorCatalogueEntry {
  readonly code: Status;
  /** `{name}` is replaced by the parameter of that name. */
  readonly message: string;
  /** What the caller can do about it. */
  readonly remedy: string;
}

/**
 * Every reason with which a service of the suite refuses a call. The reason is sent as `google.rpc.ErrorInfo.reason`, in the domain
 * {@link errorDomain}; docs/reference/errors.md lists the same, and a test holds both together.
 */
export const errorCatalogue = {
  // Any service
  INVALID_FIELDS: {
    code: Status.INVALID_ARGUMENT,
    message: "{summary}",
    remedy: "Correct the fields that the BadRequest detail names; the call had no effect.",
  },
  TOKEN_MISSING: {
    code: Status.UNAUTHENTICATED,
    message: "This service wants a bearer token in the metadata key authorization",
    remedy: "Send `authorization: Bearer TOKEN` with a token that the service's operator issued.",
  },
  TOKEN_INVALID: {
    code: Status.UNAUTHENTICATED,
    message: "The bearer token is not known to this service",
    remedy: "Check that the token is whole, current and meant for this service.",
  },
  TOKEN_EXPIRED: {
    code: Status.UNAUTHENTICATED,
    message: "The bearer token has expired",
    remedy: "Get a new token; a token file is read again on each call.",
  },
  CERTIFICATE_UNKNOWN: {
    code: Status.UNAUTHENTICATED,
    message: "This service knows no principal by a name of the client's certificate",
    remedy: "Have the service's operator add the certificate's name to the principals' file, or send a bearer token.",
  },
  PERMISSION_DENIED: {
    code: Status.PERMISSION_DENIED,
    message: "{principal} needs the role {role} in {scope}",
    remedy:
      "Ask the service's operator for the role. Whether what the call names exists is not told to those who may not read it.",
  },
  RATE_LIMITED: {
    code: Status.RESOURCE_EXHAUSTED,
    message: "{caller} makes more than {limit} requests in a second",
    remedy: "Send the call again after the delay in RetryInfo, and fewer at once.",
  },
  CALL_LIMIT_EXCEEDED: {
    code: Status.RESOURCE_EXHAUSTED,
    message: "{caller} has {limit} calls in flight already",
    remedy: "Wait for calls to end, close streams that are not used, or raise the service's limit.",
  },
  REQUEST_TIMEOUT: {
    code: Status.DEADLINE_EXCEEDED,
    message: "The request did not arrive within {seconds} s after its call began",
    remedy: "Send the call again on a better connection, or raise the service's limit.",
  },
  CALL_CANCELLED: {
    code: Status.CANCELLED,
    message: "The caller cancelled the call",
    remedy: "None is needed; send the call again with the same request id if its result is wanted after all.",
  },
  SERVICE_STOPPING: {
    code: Status.UNAVAILABLE,
    message: "The service {service} is stopping",
    remedy: "Send the call again after the delay in RetryInfo; another replica or the restarted service answers it.",
  },
  DEPENDENCY_UNAVAILABLE: {
    code: Status.UNAVAILABLE,
    message: "{dependency} cannot be reached: {detail}",
    remedy:
      "Send the call again after the delay in RetryInfo; if it lasts, check that the dependency runs and is addressed rightly.",
  },
  REQUEST_ID_REUSED: {
    code: Status.INVALID_ARGUMENT,
    message: "The request id {requestId} already belongs to a call with other contents",
    remedy: "Use a fresh request id for each new call, and the same one only to repeat a call unchanged.",
  },
  INTERNAL_ERROR: {
    code: Status.INTERNAL,
    message: "The service failed on this call ({incident})",
    remedy: "This is a defect: report it together with the service's log lines of this incident.",
  },

  // Optimizer
  STUDY_NOT_FOUND: {
    code: Status.NOT_FOUND,
    message: "There is no study {name}",
    remedy: "List the studies, or create this one.",
  },
  STUDY_ALREADY_EXISTS: {
    code: Status.ALREADY_EXISTS,
    message: "The study {name} exists already, with another configuration",
    remedy: "Choose another name, or go on with the study that exists.",
  },
  STUDY_NOT_ACTIVE: {
    code: Status.FAILED_PRECONDITION,
    message: "The study {name} is {state}",
    remedy: "Resume the study, or add to its budget, and call again.",
  },
  STUDY_CHANGED: {
    code: Status.ABORTED,
    message: "The study {name} was changed by another call",
    remedy: "Read the study again and repeat the change on what it is now.",
  },
  TRIAL_NOT_FOUND: {
    code: Status.NOT_FOUND,
    message: "There is no trial {name}",
    remedy: "List the trials of the study.",
  },
  TRIAL_NOT_RUNNING: {
    code: Status.FAILED_PRECONDITION,
    message: "The trial {name} is {state} and takes no more results",
    remedy: "Stop working on the trial and lease another.",
  },
  QUOTA_EXCEEDED: {
    code: Status.RESOURCE_EXHAUSTED,
    message: "{subject} would be more than this service takes: {actual}, at most {limit}",
    remedy: "Delete what is not needed, ask for less, or have the service's operator raise the limit.",
  },
  NO_OBSERVATIONS: {
    code: Status.FAILED_PRECONDITION,
    message: "The study {name} has no completed trial yet",
    remedy: "Wait for the first completed trial.",
  },

  // Surrogate model
  MODEL_NOT_FOUND: {
    code: Status.NOT_FOUND,
    message: "There is no model with the handle {handle}; it was released, evicted, or lost in a restart",
    remedy: "Fit again: the same request gives the same model.",
  },
  FIT_LIMIT_EXCEEDED: {
    code: Status.RESOURCE_EXHAUSTED,
    message: "{subject} are more than this service takes: {actual}, at most {limit}",
    remedy: "Send fewer, or raise the service's limit.",
  },

  // Importance sampler
  SESSION_NOT_FOUND: {
    code: Status.NOT_FOUND,
    message: "There is no session {name}; it was closed, expired, or lost in a restart",
    remedy:
      "Start the stream again with the session's spec, its last token and, with loss history, the recorded losses: it continues exactly there.",
  },
  SESSION_LIMIT_EXCEEDED: {
    code: Status.RESOURCE_EXHAUSTED,
    message: "Too large for this service: {subject} would be {actual}, at most {limit}",
    remedy: "Ask for less, close sessions that are done, or raise the service's limit.",
  },
  STREAM_ENDED: {
    code: Status.ABORTED,
    message: "The stream of worker {worker} in session {name} was ended: {detail}",
    remedy:
      "If the session was closed or the worker's name is in use elsewhere, stop; else start the stream again with the last token.",
  },

  // Trainer
  DATASET_UNAVAILABLE: {
    code: Status.FAILED_PRECONDITION,
    message: "The data set {dataset} is not at hand on this trainer: {detail}",
    remedy: "Give the trainer the folder with the data set's files; Describe lists what it has.",
  },
  TRAINER_BUSY: {
    code: Status.RESOURCE_EXHAUSTED,
    message: "This trainer already trains as many configurations as it may at once ({limit})",
    remedy: "Send the call again after the delay in RetryInfo, or to another trainer.",
  },
} as const satisfies Record<string, ErrorCatalogueEntry>;

export type ErrorReason = keyof typeof errorCatalogue;

/** Names inside `{}` of a message template. */
type Placeholders<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** The parameters that the reason's message needs. They are sent as `ErrorInfo.metadata` too. */
export type ErrorParameters<Reason extends ErrorReason> = {
  readonly [Name in Placeholders<(typeof errorCatalogue)[Reason]["message"]>]: string | number;
};

/** `ErrorInfo.domain` of all our errors. */
export const errorDomain = "superbatch";
