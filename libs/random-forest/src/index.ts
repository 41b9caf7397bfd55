export { type ForestData, type ForestModel, type ForestOptions, fitForest } from "./forest.ts";
