/** Height, width and channels of one example. A flat feature vector of d values is [1, 1, d]. */
export type InputShape = readonly [height: number, width: number, channels: number];

/** Examples as they lie in memory: inputs are stored once, as read, and normalized while a batch is gathered. */
export interface Split {
  /** Number of examples, n. */
  readonly size: number;
  /** n × h × w × c, row-major (NHWC). Bytes for images; float32 for data of other kinds. */
  readonly inputs: Uint8Array | Float32Array;
  /** n class indices in [0, classes). */
  readonly labels: Uint8Array | Uint16Array | Uint32Array;
}

/** A classification problem, read completely into memory. Immutable: splits are shared by all trials of a process. */
export interface Dataset {
  /** The name that a configuration refers to, such as `cifar10`. */
  readonly name: string;
  readonly inputShape: InputShape;
  /** Number of classes, at least 2. */
  readonly classes: number;
  readonly train: Split;
  /** Held out for the final report. No trial's objective is measured on it. */
  readonly test: Split;
  /** Whether a mirrored image is still an example of its class: true of photographs, false of digits. */
  readonly flippable: boolean;
  /** SHA-256 of all inputs and labels, hexadecimal: two trainers with equal checksums train on the same data. */
  readonly checksum: string;
}

/** Values in one example. */
export function inputSize([height, width, channels]: InputShape): number {
  return height * width * channels;
}
