export { type Child, type ChildOptions, startChild } from "./child.ts";
export { freePorts } from "./ports.ts";
export { percent, type Row, rowOf, short } from "./row.ts";
export { type Stack, type StackOptions, startStack, studyPage } from "./stack.ts";
export { createView, type Layout, type Running, type Snapshot, type View } from "./view.ts";
export { watchStudy } from "./watch.ts";
