// Kernels that train convolutional networks inside TensorFlow.js' own WebAssembly memory. All pointers are byte addresses in
// that memory; the module owns none of it: no static data, no heap, no stack in memory. Floats are 32-bit.
export * from "./batch-norm";
export * from "./convolution";
export * from "./elementwise";
export * from "./pooling";
