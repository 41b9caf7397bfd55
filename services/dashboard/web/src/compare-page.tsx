import { type DistributionData, drawDistribution, drawHistory, type HistoryData } from "@superbatch/figures";
import { useEffect, useState } from "preact/hooks";
import { get, type Problem, problemOf } from "./api.ts";
import { useData } from "./data.ts";
import { Figure } from "./figure.tsx";
import { Card, Choice } from "./parts.tsx";
import { query, setQuery } from "./router.tsx";
import { type StudySummary, shortName } from "./studies-page.tsx";

/** Distribution of the values of several studies, and each one's history beside it. */
export function ComparePage() {
  const { data } = useData<{ studies: StudySummary[] }>(
    `/api/studies?size=1000&project=${encodeURIComponent(query.value.get("project") ?? "")}`,
  );
  const chosen = (query.value.get("studies") ?? "").split(",").filter((name) => name !== "");
  const [found, setFound] = useState<{
    names: string;
    distribution: DistributionData;
    histories: readonly { name: string; history: HistoryData }[];
  }>();
  const [problem, setProblem] = useState<Problem>();
  const names = chosen.join(",");
  useEffect(() => {
    if (names === "") return;
    setProblem(undefined);
    const load = async () => {
      const all = await Promise.all(
        chosen.map(async (name) => ({
          name,
          distribution: await get<DistributionData["studies"][number]>(`/api/studies/${name}/figures/distribution`),
          history: (await get<{ history: HistoryData }>(`/api/studies/${name}/figures/overview`)).history,
        })),
      );
      const metric = [...new Set(all.map(({ history }) => history.metric))].join(", ");
      setFound({
        names,
        distribution: { metric, studies: all.map(({ name, distribution }) => ({ ...distribution, study: name })) },
        histories: all,
      });
    };
    load().catch((error: unknown) => setProblem(problemOf(error)));
  }, [names]);
  const others = (data?.studies ?? []).map(({ name }) => shortName(name)).filter((name) => !chosen.includes(name));
  return (
    <>
      <h1>Compare studies</h1>
      <div class="row">
        {chosen.map((name) => (
          <button
            key={name}
            type="button"
            class="chip"
            aria-label={`Take ${name} away`}
            onClick={() => setQuery({ studies: chosen.filter((other) => other !== name).join(",") })}
          >
            {name} ×
          </button>
        ))}
        <Choice
          label="Add"
          value=""
          options={[["", "a study …"], ...others.map((name) => [name, name] as const)]}
          onChange={(name) => setQuery({ studies: [...chosen, name].join(",") })}
        />
      </div>
      {chosen.length === 0 && <p>Choose two studies or more with the same objective.</p>}
      {chosen.length > 0 && (
        <div class="grid">
          <Card
            title="Distribution of values"
            wide
            note="The further to the good side a curve lies, the better the trials of its study."
          >
            <Figure
              name="distribution"
              data={found?.names === names ? found.distribution : undefined}
              problem={problem}
              draw={drawDistribution}
            />
          </Card>
          {found?.names === names &&
            found.histories.map(({ name, history }) => (
              <Card key={name} title={name}>
                <Figure name={`history-${name.replace("/", "-")}`} data={history} draw={drawHistory} />
              </Card>
            ))}
        </div>
      )}
    </>
  );
}
