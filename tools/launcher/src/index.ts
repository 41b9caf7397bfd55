export { type Child, type ChildOptions, startChild } from "./child.ts";
export { type Stack, type StackOptions, startStack } from "./stack.ts";
