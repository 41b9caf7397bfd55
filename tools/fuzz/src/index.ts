export { type Outcome, rawClient, send } from "./call.ts";
export { type ServiceName, serviceNames } from "./contracts.ts";
export { granted } from "./corpus.ts";
export { hostileTexts } from "./hostile-texts.ts";
export { createNames, type Names } from "./names.ts";
export { isFault } from "./report.ts";
export { type TextField, textFields } from "./text-fields.ts";
