export { type CertificatePair, writeCertificate } from "./certificates.ts";
export { type SpawnedService, type SpawnOptions, spawnService } from "./spawn-service.ts";
export { startTestService, type TestService, type TestServiceOptions, testServerConfig } from "./test-service.ts";
