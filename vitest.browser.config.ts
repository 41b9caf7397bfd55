import { defineConfig } from "vitest/config";

/** Tests in a real browser: `npm run test:browser`. Minutes rather than seconds, so they are not part of `npm test`. */
export default defineConfig({
  test: {
    include: ["tools/e2e/src/browser/**/*.browser.ts"],
    setupFiles: ["./tools/fixed-seed.ts"],
    testTimeout: 180_000,
    hookTimeout: 900_000,
    fileParallelism: false,
    env: { OTEL_SDK_DISABLED: "" },
  },
});
