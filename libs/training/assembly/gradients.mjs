// Entry of the bundle build/gradients.mjs: see src/backend/gradients.ts.
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
