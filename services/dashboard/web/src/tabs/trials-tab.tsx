import type { TrialRow } from "@superbatch/figures";
import { useData } from "../data.ts";
import { Choice, numberText, ProblemBox } from "../parts.tsx";
import { Link, query, setQuery } from "../router.tsx";
import type { TabProps } from "../study-page.tsx";

const pageSize = 50;
const states = ["suggested", "leased", "running", "completed", "failed", "infeasible", "abandoned"];

export function TrialsTab({ study, facts, revision }: TabProps) {
  const { sort = "number", order = "down", state = "", worker = "", offset = "0" } = Object.fromEntries(query.value);
  const asked = new URLSearchParams({ sort, order, state, worker, offset, limit: String(pageSize) });
  const { data, problem } = useData<{ total: number; offset: number; rows: TrialRow[] }>(
    `/api/studies/${study}/trials?${asked}`,
    revision,
  );
  const columns = [
    ["number", "Trial"],
    ["state", "State"],
    ["value", facts.metric],
    ["cost", `Cost (${facts.costUnit})`],
    ["worker", "Trainer"],
    ["attempts", "Attempts"],
    ...facts.parameters.map(({ name }) => [name, name]),
  ] as [string, string][];
  const first = Number(offset);
  return (
    <>
      <div class="row">
        <Choice
          label="State"
          value={state}
          options={[["", "all"], ...states.map((name) => [name, name] as const)]}
          onChange={(value) => setQuery({ state: value, offset: undefined })}
        />
        <label class="choice">
          <span>Trainer</span>
          <input
            value={worker}
            onChange={(event) => setQuery({ worker: event.currentTarget.value, offset: undefined })}
          />
        </label>
      </div>
      {problem && <ProblemBox problem={problem} />}
      {!data && !problem && <p aria-live="polite">Loading …</p>}
      {data && (
        <>
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  {columns.map(([key, text]) => (
                    <th key={key} aria-sort={sort === key ? (order === "down" ? "descending" : "ascending") : "none"}>
                      <button
                        type="button"
                        class="sort"
                        onClick={() =>
                          setQuery({
                            sort: key,
                            order: sort === key && order === "up" ? "down" : "up",
                            offset: undefined,
                          })
                        }
                      >
                        {text} {sort === key ? (order === "down" ? "↓" : "↑") : ""}
                      </button>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {data.rows.map((row) => (
                  <tr key={row.number}>
                    <td>
                      <Link to={`/studies/${study}/trials/${row.number}`}>{row.number}</Link>
                    </td>
                    <td>{row.stoppedEarly ? `${row.state}, stopped early` : row.state}</td>
                    <td class="number">{numberText(row.value)}</td>
                    <td class="number">{numberText(row.cost.total)}</td>
                    <td>{row.worker}</td>
                    <td class="number">{row.attempts}</td>
                    {facts.parameters.map(({ name }) => {
                      const value = row.parameters[name];
                      return (
                        <td key={name} class={typeof value === "number" ? "number" : undefined}>
                          {typeof value === "number" ? numberText(value) : value === undefined ? "" : String(value)}
                        </td>
                      );
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div class="row">
            <button
              type="button"
              disabled={first === 0}
              onClick={() => setQuery({ offset: String(Math.max(0, first - pageSize)) })}
            >
              Previous
            </button>
            <span>
              {data.total === 0
                ? "No trials"
                : `${first + 1} to ${Math.min(data.total, first + pageSize)} of ${data.total}`}
            </span>
            <button
              type="button"
              disabled={first + pageSize >= data.total}
              onClick={() => setQuery({ offset: String(first + pageSize) })}
            >
              Next
            </button>
          </div>
        </>
      )}
    </>
  );
}
