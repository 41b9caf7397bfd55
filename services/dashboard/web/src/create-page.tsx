import { useState } from "preact/hooks";
import { type Problem, post, problemOf } from "./api.ts";
import { ProblemBox } from "./parts.tsx";
import { go } from "./router.tsx";
import { shortName } from "./studies-page.tsx";

const example = `objective: { metric: validation_error, goal: GOAL_MINIMIZE }
space:
  parameters:
    - name: learning_rate
      float: { min: 0.001, max: 1, scale: SCALE_LOG }
    - name: momentum
      float: { min: 0, max: 0.99 }
    - name: super_batch
      integer: { min: 128, max: 4096, scale: SCALE_LOG }
      fidelity: { target: 50000, effect: FIDELITY_EFFECT_SMALL }
budget: { maxTrials: 50 }
`;

export function CreatePage() {
  const [text, setText] = useState(example);
  const [id, setId] = useState("");
  const [project, setProject] = useState("default");
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const create = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const { name } = await post<{ name: string }>("/api/studies", { text, id, project });
      go(`/studies/${shortName(name)}`);
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return (
    <section class="card">
      <h1>Create a study</h1>
      <form onSubmit={(event) => void create(event)}>
        <div class="row">
          <label>
            Project
            <input value={project} required onInput={(event) => setProject(event.currentTarget.value)} />
          </label>
          <label>
            Id (left out: one is made)
            <input
              value={id}
              pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
              onInput={(event) => setId(event.currentTarget.value)}
            />
          </label>
        </div>
        <label>
          Study, as YAML or JSON
          <textarea rows={18} spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <button type="submit" disabled={busy}>
          Create
        </button>
        {problem && <ProblemBox problem={problem} />}
      </form>
    </section>
  );
}
