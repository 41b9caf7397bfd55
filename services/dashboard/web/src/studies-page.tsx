import { useEffect, useState } from "preact/hooks";
import { useData } from "./data.ts";
import { numberText, ProblemBox, StateBadge, timeText } from "./parts.tsx";
import { Link, query, setQuery } from "./router.tsx";

export interface StudySummary {
  readonly name: string;
  readonly state: string;
  readonly stateReason: string;
  readonly metric: string;
  readonly algorithm: string;
  readonly costUnit: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly progress: {
    readonly completed?: number;
    readonly running?: number;
    readonly failed?: number;
    readonly infeasible?: number;
    readonly cost?: { readonly total?: number };
  } | null;
  readonly budget: { readonly maxTrials?: number; readonly maxCost?: number } | null;
  readonly updateTime: string;
}

/** `projects/P/studies/S` as the page's addresses have it: P/S. */
export function shortName(name: string): string {
  return name.replace(/^projects\/([^/]+)\/studies\//, "$1/");
}

export function StudiesPage() {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((before) => before + 1), 3000);
    return () => clearInterval(timer);
  }, []);
  const page = query.value.get("page") ?? "";
  const search = query.value.get("search") ?? "";
  const project = query.value.get("project") ?? "";
  const { data, problem } = useData<{ studies: StudySummary[]; nextPage: string }>(
    `/api/studies?page=${encodeURIComponent(page)}&project=${encodeURIComponent(project)}`,
    tick,
  );
  const shown = data?.studies.filter(({ name, labels }) =>
    [name, ...Object.values(labels)].some((text) => text.toLowerCase().includes(search.toLowerCase())),
  );
  return (
    <>
      <div class="row">
        <h1>Studies</h1>
        <label class="choice">
          <span>Project</span>
          <input
            value={project}
            size={12}
            placeholder="all"
            onChange={(event) => setQuery({ project: event.currentTarget.value, page: undefined })}
          />
        </label>
        <label class="choice">
          <span>Search</span>
          <input type="search" value={search} onInput={(event) => setQuery({ search: event.currentTarget.value })} />
        </label>
        <Link to="/create" class="button">
          Create a study
        </Link>
      </div>
      {problem && <ProblemBox problem={problem} />}
      {!data && !problem && <p aria-live="polite">Loading …</p>}
      {shown?.length === 0 && (
        <p>
          {search === ""
            ? project === ""
              ? "There are no studies yet."
              : `The project ${project} has no studies.`
            : "No study's name or label has this."}
        </p>
      )}
      {shown && shown.length > 0 && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Study</th>
                <th>State</th>
                <th>Objective</th>
                <th>Algorithm</th>
                <th class="number">Completed</th>
                <th class="number">Running</th>
                <th class="number">Failed</th>
                <th class="number">Infeasible</th>
                <th class="number">Cost</th>
                <th>Changed</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((study) => (
                <tr key={study.name}>
                  <td>
                    <Link to={`/studies/${shortName(study.name)}`}>{shortName(study.name)}</Link>
                  </td>
                  <td title={study.stateReason}>
                    <StateBadge state={study.state} />
                  </td>
                  <td>{study.metric}</td>
                  <td>{study.algorithm}</td>
                  <td class="number">
                    {study.progress?.completed ?? 0}
                    {study.budget?.maxTrials ? ` / ${study.budget.maxTrials}` : ""}
                  </td>
                  <td class="number">{study.progress?.running ?? 0}</td>
                  <td class="number">{study.progress?.failed ?? 0}</td>
                  <td class="number">{study.progress?.infeasible ?? 0}</td>
                  <td class="number">
                    {numberText(study.progress?.cost?.total ?? 0)} {study.costUnit}
                  </td>
                  <td>{timeText(study.updateTime)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p>
        {page !== "" && <Link to={`/?project=${encodeURIComponent(project)}`}>First page</Link>}{" "}
        {data?.nextPage && (
          <Link to={`/?project=${encodeURIComponent(project)}&page=${encodeURIComponent(data.nextPage)}`}>
            Older studies
          </Link>
        )}
      </p>
    </>
  );
}
