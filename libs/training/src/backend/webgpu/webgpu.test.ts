import { expect, it } from "vitest";
import { openBackend } from "../index.ts";
import { backendContract } from "../testing.ts";
import { webgpu } from "./provider.ts";

// A software adapter will do: VK_DRIVER_FILES names one, for instance SwiftShader's, which comes with Chromium.
const availability = await webgpu.availability();
if (availability.available) backendContract("webgpu", () => openBackend("webgpu"));
else it("tells what WebGPU lacks here", () => expect(availability.remedy).toMatch(/install/));
