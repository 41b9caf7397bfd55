// Conv2D and both its gradients for the wasm backend, over the kernels of assembly/convolution.ts.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { addressOf, withScratch } from "./memory.ts";
import { type Kernels, tileRows } from "./module.ts";

/** Scratch that one group of padded images should fill at most, so that it stays in the second-level cache. */
const groupBytes = 256 * 1024;
/** Pixels that one group should have at least, so that tiles are full and calls few. */
const groupPixels = 192;

const up = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** A frame into which an image is copied: zeros around it. Rows and columns in pixels. */
interface Frame {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** One set of windows: where they begin in the frame, where their results go, and which taps they have. */
interface Phase {
  /** Rows and columns of results. */
  readonly rows: number;
  readonly columns: number;
  /** Taps of the window. */
  readonly tapRows: number;
  readonly tapColumns: number;
  /** Frame pixel of the first window, and pixels between windows. */
  readonly inRow: number;
  readonly inColumn: number;
  readonly inStep: number;
  /** Result pixel of the first window, and pixels between results. */
  readonly outRow: number;
  readonly outColumn: number;
  readonly outStep: number;
  pack(panels: number): void;
}

interface Images {
  readonly address: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Runs all phases over the batch, group by group of images. */
function convolveBatch(
  kernels: Kernels,
  backend: BackendWasm,
  batch: number,
  source: Images,
  frame: Frame,
  phases: readonly Phase[],
  result: Images,
): void {
  const panel = kernels.panelColumns();
  const pitch = frame.width * source.channels * 4;
  const frameBytes = frame.height * pitch;
  const copies = frame.height !== source.height || frame.width !== source.width;
  const imagePixels = Math.max(...phases.map((phase) => phase.rows * phase.columns));
  const group = groupSize(batch, imagePixels, frameBytes);
  const tableBytes = up(group * imagePixels, tileRows) * 4;
  const panelBytes = phases.map(
    (phase) => up(result.channels, panel) * phase.tapRows * phase.tapColumns * source.channels * 4,
  );
  const edgeBytes = tileRows * 4 + tileRows * panel * 4;
  const total =
    panelBytes.reduce((a, b) => a + b, 0) +
    2 * tableBytes * phases.length +
    edgeBytes +
    (copies ? group * frameBytes : 0);

  withScratch(backend, total, (scratch) => {
    let next = scratch;
    const take = (bytes: number) => {
      next += bytes;
      return next - bytes;
    };
    const plans = phases.map((phase, i) => {
      const panels = take(panelBytes[i]);
      phase.pack(panels);
      return { phase, panels, inputs: take(tableBytes), outputs: take(tableBytes) };
    });
    const edge = take(edgeBytes);
    const frames = copies ? take(group * frameBytes) : 0;
    const inImage = source.height * source.width * source.channels * 4;
    const outPixel = result.channels * 4;
    const outPitch = result.width * outPixel;
    const outImage = result.height * outPitch;
    const inPixel = source.channels * 4;

    const fillTables = (images: number) => {
      for (const { phase, inputs, outputs } of plans) {
        const { rows, columns, inStep, outStep } = phase;
        const inFirst = phase.inRow * pitch + phase.inColumn * inPixel;
        const outFirst = phase.outRow * outPitch + phase.outColumn * outPixel;
        kernels.pixelTable(inputs, images, rows, columns, inFirst, frameBytes, inStep * pitch, inStep * inPixel);
        kernels.pixelTable(outputs, images, rows, columns, outFirst, outImage, outStep * outPitch, outStep * outPixel);
      }
    };

    let tabled = 0;
    for (let first = 0; first < batch; first += group) {
      const images = Math.min(group, batch - first);
      if (images !== tabled) fillTables(images);
      tabled = images;
      const from = source.address + first * inImage;
      if (copies) {
        const { height, top, left } = frame;
        const row = source.width * inPixel;
        kernels.padImages(from, frames, images, source.height, row, height, pitch, top, left * inPixel);
      }
      const inBase = copies ? frames : from;
      const outBase = result.address + first * outImage;
      for (const { phase, panels, inputs, outputs } of plans) {
        const run = phase.tapColumns * source.channels;
        const pixels = images * phase.rows * phase.columns;
        kernels.convolve(
          inBase,
          inputs,
          pixels,
          phase.tapRows,
          run,
          pitch,
          panels,
          result.channels,
          outBase,
          outputs,
          edge,
        );
      }
    }
  });
}

function groupSize(batch: number, imagePixels: number, imageBytes: number): number {
  const enough = Math.ceil(groupPixels / imagePixels);
  const fits = Math.max(1, Math.floor(groupBytes / imageBytes));
  return Math.min(batch, Math.max(1, Math.min(enough, fits)));
}

type ConvInfo = tf.backend_util.Conv2DInfo;

/** y = convolution of x with the filter. */
export function convolution(
  kernels: Kernels,
  backend: BackendWasm,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  info: ConvInfo,
): tf.TensorInfo {
  const y = backend.makeOutput(info.outShape, "float32");
  const address = addressOf(backend, filter);
  const rows = info.filterHeight * info.filterWidth * info.inChannels;
  const phase: Phase = {
    rows: info.outHeight,
    columns: info.outWidth,
    tapRows: info.filterHeight,
    tapColumns: info.filterWidth,
    inRow: 0,
    inColumn: 0,
    inStep: info.strideHeight,
    outRow: 0,
    outColumn: 0,
    outStep: 1,
    pack: (panels) => kernels.packFilter(address, panels, rows, info.outChannels),
  };
  convolveBatch(kernels, backend, info.batchSize, imagesX(backend, x, info), frameOf(info), [phase], {
    address: addressOf(backend, y),
    height: info.outHeight,
    width: info.outWidth,
    channels: info.outChannels,
  });
  return y;
}

function imagesX(backend: BackendWasm, x: tf.TensorInfo, info: ConvInfo): Images {
  return { address: addressOf(backend, x), height: info.inHeight, width: info.inWidth, channels: info.inChannels };
}

function imagesY(backend: BackendWasm, y: tf.TensorInfo, info: ConvInfo): Images {
  return { address: addressOf(backend, y), height: info.outHeight, width: info.outWidth, channels: info.outChannels };
}

/** The zero-padded input: at least as large as the image, and as the windows reach. */
function frameOf(info: ConvInfo): Frame {
  const { top, left } = info.padInfo;
  const height = (info.outHeight - 1) * info.strideHeight + info.filterHeight;
  const width = (info.outWidth - 1) * info.strideWidth + info.filterWidth;
  return { top, left, height: Math.max(height, top + info.inHeight), width: Math.max(width, left + info.inWidth) };
}

/** The taps of one axis that reach positions ≡ `residue` (mod stride) of the input. */
function axisPhase(residue: number, size: number, stride: number, taps: number, before: number) {
  const first = (residue + before) % stride;
  const count = first < taps ? Math.ceil((taps - first) / stride) : 0;
  const results = Math.ceil((size - residue) / stride);
  // The window of result j covers outputs j + shift, ..., j + shift + count − 1.
  const shift = (residue + before - first) / stride - (count - 1);
  return { residue, first, count, results, shift };
}

function axisPhases(size: number, stride: number, taps: number, before: number, outputs: number) {
  const residues = Array.from({ length: Math.min(stride, size) }, (_, i) => i);
  const phases = residues.map((residue) => axisPhase(residue, size, stride, taps, before));
  const reached = phases.filter((phase) => phase.count > 0);
  const pad = Math.max(0, ...reached.map((phase) => -phase.shift));
  const end = Math.max(...reached.map((phase) => phase.results - 1 + phase.shift + phase.count));
  return { phases: reached, complete: reached.length === phases.length, pad, length: pad + Math.max(outputs, end) };
}

/** dx, the gradient with respect to the input. */
export function inputGradient(
  kernels: Kernels,
  backend: BackendWasm,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  info: ConvInfo,
): tf.TensorInfo {
  const dx = backend.makeOutput(info.inShape, "float32");
  const address = addressOf(backend, filter);
  const stride = info.strideHeight;
  const { inHeight, inWidth, filterHeight, filterWidth, inChannels, outChannels } = info;
  const vertical = axisPhases(inHeight, stride, filterHeight, info.padInfo.top, info.outHeight);
  const horizontal = axisPhases(inWidth, stride, filterWidth, info.padInfo.left, info.outWidth);
  if (!vertical.complete || !horizontal.complete)
    kernels.clear(addressOf(backend, dx), tf.util.sizeFromShape(info.inShape) * 4);
  const phases = vertical.phases.flatMap((v) =>
    horizontal.phases.map(
      (h): Phase => ({
        rows: v.results,
        columns: h.results,
        tapRows: v.count,
        tapColumns: h.count,
        inRow: v.shift + vertical.pad,
        inColumn: h.shift + horizontal.pad,
        inStep: 1,
        outRow: v.residue,
        outColumn: h.residue,
        outStep: stride,
        pack: (panels) =>
          kernels.packFlipped(
            address,
            panels,
            filterWidth,
            inChannels,
            outChannels,
            v.first,
            h.first,
            v.count,
            h.count,
            stride,
          ),
      }),
    ),
  );
  const frame: Frame = {
    top: vertical.pad,
    left: horizontal.pad,
    height: vertical.length,
    width: horizontal.length,
  };
  convolveBatch(kernels, backend, info.batchSize, imagesY(backend, dy, info), frame, phases, {
    address: addressOf(backend, dx),
    height: inHeight,
    width: inWidth,
    channels: inChannels,
  });
  return dx;
}

/** The gradient with respect to the filter. */
export function filterGradient(
  kernels: Kernels,
  backend: BackendWasm,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  info: ConvInfo,
): tf.TensorInfo {
  const panel = kernels.panelColumns();
  const { outHeight, outWidth, outChannels, filterHeight, inHeight, inWidth, inChannels, batchSize } = info;
  const dFilter = backend.makeOutput(info.filterShape, "float32");
  const frame = frameOf(info);
  const pixel = inChannels * 4;
  const pitch = frame.width * pixel;
  const run = info.filterWidth * inChannels;
  const paddedRun = up(run, tileRows);
  const columns = up(outChannels, panel);
  const copiesDy = columns !== outChannels;
  // A tile reads ROWS floats even where fewer remain in a run: the last tile of the last image needs room behind it.
  const copiesX = frame.height !== inHeight || frame.width !== inWidth || paddedRun !== run;
  const frameBytes = frame.height * pitch;
  const outPixels = outHeight * outWidth;
  const group = groupSize(batchSize, outPixels, frameBytes);
  const sumBytes = filterHeight * paddedRun * columns * 4;
  const framesBytes = copiesX ? group * frameBytes + tileRows * 4 : 0;
  const dyBytes = copiesDy ? group * outPixels * columns * 4 : 0;
  withScratch(backend, sumBytes + framesBytes + dyBytes, (sums) => {
    const frames = sums + sumBytes;
    const dyCopy = frames + framesBytes;
    kernels.clear(sums, sumBytes);
    const xAddress = addressOf(backend, x);
    const dyAddress = addressOf(backend, dy);
    for (let first = 0; first < batchSize; first += group) {
      const images = Math.min(group, batchSize - first);
      let input = xAddress + first * inHeight * inWidth * pixel;
      if (copiesX) {
        const { top, left, height } = frame;
        kernels.padImages(input, frames, images, inHeight, inWidth * pixel, height, pitch, top, left * pixel);
        input = frames;
      }
      let output = dyAddress + first * outPixels * outChannels * 4;
      if (copiesDy) {
        kernels.padImages(
          output,
          dyCopy,
          1,
          images * outPixels,
          outChannels * 4,
          images * outPixels,
          columns * 4,
          0,
          0,
        );
        output = dyCopy;
      }
      kernels.filterGradient(
        input,
        output,
        images,
        outHeight,
        outWidth,
        info.strideWidth * pixel,
        info.strideHeight * pitch,
        frameBytes,
        filterHeight,
        run,
        pitch,
        columns * 4,
        sums,
      );
    }
    const address = addressOf(backend, dFilter);
    kernels.unpadFilter(sums, address, filterHeight, run, paddedRun, outChannels, columns * 4);
  });
  return dFilter;
}
