import type { Board } from "./board.ts";

const study = 'superbatch_study=~"$study"';

/** What did a study cost, and where did the time go. */
export const studies: Board = {
  uid: "superbatch-studies",
  title: "Superbatch / studies and their cost",
  description: "What studies cost, on what, and how far they are.",
  study: true,
  rows: [
    {
      title: "Cost",
      panels: [
        {
          title: "Cost so far",
          description: "All attempts counted, lost ones too; of studies that are active or paused.",
          unit: "short",
          kind: "bargauge",
          queries: [
            {
              expr: `max by (superbatch_study, superbatch_cost_unit) (superbatch_study_cost{${study}})`,
              legend: "{{superbatch_study}} ({{superbatch_cost_unit}})",
            },
          ],
        },
        {
          title: "Cost of ended trials by phase",
          description: "Scoring is what importance sampling costs; gradient steps are what it is to save.",
          unit: "short",
          kind: "bargauge",
          queries: [
            {
              expr: `sum by (superbatch_cost_phase) (increase(superbatch_trial_cost_total{${study}}[$__range]))`,
              legend: "{{superbatch_cost_phase}}",
            },
          ],
        },
        {
          title: "Cost per second by fleet",
          description: "A worker's name without its last two parts, which a Deployment's pods are told apart by.",
          unit: "short",
          stacked: true,
          queries: [
            {
              expr: `sum by (fleet) (label_replace(rate(superbatch_trial_cost_total{${study}}[$__rate_interval]), "fleet", "$1", "superbatch_worker", "(.+?)(-[a-z0-9]+)?(-[a-z0-9]+)?"))`,
              legend: "{{fleet}}",
            },
          ],
        },
      ],
    },
    {
      title: "Progress",
      panels: [
        {
          title: "Trials by state",
          description: "As the store has them.",
          unit: "short",
          stacked: true,
          queries: [
            {
              expr: `sum by (superbatch_trial_state) (max by (superbatch_study, superbatch_trial_state) (superbatch_trials{${study}}))`,
              legend: "{{superbatch_trial_state}}",
            },
          ],
        },
        {
          title: "Trials that are held or could be leased",
          description: "What fleets are scaled by.",
          unit: "short",
          queries: [
            {
              expr: `max by (superbatch_study) (superbatch_trials_leasable{${study}})`,
              legend: "{{superbatch_study}}",
            },
          ],
        },
        {
          title: "Trials that ended, per minute",
          description: "By how they ended.",
          unit: "short",
          stacked: true,
          queries: [
            {
              expr: `60 * sum by (superbatch_trial_state) (rate(superbatch_trial_ends_total{${study}}[$__rate_interval]))`,
              legend: "{{superbatch_trial_state}}",
            },
          ],
        },
      ],
    },
    {
      title: "Where the time goes",
      panels: [
        {
          title: "Trials and attempts, 90th percentile",
          description: "From first lease to end, and of single attempts. A point leads to its trace.",
          unit: "s",
          queries: [
            {
              expr: 'histogram_quantile(0.9, sum by (le, span_name) (rate(superbatch_span_duration_seconds_bucket{span_name=~"superbatch.trial|superbatch.train|superbatch.train.epoch"}[$__rate_interval])))',
              legend: "{{span_name}}",
              exemplars: true,
            },
          ],
        },
        {
          title: "Choosing points, 90th percentile",
          description: "A suggestion with the fits and posteriors in it. Trainers wait meanwhile.",
          unit: "s",
          queries: [
            {
              expr: 'histogram_quantile(0.9, sum by (le, superbatch_work) (rate(superbatch_work_duration_seconds_bucket{superbatch_work=~"superbatch.suggest|superbatch.fit|superbatch.posterior"}[$__rate_interval])))',
              legend: "{{superbatch_work}}",
            },
          ],
        },
        {
          title: "Leases lost",
          description: "Work done twice: trainers of which nothing was heard.",
          unit: "short",
          queries: [
            {
              expr: `sum by (superbatch_study) (increase(superbatch_lease_expiries_total{${study}}[$__rate_interval]))`,
              legend: "{{superbatch_study}}",
            },
          ],
        },
      ],
    },
    {
      title: "What alerts watch",
      panels: [
        {
          title: "Share of trials that fail",
          description: "Of 30 minutes.",
          unit: "percentunit",
          queries: [{ expr: `superbatch:trial_failures:ratio30m{${study}}`, legend: "{{superbatch_study}}" }],
        },
        {
          title: "Trials that nobody trains",
          description: "Those that could be leased while no trainer holds one.",
          unit: "short",
          queries: [{ expr: `superbatch:trials_waiting:count{${study}}`, legend: "{{superbatch_study}}" }],
        },
        {
          title: "Cost per hour",
          description: "Of the last hour.",
          unit: "short",
          queries: [{ expr: `3600 * superbatch:study_cost:rate1h{${study}}`, legend: "{{superbatch_study}}" }],
        },
      ],
    },
  ],
};
