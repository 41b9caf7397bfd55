import type { Board } from "./board.ts";

/** How the services are. */
export const services: Board = {
  uid: "superbatch-services",
  title: "Superbatch / services",
  description: "Calls, their failures and durations, event loops, sampling sessions.",
  rows: [
    {
      title: "Calls",
      panels: [
        {
          title: "Calls per second",
          description: "By method, all replicas together.",
          unit: "reqps",
          queries: [
            {
              expr: "sum by (rpc_method) (rate(rpc_server_call_duration_seconds_count[$__rate_interval]))",
              legend: "{{rpc_method}}",
            },
          ],
        },
        {
          title: "Calls per second by replica",
          description: "Clients spread their calls over the replicas: lines of one service should lie close together.",
          unit: "reqps",
          queries: [
            {
              expr: "sum by (job, instance) (rate(rpc_server_call_duration_seconds_count[$__rate_interval]))",
              legend: "{{job}} {{instance}}",
            },
          ],
        },
        {
          title: "Duration, 99th percentile",
          description: "LeaseTrials may wait for work, streams last as long as their trials.",
          unit: "s",
          queries: [
            {
              expr: "histogram_quantile(0.99, sum by (le, rpc_method) (rate(rpc_server_call_duration_seconds_bucket[$__rate_interval])))",
              legend: "{{rpc_method}}",
            },
          ],
        },
      ],
    },
    {
      title: "Faults",
      panels: [
        {
          title: "Calls by code",
          description:
            "INTERNAL and UNKNOWN are faults of a service, UNAVAILABLE is one that is going or overloaded, the rest is the callers'.",
          unit: "reqps",
          stacked: true,
          queries: [
            {
              expr: "sum by (rpc_response_status_code) (rate(rpc_server_call_duration_seconds_count[$__rate_interval]))",
              legend: "{{rpc_response_status_code}}",
            },
          ],
        },
        {
          title: "Share of calls with a fault of the service",
          description: "What SuperbatchCallsFail watches.",
          unit: "percentunit",
          queries: [{ expr: "superbatch:call_errors:ratio5m", legend: "{{job}} {{rpc_method}}" }],
        },
        {
          title: "Work that ends with an error",
          description: "By the name of its span and the error.",
          unit: "reqps",
          queries: [
            {
              expr: "sum by (superbatch_work, error_type) (rate(superbatch_work_duration_seconds_count[$__rate_interval]))",
              legend: "{{superbatch_work}} {{error_type}}",
            },
          ],
        },
      ],
    },
    {
      title: "Processes",
      panels: [
        {
          title: "Event loop delay, 99th percentile",
          description: "A process that is late here has more to do than a core can.",
          unit: "s",
          queries: [{ expr: "superbatch:eventloop_delay_seconds:max", legend: "{{job}} {{instance}}" }],
        },
        {
          title: "Event loop delay, median and worst",
          description: "The largest of each service.",
          unit: "s",
          queries: [
            { expr: "max by (job) (nodejs_eventloop_delay_p50_seconds)", legend: "{{job}} median" },
            { expr: "max by (job) (nodejs_eventloop_delay_max_seconds)", legend: "{{job}} worst" },
          ],
        },
        {
          title: "Storing a result, choosing a point",
          description: "99th percentile of CompleteTrial, 90th of suggestions: what alerts watch.",
          unit: "s",
          queries: [
            { expr: "superbatch:complete_seconds:p99", legend: "CompleteTrial" },
            { expr: "superbatch:suggest_seconds:p90", legend: "suggestion" },
          ],
        },
      ],
    },
    {
      title: "Importance sampling",
      panels: [
        {
          title: "τ of sessions",
          description:
            "How many times larger a uniform mini-batch would have to be; importance sampling pays above its threshold.",
          unit: "short",
          queries: [{ expr: "quantile by (job) (0.5, superbatch_sampler_tau)", legend: "median" }],
        },
        {
          title: "Steps drawn by importance, and effective sample size",
          description: "Means over the sessions.",
          unit: "short",
          queries: [
            { expr: "avg(superbatch_sampler_importance_share_ratio)", legend: "share of steps" },
            { expr: "avg(superbatch_sampler_effective_sample_size)", legend: "effective sample size" },
          ],
        },
        {
          title: "Sessions, steps, waiting",
          description: "Steps per second, and seconds per second that they waited for workers.",
          unit: "short",
          queries: [
            { expr: "sum(superbatch_sampler_sessions)", legend: "sessions" },
            { expr: "sum(rate(superbatch_sampler_steps_total[$__rate_interval]))", legend: "steps per second" },
            { expr: "sum(rate(superbatch_sampler_waiting_seconds_total[$__rate_interval]))", legend: "waiting" },
          ],
        },
      ],
    },
  ],
};
