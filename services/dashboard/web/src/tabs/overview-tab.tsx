import {
  type CostData,
  drawErrorAgainstCost,
  drawFidelity,
  drawHistory,
  drawTradeOff,
  type FidelityData,
  type HistoryAxis,
  type HistoryData,
  type TradeOffData,
} from "@superbatch/figures";
import { useData } from "../data.ts";
import { Figure } from "../figure.tsx";
import { Card, Choice } from "../parts.tsx";
import { go, query, setQuery } from "../router.tsx";
import type { TabProps } from "../study-page.tsx";

export interface Overview {
  readonly history: HistoryData;
  readonly fidelities: readonly FidelityData[];
  readonly cost: CostData;
}

export function OverviewTab({ study, revision }: TabProps) {
  const { data, problem } = useData<Overview>(`/api/studies/${study}/figures/overview`, revision);
  const completed = data?.history.completed ?? 0;
  const tradeOff = useData<TradeOffData[]>(
    completed > 0 ? `/api/studies/${study}/figures/tradeoff` : undefined,
    revision,
  );
  const axis = (query.value.get("axis") ?? "cost") as HistoryAxis;
  const log = query.value.get("log") === "1";
  const onTrial = (number: number) => go(`/studies/${study}/trials/${number}`);
  return (
    <div class="grid">
      <Card
        title="Value and the best so far"
        wide
        note="The line follows the best trial at the highest fidelity evaluated by then: it may step back once, when a fidelity is raised."
      >
        <div class="row">
          <Choice
            label="Against"
            value={axis}
            options={[
              ["cost", "cost"],
              ["trials", "trials"],
              ["seconds", "time"],
            ]}
            onChange={(value) => setQuery({ axis: value })}
          />
          <Choice
            label="Scale"
            value={log ? "1" : ""}
            options={[
              ["", "linear"],
              ["1", "logarithmic"],
            ]}
            onChange={(value) => setQuery({ log: value })}
          />
        </div>
        <Figure
          name="history"
          data={data?.history}
          problem={problem}
          depends={[axis, log]}
          onTrial={onTrial}
          empty={data && completed === 0 ? "No trial has completed yet." : undefined}
          draw={(history, options) =>
            drawHistory(history, { ...options, axis, log: log && history.points.every(({ value }) => value > 0) })
          }
        />
      </Card>
      {data?.fidelities.map((fidelity) => (
        <Card
          key={fidelity.fidelity}
          title={`Chosen ${fidelity.fidelity}`}
          note="What each trial was evaluated at: the search decides how much quality is worth its cost."
        >
          <Figure
            name={`chosen-${fidelity.fidelity}`}
            data={fidelity}
            draw={drawFidelity}
            empty={fidelity.points.length === 0 ? "No trial has completed yet." : undefined}
          />
        </Card>
      ))}
      {tradeOff.data?.map((one) => (
        <Card
          key={one.fidelity}
          title={`What ${one.fidelity} is worth`}
          note="The model at the recommended configuration: expected error against it, and against what it costs."
        >
          <Figure name={`trade-off-${one.fidelity}`} data={one} draw={drawTradeOff} />
          <Figure name={`error-against-cost-${one.fidelity}`} data={one} draw={drawErrorAgainstCost} />
        </Card>
      ))}
      {!tradeOff.data && completed > 0 && data!.fidelities.length > 0 && (
        <Card
          title="What fidelities are worth"
          note="The model's view of value and cost at the recommended configuration."
        >
          <Figure
            name="trade-off"
            data={undefined}
            problem={tradeOff.problem}
            pending={tradeOff.pending}
            draw={drawTradeOff}
          />
        </Card>
      )}
    </div>
  );
}
