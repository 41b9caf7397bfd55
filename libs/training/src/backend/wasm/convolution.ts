// Conv2D and its gradient by the input for the wasm backend, over the kernels of assembly/convolution.ts.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { type ConvInfo, type Frame, frameOf, groupSize, up } from "./frame.ts";
import { addressOf, withScratch } from "./memory.ts";
import { tileRows } from "./module.ts";
import type { Team } from "./team.ts";

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
