export {
  fitNeuralLinear,
  type NeuralLinearData,
  type NeuralLinearModel,
  type NeuralLinearOptions,
} from "./neural-linear.ts";
