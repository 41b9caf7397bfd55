export { startTestService, type TestService, type TestServiceOptions, testServerConfig } from "./test-service.ts";
