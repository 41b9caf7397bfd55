import { budgetThatIsOver, defaultProject, optimizer } from "@superbatch/contracts";
import type { ParameterValue, TrialRow } from "@superbatch/figures";
import { reasonOf } from "@superbatch/rpc";
import { factsOf, rowOf, rowsOf, type ViewName, type ViewQuery, views } from "@superbatch/study-views";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { parse as parseYaml, YAMLParseError } from "yaml";
import { JsonError } from "../door/door.ts";
import { type OptimizerServiceClient, readerFor, withToken } from "../study/client.ts";
import type { StudyFeeds } from "../study/study-feeds.ts";
import { createViewCache } from "../study/view-cache.ts";
import { problemOf } from "./problem.ts";
import { tokenOf } from "./session.ts";

interface StudyRoutesOptions {
  readonly client: OptimizerServiceClient;
  readonly feeds: StudyFeeds;
  readonly tokenFile: string | undefined;
  readonly traceUrl: string | undefined;
  readonly logUrl: string | undefined;
}

type StudyRequest = FastifyRequest<{
  Params: { project: string; study: string; figure?: string; number?: string };
  Querystring: ViewQuery;
}>;

/** What the page asks for: figures of a study, aggregated here, pages of its trials, and news of changes. */
export function addStudyRoutes(
  app: FastifyInstance,
  { client, feeds, tokenFile, traceUrl, logUrl }: StudyRoutesOptions,
): void {
  const cache = createViewCache();

  async function find(request: StudyRequest) {
    const token = tokenOf(request, tokenFile);
    const name = `projects/${request.params.project}/studies/${request.params.study}`;
    const { study } = await client.getStudy({ name }, withToken(token));
    return { study: study!, token };
  }

  /** Checks that the caller may read the study, whatever is cached. */
  async function open(request: StudyRequest) {
    const { study, token } = await find(request);
    return { study, token, feed: await feeds.get(study.name, token) };
  }

  app.get("/api/settings", async () => ({ traceUrl: traceUrl ?? null, logUrl: logUrl ?? null }));

  app.get("/api/studies", async (request) => {
    const { page = "", size = "100", project = "" } = request.query as ViewQuery;
    const options = withToken(tokenOf(request, tokenFile));
    const answer = await client.listStudies(
      { parent: `projects/${project || "-"}`, pageToken: page, pageSize: Math.min(1000, Number(size) || 100) },
      options,
    );
    return { studies: answer.studies.map(summaryOf), nextPage: answer.nextPageToken };
  });

  const base = "/api/studies/:project/:study";

  /** The study by itself, which is there at once; whatever needs its trials or the model is asked for beside it. */
  app.get(base, async (request: StudyRequest) => {
    const { study } = await find(request);
    return { study: optimizer.Study.toJSON(study), facts: factsOf(study) };
  });

  app.get(`${base}/recommendation`, async (request: StudyRequest) => {
    const { study, token } = await find(request);
    const recommendation = await client
      .getRecommendation({ study: study.name }, withToken(token))
      .catch((error: unknown) => {
        if (reasonOf(error) === "NO_OBSERVATIONS") return undefined;
        throw error;
      });
    return { recommendation: recommendation ? optimizer.GetRecommendationResponse.toJSON(recommendation) : null };
  });

  app.get(`${base}/figures/:figure`, async (request: StudyRequest, reply) => {
    const figure = request.params.figure as string;
    if (!Object.hasOwn(views, figure))
      return reply.status(404).send({
        code: "not_found",
        message: `there is no figure ${figure}; there are ${Object.keys(views).join(", ")}`,
      });
    const { study, token, feed } = await open(request);
    const make = async (signal: AbortSignal) => {
      const context = { reader: readerFor(client, token), study, trials: feed.trials(), signal, now: Date.now() };
      return views[figure as ViewName](context, request.query);
    };
    const view = await cache.get(feed, `${figure}?${JSON.stringify(request.query)}`, make);
    // The page asks again at once: no connection waits for minutes.
    if (!view) return reply.status(202).header("cache-control", "no-store").send({ code: "pending" });
    const { json, outdatedFor } = view;
    // The study has gone on since: the page asks again then, though nothing else may have happened.
    if (outdatedFor > 0) reply.header("x-outdated-for", String(outdatedFor));
    return reply.type("application/json").header("cache-control", "no-store").send(json);
  });

  app.get(`${base}/trials`, async (request: StudyRequest) => {
    const { feed } = await open(request);
    return trialsPage(feed.trials(), request.query);
  });

  app.get(`${base}/trials/:number`, async (request: StudyRequest) => {
    const { project, study, number } = request.params;
    const name = `projects/${project}/studies/${study}/trials/${number}`;
    const { trial } = await client.getTrial({ name }, withToken(tokenOf(request, tokenFile)));
    return { trial: optimizer.Trial.toJSON(trial!), row: rowOf(trial!) };
  });

  /** Server-sent events: `change` with the revision, at most twice a second. */
  app.get(`${base}/events`, async (request: StudyRequest, reply) => {
    const { feed } = await open(request);
    reply.hijack();
    const left = new AbortController();
    reply.raw.on("close", () => left.abort());
    reply.raw.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    const beat = setInterval(() => reply.raw.write(": \n\n"), 15_000);
    let revision = feed.revision();
    reply.raw.write(`event: change\ndata: ${revision}\n\n`);
    while (!left.signal.aborted && feed.failure() === undefined) {
      await feed.changed(revision, left.signal);
      revision = feed.revision();
      if (!left.signal.aborted) reply.raw.write(`event: change\ndata: ${revision}\n\n`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    clearInterval(beat);
    // The page comes back by itself, and then finds a new feed or learns that the study is gone.
    reply.raw.end();
  });

  app.get(`${base}/export`, async (request: StudyRequest, reply) =>
    exportStudy(client, request, reply, tokenOf(request, tokenFile)),
  );

  app.post(`${base}/stop`, async (request: StudyRequest) => {
    const { study, token } = await find(request);
    const change = { name: study.name, budget: budgetThatIsOver(study), etag: study.etag };
    const changed = await client.updateStudy(change, withToken(token));
    return { state: changed.study!.state };
  });

  /** A study as YAML or JSON: what CreateStudy takes, or its spec alone. */
  app.post("/api/studies", async (request) => {
    const { text, id, project } = (request.body ?? {}) as { text?: string; id?: string; project?: string };
    const spec = parseStudy(text ?? "");
    const options = withToken(tokenOf(request, tokenFile));
    const { study } = await client.createStudy(
      { parent: `projects/${project || defaultProject}`, studyId: id ?? "", study: { spec } },
      options,
    );
    return { name: study!.name };
  });
}

function summaryOf(study: optimizer.Study) {
  const { name, spec, state, stateReason, progress, createTime, updateTime } = study;
  return {
    name,
    state,
    stateReason,
    metric: spec?.objective?.metric ?? "",
    algorithm: spec?.algorithm?.kind?.$case ?? "entropySearch",
    costUnit: spec?.costUnit || "s",
    labels: spec?.labels ?? {},
    progress: progress ? optimizer.StudyProgress.toJSON(progress) : null,
    budget: spec?.budget ?? null,
    createTime,
    updateTime,
  };
}

function parseStudy(text: string): optimizer.StudySpec {
  try {
    const value = parseYaml(text) as Record<string, unknown> | null;
    if (value === null || typeof value !== "object") throw new JsonError("text: must be a study as YAML or JSON");
    return optimizer.StudySpec.fromJSON("spec" in value ? value.spec : value);
  } catch (error) {
    if (error instanceof YAMLParseError) throw new JsonError(`text: ${error.message}`);
    throw error;
  }
}

/** Columns that trials can be sorted by, besides parameters. */
const columns: Readonly<Record<string, (row: TrialRow) => ParameterValue | undefined>> = {
  number: ({ number }) => number,
  value: ({ value }) => value,
  cost: ({ cost }) => cost.total,
  state: ({ state }) => state,
  worker: ({ worker }) => worker,
  attempts: ({ attempts }) => attempts,
  start: ({ startTime }) => startTime,
  end: ({ endTime }) => endTime,
};

/** One page of trials, sorted and filtered here: a study may have 50,000. */
function trialsPage(trials: readonly optimizer.Trial[], query: ViewQuery) {
  const { sort = "number", order = "down", state = "", worker = "" } = query;
  const offset = Math.max(0, Math.floor(Number(query.offset ?? 0)) || 0);
  const limit = Math.min(500, Math.max(1, Math.floor(Number(query.limit ?? 50)) || 50));
  const rows = rowsOf(trials).filter(
    (row) => (state === "" || row.state === state) && (worker === "" || row.worker === worker),
  );
  const key = Object.hasOwn(columns, sort) ? columns[sort] : ({ parameters }: TrialRow) => parameters[sort];
  const sign = order === "down" ? -1 : 1;
  rows.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === undefined || y === undefined)
      return Number(x === undefined) - Number(y === undefined) || a.number - b.number;
    return (
      sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y))) ||
      a.number - b.number
    );
  });
  return { total: rows.length, offset, rows: rows.slice(offset, offset + limit) };
}

async function exportStudy(
  client: OptimizerServiceClient,
  request: StudyRequest,
  reply: FastifyReply,
  token: string | undefined,
) {
  const { project, study } = request.params;
  const csv = request.query.format === "csv";
  const format = csv ? optimizer.ExportFormat.CSV : optimizer.ExportFormat.JSON;
  const chunks = client
    .exportStudy({ name: `projects/${project}/studies/${study}`, format }, withToken(token))
    [Symbol.asyncIterator]();
  // What is refused is refused with a status, before the first byte.
  let next = await chunks.next();
  reply.hijack();
  const type = csv ? "text/csv; charset=utf-8" : "application/json";
  reply.raw.writeHead(200, {
    "content-type": type,
    "content-disposition": `attachment; filename="${study}.${csv ? "csv" : "json"}"`,
    "cache-control": "no-store",
  });
  try {
    for (; !next.done; next = await chunks.next())
      if (!reply.raw.write(next.value.chunk)) await new Promise((resolve) => reply.raw.once("drain", resolve));
    reply.raw.end();
  } catch (error) {
    // The file would look whole: break it off instead.
    request.log.warn({ problem: problemOf(error).body }, "export failed");
    reply.raw.destroy();
  }
}
