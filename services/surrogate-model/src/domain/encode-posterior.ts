import { gaussianToProto, surrogate } from "@superbatch/contracts";
import type { JointGaussian } from "@superbatch/linalg";

/** A serialized PosteriorResponse, in memory of its own. */
export function encodePosterior(samples: readonly JointGaussian[]): Uint8Array {
  const message = surrogate.PosteriorResponse.fromPartial({ samples: samples.map(gaussianToProto) });
  return surrogate.PosteriorResponse.encode(message).finish();
}
