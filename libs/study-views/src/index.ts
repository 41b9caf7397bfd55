export { factsOf, rowOf, rowsOf } from "./facts.ts";
export { type StudyReader, type ViewContext, ViewError, type ViewQuery } from "./view-context.ts";
export { type ViewName, views } from "./views.ts";
