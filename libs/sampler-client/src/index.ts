export { createQueue, type Queue } from "./queue.ts";
export { openRemoteSampler, type RemoteSampler, type RemoteSamplerOptions } from "./remote-sampler.ts";
export { encodeAnswer, encodeWorkerMessage, samplerDefinition, type WorkerMessage } from "./stream-codec.ts";
export {
  type RecordArrays,
  recordsFromProto,
  reportFromProto,
  specFromProto,
  specToProto,
  statusToProto,
} from "./wire.ts";
