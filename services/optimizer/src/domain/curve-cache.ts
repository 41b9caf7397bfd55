import type { StoreReader, Study } from "@superbatch/store";
import { type CompletedCurve, curvesOf } from "./early-stopping.ts";
import { specOf } from "./spec.ts";

/** Learning curves of completed trials in memory: they do not change any more. Read once each, by the study's events. */
export interface CurveCache {
  completed(reader: StoreReader, study: Study): Promise<readonly CompletedCurve[]>;
}

interface Known {
  readonly createdAt: number;
  readonly curves: Map<number, CompletedCurve>;
  sequence: number;
}

/** Largest number of studies whose curves are kept. */
const studyLimit = 100;

export function createCurveCache(): CurveCache {
  const studies = new Map<string, Known>();

  return {
    async completed(reader, study) {
      let known = studies.get(study.name);
      // A study of the same name that was created later is another one.
      if (known?.createdAt !== study.createdAt) known = { createdAt: study.createdAt, curves: new Map(), sequence: 0 };
      studies.delete(study.name);
      studies.set(study.name, known);
      if (studies.size > studyLimit) studies.delete(studies.keys().next().value!);

      const { metric } = specOf(study).objective;
      for (const { kind, trial: number } of await reader.listEvents(study.name, { after: known.sequence })) {
        if (kind !== "trial-completed" || number === null) continue;
        const trial = await reader.getTrial(study.name, number);
        const points = await reader.listProgress(study.name, number);
        if (!trial) continue;
        for (const curve of curvesOf(points, metric, () => trial.attempt))
          known.curves.set(number, { ...curve, of: trial });
      }
      known.sequence = study.lastEvent;
      return [...known.curves.values()];
    },
  };
}
