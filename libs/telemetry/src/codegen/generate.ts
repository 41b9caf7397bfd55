import { readFileSync, writeFileSync } from "node:fs";
import { renderConventions } from "./render.ts";
import { renderPython } from "./render-python.ts";
import { renderReference } from "./render-reference.ts";
import { readSchema } from "./schema.ts";

const at = (path: string) => new URL(path, import.meta.url);
const schema = readSchema(readFileSync(at("../../schema/trial.yaml"), "utf8"));
writeFileSync(at("../conventions.ts"), renderConventions(schema));
writeFileSync(at("../../../../clients/python/src/superbatch/conventions.py"), renderPython(schema));
writeFileSync(at("../../../../docs/reference/telemetry.md"), renderReference(schema));
