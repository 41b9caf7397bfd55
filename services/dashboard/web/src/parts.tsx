import { numberText as shortNumber } from "@superbatch/figures";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type Problem, problemOf } from "./api.ts";

/** What went wrong, and what to do. */
export function ProblemBox({ problem }: { problem: Problem }) {
  return (
    <div class="problem" role="alert">
      <strong>{problem.message}</strong>
      {problem.remedy && <p>{problem.remedy}</p>}
      {problem.fields && (
        <ul>
          {problem.fields.map(({ path, message }) => (
            <li key={path + message}>
              <code>{path}</code>: {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A button that says what is under way, and what went wrong. */
export function ActionButton(props: {
  label: string;
  class?: string;
  confirm?: string;
  action: () => Promise<void>;
  disabled?: boolean;
}) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const run = async () => {
    if (props.confirm !== undefined && !confirm(props.confirm)) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await props.action();
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return (
    <>
      <button
        type="button"
        class={props.class}
        disabled={busy || props.disabled}
        aria-busy={busy}
        onClick={() => void run()}
      >
        {props.label}
      </button>
      {problem && <ProblemBox problem={problem} />}
    </>
  );
}

export function Choice(props: {
  label: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  onChange: (value: string) => void;
}) {
  return (
    <label class="choice">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.options.map(([value, text]) => (
          <option key={value} value={value} selected={value === props.value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

const stateTexts: Readonly<Record<string, string>> = {
  STUDY_STATE_ACTIVE: "active",
  STUDY_STATE_PAUSED: "paused",
  STUDY_STATE_COMPLETED: "completed",
};

export function StateBadge({ state }: { state: string }) {
  const text = stateTexts[state] ?? state;
  return <span class={`badge badge-${text}`}>{text}</span>;
}

export function Card(props: { title: string; children: ComponentChildren; wide?: boolean; note?: string }) {
  return (
    <section class={props.wide ? "card wide" : "card"}>
      <h2>{props.title}</h2>
      {props.note && <p class="note">{props.note}</p>}
      {props.children}
    </section>
  );
}

export function numberText(value: number | undefined | null): string {
  return value === undefined || value === null || Number.isNaN(value) ? "–" : shortNumber(value);
}

export function timeText(time: string | number | undefined | null): string {
  return time === undefined || time === null ? "–" : new Date(time).toLocaleString();
}
