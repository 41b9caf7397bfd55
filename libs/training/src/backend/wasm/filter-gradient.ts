// The filter's gradient, Conv2DBackpropFilter, for the wasm backend: each thread sums over its images, then the sums are added.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type * as tf from "@tensorflow/tfjs-core";
import { type ConvInfo, frameOf, groupSize, up } from "./frame.ts";
import { addressOf, withScratch } from "./memory.ts";
import { tileRows } from "./module.ts";
import type { Team } from "./team.ts";

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
