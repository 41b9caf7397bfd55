import { randomUUID } from "node:crypto";
import { formatStudyName, optimizer, parseStudyName } from "@superbatch/contracts";
import { type ClientOptions, createClient } from "@superbatch/rpc";
import { createStudyHandle, type Study } from "./study.ts";

/** The optimizer's calls as the contract has them. */
export type Api = ReturnType<typeof createClient<typeof optimizer.OptimizerServiceDefinition>>["client"];

export interface ConnectOptions extends ClientOptions {
  /** Where studies are that are named by their id alone. @default "default" */
  readonly project?: string;
}

/** A connection to an optimizer. Connects when first used, and again by itself. */
export interface Client extends Disposable {
  /** Every call of the contract, with this client's token, deadlines, retries and errors (`fieldViolations`, `reasonOf` of @superbatch/rpc). */
  readonly api: Api;
  /** A study by its id or its whole name. */
  study(name: string): Promise<Study>;
  /**
   * Creates a study.
   *
   * @param spec - in the JSON form of superbatch.optimizer.v1.StudySpec: `{ objective: { metric: "error" }, space: { parameters: [...] } }`.
   * @throws a ClientError with ALREADY_EXISTS if the id is taken, with INVALID_ARGUMENT if a field is wrong: `fieldViolations(error)` names all of them.
   */
  createStudy(id: string, spec: unknown): Promise<Study>;
  /** Calls in flight fail. */
  close(): void;
}

/** @param address - `HOST:PORT`, or `dns:///HOST:PORT` to spread calls over all replicas. */
export function connect(address: string, { project = "default", ...options }: ConnectOptions = {}): Client {
  const { client: api, close } = createClient(optimizer.OptimizerServiceDefinition, address, options);
  return {
    api,
    async study(name) {
      const whole = parseStudyName(name) ? name : formatStudyName({ project, study: name });
      const { study } = await api.getStudy({ name: whole });
      return createStudyHandle(api, study!.name);
    },
    async createStudy(studyId, spec) {
      const request = { parent: `projects/${project}`, studyId, requestId: randomUUID() };
      const { study } = await api.createStudy({ ...request, study: optimizer.Study.fromJSON({ spec }) });
      return createStudyHandle(api, study!.name);
    },
    close,
    [Symbol.dispose]: close,
  };
}
