import { readFileSync, writeFileSync } from "node:fs";
import { renderConventions } from "./render.ts";

const schema = new URL("../../schema/trial.yaml", import.meta.url);
writeFileSync(new URL("../conventions.ts", import.meta.url), renderConventions(readFileSync(schema, "utf8")));
