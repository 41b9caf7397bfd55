import { expect, it } from "vitest";
import { openBackend } from "../index.ts";
import { backendContract } from "../testing.ts";
import { tensorflow } from "./provider.ts";

const availability = await tensorflow.availability();
if (availability.available) backendContract("tensorflow", () => openBackend("tensorflow"));
else it("tells what TensorFlow lacks here", () => expect(availability.remedy).toMatch(/npm/));
