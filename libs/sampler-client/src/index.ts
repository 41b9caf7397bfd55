export { createQueue, type Queue } from "./queue.ts";
export { openRemoteSampler, type RemoteSampler, type RemoteSamplerOptions } from "./remote-sampler.ts";
export {
  type RecordArrays,
  recordsFromProto,
  reportFromProto,
  specFromProto,
  specToProto,
  statusToProto,
  taskToProto,
} from "./wire.ts";
