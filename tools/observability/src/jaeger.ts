import { poll } from "./program.ts";

/** A span as Jaeger gives it back. */
export interface Span {
  readonly id: string;
  /** Absent at the root of a trace. */
  readonly parent?: string;
  readonly name: string;
  readonly service: string;
  readonly pid: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Ids of the traces that it links to. */
  readonly links: readonly string[];
}

interface JaegerTrace {
  readonly spans: readonly {
    readonly spanID: string;
    readonly operationName: string;
    readonly processID: string;
    readonly references: readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[];
    readonly tags: readonly Tag[];
  }[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string; readonly tags: readonly Tag[] }>>;
}

interface Tag {
  readonly key: string;
  readonly value: unknown;
}

/** The spans of a trace; undefined if the backend does not have it. @param id - 32 hexadecimal digits */
export async function findTrace(jaeger: string, id: string): Promise<Span[] | undefined> {
  const response = await fetch(`${jaeger}/api/traces/${id}`);
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`Jaeger answers ${response.status}: ${await response.text()}`);
  const { data } = (await response.json()) as { data: readonly JaegerTrace[] };
  const trace = data[0];
  return trace?.spans.map((span) => {
    const { serviceName, tags } = trace.processes[span.processID]!;
    const parent = span.references.find(({ refType }) => refType === "CHILD_OF")?.spanID;
    return {
      id: span.spanID,
      ...(parent !== undefined && { parent }),
      name: span.operationName,
      service: serviceName,
      pid: Number(attributesOf(tags)["process.pid"]),
      attributes: attributesOf(span.tags),
      links: span.references.filter(({ refType }) => refType === "FOLLOWS_FROM").map(({ traceID }) => traceID),
    };
  });
}

/** As {@link findTrace}, but waits until the trace is there with a span of that name, which comes last. */
export function awaitTrace(jaeger: string, id: string, name: string): Promise<Span[] | undefined> {
  return poll(45, async () => {
    const spans = await findTrace(jaeger, id);
    return spans?.some((span) => span.name === name) ? spans : undefined;
  });
}

function attributesOf(tags: readonly Tag[]): Record<string, unknown> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
