import { writeFileSync } from "node:fs";
import { studyFileJsonSchema } from "./study-file.ts";

/** Writes tools/cli/schema/study.schema.json anew: `node tools/cli/src/study-file/main-schema.ts`. A test compares it with the contracts. */
const path = new URL("../../schema/study.schema.json", import.meta.url);
writeFileSync(path, `${JSON.stringify(studyFileJsonSchema(), null, 2)}\n`);
