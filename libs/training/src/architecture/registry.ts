import type { Architecture } from "./architecture.ts";
import { mlp } from "./mlp.ts";
import { createResnet } from "./resnet.ts";
import { smallCnn } from "./small-cnn.ts";
import { createWideResnet } from "./wide-resnet.ts";

/** Names for lists and messages. Any `resnet<6n+2>` and `wrn_<6n+4>_<k>` is understood besides. */
export const architectureNames = [
  "mlp",
  "small_cnn",
  "resnet8",
  "resnet20",
  "resnet32",
  "resnet56",
  "wrn_16_4",
  "wrn_28_2",
  "wrn_28_10",
] as const;

/** @throws {RangeError} naming the known architectures. */
export function architectureByName(name: string): Architecture {
  if (name === mlp.name) return mlp;
  if (name === smallCnn.name) return smallCnn;
  const resnet = /^resnet(\d{1,4})$/.exec(name);
  if (resnet) return createResnet(Number(resnet[1]));
  const wide = /^wrn_(\d{1,4})_(\d{1,3})$/.exec(name);
  if (wide) return createWideResnet(Number(wide[1]), Number(wide[2]));
  throw new RangeError(`unknown architecture ${name}: it must be one of ${architectureNames.join(", ")}`);
}
