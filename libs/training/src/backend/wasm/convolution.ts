// Conv2D and both its gradients for the wasm backend, over the kernels of assembly/convolution.ts.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { addressOf, withScratch } from "./memory.ts";
import { tileRows } from "./module.ts";
import type { Team } from "./team.ts";

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

/** Runs all phases over the batch, split among the team, group by group of images. */
function convolveBatch(
  team: Team,
  backend: BackendWasm,
  batch: number,
  source: Images,
  frame: Frame,
  phases: readonly Phase[],
  result: Images,
): void {
  const panel = team.kernels.panelColumns();
  const inPixel = source.channels * 4;
  const pitch = frame.width * inPixel;
  const frameBytes = frame.height * pitch;
  const copies = frame.height !== source.height || frame.width !== source.width;
  const imagePixels = Math.max(...phases.map((phase) => phase.rows * phase.columns));
  const taps = (phase: Phase) => phase.tapRows * phase.tapColumns * source.channels;
  const work = phases.reduce((sum, phase) => sum + phase.rows * phase.columns * taps(phase), 0) * result.channels;
  const parts = team.parts(batch, batch * work);
  const group = groupSize(Math.ceil(batch / parts), imagePixels, frameBytes);
  const panelBytes = phases.map((phase) => up(result.channels, panel) * taps(phase) * 4);
  const allPanels = panelBytes.reduce((a, b) => a + b, 0);
  const tableBytes = up(group * imagePixels, tileRows) * 4;
  const tablesBytes = 2 * tableBytes * phases.length;
  const edgeBytes = tileRows * 4 + tileRows * panel * 4;
  const partBytes = tablesBytes + edgeBytes + (copies ? group * frameBytes : 0);
  const inImage = source.height * source.width * inPixel;
  const outPixel = result.channels * 4;
  const outPitch = result.width * outPixel;
  const outImage = result.height * outPitch;

  withScratch(backend, allPanels + parts * partBytes, (scratch) => {
    let next = scratch;
    const panels = phases.map((phase, i) => {
      const place = next;
      next += panelBytes[i];
      phase.pack(place);
      return place;
    });

    team.run(parts, batch, (kernels, begin, end, part) => {
      const tables = scratch + allPanels + part * partBytes;
      const edge = tables + tablesBytes;
      const frames = edge + edgeBytes;
      const inputsOf = (phase: number) => tables + 2 * phase * tableBytes;
      const outputsOf = (phase: number) => inputsOf(phase) + tableBytes;
      const fillTables = (images: number) => {
        for (const [i, phase] of phases.entries()) {
          const { rows, columns, inStep, outStep } = phase;
          const inFirst = phase.inRow * pitch + phase.inColumn * inPixel;
          const outFirst = phase.outRow * outPitch + phase.outColumn * outPixel;
          const [down, right] = [outStep * outPitch, outStep * outPixel];
          kernels.pixelTable(inputsOf(i), images, rows, columns, inFirst, frameBytes, inStep * pitch, inStep * inPixel);
          kernels.pixelTable(outputsOf(i), images, rows, columns, outFirst, outImage, down, right);
        }
      };
      let tabled = 0;
      for (let first = begin; first < end; first += group) {
        const images = Math.min(group, end - first);
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
        for (const [i, { rows, columns, tapRows, tapColumns }] of phases.entries()) {
          const run = tapColumns * source.channels;
          const pixels = images * rows * columns;
          const [inputs, outputs] = [inputsOf(i), outputsOf(i)];
          kernels.convolve(
            inBase,
            inputs,
            pixels,
            tapRows,
            run,
            pitch,
            panels[i],
            result.channels,
            outBase,
            outputs,
            edge,
          );
        }
      }
    });
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
  team: Team,
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
    pack: (panels) => team.kernels.packFilter(address, panels, rows, info.outChannels),
  };
  convolveBatch(team, backend, info.batchSize, imagesX(backend, x, info), frameOf(info), [phase], {
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
  team: Team,
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
    team.kernels.clear(addressOf(backend, dx), tf.util.sizeFromShape(info.inShape) * 4);
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
          team.kernels.packFlipped(
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
  convolveBatch(team, backend, info.batchSize, imagesY(backend, dy, info), frame, phases, {
    address: addressOf(backend, dx),
    height: inHeight,
    width: inWidth,
    channels: inChannels,
  });
  return dx;
}

/** The gradient with respect to the filter. */
export function filterGradient(
  team: Team,
  backend: BackendWasm,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  info: ConvInfo,
): tf.TensorInfo {
  const panel = team.kernels.panelColumns();
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
  const parts = team.parts(batchSize, batchSize * outPixels * outChannels * run * filterHeight);
  const group = groupSize(Math.ceil(batchSize / parts), outPixels, frameBytes);
  const sums = filterHeight * paddedRun * columns;
  const framesBytes = copiesX ? group * frameBytes + tileRows * 4 : 0;
  const dyBytes = copiesDy ? group * outPixels * columns * 4 : 0;
  const partBytes = sums * 4 + framesBytes + dyBytes;
  const [xAddress, dyAddress] = [addressOf(backend, x), addressOf(backend, dy)];
  withScratch(backend, parts * partBytes, (scratch) => {
    team.run(parts, batchSize, (kernels, begin, end, part) => {
      const sumsOfPart = scratch + part * partBytes;
      const frames = sumsOfPart + sums * 4;
      const dyCopy = frames + framesBytes;
      kernels.clear(sumsOfPart, sums * 4);
      for (let first = begin; first < end; first += group) {
        const images = Math.min(group, end - first);
        let input = xAddress + first * inHeight * inWidth * pixel;
        if (copiesX) {
          const { top, left, height } = frame;
          kernels.padImages(input, frames, images, inHeight, inWidth * pixel, height, pitch, top, left * pixel);
          input = frames;
        }
        let output = dyAddress + first * outPixels * outChannels * 4;
        if (copiesDy) {
          const rows = images * outPixels;
          kernels.padImages(output, dyCopy, 1, rows, outChannels * 4, rows, columns * 4, 0, 0);
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
          sumsOfPart,
        );
      }
    });
    for (let part = 1; part < parts; part++) team.kernels.accumulate(scratch + part * partBytes, scratch, sums);
    const address = addressOf(backend, dFilter);
    team.kernels.unpadFilter(scratch, address, filterHeight, run, paddedRun, outChannels, columns * 4);
  });
  return dFilter;
}
