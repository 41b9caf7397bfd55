import { spanAttributes } from "../conventions.ts";
import type { ReceivedSpan } from "./decode-spans.ts";

/** A span with the spans below it. */
export interface SpanNode extends ReceivedSpan {
  readonly children: readonly SpanNode[];
}

/**
 * The spans of one trace as trees: the roots, children sorted by their start. A span whose parent did not arrive is a root too; a whole
 * trace has one.
 */
export function spanTree(spans: readonly ReceivedSpan[], traceId: string): SpanNode[] {
  const nodes = new Map<string, SpanNode & { children: SpanNode[] }>();
  const ordered = spans
    .filter((span) => span.traceId === traceId)
    .sort((a, b) => Number(a.startNanoseconds - b.startNanoseconds));
  for (const span of ordered) nodes.set(span.spanId, { ...span, children: [] });
  const roots: SpanNode[] = [];
  for (const node of nodes.values()) (nodes.get(node.parentSpanId)?.children ?? roots).push(node);
  return roots;
}

/** What spans carry that the schema does not allow them: `superbatch.fit: superbatch.nonsense`. Other libraries' spans do not count. */
export function unexpectedAttributes(spans: readonly ReceivedSpan[]): string[] {
  const found = spans.flatMap(({ name, attributes }) => {
    const allowed = spanAttributes[name];
    if (!allowed) return name.startsWith("superbatch.") && !name.includes("/") ? [`${name} is not in the schema`] : [];
    return Object.keys(attributes)
      .filter((key) => !allowed.includes(key))
      .map((key) => `${name}: ${key}`);
  });
  return [...new Set(found)];
}
