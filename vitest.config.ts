import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{libs,services,tools,clients/typescript}/**/src/**/*.test.ts"],
    setupFiles: ["./tools/fixed-seed.ts"],
    // Real processes and compilers run inside some tests, on machines with two cores.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    env: { OTEL_SDK_DISABLED: "" },
  },
});
