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
