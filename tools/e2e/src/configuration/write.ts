import { writeFileSync } from "node:fs";
import { renderReference } from "./reference.ts";

writeFileSync(new URL("../../../../docs/reference/configuration.md", import.meta.url), renderReference());
