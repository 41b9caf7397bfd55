import type { ParameterFacts, StudyFacts } from "@superbatch/figures";
import { useRef, useState } from "preact/hooks";
import { type Problem, problemOf, rpc } from "./api.ts";
import { ProblemBox } from "./parts.tsx";

/** A point that the user wants tried next. */
export function EnqueueForm({ study, facts }: { study: string; facts: StudyFacts }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState<Problem>();
  const enqueue = async (event: Event) => {
    event.preventDefault();
    setProblem(undefined);
    const given = facts.parameters.filter(({ name }) => (values[name] ?? "") !== "");
    const parameters = Object.fromEntries(
      given.map((parameter) => [parameter.name, valueFrom(parameter, values[parameter.name]!)]),
    );
    try {
      await rpc("AddTrials", { study, trials: [{ parameters }], requestId: crypto.randomUUID() });
      dialog.current!.close();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <>
      <button type="button" onClick={() => dialog.current!.showModal()}>
        Enqueue a point
      </button>
      <dialog ref={dialog} aria-label="Enqueue a point">
        <form onSubmit={(event) => void enqueue(event)}>
          <h2>Enqueue a point</h2>
          <p class="note">It is the next trial that a trainer gets. Leave inactive parameters empty.</p>
          {facts.parameters.map((parameter) => (
            <div key={parameter.name}>
              <label for={`enqueue-${parameter.name}`}>{parameter.name}</label>
              <Field
                id={`enqueue-${parameter.name}`}
                parameter={parameter}
                value={values[parameter.name] ?? ""}
                onChange={(value) => setValues({ ...values, [parameter.name]: value })}
              />
            </div>
          ))}
          {problem && <ProblemBox problem={problem} />}
          <div class="row">
            <button type="submit">Enqueue</button>
            <button type="button" class="quiet" onClick={() => dialog.current!.close()}>
              Cancel
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}

function Field({
  id,
  parameter,
  value,
  onChange,
}: {
  id: string;
  parameter: ParameterFacts;
  value: string;
  onChange: (value: string) => void;
}) {
  const { kind, categories, min, max } = parameter;
  if (kind === "number")
    return (
      <input
        id={id}
        type="number"
        step="any"
        value={value}
        placeholder={`${min} to ${max}`}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    );
  return (
    <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">–</option>
      {categories!.map((category) => (
        <option key={category} value={category}>
          {category}
        </option>
      ))}
    </select>
  );
}

function valueFrom({ kind, categories }: ParameterFacts, text: string): object {
  if (kind === "number") return { number: Number(text) };
  const flags = categories!.length === 2 && categories![0] === "false" && categories![1] === "true";
  return flags ? { flag: text === "true" } : { text };
}
