import { drawCost, drawTimeline, type TimelineData } from "@superbatch/figures";
import { useData } from "../data.ts";
import { Figure } from "../figure.tsx";
import { Card, numberText } from "../parts.tsx";
import { go } from "../router.tsx";
import type { TabProps } from "../study-page.tsx";
import type { Overview } from "./overview-tab.tsx";

export function FleetTab({ study, facts, revision }: TabProps) {
  const timeline = useData<TimelineData>(`/api/studies/${study}/figures/timeline`, revision);
  const overview = useData<Overview>(`/api/studies/${study}/figures/overview`, revision);
  const total = overview.data?.cost.total;
  const sum = total ? Object.values(total).reduce((a, b) => a + b, 0) : 0;
  return (
    <div class="grid">
      <Card title="Who trained what, when" wide note="One bar for each attempt; crosses mark leases that were lost.">
        <Figure
          name="timeline"
          data={timeline.data}
          problem={timeline.problem}
          draw={drawTimeline}
          onTrial={(number) => go(`/studies/${study}/trials/${number}`)}
          empty={timeline.data?.bars.length === 0 ? "No trial has been leased yet." : undefined}
        />
      </Card>
      <Card title="Cost by phase" wide>
        <Figure
          name="cost-by-phase"
          data={overview.data?.cost}
          problem={overview.problem}
          draw={drawCost}
          empty={overview.data && sum === 0 ? "Nothing has been spent yet." : undefined}
        />
        {total && sum > 0 && (
          <dl class="facts">
            {Object.entries(total)
              .filter(([, cost]) => cost > 0)
              .map(([phase, cost]) => (
                <div key={phase}>
                  <dt>{phase}</dt>
                  <dd>
                    {numberText(cost)} {facts.costUnit} ({Math.round((100 * cost) / sum)}%)
                  </dd>
                </div>
              ))}
          </dl>
        )}
      </Card>
    </div>
  );
}
